"""What could be chance in what models give."""

from touchline.reports.report import Report

REPORT = Report(
    name="intervals",
    question="How sure are the conversions that each model gives?",
    answer="touchline.reports.intervals:intervals_report",
    words={"by": "Group by what touches show, such as channel, campaign, source or device."},
)
