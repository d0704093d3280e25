"""Spend without visits, and visits without a campaign: what to correct before anything is judged."""

from touchline.reports.report import Report

REPORT = Report(
    name="tagging",
    question="List campaigns whose visits are not found and visits whose campaign is not found, with the likely match.",
    answer="touchline.reports.tagging:tagging_report",
    words={"limit": "How many rows of each of the two lists to show."},
)
