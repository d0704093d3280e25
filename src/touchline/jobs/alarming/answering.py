"""Alarms as the answer of a report, for programs."""

import time
from dataclasses import dataclass

from touchline.jobs.alarming.alarm import Alarm
from touchline.jobs.alarming.states import alarms_of
from touchline.jobs.workspace import Workspace


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
