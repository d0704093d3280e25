"""Whether a day is complete."""

from touchline.reports.report import Report

REPORT = Report(
    name="completeness",
    question="Say whether a day is complete: visits, costs by account, what waits for a run, and what is usual.",
    answer="touchline.reports.completeness:completeness_report",
    rows="parts",
    words={
        "day": "The day. Default: yesterday.",
        "site": "Only visits of this site. Default: all sites. Costs are those of the organization.",
    },
)
