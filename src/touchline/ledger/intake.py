"""Taking events in as they come: many requests in one transaction, whose end is the acknowledgement of them all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from touchline.ledger.arrivals import Arrived
from touchline.ledger.hash_key import key_of
from touchline.ledger.keyed_rows import KeyedRows
from touchline.ledger.rows import Rows
from touchline.ledger.verdicts import Verdict

Erased = Mapping[str, Mapping[str, int]]
"""By organization and entry, the time (microseconds since 1970) up to which everything is erased."""


class Offered(NamedTuple):
    """What one transaction is to write."""

    events: Rows
    """Each whole, or cut where all columns that follow are empty."""
    rejected: Rows
    unkept: Mapping[tuple[str, str, int], int]
    """How many refused events are counted and not kept, by site, reason and minute (microseconds since 1970)."""
    unread: Mapping[tuple[str, str, int], int] = MappingProxyType({})
    """How many events had a field that nothing reads, by site, name and day (microseconds since 1970)."""
    consents: Rows = ()
    """Records of consent; one that says again what the visitor chose last is not written again."""
    arrived: Arrived = MappingProxyType({})
    """What is counted of a day in addition to these events: those that are rejected."""


STANDING = """
    select (select coalesce(max(erasure), 0) from erasures), count(revoked_at),
        coalesce(max(revoked_at), 0), cast(coalesce(sum(revoked_at % 1000000007), 0) as bigint)
    from keys
"""
"""What rises or changes whenever somebody is erased or a key is revoked; asked in each transaction."""
ERASED_AFTER = "select organization_id, identifier, requested_at from erasures where erasure > {} order by erasure"
"""The entries after a number; one of somebody who is known already has a new number, and holds in the older one's
place."""
HASH_KEY = "select value from secrets where name = 'hash_key'"
REVOKED = "select key_id, revoked_at from keys where revoked_at is not null"


def adding_consents(columns: Sequence[str], consents: Rows, mark: str) -> tuple[str, Rows]:
    """The statement that adds a record of consent, unless it says again what holds already, and its parameters.

    It does if there is the same record of the same visitor, and none with another choice since, or at that time.
    Two writers at once may both add what is the same: then there are two records of one choice. The records come in
    the order in which they were made, which is the same in all writers, so that two of them do not deadlock.

    :param columns: of the records.
    :param mark: what stands before the number of a parameter, ``?`` or ``$``.
    """
    given = {
        name: f"cast({mark}{number} as {'bigint' if name.endswith('_at') else 'text'})"
        for number, name in enumerate(columns, 1)
    }
    said = " and ".join(f"coalesce(one.{name}, '') = coalesce({given[name]}, '')" for name in _DETAILS)
    statement = f"""
        insert into consents ({", ".join(given)}) select {", ".join(given.values())}
        where not exists (
            select 1 from consents one
            where one.site_id = {given["site_id"]} and one.visitor_id = {given["visitor_id"]} and {said}
                and one.said_at > (
                    select coalesce(max(other.said_at), -1) from consents other
                    where other.site_id = {given["site_id"]} and other.visitor_id = {given["visitor_id"]}
                        and other.choice <> {given["choice"]}
                )
        )
        on conflict do nothing
    """
    return statement, sorted(consents, key=itemgetter(columns.index("said_at"), columns.index("consent_id")))


_DETAILS = ("choice", "text_version", "purposes", "source")


class Entries:
    """Who is erased, kept up with: ten thousand entries of one person are read once, and not at each erasure."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, int]] = {}
        self._newest = 0

    def begin(self, newest: int) -> int:
        """The number after which to read, where ``newest`` is the last one there is."""
        if newest < self._newest:  # another ledger stands there, such as a restored one
            self.known, self._newest = {}, 0
        return self._newest

    def add(self, rows: Iterable[Sequence[Any]], newest: int) -> None:
        """Take over what was read."""
        for organization_id, entry, requested_at in rows:
            self.known.setdefault(organization_id, {})[entry] = requested_at
        self._newest = newest


Prepare = Callable[[Erased], Offered]
"""Says what to write, once it is known who is erased: from then to the commit nobody erases."""


class Columns(NamedTuple):
    """The columns of events, of rejected events and of records of consent, whose rows are tuples in this order."""

    events: Sequence[str]
    rejected: Sequence[str]
    consents: Sequence[str] = ()


class Keying:
    """The key of a ledger, and the rows of one intake as they are stored with it.

    :param value: the key's row in the ledger.
    :raises HomeError: as :func:`~touchline.ledger.hash_key.key_of`.
    """

    def __init__(self, value: str, columns: Columns) -> None:
        self.key = key_of(value)
        self.events = KeyedRows(self.key, "tracking_events", columns.events)
        self.rejected = KeyedRows(self.key, "rejected_events", columns.rejected)
        self.consents = KeyedRows(self.key, "consents", columns.consents)


class Intake(Protocol):
    """One writer of one process; it is used by one coroutine at a time, and finds its way back after a failure."""

    @property
    def revoked(self) -> Mapping[str, int]:
        """From when on (microseconds since 1970) each key that ends is refused, by its id.

        It is as the transaction sees it that asks what to write, so that nothing is taken that was sent after a key's
        end was committed.
        """

    def keyed(self, text: str) -> str:
        """A text as it is stored (:mod:`touchline.ledger.hash_key`), to be asked while it is asked what to write."""

    async def take(self, prepare: Prepare) -> Sequence[Verdict] | None:
        """Write and commit; returns each event's verdict, or ``None`` if all are new.

        Where it raises nothing was written, or it is not known whether it was: offering it again changes nothing.

        :raises UnstorableError: if a row has a value that the database cannot store.
        :raises TouchlineError: if the database is busy, full, read-only or away.
        """

    async def close(self) -> None:
        """Let go of the database."""
