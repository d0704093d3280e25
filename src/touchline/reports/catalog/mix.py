"""Each week and channel: what mix models read."""

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from touchline.reports.report import Report, ReportTable, Scalar

if TYPE_CHECKING:
    from touchline.reports.mix import MixReport, MixRow

_WEEK_KINDS = (date, date, bool)
_MEASURES: dict[str, type] = {
    "spend_micros": int, "impressions": int, "clicks": int, "conversions": float, "value_micros": int,
}  # fmt: skip
"""What each channel has in each week, with the type of its values."""


def _table(report: "MixReport") -> ReportTable:
    return _long(report) if report.layout == "long" else _wide(report)


def _long(report: "MixReport") -> ReportTable:
    """A row for each week and channel."""
    columns = ("start", "end", "is_whole", "channel", *_MEASURES)
    kinds = (*_WEEK_KINDS, str, *_MEASURES.values())
    return ReportTable(columns, kinds, [tuple(getattr(row, name) for name in columns) for row in report.rows])


def _wide(report: "MixReport") -> ReportTable:
    """A row for each week, with the measures of each channel that has any of them next to each other."""
    shown = sorted(
        {(row.channel, place) for row in report.rows for place, name in enumerate(_MEASURES) if getattr(row, name)}
    )
    names = list(_MEASURES)
    rows = [
        (*_week(listed[0]), *(_cell(listed, channel, names[place]) for channel, place in shown))
        for listed in (list(group) for _, group in groupby(report.rows, lambda row: row.start))
    ]
    return ReportTable(
        ("start", "end", "is_whole", *(f"{channel} {names[place]}" for channel, place in shown)),
        (*_WEEK_KINDS, *(_MEASURES[names[place]] for _, place in shown)),
        rows,
    )


def _week(row: "MixRow") -> tuple[Scalar, ...]:
    return row.start, row.end, row.is_whole


def _cell(listed: "list[MixRow]", channel: str, measure: str) -> Scalar:
    (found,) = (getattr(row, measure) for row in listed if row.channel == channel)
    value: Scalar = found
    return value


REPORT = Report(
    name="mix",
    question="Show what each channel cost and earned in each week, as marketing mix models read it.",
    answer="touchline.reports.mix:mix_report",
    table=_table,
    words={
        "per": "A week (from Monday), a day or a month.",
        "layout": "Whether the table has a row for each week and channel (long), or for each week (wide).",
        "model": "The attribution model that shares conversions among channels. Default: the default_model setting.",
    },
)
