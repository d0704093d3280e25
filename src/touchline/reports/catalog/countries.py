"""Spend by country."""

from touchline.reports.report import Report

REPORT = Report(
    name="countries",
    question="Show spend by country, as the cost exports name it.",
    answer="touchline.reports.countries:countries_report",
    words={},
)
