"""How far clicks get on their way to conversions that are joined to their cost."""

from touchline.reports.report import Report

REPORT = Report(
    name="funnel",
    question="Show how many ad clicks, visits and conversions reach each step, and where they are lost.",
    answer="touchline.reports.funnel:funnel_report",
    rows="steps",
    words={"site": "Only visits and conversions of this site. Default: all sites."},
)
