"""Who reads the models: Touchline's reports, each with the tables that its statements read."""

from collections.abc import Mapping
from typing import Any

from touchline.jobs.dbt.nodes import models, seeds
from touchline.reports.catalog import reports
from touchline.reports.report import Report
from touchline.source_digest import modules_behind, texts_of
from touchline.sql import Query, queries

_QUERIES = "touchline.reports.queries"
_FOLDERS = ("by_day", "funnel", "paid")
_REPORTS = "touchline.reports."


def exposures() -> dict[str, Any]:
    """Every report as an exposure."""
    return {"version": 2, "exposures": [_exposure(report) for report in reports().values()]}


def _exposure(report: Report) -> dict[str, Any]:
    statements = _statements()
    read = {table for name in _texts(report) & statements.keys() for table in statements[name].reads}
    known = {model.name for model in models()} | {table.name for table in seeds()}
    return {
        "name": f"report_{report.name}",
        "label": f"touchline report {report.name}",
        "type": "analysis",
        "description": report.question,
        "owner": {"name": "Touchline", "email": "touchline@example.com"},
        "depends_on": [f"ref('{name}')" for name in sorted(read & known)],
    }


def _texts(report: Report) -> set[str]:
    """The texts in the modules of a report, in which it names its statements; one too many does no harm."""
    behind = [name for name in modules_behind(report.answer.partition(":")[0]) if name.startswith(_REPORTS)]
    return {text for name in behind for text in texts_of(name)}


def _statements() -> Mapping[str, Query]:
    inner = {f"{folder}.{name}": one for folder in _FOLDERS for name, one in queries(f"{_QUERIES}.{folder}").items()}
    return {**queries(_QUERIES), **inner}
