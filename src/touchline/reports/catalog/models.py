"""All models side by side."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from touchline.reports.dimensions import group_by_in_words
from touchline.reports.report import Report, ReportTable, Scalar

if TYPE_CHECKING:
    from touchline.reports.attribution import ModelComparison


_OF_CELLS: Mapping[str, tuple[str, type]] = {
    "agreement": ("agreement", float),
    "before": ("conversions_before", float),
    "share_change": ("share_change", float),
    "own": ("own_conversions", float),
    "new": ("new_conversions", float),
    "returning": ("returning_conversions", float),
    "rank": ("rank", int),
    "rank_change": ("rank_change", int),
    "calibrated": ("calibrated_conversions", float),
    "calibrated_low": ("calibrated_low", float),
    "calibrated_high": ("calibrated_high", float),
    "calibrated_share": ("calibrated_share", float),
}
"""Further columns of each model, by the ending of their name: the field of a cell, and its type."""


def _conversions(report: "ModelComparison") -> ReportTable:
    """Conversions under each model, a column each, and what else is known of the row under each."""
    rows: list[tuple[Scalar, ...]] = [
        (
            row.key, row.name, *(cell.conversions for cell in row.models), row.self_reported, row.influenced,
            row.assists, *(getattr(cell, field) for field, _ in _OF_CELLS.values() for cell in row.models),
        )
        for row in report.rows
    ]  # fmt: skip
    more = [(f"{model}_{ending}", kind) for ending, (_, kind) in _OF_CELLS.items() for model in report.models]
    return ReportTable(
        ("key", "name", *report.models, "self_reported", "influenced", "assists", *(name for name, _ in more)),
        (str, str, *[float] * len(report.models), int, int, int, *(kind for _, kind in more)),
        rows,
    )


REPORT = Report(
    name="models",
    question="Compare all the models side by side.",
    answer="touchline.reports.attribution:model_comparison",
    table=_conversions,
    words={
        "by": group_by_in_words(),
        "baseline": "The model with which the ranks, shares and conversions of the others are compared.",
    },
)
