"""Find what is kept of one person, or from before a day: one pass over each table, in reads of bounded size.

Whose rows are meant stands in two small tables: those of an open request, or temporary ones of a connection that only
looks. What an erasure takes, what its dry run counts and what an export lists is therefore found by the same code.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    MetaData,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy import true as always

from touchline.ledger.erasures import Newest
from touchline.ledger.schema import (
    ERASURE_NAMES,
    ERASURE_ORDERS,
    IDENTITY_CLAIMS,
    REJECTED_EVENTS,
    SITES,
    TRACKING_EVENTS,
)
from touchline.ledger.windows import windows

_REJECTIONS_AT_ONCE = 1_000
"""Rejected events that one statement reads: each has up to 8 KiB of text."""
_NAMES_AT_ONCE = 5_000
_NOBODYS = "e:"
"""How the identifier of an event begins that names nobody."""
_OF_BROWSERS = "b:"
"""What stands before a name of which only those events are meant that browsers reported."""
_TEMPORARY = MetaData()
_TEMPORARY_NAMES, _TEMPORARY_ORDERS = (
    Table(
        f"sought_{table.name.removeprefix('erasure_')}",
        _TEMPORARY,
        *(column._copy() for column in table.columns),  # noqa: SLF001 - to_metadata keeps no prefixes
        prefixes=["TEMPORARY"],
    )
    for table in (ERASURE_NAMES, ERASURE_ORDERS)
)

Parts = Iterator[tuple[int, Sequence[Any]]]
"""Rows, and the number up to which each part of them was read."""
Orders = Mapping[tuple[str, str], bool]
"""By site and number; true: a verified event of the person names it."""


@dataclass(frozen=True)
class Sought:
    """What is searched for, up to which numbers."""

    request: int
    last: Newest
    decided_event: int | None = None
    """Of the events after this one only those are meant that had happened by ``requested_at``; ``None``: all are."""
    requested_at: int = 0
    happened_before: int | None = None
    """Of a retention period: everything that happened before then, whosever it is."""


class PersonSearch:
    """Searches one organization's rows, on a connection of which each statement sees its own moment."""

    def __init__(self, connection: Connection, organization_id: str, sought: Sought, *, is_stored: bool = True) -> None:
        self._connection = connection
        self._organization_id = organization_id
        self._sought = sought
        self._names, self._orders = (
            (ERASURE_NAMES, ERASURE_ORDERS) if is_stored else (_TEMPORARY_NAMES, _TEMPORARY_ORDERS)
        )
        self._sites = select(SITES.c.site_id).where(SITES.c.organization_id == organization_id).scalar_subquery()

    @classmethod
    def of_names(
        cls, connection: Connection, organization_id: str, last: Newest, identifiers: Iterable[str]
    ) -> "PersonSearch":
        """A search for these identifiers that leaves no trace."""
        search = cls(connection, organization_id, Sought(0, last), is_stored=False)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("pragma temp_store = memory")
        _TEMPORARY.drop_all(connection)
        _TEMPORARY.create_all(connection)
        rows = [{"request": 0, "identifier": name} for name in identifiers]
        for start in range(0, len(rows), _NAMES_AT_ONCE):
            connection.execute(insert(_TEMPORARY_NAMES), rows[start : start + _NAMES_AT_ONCE])
        return search

    def find_orders(self) -> None:
        """Look for the person's orders from here on, too: of a search that leaves no trace."""
        found: dict[tuple[str, str], bool] = {}
        for _, orders in self.orders_after(0):
            found |= {key: is_proven or found.get(key, False) for key, is_proven in orders.items()}
        rows = [
            {"request": 0, "site_id": site, "order_id": order, "is_proven": is_proven, "is_shared": False}
            for (site, order), is_proven in found.items()
        ]
        for start in range(0, len(rows), _NAMES_AT_ONCE):
            self._connection.execute(insert(self._orders), rows[start : start + _NAMES_AT_ONCE])
        columns = self._orders.c
        for _, shared in self.shared_orders_after(0):
            for site, order in shared:
                meant = (columns.site_id == site) & (columns.order_id == order)
                self._connection.execute(update(self._orders).where(meant).values(is_shared=True))

    def names(self) -> set[str]:
        """The identifiers that are looked for."""
        columns = self._names.c
        found = select(columns.identifier).where(columns.request == self._sought.request)
        return set(self._connection.execute(found).scalars())

    def has_orders(self) -> bool:
        """Whether events of the person name an order."""
        found = select(self._orders.c.order_id).where(self._orders.c.request == self._sought.request)
        return self._connection.execute(found.limit(1)).first() is not None

    def orders(self) -> Orders:
        """The orders that events of the person name, and none of anybody else."""
        columns = self._orders.c
        found = select(columns.site_id, columns.order_id, columns.is_proven).where(
            columns.request == self._sought.request, not_(columns.is_shared)
        )
        return {(site, order): bool(is_proven) for site, order, is_proven in self._connection.execute(found)}

    def orders_after(self, sequence: int) -> Iterator[tuple[int, Orders]]:
        """The orders that events of the person after ``sequence`` name, and up to where each part of them was read."""
        events = TRACKING_EVENTS.c
        is_proven = func.max(case((events.is_verified, 1), else_=0))
        found = select(events.site_id, events.order_id, is_proven).where(
            events.order_id.is_not(None), self._are_in_time(), self._name_them()
        )
        for end, rows in self._read(found.group_by(events.site_id, events.order_id), events.sequence, sequence):
            yield end, {(site, order): bool(proven) for site, order, proven in rows}

    def shared_orders_after(self, sequence: int) -> Iterator[tuple[int, list[tuple[str, str]]]]:
        """Those of the noted orders that events of somebody else after ``sequence`` name."""
        events = TRACKING_EVENTS.c
        found = select(events.site_id, events.order_id).distinct().where(
            events.order_id.is_not(None), not_(self._name_nobody()), self._name_an_order(), not_(self._name_them())
        )  # fmt: skip
        for end, rows in self._read(found, events.sequence, sequence):
            yield end, [(site, order) for site, order in rows]

    def events_after(self, sequence: int, *columns: ColumnElement[Any]) -> Parts:
        """The events that are meant after ``sequence``, and up to where each part of them was read."""
        events = TRACKING_EVENTS.c
        if self._sought.happened_before is not None:
            meant: ColumnElement[bool] = events.occurred_at < self._sought.happened_before
        else:
            meant = self._are_in_time() & or_(self._are_theirs(), self._are_of_their_orders())
        yield from self._read(select(*columns).where(meant).order_by(events.sequence), events.sequence, sequence)

    def rejections_after(self, rejection: int, *columns: ColumnElement[Any]) -> Parts:
        """The organization's rejected events, or those from before the day, by number."""
        rejected, before = REJECTED_EVENTS.c, self._sought.happened_before
        old = always() if before is None else rejected.received_at < before
        found = select(*columns).where(rejected.site_id.in_(self._sites), old).order_by(rejected.rejection)
        yield from windows(
            self._connection, found, rejected.rejection, rejection, self._sought.last.rejection, _REJECTIONS_AT_ONCE
        )

    def claims_after(self, claim: int, *columns: ColumnElement[Any]) -> Parts:
        """The identity claims that name one of the identifiers, by number."""
        claims = IDENTITY_CLAIMS.c
        meant = self._is_a_name(claims.identifier) | self._is_a_name(claims.linked_identifier)
        found = select(*columns).where(claims.organization_id == self._organization_id, meant).order_by(claims.claim)
        yield from windows(self._connection, found, claims.claim, claim, self._sought.last.claim)

    def verified_names(self) -> set[str]:
        """Those of the identifiers that stand on a verified event or on a claim."""
        events, claims, names = TRACKING_EVENTS.c, IDENTITY_CLAIMS.c, set[str]()
        for name in (events.identifier, "u:" + events.user_id, "m:" + events.email_hash):
            found = select(name).distinct().where(events.is_verified, self._is_a_name(name))
            for _, rows in self._read(found, events.sequence, 0):
                names.update(row[0] for row in rows)
        for _, rows in self.claims_after(0, claims.identifier, claims.linked_identifier):
            names.update(name for row in rows for name in row)
        return names & self.names()

    def _read(self, found: Select[Any], key: ColumnElement[int], after: int) -> Parts:
        found = found.where(TRACKING_EVENTS.c.site_id.in_(self._sites))
        yield from windows(self._connection, found, key, after, self._sought.last.event)

    def _are_in_time(self) -> ColumnElement[bool]:
        events, sought = TRACKING_EVENTS.c, self._sought
        if sought.decided_event is None:
            return always()
        return or_(events.sequence <= sought.decided_event, events.occurred_at <= sought.requested_at)

    def _are_theirs(self) -> ColumnElement[bool]:
        events = TRACKING_EVENTS.c
        return or_(self._name_them(), and_(not_(events.is_verified), self._is_a_name(_OF_BROWSERS + events.identifier)))

    def _name_them(self) -> ColumnElement[bool]:
        events = TRACKING_EVENTS.c
        return or_(*map(self._is_a_name, (events.identifier, "u:" + events.user_id, "m:" + events.email_hash)))

    def _is_a_name(self, name: ColumnElement[str]) -> ColumnElement[bool]:
        """The person's, by a look into the small table for each row: no statement grows with the identifiers."""
        columns = self._names.c
        return exists().where(columns.request == self._sought.request, columns.identifier == name)

    @staticmethod
    def _name_nobody() -> ColumnElement[bool]:
        return TRACKING_EVENTS.c.identifier.startswith(_NOBODYS)

    def _name_an_order(self, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        events, columns = TRACKING_EVENTS.c, self._orders.c
        return exists().where(
            columns.request == self._sought.request, columns.site_id == events.site_id,
            columns.order_id == events.order_id, *conditions,
        )  # fmt: skip

    def _are_of_their_orders(self) -> ColumnElement[bool]:
        """Events that name nobody, and an order of the person: a verified one that is no refund if that is proven."""
        events, columns = TRACKING_EVENTS.c, self._orders.c
        weak = or_(events.type == "REFUND", not_(events.is_verified))
        return and_(self._name_nobody(), self._name_an_order(not_(columns.is_shared), or_(columns.is_proven, weak)))
