"""The conversions behind a number."""

from touchline.reports.report import Report

REPORT = Report(
    name="conversions",
    question="List the newest conversions, and what a model gives a channel of each.",
    answer="touchline.reports.conversions:conversions_report",
    words={
        "channel": 'Only conversions of which this channel has a part, such as "Paid Search". Default: all.',
        "model": "The attribution model. Default: the default_model setting.",
        "limit": "How many conversions to list.",
        "cursor": "List the conversions after those of an earlier answer, which ends with this as next_cursor.",
    },
)
