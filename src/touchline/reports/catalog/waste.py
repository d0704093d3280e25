"""The spend that earned nothing or too little."""

from touchline.reports.report import Report

REPORT = Report(
    name="waste",
    question="List the spend that earned nothing or too little, with recommendations.",
    answer="touchline.reports.waste:waste_report",
    rows="findings",
    more={"recommendations": lambda finding: " ".join(finding.recommendations)},
    words={
        "model": "The attribution model. Default: the default_model setting.",
        "grain": "The level to check: PLATFORM, CAMPAIGN, ADSET, or AD.",
        "severity": "Only findings with high, medium, or low severity.",
        "min_waste_micros": "Exclude findings that wasted less than this, in currency units.",
        "limit": "How many findings to list.",
        "site": "Only what is of this site alone, by its visits and conversions. Default: all sites.",
    },
)
