"""The paths by which people came to convert."""

from touchline.reports.report import Report

REPORT = Report(
    name="journeys",
    question="Show the paths that led to conversions.",
    answer="touchline.reports.journeys:journeys_report",
    words={"limit": "How many paths to show; the rest are combined in one row."},
)
