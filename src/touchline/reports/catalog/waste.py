"""The spend that earned nothing or too little."""

from touchline.reports.report import Report

REPORT = Report(
    name="waste",
    question="List the spend that earned nothing or too little, and what to do about it.",
    answer="touchline.reports.waste:waste_report",
    rows="findings",
    more={"recommendations": lambda finding: " ".join(finding.recommendations)},
    words={
        "model": "The attribution model; else the setting default_model.",
        "grain": "What is looked at: PLATFORM, CAMPAIGN, ADSET or AD.",
        "severity": "Only high, medium or low ones.",
        "min_waste_micros": "Leave out what wasted less, in currency units.",
        "limit": "How many to list.",
    },
)
