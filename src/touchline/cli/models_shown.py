"""Models side by side, as people see them on a terminal."""

from typing import TYPE_CHECKING

from touchline.cli.shown import about, unassigned, with_notes
from touchline.cli.terminal import number, percent, stacked, table
from touchline.reports.words import WHY_TWO_TOTALS, compared_in_words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.reports.attribution import ModelComparison
    from touchline.reports.side_by_side import ModelCell


def comparison(report: "ModelComparison") -> "RenderableType":
    """Conversions under every model, side by side."""
    title = f"Conversions by {report.by} under every model: {report.goal or 'all goals'}, {about(report)}"
    fitted = [place for place, cell in enumerate(report.totals.models) if cell.own_conversions is not None]
    rows = [
        [
            row.name or row.key, *(number(cell.conversions, 1) for cell in row.models),
            *(number(row.models[place].own_conversions, 1) for place in fitted),
        ]
        for row in (*report.rows, report.totals)
    ]  # fmt: skip
    own = (f">{report.models[place]} own total" for place in fitted)
    made = table(title, (report.by, *(f">{model}" for model in report.models), *own), rows)
    unfitted = ", ".join(report.without_fit)
    without_fit = f"Excluded: {unfitted}, which has no fit yet; see `touchline fit make`." if unfitted else ""
    why = (WHY_TWO_TOTALS.format(model=report.models[place]) for place in fitted)
    notes = (without_fit, *why, _moved_from_baseline(report))
    notes += (compared_in_words(report.compared, report.window), _drift(report))
    noted = with_notes(made, report.other_currencies, unassigned(report, report.by), *notes)
    return stacked(noted, *_ranks(report), *_calibrated(report), *_agreement(report))


def _moved_from_baseline(report: "ModelComparison") -> str:
    """How much of the credit lies in other rows than under the baseline, by model; ``""`` where there is no credit."""
    found = zip(report.models, report.share_moved, strict=True)
    moved = [f"{model} {percent(part)}" for model, part in found if model != report.baseline and part is not None]
    return f"Credit in other rows than under {report.baseline}: {', '.join(moved)}." if moved else ""


def _ranks(report: "ModelComparison") -> "list[RenderableType]":
    """The ranks of the rows under every model, and how often they assist; nothing where no row has a rank."""
    rows = [
        [row.name or row.key, *map(_rank, row.models), number(row.influenced), number(row.assists)]
        for row in report.rows
        if any(cell.rank is not None for cell in row.models)
    ]
    title = f"Rank under each model, with the change from {report.baseline}; conversions influenced, and assisted"
    columns = (report.by, *(f">{model}" for model in report.models), ">influenced", ">assists")
    return [table(title, columns, rows)] if rows else []


def _calibrated(report: "ModelComparison") -> "list[RenderableType]":
    """What lift tests make of the credit; nothing where no row has a factor."""
    rows = [
        [row.name or row.key, *map(_caused, row.models)]
        for row in (*report.rows, report.totals)
        if any(cell.calibrated_conversions is not None for cell in row.models)
    ]
    title = "Calibrated: credit times the factors of lift tests, for the days that have one (see `touchline lift list`)"
    return [table(title, (report.by, *(f">{model}" for model in report.models)), rows)] if rows else []


def _caused(cell: "ModelCell") -> str:
    """The conversions with their interval, and how much of the credit has a factor where not all has."""
    ends = (
        "" if cell.calibrated_low is None else f" ({number(cell.calibrated_low, 1)}–{number(cell.calibrated_high, 1)})"
    )
    part = "" if cell.calibrated_share in {None, 1.0} else f" of {percent(cell.calibrated_share)}"
    return f"{number(cell.calibrated_conversions, 1)}{ends}{part}"


def _rank(cell: "ModelCell") -> str:
    return number(cell.rank) + (f" ({cell.rank_change:+d})" if cell.rank_change else "")


def _drift(report: "ModelComparison") -> str:
    """How much of the credit moved between rows since the compared days, by model; ``""`` where nothing is compared."""
    if report.compared is None:
        return ""
    moved = ", ".join(f"{model} {percent(part)}" for model, part in zip(report.models, report.drift, strict=True))
    return f"Credit that moved between rows since then: {moved}."


def _agreement(report: "ModelComparison") -> "list[RenderableType]":
    """How far each model agrees with what customers say, channel by channel; nothing where nobody was heard."""
    if report.by != "channel" or not report.totals.self_reported:
        return []
    rows = [
        [row.name or row.key, number(row.self_reported), *(percent(cell.agreement) for cell in row.models)]
        for row in (*report.rows, report.totals)
        if row.self_reported
    ]
    columns = ("channel", ">named by customers", *(f">{model}" for model in report.models))
    return [
        table("Conversions whose customer names a channel, and the share that a model credits to it", columns, rows)
    ]
