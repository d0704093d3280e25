"""All models side by side: what every model agrees on does not hang on the choice of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from touchline.grains import UNATTRIBUTED
from touchline.reports.attribution import ModelComparison
from touchline.reports.side_by_side import ComparisonRow
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.rows import chosen, matching
from touchline.server.pages.screen import Screen

BY = {
    "channel": "Channel", "platform": "Ad platform", "campaign": "Campaign", "adset": "Ad set", "ad": "Ad",
    "source": "Source", "medium": "Medium", "term": "Term", "content": "Content", "landing_page": "Landing page",
    "source_class": "Source class", "app": "App", "device": "Device", "city": "City", "district": "District",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row under every model."""

    row: ComparisonRow
    spread: float
    """The most less the least conversions that a model gives it."""


@dataclass(frozen=True)
class Models:
    """What the screen shows."""

    comparison: ModelComparison
    rows: tuple[Row, ...]
    unattributed: Row | None
    hidden: int
    """How many further rows there are, which the total counts."""
    most: float
    """The greatest number of the table."""


def models(desk: Desk, asked: Asked) -> Models:
    """What the screen shows."""
    by = asked.view.by or "channel"
    found = desk.report("models", **asked.choices("models", by=by, compare=None))
    rows = [_row(row) for row in found.rows if row.key != UNATTRIBUTED]
    last = next((_row(row) for row in found.rows if row.key == UNATTRIBUTED), None)
    kept = matching(rows, asked.view.q, lambda row: row.row.name)
    shown = chosen(kept, asked.view, SCREEN.rows, _columns(found))
    return Models(found, tuple(shown), last, len(rows) - len(shown), _most(rows))


def _row(row: ComparisonRow) -> Row:
    counts = [cell.conversions for cell in row.models]
    return Row(row, max(counts, default=0.0) - min(counts, default=0.0))


def _most(rows: Sequence[Row]) -> float:
    return max((cell.conversions for row in rows for cell in row.row.models), default=0.0)


def _columns(found: ModelComparison) -> dict[str, Any]:
    """By what the table can be sorted."""
    by_model = {
        model: (lambda row, place=place: row.row.models[place].conversions) for place, model in enumerate(found.models)
    }
    return {
        "name": lambda row: row.row.name.casefold(),
        **by_model,
        "influenced": lambda row: row.row.influenced or 0,
        "spread": lambda row: row.spread,
    }


SCREEN = Screen(name="models", place=2, title="Models", answer=models, by=BY)
