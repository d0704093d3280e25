"""With how many devices persons visit."""

from touchline.reports.report import Report

REPORT = Report(
    name="devices",
    question="Show with how many devices, and of which kinds, persons visit.",
    answer="touchline.reports.devices:devices_report",
)
