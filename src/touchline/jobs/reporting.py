"""A report of a home: what the engine answers, with what the ledger says of it now."""

import time
from typing import Any

from touchline.jobs.completing import completeness
from touchline.jobs.finding_states import with_decisions
from touchline.jobs.workspace import Workspace
from touchline.reports.completeness import completeness_report
from touchline.reports.report import Report
from touchline.reports.waste import WasteReport


def answer_of(report: Report, workspace: Workspace, organization_id: str, **choices: Any) -> Any:
    """What a report answers; findings of waste come with what was decided about them, and a day with what waits."""
    if report.function is completeness_report:
        return completeness(workspace, organization_id, now=time.time_ns() // 1000, **choices)
    found = report.function(workspace.engine, organization_id, **choices)
    return with_decisions(workspace, organization_id, found) if isinstance(found, WasteReport) else found
