"""Alarms as the answer of a report, for programs."""

import time
from dataclasses import dataclass

from touchline.jobs.alarming.alarm import Alarm
from touchline.jobs.alarming.states import alarms_of
from touchline.jobs.workspace import Workspace
from touchline.reports.report import Report


@dataclass(frozen=True)
class HealthAlarms:
    """What broke, with what people did about it."""

    organization_id: str
    site_id: str
    """The site that was looked at; ``""``: all sites."""
    alarms: tuple[Alarm, ...]
    """The newest first."""


def health_alarms(workspace: Workspace, organization_id: str, *, site: str | None = None) -> HealthAlarms:
    """All alarms, as they are now.

    :raises UnknownError: if there is no such organization or site.
    """
    found = alarms_of(workspace, organization_id, time.time_ns() // 1_000, site=site)
    return HealthAlarms(organization_id, site or "", found)


ALARMS = Report(
    "alarms", "List the alarms, with what people did about them.", f"{__name__}:health_alarms", "alarms",
    words={"site": "Only alarms of this site. Default: all sites."},
)  # fmt: skip
"""What ``GET /api/health/alarms`` answers from the tables and the ledger."""
