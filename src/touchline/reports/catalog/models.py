"""All models side by side."""

from typing import TYPE_CHECKING

from touchline.reports.dimensions import group_by_in_words
from touchline.reports.report import Report, ReportTable, Scalar

if TYPE_CHECKING:
    from touchline.reports.attribution import ModelComparison


def _conversions(report: "ModelComparison") -> ReportTable:
    """Conversions under each model, a column each, and how far each agrees with what customers say."""
    rows: list[tuple[Scalar, ...]] = [
        (
            row.key, row.name, *(cell.conversions for cell in row.models), row.self_reported, row.influenced,
            *(cell.agreement for cell in row.models), *(cell.conversions_before for cell in row.models),
            *(cell.share_change for cell in row.models), *(cell.own_conversions for cell in row.models),
            *(cell.new_conversions for cell in row.models), *(cell.returning_conversions for cell in row.models),
        )
        for row in report.rows
    ]  # fmt: skip
    number = len(report.models)
    endings = ("agreement", "before", "share_change", "own", "new", "returning")
    more = [f"{model}_{ending}" for ending in endings for model in report.models]
    return ReportTable(
        ("key", "name", *report.models, "self_reported", "influenced", *more),
        (str, str, *[float] * number, int, int, *[float] * len(more)),
        rows,
    )


REPORT = Report(
    name="models",
    question="Compare all the models side by side.",
    answer="touchline.reports.attribution:model_comparison",
    table=_conversions,
    words={"by": group_by_in_words()},
)
