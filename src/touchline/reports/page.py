"""The overview as one HTML file that needs nothing else: no script, no network, no font."""

from pathlib import Path

from touchline.reports.overview import Overview


def page(report: Overview) -> str:
    """The whole page."""
    raise NotImplementedError


def write_report(report: Overview, file: Path) -> None:
    """Write the page to ``file``.

    :raises StorageError: if the file cannot be written.
    """
    raise NotImplementedError
