"""Intervals next to the numbers of a table, where its view asks for them, worked out once for each run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from touchline.reports.intervals import IntervalRow, IntervalsReport
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk

REPORT = "intervals"


@dataclass(frozen=True)
class Sureness:
    """The intervals of a table's rows."""

    report: IntervalsReport
    found: Mapping[tuple[str, str], IntervalRow]

    def of(self, key: str, model: str) -> IntervalRow | None:
        """The interval of a row under a model; ``None`` where it has none of its own."""
        return self.found.get((key, model))

    def most(self, models: Iterable[str]) -> float:
        """The highest end of those that can be trusted, under some models."""
        wanted = {*models}
        ends = [
            one.conversions_high for one in self.found.values() if one.model in wanted and not one.has_few_conversions
        ]
        return max(ends, default=0.0)


def sureness(desk: Desk, asked: Asked, by: str) -> Sureness | None:
    """The intervals of rows; ``None`` where the view does not ask for them.

    :param by: what the rows are.
    """
    if not asked.view.intervals:
        return None
    found: IntervalsReport = desk.report(REPORT, **choices_of(asked, by))
    return Sureness(found, {(row.key, row.model): row for row in found.rows})


def choices_of(asked: Asked, by: str) -> dict[str, Any]:
    """What the report is asked."""
    return asked.choices(REPORT, by=by)
