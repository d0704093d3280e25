"""Whether a day is complete: what is known of its visits and costs, what still waits, and what is usual."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from touchline.amounts import counted
from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.reports.figures import day as said_day
from touchline.reports.freshness import MOST_DAYS_LATE, local_time
from touchline.reports.queries import rows
from touchline.reports.question import Window, asked
from touchline.reports.words import platform_name

_FIRST, _LAST = date(1970, 1, 1), date(2199, 12, 31)
_WEEKS = 4
"""The same weekdays before the day that say what is usual."""
_FEWEST_WEEKS = 2
"""Of fewer, nothing is usual."""
_FEW = 0.5
"""Of the usual visits, the share below which it is not known that all have arrived."""


@dataclass(frozen=True)
class DayPart:
    """One thing that has to be there before a day is complete."""

    part: str
    """``visits``, ``waiting``, ``costs`` or ``volume`` of the day; ``today``, which decides nothing, of the day that is
    going on."""
    site_id: str
    """``""``: it is of no one site."""
    platform: str
    account_id: str
    """Of costs, the account of the ad platform."""
    known_until: date | None
    """The last day for which it is known; ``None`` where that is not of days."""
    counted: int | None
    """Visits that were counted, or events that wait."""
    usual: float | None
    """Visits on the same weekdays of the four weeks before, on average; ``None`` where there are too few."""
    is_complete: bool | None
    """``None``: that is not known."""
    says: str
    """What is known, as a sentence."""


@dataclass(frozen=True)
class Completeness:
    """Whether a day is complete."""

    organization_id: str
    site_id: str
    """``""``: all sites together."""
    day: date | None
    """``None`` where nothing has arrived yet."""
    window: Window
    """The day, as other reports name theirs."""
    time_zone: str
    """Of the site with the newest visit."""
    data_until: str
    """The newest visit, by the clock of its site, as ``2026-09-28 14:02``; ``""`` where there is none."""
    is_complete: bool | None
    """``None``: that is not known. A day is complete only if every part of it is known to be."""
    verdict: str
    """One sentence for a person."""
    parts: tuple[DayPart, ...]


@dataclass(frozen=True)
class _Site:
    site_id: str
    zone: str
    seen: datetime
    """The newest visit, by the clock of the site."""
    now: datetime
    """The time by the clock of the site."""


def completeness_report(
    engine: Engine, organization_id: str, *, day: date | None = None, site: str | None = None
) -> Completeness:
    """Whether a day is complete, as far as the tables tell: what the ledger holds beyond them is not known here.

    :param day: ``None``: the day before the newest visit.
    :raises UnknownError: if there is no such organization or site.
    :raises UsageError: if the day is before 1970 or after 2199.
    """
    return completeness_at(engine, organization_id, day=day, site=site)


def completeness_at(
    engine: Engine, organization_id: str, *, now: datetime | None = None, day: date | None = None,
    site: str | None = None,
) -> Completeness:  # fmt: skip
    """The same at a time.

    :param now: the time (UTC, without a zone), whose day before is meant where no day is named; ``None``: that of the
        newest visit.
    """
    asked(engine, organization_id, site=site)
    if day is not None and not _FIRST <= day <= _LAST:
        raise UsageError(f"A day is of {_FIRST} to {_LAST}, not {day}.")
    sites = _sites(engine, organization_id, now, site)
    if not sites:
        return judged(Completeness(organization_id, site or "", day, Window(day, day), "", "", None, "", ()))
    newest = max(sites, key=lambda one: (one.seen, one.site_id))
    looked_at = day or newest.now.date() - timedelta(days=1)
    parts = (
        *(_visits(one, looked_at) for one in sites),
        _unknown_waiting(),
        *_costs(engine, organization_id, looked_at),
        *(part for one in sites for part in _volumes(engine, organization_id, one, looked_at)),
    )
    seen, window = f"{newest.seen:%Y-%m-%d %H:%M}", Window(looked_at, looked_at)
    return judged(Completeness(organization_id, site or "", looked_at, window, newest.zone, seen, None, "", parts))


def judged(found: Completeness, parts: Iterable[DayPart] | None = None) -> Completeness:
    """A day with the verdict that follows from its parts.

    :param parts: its parts, where they are others by now.

    >>> judged(Completeness("shop", "", None, Window(None, None), "", "", None, "", ())).verdict
    'No visit has arrived yet, so no day is complete.'
    """
    listed = found.parts if parts is None else tuple(parts)
    deciding = [part for part in listed if part.part != "today"]
    missing = [part for part in deciding if part.is_complete is False]
    unknown = [part for part in deciding if part.is_complete is None]
    is_complete = False if missing else None if unknown or not deciding else True
    verdict = "No visit has arrived yet, so no day is complete."
    if deciding:
        begins = {True: "is complete", False: "is not complete", None: "is not known to be complete"}[is_complete]
        reasons = " ".join(part.says for part in (missing or unknown)[:2])
        verdict = f"{said_day(found.day)} {begins}{f': {reasons}' if reasons else '.'}"
    return replace(found, is_complete=is_complete, verdict=verdict, parts=listed)


def part_of(part: str, says: str, *, is_complete: bool | None, **more: Any) -> DayPart:
    """A part, of which what is not given is not known."""
    usual = {
        "site_id": "", "platform": "", "account_id": "", "known_until": None, "counted": None, "usual": None,
    }  # fmt: skip
    return DayPart(part=part, says=says, is_complete=is_complete, **(usual | more))


def _sites(engine: Engine, organization_id: str, now: datetime | None, site: str | None) -> list[_Site]:
    """The sites that are in use: those of which nothing has come for two months are not waited for."""
    zones = {row["site_id"]: row["time_zone"] for row in rows(engine, "sites_shown", organization_id=organization_id)}
    seen = {
        row["site_id"]: row["seen_at"]
        for row in rows(engine, "newest_visits", organization_id=organization_id)
        if row["site_id"] in zones and site in {None, row["site_id"]}
    }
    clock = now or max(seen.values(), default=None)
    if clock is None:
        return []
    found = [
        _Site(one, zones[one], local_time(at, zones[one]), local_time(clock, zones[one])) for one, at in seen.items()
    ]
    newest = max((one.seen for one in found), default=clock)
    used = [one for one in found if (newest - one.seen).days <= MOST_DAYS_LATE]
    return sorted(used, key=lambda one: one.site_id)


def _visits(site: _Site, day: date) -> DayPart:
    seen, last = f"{site.seen:%H:%M} on {said_day(site.seen)}", site.seen.date()
    more = {"site_id": site.site_id, "known_until": last}
    if site.now.date() <= day:
        return part_of("visits", f"{site.site_id}: the day is not over yet.", is_complete=False, **more)
    if last < day:
        return part_of("visits", f"{site.site_id}: the newest visit is of {seen}.", is_complete=False, **more)
    if last == day:
        says = f"{site.site_id}: no visit is known after {seen}, so that later ones may still be missing."
        return part_of("visits", says, is_complete=None, **more)
    return part_of("visits", f"{site.site_id}: visits are known to {seen}.", is_complete=True, **more)


def _unknown_waiting() -> DayPart:
    return part_of("waiting", "The tables do not say what still waits for a run.", is_complete=None)


def _costs(engine: Engine, organization_id: str, day: date) -> Iterator[DayPart]:
    """Of each account that was advertised with in the two months before the day."""
    known = rows(engine, "costs_of_day", organization_id=organization_id, day=day)
    found = [row for row in known if (day - row["newest_day"]).days <= MOST_DAYS_LATE]
    if not found:
        says = (
            "No ad account has costs of the day or of the two months before."
            if known
            else "No costs are known of any day."
        )
        yield part_of("costs", says, is_complete=None)
    for row in found:
        newest, load_number = row["newest_day"], row["load_number"]
        name = platform_name(row["platform"]) + (f" {row['account_id']}" if row["account_id"] else "")
        is_gap = newest > day and not load_number
        says = f"{name}: no costs of the day, but of later ones: nothing was spent, or they are missing."
        if not is_gap:
            says = f"{name}: costs are known to {said_day(newest)}."
        is_complete = None if is_gap else bool(load_number)
        yield part_of(
            "costs", says, is_complete=is_complete, platform=row["platform"], account_id=row["account_id"],
            known_until=newest,
        )  # fmt: skip


def _volumes(engine: Engine, organization_id: str, site: _Site, day: date) -> Iterator[DayPart]:
    """The visits of the day, and of yesterday also those of today so far, next to the same weekdays before."""
    from touchline.health.measures import VOLUMES  # noqa: PLC0415 - these load SciPy, which most workers do without
    from touchline.reports.volumes import collapse_in_words  # noqa: PLC0415

    today, of_site = site.now.date(), {"organization_id": organization_id, "site_id": site.site_id}
    so_far = (site.now - datetime.combine(today, time())) // timedelta(microseconds=1)
    first = min(day, today) - timedelta(weeks=_WEEKS)
    found = rows(engine, "visits_until", **of_site, start=first, end=max(day, today), until_micros=so_far)
    begun = min((row["period"] for row in found), default=day)
    whole, until = ({row["period"]: row[name] for row in found} for name in ("visits", "visits_until"))
    fallen = [
        row for row in rows(engine, "signals_by_day", **of_site, start=day, end=day) if row["measure"] in VOLUMES
    ]  # fmt: skip
    yield _volume(site, whole.get(day, 0), usual_of(whole, day, begun), [collapse_in_words(row) for row in fallen])
    if today - day == timedelta(days=1):
        count, usual = until.get(today, 0), usual_of(until, today, begun)
        known = "" if usual is None else f"; usually {usual:,.1f} by then"
        says = f"{site.site_id}: {counted(count, 'visit')} today until {site.now:%H:%M}{known}."
        more = {"site_id": site.site_id, "known_until": today, "counted": count, "usual": usual}
        yield part_of("today", says, is_complete=None, **more)


def _volume(site: _Site, count: int, usual: float | None, fallen: list[str]) -> DayPart:
    more = {"site_id": site.site_id, "counted": count, "usual": usual}
    says = f"{site.site_id}: {counted(count, 'visit')}"
    if fallen:
        return part_of("volume", f"{site.site_id}: {fallen[0]}", is_complete=False, **more)
    if usual is None:
        return part_of("volume", f"{says}; too few weeks to say what is usual.", is_complete=None, **more)
    is_few = count < usual * _FEW
    ending = ", less than half of it: some may be missing." if is_few else "."
    return part_of("volume", f"{says}; usually {usual:,.1f}{ending}", is_complete=None if is_few else True, **more)


def usual_of(counts: Mapping[date, int], day: date, begun: date) -> float | None:
    """What the same weekdays of the weeks before had, on average; a day without any counts as 0.

    :param begun: the first day of which anything is known.

    >>> usual_of({date(2026, 9, 7): 4, date(2026, 9, 14): 6}, date(2026, 9, 21), date(2026, 9, 1))
    5.0
    """
    days = [day - timedelta(weeks=number) for number in range(1, _WEEKS + 1)]
    known = [counts.get(one, 0) for one in days if one >= begun]
    return sum(known) / len(known) if len(known) >= _FEWEST_WEEKS else None
