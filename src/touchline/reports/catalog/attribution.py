"""Credit, value and spend under one model."""

from touchline.reports.report import Report

REPORT = Report(
    name="attribution",
    question="Show credit, value and spend under one model.",
    answer="touchline.reports.attribution:attribution_report",
    words={
        "by": "What the rows are: channel, source_class, platform, campaign, adset or ad.",
        "model": "The attribution model; else the setting default_model.",
        "basis": "The day that credit is booked to: of the CONVERSION, or of the TOUCH.",
    },
)
