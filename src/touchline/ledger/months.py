"""The monthly partitions of ``tracking_events`` in PostgreSQL, made when the first event of a month arrives."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from touchline.ledger import numbers

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def ensure(connection: Connection, received: Iterable[int]) -> None:
    """Make the partitions in which events received at these times (microseconds since 1970) lie.

    Each is committed at once, on a connection of its own: an import that runs for minutes would keep everybody else
    from the new month until its end. A partition that stays empty because the import failed harms nobody.
    """
    wanted = {name_of(micros) for micros in received}
    missing = [name for name in sorted(wanted) if not _exists(connection, name)]
    for name in missing:
        with connection.engine.begin() as own:
            _make(own, name)


def _exists(connection: Connection, name: str) -> bool:
    return connection.scalar(text("select to_regclass(:name)"), {"name": name}) is not None


def _make(connection: Connection, name: str) -> None:
    """Attaching takes a lock that does not block writers; ``create … partition of`` would stop them."""
    connection.execute(text(f"select pg_advisory_xact_lock({numbers.NAMESPACE}, 1)"))
    if _exists(connection, name):  # somebody else made it while this one waited
        return
    start, end = bounds(name)
    parent = "tracking_events"
    connection.execute(text(f"create table {name} (like {parent} including defaults including constraints)"))
    connection.execute(text(f"alter table {parent} attach partition {name} for values from ({start}) to ({end})"))


def name_of(micros: int) -> str:
    """The partition of a time.

    >>> name_of(1_772_323_199_999_999), name_of(1_772_323_200_000_000)
    ('tracking_events_2026_02', 'tracking_events_2026_03')
    """
    return f"tracking_events_{_EPOCH + micros * _MICROSECOND:%Y_%m}"


def bounds(name: str) -> tuple[int, int]:
    """The first microsecond of a partition's month, and of the next.

    >>> bounds("tracking_events_1970_01")
    (0, 2678400000000)
    """
    year, month = map(int, name.split("_")[-2:])
    first, following = datetime(year, month, 1, tzinfo=UTC), datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (first - _EPOCH) // _MICROSECOND, (following - _EPOCH) // _MICROSECOND
