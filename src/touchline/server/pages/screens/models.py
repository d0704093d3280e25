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
from touchline.server.pages.sureness import Sureness, sureness

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
    difference: float | None
    """Conversions of the chosen model less those of the one that it is compared with; ``None`` where there is none."""
    share_difference: float | None
    """The same of the shares of all credit, as a fraction."""


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
    total: Row
    versus: str
    """The model that the chosen one is compared with; ``""``: none."""
    sure: Sureness | None
    """The intervals, where the view wants them."""
    share_moved: float | None
    """How much of all credit lies in other rows than under that model, 0–1."""


def models(desk: Desk, asked: Asked) -> Models:
    """What the screen shows."""
    by = asked.view.by or "channel"
    found = desk.report("models", **asked.choices("models", by=by, **choices_of(asked)))
    pair = _places(found, asked)
    rows = [_row(row, pair) for row in found.rows if row.key != UNATTRIBUTED]
    last = next((_row(row, pair) for row in found.rows if row.key == UNATTRIBUTED), None)
    kept = matching(rows, asked.view.q, lambda row: row.row.name)
    shown = chosen(kept, asked.view, SCREEN.rows, _columns(found))
    moved = found.share_moved[pair[0]] if pair else None
    sure = sureness(desk, asked, by)
    return Models(
        found, tuple(shown), last, len(rows) - len(shown), _most(rows, found, sure),
        _row(found.totals, pair), asked.view.versus if pair else "", sure, moved,
    )  # fmt: skip


def choices_of(asked: Asked) -> dict[str, Any]:
    """What the report is asked beyond the rows: with which model the others are compared."""
    return {"compare": None, "baseline": asked.view.versus or None}


def _places(found: ModelComparison, asked: Asked) -> tuple[int, int] | None:
    """Where the chosen model stands and the one that it is compared with; ``None``: with none, or with itself."""
    versus = asked.view.versus
    if not versus or versus == asked.model:
        return None
    return found.models.index(asked.model), found.models.index(versus)


def _row(row: ComparisonRow, pair: tuple[int, int] | None) -> Row:
    counts = [cell.conversions for cell in row.models]
    spread = max(counts, default=0.0) - min(counts, default=0.0)
    if pair is None:
        return Row(row, spread, None, None)
    one, other = (row.models[place] for place in pair)
    shares = None if one.share is None or other.share is None else one.share - other.share
    return Row(row, spread, one.difference, shares)


def _most(rows: Sequence[Row], found: ModelComparison, sure: Sureness | None) -> float:
    """The greatest number of the table, the ends of its intervals included."""
    cells = [cell for row in rows for cell in row.row.models]
    most = max((max(cell.conversions, cell.calibrated_high or 0.0) for cell in cells), default=0.0)
    return max(most, sure.most(found.models)) if sure else most


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
        "difference": lambda row: row.difference or 0.0,
    }


SCREEN = Screen(name="models", place=2, title="Models", answer=models, uses=("goal", "model", "days"), by=BY)
