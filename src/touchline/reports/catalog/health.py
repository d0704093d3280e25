"""Whether the numbers can be trusted."""

from touchline.reports.report import Report

REPORT = Report(
    name="health",
    is_alone=True,
    question="Check whether the numbers can be trusted, and list the days when they cannot.",
    answer="touchline.reports.health:health_report",
    rows="rates",
    words={
        "days": "How many of the last days with data to check. Default: all.",
        "weeks": "How many of the last weeks to check, instead of days.",
        "site": "Check only this site. Default: all sites.",
        "account": "Refused: what is measured is how sites are tagged. `report attribution` takes one.",
        "goal": "Check only conversions of this goal. Default: all goals together.",
        "channel": "Check only visits of this channel. Default: all channels together.",
        "per": "Whether a point is a day or a week.",
    },
)
