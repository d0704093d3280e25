"""Whether an engine's time zone database is that of this machine: what clocks show there and here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from touchline.engines.protocol import Tables


def clocks(engine: Tables, moments: Sequence[datetime], zone: str) -> list[datetime]:
    """What a clock in a time zone shows at moments in UTC, as the engine knows it.

    :param moments: in UTC, without a zone of their own.
    """
    columns = ", ".join(
        f"local_time(cast('{moment.isoformat(sep=' ')}' as timestamp), '{zone}') as m{number}"
        for number, moment in enumerate(moments)
    )
    (row,) = engine.select(f"select {columns}").to_pylist()
    return [row[f"m{number}"].replace(tzinfo=None) for number in range(len(moments))]


def clocks_here(moments: Sequence[datetime], zone: str) -> list[datetime]:
    """The same, as this machine knows it.

    >>> clocks_here([datetime(2026, 7, 1, 12)], "Europe/Berlin")
    [datetime.datetime(2026, 7, 1, 14, 0)]
    """
    known = ZoneInfo(zone)
    return [moment.replace(tzinfo=UTC).astimezone(known).replace(tzinfo=None) for moment in moments]
