"""Channels, the tree of ads below each platform, and all campaigns: what each cost and earned, and how that changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from touchline.errors import UnknownError
from touchline.reports.attribution import AttributionReport, AttributionRow
from touchline.reports.dimensions import By
from touchline.reports.question import rate
from touchline.reports.tree import TreeReport, TreeRow
from touchline.reports.words import platform_name
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.rows import chosen, matching
from touchline.server.pages.screen import Screen
from touchline.server.pages.sureness import Sureness, sureness

LEVELS: tuple[By, ...] = ("platform", "campaign", "adset", "ad")
NAMES: Mapping[By, str] = {"platform": "Ad platform", "campaign": "Campaign", "adset": "Ad set", "ad": "Ad"}
_BY: Mapping[str, By] = {"platform": "platform", "campaign": "campaign"}
"""What the rows at the top are, where they are no channels."""
Row = AttributionRow | TreeRow
_COLUMNS: Mapping[str, Callable[[Row], Any]] = {
    "name": lambda row: row.name.casefold(),
    "platform": lambda row: platform_name(row.platform).casefold(),
    "spend": lambda row: row.spend_micros or 0,
    "clicks": lambda row: row.clicks or 0,
    "conversions": lambda row: row.credit,
    "value": lambda row: row.value_micros,
    "cpa": lambda row: (row.cpa is None, row.cpa or 0.0),
    "roas": lambda row: (row.roas is not None, row.roas or 0.0),
    "paid_cpa": lambda row: (row.paid_cpa is None, row.paid_cpa or 0.0),
    "paid_roas": lambda row: (row.paid_roas is not None, row.paid_roas or 0.0),
}


@dataclass(frozen=True)
class Crumb:
    """A place on the way down the tree."""

    name: str
    path: str


@dataclass(frozen=True)
class Channels:
    """What the screen shows."""

    by: By
    top: str
    """What the rows at the top of this tree are, as the address names it."""
    report: AttributionReport | TreeReport
    rows: tuple[Row, ...]
    total: Row
    """What the rows add up to: the row above, or all of them."""
    parents: frozenset[str]
    """The keys of the rows that have others below them."""
    crumbs: tuple[Crumb, ...]
    hidden: int
    """How many further rows there are, which the total counts."""
    sure: Sureness | None = None
    """The intervals, where the view wants them, of rows at the top alone."""

    @property
    def most(self) -> float:
        """The highest number or end of an interval."""
        ends = self.sure.most([self.report.model]) if self.sure else 0.0
        return max([ends, *(row.conversions for row in self.rows)])

    @staticmethod
    def cpa_before(row: Row) -> float | None:
        """What a conversion of the row cost in the compared days (currency units)."""
        spend = row.spend_before_micros
        return rate(None if spend is None else spend / 1e6, row.conversions_before)


def channels(desk: Desk, asked: Asked) -> Channels:
    """What the screen shows.

    :raises UnknownError: if there is no such place in the tree.
    """
    found = _of_channels(desk, asked) if asked.view.by in {"", "channel"} else _of_platforms(desk, asked)
    return found if asked.view.path else replace(found, sure=sureness(desk, asked, found.by))


def _of_channels(desk: Desk, asked: Asked) -> Channels:
    """Channels, and what is below each."""
    found: TreeReport = desk.report("tree", **asked.choices("tree", under=asked.view.path))
    crumbs = [Crumb(place.name, place.key) for place in found.above]
    parents = frozenset(row.key for row in found.rows if row.has_children)
    return _shown(
        asked, found, found.rows, by=found.level, top="channel", total=found.totals, crumbs=crumbs, parents=parents
    )  # fmt: skip


def _of_platforms(desk: Desk, asked: Asked) -> Channels:
    """Ad platforms and what is below each, or all campaigns."""
    path = asked.view.path
    by: By = LEVELS[len(_ancestors(path))] if path else _BY[asked.view.by]
    reports = {one: desk.report("attribution", **asked.choices("attribution", by=one)) for one in _levels(path, by)}
    found = reports[by]
    crumbs, total = _way(path, reports)
    rows = [row for row in found.rows if not path or _is_below(row, path)]
    parents = frozenset(row.key for row in rows if row.platform and by in LEVELS[:-1])
    top = "platform" if path else asked.view.by
    return _shown(
        asked, found, rows, by=by, top=top, total=total or found.totals, crumbs=crumbs, parents=parents
    )  # fmt: skip


def _shown(  # noqa: PLR0913 - what both trees have
    asked: Asked, report: AttributionReport | TreeReport, rows: Sequence[Row], *, by: By, top: str, total: Row,
    crumbs: Sequence[Crumb], parents: frozenset[str],
) -> Channels:  # fmt: skip
    kept = matching(rows, asked.view.q, lambda row: row.name)
    shown = chosen(kept, asked.view, SCREEN.rows, _COLUMNS)
    return Channels(by, top, report, tuple(shown), total, parents, tuple(crumbs), len(rows) - len(shown))


def _ancestors(path: str) -> list[str]:
    """The places from the top to a path, the path included.

    >>> _ancestors("META/123")
    ['META', 'META/123']
    """
    parts = path.split("/")[: len(LEVELS) - 1] if path else []
    return ["/".join(parts[: number + 1]) for number in range(len(parts))]


def _levels(path: str, by: By) -> list[By]:
    return [*LEVELS[: len(_ancestors(path))], by] if path else [by]


def _way(path: str, reports: Mapping[By, AttributionReport]) -> tuple[list[Crumb], AttributionRow | None]:
    """The places above, by their names, and the row of the last one."""
    crumbs: list[Crumb] = []
    last: AttributionRow | None = None
    for level, place in zip(LEVELS, _ancestors(path), strict=False):
        last = next((row for row in reports[level].rows if row.key == place), None)
        if last is None:
            raise UnknownError(f"There is no {NAMES[level].lower()} {place!r:.80} in these days.", "Go up the tree.")
        crumbs.append(Crumb(platform_name(last.name) if level == "platform" else last.name, place))
    return crumbs, last


def _is_below(row: AttributionRow, path: str) -> bool:
    return row.key.startswith(f"{path}/") or ("/" not in row.key and row.platform == path)


SCREEN = Screen(
    name="channels", place=3, title="Channels", answer=channels,
    by={"channel": "Channels", "platform": "Ad platforms", "campaign": "All campaigns"},
)  # fmt: skip
