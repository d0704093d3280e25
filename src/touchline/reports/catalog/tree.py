"""Channels, their campaigns, ad sets and ads."""

from touchline.reports.report import Report

REPORT = Report(
    name="tree",
    question="Show what channels, and the campaigns, ad sets and ads below each, cost and earned.",
    answer="touchline.reports.tree:tree_report",
    words={
        "under": 'The place whose parts to list, by a row\'s key, such as "Paid Search/META:123". Default: channels.',
        "model": "The attribution model. Default: the default_model setting.",
    },
)
