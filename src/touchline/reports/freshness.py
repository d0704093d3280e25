"""Freshness: up to when visits and costs are known, and whose costs are late; no clock decides it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from touchline.engines import Engine
from touchline.reports.queries import rows

MOST_DAYS_LATE = 60
"""A platform without costs for longer than this is not late: nobody advertises there any more."""


@dataclass(frozen=True)
class LateCosts:
    """A platform whose costs are not known up to the day before the last visit."""

    platform: str
    newest_day: date
    days: int
    """How many days are missing."""


@dataclass(frozen=True)
class Freshness:
    """Up to when the data goes."""

    seen_at: datetime | None
    """The last visit, by the clock of its site; ``None`` where there is none."""
    time_zone: str
    """Of that site; ``""`` where there is no visit."""
    costs_until: date | None
    """The last day for which any platform's costs are known; ``None`` where there are none."""
    late: tuple[LateCosts, ...]
    """Most days first."""
    platforms: tuple[str, ...]
    """The ad platforms of which any costs are known."""


def freshness(engine: Engine, organization_id: str) -> Freshness:
    """Up to when an organization's visits and costs are known."""
    zones = {row["site_id"]: row["time_zone"] for row in rows(engine, "sites_shown", organization_id=organization_id)}
    seen = [
        (row["seen_at"], zones.get(row["site_id"], "UTC"))
        for row in rows(engine, "newest_visits", organization_id=organization_id)
    ]
    newest = max(seen, default=None)
    local = newest and local_time(*newest)
    costs = {
        row["platform"]: row["newest_day"] for row in rows(engine, "newest_costs", organization_id=organization_id)
    }
    return Freshness(
        seen_at=local,
        time_zone=newest[1] if newest else "",
        costs_until=max(costs.values(), default=None),
        late=late_costs(costs, local.date() - timedelta(days=1)) if local else (),
        platforms=tuple(costs),
    )


def late_costs(newest: dict[str, date], expected: date) -> tuple[LateCosts, ...]:
    """The platforms whose costs are not known up to a day.

    :param newest: by platform, the last day with costs.
    :param expected: the last day for which costs should be known.

    >>> [
    ...     (one.platform, one.days)
    ...     for one in late_costs({"META": date(2026, 3, 1), "X": date(2026, 3, 4)}, date(2026, 3, 4))
    ... ]
    [('META', 3)]
    """
    found = [LateCosts(platform, day, (expected - day).days) for platform, day in newest.items()]
    late = [one for one in found if 0 < one.days <= MOST_DAYS_LATE]
    return tuple(sorted(late, key=lambda one: (-one.days, one.platform)))


def local_time(moment: datetime, zone: str) -> datetime:
    """A moment of UTC by the clock of a time zone; both bear no zone.

    >>> local_time(datetime(2026, 3, 1, 23), "Europe/Berlin")
    datetime.datetime(2026, 3, 2, 0, 0)
    """
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
