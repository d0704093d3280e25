"""Delete rows permanently, slice by slice: they go, and their numbers stay, for the engine to follow."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, tuple_, update

from touchline.ledger.hash_key import HashKey
from touchline.ledger.schema import (
    CONSENTS,
    ERASED_EVENTS,
    ERASURE_NAMES,
    ERASURE_ORDERS,
    ERASURE_REQUESTS,
    ERASURES,
    IDENTITY_CLAIMS,
    REJECTED_EVENTS,
    SITES,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)
from touchline.ledger.store import Store
from touchline.ledger.windows import windows

_AT_ONCE = 500
"""Values in one statement: a database allows many, and not without end."""


@dataclass(frozen=True, slots=True)
class NamesTogether:
    """An identifier with the user id and e-mail hash on the same events, and whether their key was secret."""

    identifier: str
    user_id: str | None
    email_hash: str | None
    is_verified: bool
    is_email_verified: bool
    first_at: int
    """When the first of the events happened, in microseconds since 1970."""
    last_at: int


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest numbers of the rows that an erasure may take."""

    event: int
    rejection: int
    claim: int


class Reading:
    """What an erasure asks of one organization's rows; it holds nobody up."""

    def __init__(self, connection: Connection, organization_id: str) -> None:
        self._connection = connection
        self._organization_id = organization_id
        self._sites = select(SITES.c.site_id).where(SITES.c.organization_id == organization_id).scalar_subquery()

    def newest(self) -> Newest:
        """The newest event, rejected event and claim that can be seen."""
        keys = TRACKING_EVENTS.c.sequence, REJECTED_EVENTS.c.rejection, IDENTITY_CLAIMS.c.claim
        return Newest(*(self._connection.scalar(select(func.max(key))) or 0 for key in keys))

    def known(self) -> Mapping[str, int]:
        """Who was erased, as an entry names them, and up to what time."""
        columns = ERASURES.c
        newest = select(columns.identifier, func.max(columns.requested_at)).group_by(columns.identifier)
        found = newest.where(columns.organization_id == self._organization_id)
        return {row[0]: row[1] for row in self._connection.execute(found)}

    def newest_entry(self) -> int:
        """The number of the newest entry: where it is the same, so is what is :meth:`known`."""
        newest = select(func.max(ERASURES.c.erasure)).where(ERASURES.c.organization_id == self._organization_id)
        return self._connection.execute(newest).scalar() or 0

    def knows(self, entries: Iterable[str]) -> bool:
        """Whether one of these was erased."""
        columns = ERASURES.c
        found = select(columns.erasure).where(columns.organization_id == self._organization_id)
        return any(
            self._connection.execute(found.where(columns.identifier.in_(part)).limit(1)).first() is not None
            for part in _parts(entries)
        )

    def names_after(self, sequence: int, *, happened_by: int | None = None) -> Iterator[NamesTogether]:
        """The identifiers, user ids and e-mail hashes that stand together on an event after ``sequence``.

        Of an identifier that shows the same all the time, the first and the last moment; of one that shows different
        names, the first and the last of each time that it shows the same.

        :param happened_by: the time up to which the events happened; ``None``: at any time.
        """
        columns = TRACKING_EVENTS.c
        named = columns.user_id.is_not(None) | columns.email_hash.is_not(None)
        shown = columns.identifier, columns.user_id, columns.email_hash, columns.is_verified, columns.is_email_verified
        meant = columns.site_id.in_(self._sites) & named
        if happened_by is not None:
            meant &= columns.occurred_at <= happened_by
        grouped = select(*shown, func.min(columns.occurred_at), func.max(columns.occurred_at)).group_by(*shown)
        after = sequence
        for end, rows in windows(self._connection, grouped.where(meant), columns.sequence, sequence):
            namings = Counter(row[0] for row in rows)
            yield from (_together(*row) for row in rows if namings[row[0]] == 1)
            within = meant & (columns.sequence > after) & (columns.sequence <= end)
            for part in _parts(name for name, count in namings.items() if count > 1):
                each = select(*shown, columns.occurred_at).distinct().where(within, columns.identifier.in_(part))
                yield from _in_turn(self._connection.execute(each).all())
            after = end

    def every_name(self) -> Iterator[str]:
        """All identifiers, and those that user ids and e-mail hashes stand for, on events and in claims.

        One that stands on many events is named several times.
        """
        columns, claims = TRACKING_EVENTS.c, IDENTITY_CLAIMS.c
        shown = select(columns.identifier, columns.user_id, columns.email_hash).distinct()
        meant = shown.where(columns.site_id.in_(self._sites))
        for _, rows in windows(self._connection, meant, columns.sequence, 0):
            for identifier, user_id, email_hash in rows:
                yield identifier
                if user_id is not None:
                    yield f"u:{user_id}"
                if email_hash is not None:
                    yield f"m:{email_hash}"
        pairs = select(claims.identifier, claims.linked_identifier)
        for row in self._connection.execute(pairs.where(claims.organization_id == self._organization_id)):
            yield from row

    def names_of(
        self, identifiers: Collection[str], sequence: int, *, happened_by: int | None = None
    ) -> Iterator[NamesTogether]:
        """What these identifiers show at each moment of the events after ``sequence``."""
        columns = TRACKING_EVENTS.c
        shown = columns.identifier, columns.user_id, columns.email_hash, columns.is_verified, columns.is_email_verified
        meant = columns.site_id.in_(self._sites) & (columns.user_id.is_not(None) | columns.email_hash.is_not(None))
        if happened_by is not None:
            meant &= columns.occurred_at <= happened_by
        for part in _parts(sorted(identifiers)):
            each = select(*shown, columns.occurred_at).distinct().where(meant, columns.identifier.in_(part))
            for _, rows in windows(self._connection, each, columns.sequence, sequence):
                yield from (_together(row[0], row[1], row[2], row[3], row[4], row[5], row[5]) for row in rows)

    def claimed_after(self, claim: int) -> list[tuple[str, str, str, int]]:
        """The pairs of the claims after ``claim`` about persons, with the source of each, and when it was made."""
        columns = IDENTITY_CLAIMS.c
        shown = columns.identifier, columns.linked_identifier, columns.source, columns.claimed_at
        found = select(*shown).where(
            columns.organization_id == self._organization_id,
            columns.claim > claim,
            ~columns.linked_identifier.startswith("a:"),  # an account is no person: its members stay
        )
        return [(row[0], row[1], row[2], row[3]) for row in self._connection.execute(found)]

    def has_tombstones_after(self, event: int, claim: int) -> bool:
        """Whether events were erased, or claims withdrawn, after these tombstones."""
        events, claims = ERASED_EVENTS.c.tombstone, WITHDRAWN_CLAIMS.c.tombstone
        newer = (select(events).where(events > event), select(claims).where(claims > claim))
        return any(self._connection.execute(one.limit(1)).first() is not None for one in newer)

    def standing(self) -> tuple[int, int]:
        """What changes whenever an erasure begins, or a claim is withdrawn."""
        keys = ERASURE_REQUESTS.c.request, WITHDRAWN_CLAIMS.c.tombstone
        request, tombstone = (self._connection.scalar(select(func.max(key))) or 0 for key in keys)
        return request, tombstone


