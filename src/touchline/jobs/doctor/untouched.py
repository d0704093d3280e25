"""Conversions without a touch that has credit, and those with Direct ones alone, by their cause."""

from collections.abc import Iterable
from dataclasses import dataclass

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check, Status
from touchline.jobs.workspace import Workspace
from touchline.magnitudes import DAY_MICROS
from touchline.reports.causes import cause_of

_WITHOUT_VISIT = "sent without a visit (no URL, no user agent)"


@dataclass(frozen=True)
class MissingLinks:
    """The conversions of one organization that lack a touch with a source for the same cause."""

    cause: str
    """A code of :func:`touchline.reports.causes.cause_of`."""
    conversions: int
    nearest_micros: int | None
    """How long before such a conversion the nearest touch lies; ``None`` where none lies before."""
    newest: str
    """The conversion that happened last."""


def missing_links(workspace: Workspace, organization_id: str) -> list[MissingLinks]:
    """Those of the organization, by cause."""
    by_cause: dict[str, list[Row]] = {}
    for row in rows(workspace, "links_missing", organization_id):
        if cause := cause_of(row):
            by_cause.setdefault(cause, []).append(row)
    return [_missing(cause, by_cause[cause]) for cause in sorted(by_cause)]


def _missing(cause: str, found: Iterable[Row]) -> MissingLinks:
    same = sorted(found, key=lambda row: str(row["newest"]))
    nearest = [row["nearest_micros"] for row in same if row["nearest_micros"] is not None]
    return MissingLinks(
        cause,
        sum(row["conversions"] for row in same),
        min(nearest, default=None),
        max(same, key=lambda row: row["newest_at"])["newest"],
    )


def untouched_check(missing: MissingLinks, lookback_days: int) -> Check:
    """The cause in words, and what to do about it."""
    cause, explain = missing.cause, f"touchline explain conversion {missing.newest}"
    status: Status = "warning"
    name = f"no links: {cause.replace('_', ' ')}"
    if cause == "outside_lookback":
        nearest = -(-(missing.nearest_micros or 0) // DAY_MICROS)
        within = counted(nearest, "day")
        what = f"with touches only more than {counted(lookback_days, 'day')} before, the nearest within {within}"
        step = f"touchline settings set lookback_days {nearest}"
    elif cause == "only_afterwards":
        what = "with touches that came after them only"
        step = f"Compare the clocks and time zones of both kinds of events; see clock_tolerance_seconds: {explain}"
    elif cause == "no_identity":
        what = f"{_WITHOUT_VISIT} and without anonId, userId, or emailHash"
        step = f"Send the visit's anonId with them: {explain}"
    elif cause == "unseen_visitor":
        what = f"{_WITHOUT_VISIT}, whose anonId matches no visit"
        step = f"Send the anonId from the page's tl_vid cookie, and import the visits: {explain}"
    elif cause == "no_visit":
        what = f"{_WITHOUT_VISIT}, whose userId or emailHash matches no visit"
        step = f"Send the visit's anonId with them, send IDENTIFY events, or run `touchline import claims`: {explain}"
    elif cause == "no_evidence":
        status, name = "ok", "direct alone"
        what = "whose visits have no campaign tag, click id, or external referrer, so they are Direct"
        step = explain
    else:
        status, what, step = "ok", f"with status {cause}, which are not counted and have no links", explain
    return Check(name, status, f"Conversions {what}: {missing.conversions:,}.", step, cause)
