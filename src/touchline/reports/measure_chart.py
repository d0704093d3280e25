"""The chart of one measure as a file of its own."""

from pathlib import Path

from touchline.errors import StorageError
from touchline.reports.charts import WIDE, measure_chart
from touchline.reports.drawing import svg_file
from touchline.reports.health import HealthReport


def write_chart(report: HealthReport, measure: str, goal: str, file: Path) -> None:
    """Write the chart of a measure or a volume as SVG.

    :param goal: of conversions, the goal; of others ``""``.
    :raises UnknownError: if the report has no such measure.
    :raises UsageError: if several sites have it.
    :raises StorageError: if the file cannot be written.
    """
    drawn = svg_file(measure_chart(report, measure, goal, WIDE))
    try:
        file.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror}.", "Name a file in another folder.") from error