class Erasing(Reading):
    """What one transaction takes away from one organization.

    A transaction that reads who is erased and then writes, as intake does, holds the ledger; so does one that enters an
    erasure. Deletions need no hold: they take rows of people who were entered before.
    """

    def __init__(self, connection: Connection, store: Store, organization_id: str, key: HashKey) -> None:
        super().__init__(connection, organization_id)
        self._store = store
        self._key = key

    def keyed(self, text: str) -> str:
        """A text as it is stored."""
        return self._key.keyed(text)

    def note(self, entries: Collection[str], requested_at: int) -> None:
        """Enter erasures, as they are stored, each in the place of an earlier one of the same."""
        columns = ERASURES.c
        for part in _parts(entries):
            meant = (columns.organization_id == self._organization_id) & columns.identifier.in_(part)
            self._connection.execute(delete(ERASURES).where(meant))
        rows = [(self._organization_id, entry, requested_at) for entry in entries]
        self._add(ERASURES, ("organization_id", "identifier", "requested_at"), rows)

    def take_up(self, request: int, phase: str, worked_at: int) -> bool:
        """Work on a request until the transaction ends, unless somebody has brought it to another phase."""
        columns = ERASURE_REQUESTS.c
        meant = (columns.request == request) & (columns.phase == phase)
        return self._connection.execute(update(ERASURE_REQUESTS).where(meant).values(worked_at=worked_at)).rowcount > 0

    def add_names(self, request: int, identifiers: Iterable[str]) -> None:
        """Note whose rows a request deletes."""
        self._add_new(ERASURE_NAMES, [{"request": request, "identifier": name} for name in identifiers])

    def add_orders(self, request: int, orders: Mapping[tuple[str, str], bool]) -> None:
        """Note orders, by site and number, which a verified event of the person names where the value is true."""
        columns = ERASURE_ORDERS.c
        rows = [
            {"request": request, "site_id": site, "order_id": order, "is_proven": False, "is_shared": False}
            for site, order in orders
        ]
        self._add_new(ERASURE_ORDERS, rows)
        self._mark(request, [key for key, is_proven in orders.items() if is_proven], columns.is_proven)

    def share_orders(self, request: int, orders: Iterable[tuple[str, str]]) -> None:
        """Note that somebody else's events name these orders, too."""
        self._mark(request, list(orders), ERASURE_ORDERS.c.is_shared)

    def _mark(self, request: int, orders: list[tuple[str, str]], column: ColumnElement[bool]) -> None:
        columns = ERASURE_ORDERS.c
        for part in _parts(orders):
            meant = (columns.request == request) & tuple_(columns.site_id, columns.order_id).in_(part)
            self._connection.execute(update(ERASURE_ORDERS).where(meant).values({column: True}))

    def take_events(self, request: int, sequences: Iterable[int]) -> int:
        """Delete these events and leave their numbers; returns how many there were."""
        gone = [
            (request, sequence)
            for part in _parts(sequences)
            for sequence in self._store.remove_events(self._connection, part)
        ]
        self._add(ERASED_EVENTS, ("erasure", "sequence"), sorted(gone))
        return self._count(request, "events", len(gone))

    def take_rejections(self, request: int, rejections: Iterable[int]) -> int:
        """Delete these rejected events; returns how many there were."""
        column = REJECTED_EVENTS.c.rejection
        statements = (delete(REJECTED_EVENTS).where(column.in_(part)) for part in _parts(rejections))
        gone = sum(self._connection.execute(statement).rowcount for statement in statements)
        return self._count(request, "rejected", gone)

    def take_claims(self, request: int, claims: Iterable[int]) -> int:
        """Delete these identity claims and leave their numbers; returns how many there were."""
        gone = sum(self._withdraw(IDENTITY_CLAIMS.c.claim.in_(part)) for part in _parts(claims))
        return self._count(request, "claims", gone)

    def forget_choices(self, visitors: Iterable[str], *, site_id: str) -> None:
        """Leave of the records of consent of these visitors that somebody chose so, and not who."""
        columns = CONSENTS.c
        for part in _parts(visitors):
            meant = (columns.site_id == site_id) & columns.visitor_id.in_(part)
            self._connection.execute(update(CONSENTS).where(meant).values(visitor_id=None))

    def forget_worklist(self, request: int, at_most: int) -> bool:
        """Delete some of what was noted of whom a request deletes; returns whether there was any."""
        names, orders = ERASURE_NAMES.c, ERASURE_ORDERS.c
        some_names = select(names.identifier).where(names.request == request).limit(at_most)
        some_orders = select(orders.site_id, orders.order_id).where(orders.request == request).limit(at_most)
        gone = (
            delete(ERASURE_NAMES).where(names.request == request, names.identifier.in_(some_names)),
            delete(ERASURE_ORDERS).where(
                orders.request == request, tuple_(orders.site_id, orders.order_id).in_(some_orders)
            ),
        )  # fmt: skip
        return sum(self._connection.execute(statement).rowcount for statement in gone) > 0

    def withdraw(self, pairs: Iterable[tuple[str, str]], source: str) -> int:
        """Take the claims that ``source`` made of these pairs; returns how many."""
        columns = IDENTITY_CLAIMS.c
        return sum(
            self._withdraw(
                (columns.source == source) & tuple_(columns.identifier, columns.linked_identifier).in_(part)
            )
            for part in _parts(pairs)
        )  # fmt: skip

    def _withdraw(self, condition: ColumnElement[bool]) -> int:
        meant = (IDENTITY_CLAIMS.c.organization_id == self._organization_id) & condition
        number = IDENTITY_CLAIMS.c.claim
        # in one order, so that two who withdraw the same wait for each other, and the second finds none
        gone = self._connection.scalars(select(number).where(meant).order_by(number).with_for_update()).all()
        self._add(WITHDRAWN_CLAIMS, ("claim",), [(one,) for one in gone])
        self._connection.execute(delete(IDENTITY_CLAIMS).where(number.in_(gone)))
        return len(gone)

    def _count(self, request: int, counter: str, gone: int) -> int:
        column, columns = ERASURE_REQUESTS.c[counter], ERASURE_REQUESTS.c
        counting = update(ERASURE_REQUESTS).where(columns.request == request).values({column: column + gone})
        self._connection.execute(counting)
        return gone

    def _add(self, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._store.add_rows(self._connection, table, columns, rows)

    def _add_new(self, table: Table, rows: list[dict[str, object]]) -> None:
        if rows:
            self._connection.execute(self._store.inserting(table).on_conflict_do_nothing(), rows)


def _together(
    identifier: str, user_id: str | None, email_hash: str | None, is_verified: object, is_email_verified: object,
    first_at: int, last_at: int,
) -> NamesTogether:  # fmt: skip
    return NamesTogether(identifier, user_id, email_hash, bool(is_verified), bool(is_email_verified), first_at, last_at)


def _in_turn(rows: Sequence[Sequence[Any]]) -> Iterator[NamesTogether]:
    """What identifiers show in turn: the first and the last moment of each stretch with the same names."""
    by_time = sorted(rows, key=lambda row: (row[0], row[5], repr(row[1:5])))
    for _, stretch in groupby(by_time, key=lambda row: tuple(row[:5])):
        first, *_, last = [*stretch] * 2
        yield _together(first[0], first[1], first[2], first[3], first[4], first[5], last[5])


def _parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
