"""Delete events permanently: their rows go, and their numbers stay, for the engine to follow."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, literal, or_, select, tuple_

from touchline.ledger.schema import (
    ERASED_EVENTS,
    ERASURES,
    IDENTITY_CLAIMS,
    REJECTED_EVENTS,
    SITES,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)
from touchline.ledger.store import Store

_AT_ONCE = 500
"""Values in one statement: a database allows many, and not without end."""


@dataclass(frozen=True)
class Theirs:
    """Whose events are meant: by identifier, and by the user ids and e-mail hashes as events carry them."""

    identifiers: Collection[str]
    user_ids: Collection[str] = ()
    email_hashes: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class NamesTogether:
    """An identifier, the user id and e-mail hash on the same event, and whether its key was secret."""

    identifier: str
    user_id: str | None
    email_hash: str | None
    is_verified: bool


class Erasing:
    """What one transaction takes away from one organization.

    To make one is to hold the ledger: nobody else writes until the transaction ends. Intake looks at
    what is erased first and writes then; between the two nobody must be erased.
    """

    def __init__(self, connection: Connection, store: Store, organization_id: str, *, is_alone: bool) -> None:
        self._connection = connection
        self._organization_id = organization_id
        self._sites = select(SITES.c.site_id).where(SITES.c.organization_id == organization_id).scalar_subquery()
        self._store = store
        store.hold(connection, is_alone=is_alone)

    def known(self) -> Mapping[str, int]:
        """Who was erased, as an entry names them, and up to what time."""
        columns = ERASURES.c
        newest = select(columns.identifier, func.max(columns.requested_at)).group_by(columns.identifier)
        found = newest.where(columns.organization_id == self._organization_id)
        return {row[0]: row[1] for row in self._connection.execute(found)}

    def newest(self) -> int:
        """The number of the newest entry: where it is the same, so is what is :meth:`known`."""
        newest = select(func.max(ERASURES.c.erasure)).where(ERASURES.c.organization_id == self._organization_id)
        return self._connection.execute(newest).scalar() or 0

    def note(self, identifier: str, requested_at: int) -> int:
        """Enter an erasure, in the place of an earlier one of the same; returns its number."""
        columns = ERASURES.c
        self._connection.execute(
            delete(ERASURES).where(
                columns.organization_id == self._organization_id, columns.identifier == identifier
            )
        )  # fmt: skip
        values = {"organization_id": self._organization_id, "identifier": identifier, "requested_at": requested_at}
        key = self._connection.execute(insert(ERASURES).values(**values)).inserted_primary_key
        return int(key[0]) if key else 0

    def erase_of(self, theirs: Theirs, erasure: int) -> int:
        """Take their events; returns how many."""
        return sum(self._erase(condition, erasure) for condition in self._theirs(theirs))

    def verified_names_of(self, theirs: Theirs) -> set[str]:
        """Those of the identifiers that stand on a verified event or on a claim."""
        events, claims = TRACKING_EVENTS.c, IDENTITY_CLAIMS.c
        names: set[str] = set()
        for column, prefix, values in (
            (events.identifier, "", theirs.identifiers),
            (events.user_id, "u:", theirs.user_ids),
            (events.email_hash, "m:", theirs.email_hashes),
        ):
            of_events = select(column).distinct().where(events.site_id.in_(self._sites), events.is_verified)
            names.update(f"{prefix}{value}" for value in self._found(of_events, column, values))
        for column in (claims.identifier, claims.linked_identifier):
            of_claims = select(column).distinct().where(claims.organization_id == self._organization_id)
            names.update(self._found(of_claims, column, theirs.identifiers))
        return names

    def _found(self, statement: Select[Any], column: ColumnElement[Any], values: Iterable[object]) -> Iterator[str]:
        for part in _parts(values):
            yield from self._connection.execute(statement.where(column.in_(part))).scalars()

    def erase_before(self, occurred_at: int, erasure: int) -> int:
        """Take the events that happened before then; returns how many."""
        columns = TRACKING_EVENTS.c
        return self._erase(columns.site_id.in_(self._sites) & (columns.occurred_at < occurred_at), erasure)

    def names_after(self, sequence: int) -> Iterator[NamesTogether]:
        """The identifiers, user ids and e-mail hashes that stand together on an event after ``sequence``."""
        columns = TRACKING_EVENTS.c
        named = columns.user_id.is_not(None) | columns.email_hash.is_not(None)
        found = select(columns.identifier, columns.user_id, columns.email_hash, columns.is_verified).distinct()
        found = found.where(columns.site_id.in_(self._sites), columns.sequence > sequence, named)
        for identifier, user_id, email_hash, is_verified in self._connection.execute(found):
            yield NamesTogether(identifier, user_id, email_hash, bool(is_verified))

    def has_tombstones_after(self, event: int, claim: int) -> bool:
        """Whether events were erased, or claims withdrawn, after these tombstones."""
        events, claims = ERASED_EVENTS.c.tombstone, WITHDRAWN_CLAIMS.c.tombstone
        newer = (select(events).where(events > event), select(claims).where(claims > claim))
        return any(self._connection.execute(one.limit(1)).first() is not None for one in newer)

    def has_before(self, occurred_at: int) -> bool:
        """Whether there is an event that happened, or one that was rejected, before then."""
        events, rejected = TRACKING_EVENTS.c, REJECTED_EVENTS.c
        old = (
            select(events.sequence).where(events.site_id.in_(self._sites), events.occurred_at < occurred_at),
            select(rejected.rejection).where(
                rejected.site_id.in_(self._sites), rejected.received_at < occurred_at
            ),
        )  # fmt: skip
        return any(self._connection.execute(one.limit(1)).first() is not None for one in old)

    def rejections_with(self, words: Sequence[str]) -> dict[int, str]:
        """The rejected events in which one of ``words`` stands somewhere, and what is kept of each.

        :param words: so few that a statement may look for all of them.
        """
        columns = REJECTED_EVENTS.c
        kept = (columns.payload, columns.message, columns.event_id)
        anywhere = or_(*(column.icontains(word, autoescape=True) for word in words for column in kept))
        found = select(columns.rejection, *kept).where(columns.site_id.in_(self._sites), anywhere)
        return {number: "\n".join(filter(None, texts)) for number, *texts in self._connection.execute(found)}

    def erase_rejections(self, rejections: Iterable[int]) -> int:
        """Take these rejected events; returns how many."""
        column = REJECTED_EVENTS.c.rejection
        statements = (delete(REJECTED_EVENTS).where(column.in_(part)) for part in _parts(rejections))
        return sum(self._connection.execute(statement).rowcount for statement in statements)

    def erase_rejections_before(self, received_at: int) -> int:
        """Take the events that were rejected before then; returns how many."""
        columns = REJECTED_EVENTS.c
        old = columns.site_id.in_(self._sites) & (columns.received_at < received_at)
        return self._connection.execute(delete(REJECTED_EVENTS).where(old)).rowcount

    def erase_claims(self, identifiers: Iterable[str]) -> int:
        """Take the identity claims that name one of ``identifiers``; returns how many."""
        columns = IDENTITY_CLAIMS.c
        return sum(
            self._withdraw(columns.identifier.in_(part) | columns.linked_identifier.in_(part))
            for part in _parts(identifiers)
        )

    def withdraw(self, pairs: Iterable[tuple[str, str]], source: str) -> int:
        """Take the claims that ``source`` made of these pairs; returns how many."""
        columns = IDENTITY_CLAIMS.c
        return sum(
            self._withdraw(
                (columns.source == source) & tuple_(columns.identifier, columns.linked_identifier).in_(part)
            )
            for part in _parts(pairs)
        )  # fmt: skip

    def claimed_after(self, claim: int) -> list[tuple[str, str]]:
        """The pairs of the claims after ``claim``."""
        columns = IDENTITY_CLAIMS.c
        found = select(columns.identifier, columns.linked_identifier).where(
            columns.organization_id == self._organization_id, columns.claim > claim
        )
        return [(row[0], row[1]) for row in self._connection.execute(found)]

    def _withdraw(self, condition: ColumnElement[bool]) -> int:
        meant = (IDENTITY_CLAIMS.c.organization_id == self._organization_id) & condition
        number = IDENTITY_CLAIMS.c.claim
        self._connection.execute(
            insert(WITHDRAWN_CLAIMS).from_select(["claim"], select(number).where(meant).order_by(number))
        )
        return self._connection.execute(delete(IDENTITY_CLAIMS).where(meant)).rowcount

    def _theirs(self, theirs: Theirs) -> Iterator[ColumnElement[bool]]:
        columns = TRACKING_EVENTS.c
        for column, values in (
            (columns.identifier, theirs.identifiers),
            (columns.user_id, theirs.user_ids),
            (columns.email_hash, theirs.email_hashes),
        ):
            for part in _parts(values):
                yield columns.site_id.in_(self._sites) & column.in_(part)

    def _erase(self, condition: ColumnElement[bool], erasure: int) -> int:
        sequence = TRACKING_EVENTS.c.sequence
        numbers = select(literal(erasure), sequence).where(condition).order_by(sequence)
        self._connection.execute(insert(ERASED_EVENTS).from_select(["erasure", "sequence"], numbers))
        return self._store.remove_events(self._connection, condition)


def _parts(values: Iterable[object]) -> Iterator[list[object]]:
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
