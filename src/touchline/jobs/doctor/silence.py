"""Sites of which nothing has arrived for longer than usual: no chart shows that, as there is no day to draw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise

from touchline.amounts import counted
from touchline.jobs.doctor.asked import Row, rows
from touchline.jobs.doctor.check import Check
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS

USUAL_GAPS = 3
"""How many times as long as the longest gap before a silence has to be."""
_FEWEST_DAYS = 3
"""Days with data, without which nothing is usual."""
_LOOKED_AT = 90
"""How many of the newest days with data say what is usual."""


@dataclass(frozen=True)
class Silence:
    """A site whose events arrive as they happen, and of which none has for too long."""

    site_id: str
    since: int
    """When the newest event was received, in microseconds since 1970."""
    days: int
    gap: int
    """The most days without any before."""

    @property
    def sentence(self) -> str:
        """Since when nothing has arrived, and how it was before, in words."""
        when = datetime.fromtimestamp(self.since // 1_000_000, tz=UTC)
        usual = f"there were never more than {counted(self.gap, 'day')} without any" if self.gap else ""
        return (
            f"nothing has arrived since {when:%Y-%m-%d %H:%M} UTC, for {counted(self.days, 'day')};"
            f" before, {usual or 'there were some every day'}."
        )


def silences(workspace: Workspace, organization_id: str, now: int) -> Iterator[Silence]:
    """The sites of which nothing arrives any more.

    Events that arrive more than a day after they happened come from files, which say nothing about today.

    :param now: microseconds since 1970.
    """
    days = rows(workspace, "days_with_volumes", organization_id)
    by_site = {site_id: list(of_site) for site_id, of_site in groupby(days, lambda day: day["site_id"])}
    gaps = {site_id: _longest_gap(of_site) for site_id, of_site in by_site.items() if len(of_site) >= _FEWEST_DAYS}
    for site_id, gap in gaps.items():
        newest = workspace.ledger.newest(schema.TRACKING_EVENTS, site_id=site_id)
        if newest is None or newest["received_at"] - newest["occurred_at"] > DAY_MICROS:
            continue
        silent = now - newest["received_at"]
        if silent > max(1, gap * USUAL_GAPS) * DAY_MICROS:
            yield Silence(site_id, newest["received_at"], silent // DAY_MICROS, gap)


def silence_checks(workspace: Workspace, organization_id: str, now: int) -> Iterator[Check]:
    """One for each site of which nothing arrives any more."""
    yield from map(_silent, silences(workspace, organization_id, now))


def _longest_gap(days: Sequence[Row]) -> int:
    """The most days without any between two with data."""
    newest = days[-_LOOKED_AT:]
    return max(((after["period"] - before["period"]).days - 1 for before, after in pairwise(newest)), default=0)


def _silent(silence: Silence) -> Check:
    return Check(
        "arrival",
        "problem",
        f"{silence.site_id}: {silence.sentence}",
        "Check that the server runs, that the pages load the tag, and that its key is not revoked: touchline key list",
        "silent",
    )
