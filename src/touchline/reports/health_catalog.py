"""What ``GET /api/health/…`` answers from the tables; as in the catalog, functions are named and loaded when asked."""

from touchline.reports.catalog.funnel import REPORT as FUNNEL
from touchline.reports.catalog.health import REPORT as HEALTH
from touchline.reports.report import Report

_PARTS = "touchline.reports.health_parts"

PARTS = (
    Report("measures", "List the measures of health over the window.", f"{_PARTS}:health_measures", "rates",
           words=HEALTH.words),
    Report("series", "Show the measures of health from day to day, with limits and notes.",
           f"{_PARTS}:health_charts", "series", words=HEALTH.words),
    FUNNEL,
    Report("signals", "List what broke, what it touches and what to check first.", f"{_PARTS}:health_breaks",
           "signals", words=HEALTH.words),
)  # fmt: skip
"""One route each, in this order."""
