"""Credit, value and spend under one model."""

from touchline.reports.report import Report

REPORT = Report(
    name="attribution",
    question="Show credit, value and spend under one model.",
    answer="touchline.reports.attribution:attribution_report",
    words={
        "by": "Group by channel, source_class, platform, campaign, adset, or ad.",
        "model": "The attribution model. Default: the default_model setting.",
        "basis": "Date credit by the CONVERSION or by the TOUCH.",
    },
)
