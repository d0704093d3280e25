"""Whether a day is complete, with what the ledger holds and the tables do not have yet."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from touchline.amounts import counted
from touchline.following import newest_number
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.completeness import Completeness, DayPart, completeness_at, judged, part_of
from touchline.reports.queries import rows

_MOST_READ = 100_000
"""Events of all organizations that wait, after which nobody reads on."""
_MOST_LOADS = 100
"""Imports of costs that are looked at, the newest first."""


def completeness(
    workspace: Workspace, organization_id: str, *, now: int, day: date | None = None, site: str | None = None
) -> Completeness:
    """Whether a day is complete.

    :param now: microseconds since 1970.
    :param day: ``None``: yesterday, by the clock of the site with the newest visit.
    :raises UnknownError: if there is no such organization or site.
    """
    clock = datetime.fromtimestamp(now / 1e6, UTC).replace(tzinfo=None)
    found = completeness_at(workspace.engine, organization_id, now=clock, day=day, site=site)
    if found.day is None or not found.parts:
        return found
    waiting = _waiting(workspace, organization_id, found.day, site)
    parts = (waiting if part.part == "waiting" else part for part in found.parts)
    return judged(found, _without_early_costs(workspace, found, parts))


def _waiting(workspace: Workspace, organization_id: str, day: date, site: str | None) -> DayPart:
    """What the next run takes over, and whether it is of the day."""
    loads = workspace.ledger.rows(
        schema.AD_COST_LOADS, limit=_MOST_LOADS, is_newest_first=True, organization_id=organization_id
    )
    newest = newest_number(workspace.engine, "cost_rows", "load_number")
    costs = sum(row["accepted"] for row in loads if row["load_number"] > newest)
    events = _events(workspace, organization_id, day, site)
    is_complete = False if events.of_day or costs else True if events.are_all else None
    return part_of("waiting", _said(events, costs), is_complete=is_complete, counted=events.count)


@dataclass(frozen=True)
class _Events:
    """Events that wait."""

    count: int
    of_day: int
    are_all: bool
    """Whether none was left unread because too many wait in the home."""


def _said(events: _Events, costs: int) -> str:
    """What waits, as a sentence."""
    count, of_costs = events.count, counted(costs, "row of costs waits", "rows of costs wait")
    if not count:
        known = "Nothing waits for a run." if events.are_all else "Too much waits for a run to be looked through."
        return f"{of_costs} for the next run." if costs else known
    many = f"{'' if events.are_all else 'At least '}{counted(count, 'event waits', 'events wait')}"
    also = f", and {counted(costs, 'row')} of costs" if costs else ""
    return f"{many} for the next run, {events.of_day:,} of them of the day{also}."


def _events(workspace: Workspace, organization_id: str, day: date, site: str | None) -> _Events:
    """The events that wait, and how many of them are of the day by the clock of their site."""
    spans = {
        row["site_id"]: (_micros(first), _micros(after))
        for row in workspace.ledger.rows(schema.SITES, organization_id=organization_id)
        if site in {None, row["site_id"]}
        for first, after in [span_of(day, row["time_zone"])]
    }
    newest = newest_number(workspace.engine, "tracking_events", "sequence")
    waiting = workspace.ledger.waiting_after(newest, spans, _MOST_READ)
    return _Events(waiting.of_sites, waiting.in_spans, waiting.looked_at < _MOST_READ)


def span_of(day: date, zone: str) -> tuple[datetime, datetime]:
    """When a day begins and when the next one does, by the clock of a time zone, in UTC without a zone.

    >>> [f"{one:%d %H:%M}" for one in span_of(date(2026, 3, 29), "Europe/Berlin")]
    ['28 23:00', '29 22:00']
    """
    first, after = (
        datetime(one.year, one.month, one.day, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
        for one in (day, day + timedelta(days=1))
    )
    return first, after


def _without_early_costs(workspace: Workspace, found: Completeness, parts: Iterator[DayPart]) -> Iterator[DayPart]:
    """Costs that were imported before the day was over are those of a part of it."""
    day = found.day or date.min
    known = rows(workspace.engine, "costs_of_day", organization_id=found.organization_id, day=day)
    numbers = {(row["platform"], row["account_id"]): row["load_number"] for row in known if row["load_number"]}
    loads = workspace.ledger.rows_with(schema.AD_COST_LOADS, "load_number", set(numbers.values())) if numbers else []
    _, after = span_of(day, found.time_zone or "UTC")
    early = {row["load_number"] for row in loads if row["loaded_at"] < _micros(after)}
    for part in parts:
        if part.part == "costs" and numbers.get((part.platform, part.account_id)) in early:
            name = part.says.partition(":")[0]
            yield replace(part, is_complete=False, says=f"{name}: the costs were imported before the day was over.")
        else:
            yield part


def _micros(moment: datetime) -> int:
    return round(moment.replace(tzinfo=UTC).timestamp() * 1e6)
