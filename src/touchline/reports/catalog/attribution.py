"""Credit, value and spend under one model."""

from touchline.reports.dimensions import group_by_in_words
from touchline.reports.report import Report

REPORT = Report(
    name="attribution",
    question="Show credit, value and spend under one model.",
    answer="touchline.reports.attribution:attribution_report",
    words={
        "by": group_by_in_words(),
        "model": "The attribution model. Default: the default_model setting.",
        "basis": "Date credit by the CONVERSION or by the TOUCH.",
    },
)
