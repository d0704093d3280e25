"""The alarms as a report; its function is named and loaded when it is asked."""

from touchline.reports.report import Report

ALARMS = Report(
    "alarms", "List the alarms, with what people did about them.",
    "touchline.jobs.alarming.answering:health_alarms", "alarms",
    words={"site": "Only alarms of this site. Default: all sites."},
)  # fmt: skip
"""What ``GET /api/health/alarms`` answers from the tables and the ledger."""
