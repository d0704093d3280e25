"""Following PostgreSQL's numbers in the order of commits.

A number is given when a row is inserted, and seen when its transaction commits: a later number may be seen first, and a
follower that has passed the earlier one never comes back for it. So each transaction that writes announces the newest
number from before its own, by a shared advisory lock that stands until its end, and a follower goes no further than the
lowest that is announced. Nobody waits for anybody.

Why nothing is lost: take a number k that a follower may read up to. It was given before the follower read the
sequence, so its transaction had announced a lower number before that. When the follower then looks at the locks, either
the lock stands, and the follower stays below k, or the transaction has ended; PostgreSQL shows a commit to others
before it lets go of its locks, so the query that comes last sees row k, or nobody ever will.
"""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, TextClause, text

from touchline.ledger.lookout import Lookout

NAMESPACE = 0x746C0000
"""The first of two lock keys; others that use the database have other ones."""
_MODULUS = 2**31
"""A lock key is 32 bits with a sign."""


ALONE = NAMESPACE + 16
"""The first lock key of what is done by one process at a time."""


@dataclass(frozen=True)
class Followed:
    """A sequence that is followed, and the first lock key of those who take its numbers."""

    sequence: str
    lock: int

    @property
    def newest(self) -> str:
        """The newest number that was given to anybody, committed or not."""
        return f"select case when is_called then last_value else 0 end as number from {self.sequence}"


EVENTS = Followed("tracking_events_sequence_seq", NAMESPACE + 1)
LOADS = Followed("ad_cost_loads_load_number_seq", NAMESPACE + 2)
TOMBSTONES = Followed("erased_events_tombstone_seq", NAMESPACE + 3)
CLAIMS = Followed("identity_claims_claim_seq", NAMESPACE + 4)
WITHDRAWN = Followed("withdrawn_claims_tombstone_seq", NAMESPACE + 5)
RATES = Followed("reporting_rates_number_seq", NAMESPACE + 6)
ALL = (EVENTS, LOADS, TOMBSTONES, CLAIMS, WITHDRAWN, RATES)

ANNOUNCE = text(
    "select "
    + ", ".join(
        f"pg_advisory_xact_lock_shared({followed.lock}, cast(mod(({followed.newest}), {_MODULUS}) as int))"
        for followed in ALL
    )
)


def announce(connection: Connection) -> None:
    """Tell followers that this transaction takes no number up to the newest one. To be done before it takes any."""
    connection.execute(ANNOUNCE)


def settled(lookout: Lookout, *followed: Followed) -> tuple[int, ...]:
    """Of each, the highest number up to which every row that will ever be seen can be seen by a query that follows."""
    answer = lookout.ask(_question(followed))
    numbers, keys = answer[::2], answer[1::2]
    return tuple(
        min([newest, *(below(newest, key) for key in theirs or ())])
        for newest, theirs in zip(numbers, keys, strict=True)
    )


@cache
def _question(followed: tuple[Followed, ...]) -> TextClause:
    """One statement: the sequences first, then the locks, as each of these waits for the number of its own."""
    newest = ", ".join(f"({one.newest}) as number_{one.lock}" for one in followed)
    announced = ", ".join(f"number_{one.lock}, {_ANNOUNCED.format(lock=one.lock)}" for one in followed)
    return text(f"with newest as materialized (select {newest}) select {announced} from newest")


_ANNOUNCED = """(
    select array_agg(cast(l.objid as bigint))
    from pg_locks as l
    where number_{lock} >= 0 and l.locktype = 'advisory' and l.objsubid = 2 and cast(l.classid as bigint) = {lock}
        and l.database = (select oid from pg_database where datname = current_database())
)"""


def below(newest: int, key: int) -> int:
    """The announced number whose remainder is the lock's key; ``newest`` where it was announced afterwards.

    >>> below(10, 7), below(10, 12), below(2**31 + 5, 2**31 - 3)
    (7, 10, 2147483645)
    """
    distance = (newest - key) % _MODULUS
    return newest if distance > _MODULUS // 2 else newest - distance
