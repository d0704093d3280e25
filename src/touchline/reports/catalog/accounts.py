"""Which accounts came and bought, through whom, and what a new one costs."""

from touchline.reports.report import Report

REPORT = Report(
    name="accounts",
    question="List accounts: members, touches, first and last channel, conversions and value.",
    answer="touchline.reports.accounts:accounts_report",
    words={"limit": "How many accounts to list."},
)
