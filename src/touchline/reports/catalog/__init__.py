"""Every report, one file each: a new file gets its command, its route, and its entry in the API's document."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from touchline.errors import UnknownError
from touchline.reports.report import Report


@cache
def reports() -> Mapping[str, Report]:
    """All reports by name, in the order of their names."""
    found = [import_module(f"{__name__}.{module.name}").REPORT for module in iter_modules(__path__)]
    return {report.name: report for report in sorted(found, key=lambda report: report.name)}


def report_named(name: str) -> Report:
    """The report of a name.

    :raises UnknownError: if there is none.

    >>> report_named("waste").name
    'waste'
    """
    if name not in reports():
        raise UnknownError(f"There is no report {name!r:.80}.", f"Reports are: {', '.join(reports())}.")
    return reports()[name]
