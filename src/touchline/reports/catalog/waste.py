"""The spend that earned nothing or too little."""

from typing import Any

from touchline.reports.report import Report


def _recommendations(finding: Any) -> str:
    return " ".join(finding.recommendations)


REPORT = Report(
    name="waste",
    is_alone=True,
    question="List the spend that earned nothing or too little, with recommendations.",
    answer="touchline.reports.waste:waste_report",
    rows="findings",
    more={"recommendations": _recommendations},
    words={
        "model": "The attribution model. Default: the default_model setting.",
        "grain": "The level to check: ORGANIZATION (all spend by all conversions), PLATFORM, CAMPAIGN, ADSET, or AD.",
        "start": "The first day. Default: as many days as the waste_window_days setting says.",
        "severity": "Only findings with high, medium, or low severity.",
        "min_waste_micros": "Exclude findings that wasted less than this, in currency units.",
        "limit": "How many findings to list.",
        "cursor": "List the findings after those of an earlier answer, which ends with this as next_cursor.",
        "mode": "likely: what likely misses its target; simple: all spend of every day without a conversion.",
        "account": "Refused: no spend is of an account. `report performance` takes one.",
        "site": "Only what is of this site alone, by its visits and conversions. Default: all sites.",
    },
)
