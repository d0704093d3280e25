"""Weeks or months: what was spent, what it earned, and what a new customer cost."""

from touchline.reports.report import Report

REPORT = Report(
    name="performance",
    question="Show spend, conversions and new customers by day, week or month.",
    answer="touchline.reports.performance:performance_report",
    words={
        "per": "A row is a day, a week (from Monday) or a month.",
        "model": "The attribution model that tells paid conversions. Default: the default_model setting.",
        "basis": "Date credit by the CONVERSION or by the TOUCH.",
    },
)
