"""Whether the numbers can be trusted."""

from touchline.reports.report import Report

REPORT = Report(
    name="health",
    question="Say whether the numbers can be trusted, and on which days they cannot.",
    answer="touchline.reports.health:health_report",
    rows="rates",
    words={"days": "How many of the last days with data to look at; else all."},
)
