"""The plain rule for those who ask for it: the whole spend of every day without a conversion is called waste.

Many tools have it, and it is mostly wrong: see ``docs/explanation/waste.md``. Severity is a score of amounts, and
nothing waits for conversions that are still to come.
"""

import hashlib
import json

from touchline.engines import Engine
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window

SCHEMA = "waste.simple/1"
_MICROS = 1_000_000
_BY_WASTE = ((10_000, 40), (1_000, 30), (100, 20), (10, 10))
_BY_SPEND = ((10_000, 20), (1_000, 15), (100, 10), (10, 5))
"""Points for more currency units than that."""
_BY_SHARE = 40
"""Points where more than 90 % is waste; here all of it is."""
_HIGH = 70
"""The points from which on a day is ``high``."""
_STEPS = {
    "high": ("Pause it.", "Check its targeting and its creative.", "Try another audience."),
    "medium": ("Watch it, and pause it if nothing converts within a day.", "Check its landing page."),
}


def severity_of(spend_micros: int) -> str:
    """The severity of a day whose spend is waste as a whole.

    >>> [severity_of(units * 1_000_000) for units in (5, 11, 101)]
    ['medium', 'medium', 'high']
    """
    score = _points(_BY_WASTE, spend_micros) + _points(_BY_SPEND, spend_micros) + _BY_SHARE
    return "high" if score >= _HIGH else "medium"


def simple_days(engine: Engine, question: Question, grain: str, window: Window) -> list[Row]:
    """The days on which an entity has spend and no conversion, in the columns of findings."""
    if window.start is None:
        return []
    asked = {**question.parameters, "grain": grain, "model": question.model, "start": window.start, "end": window.end}
    return [_row(row, question, grain) for row in rows(engine, "days_without_conversions", **asked)]


def _row(row: Row, question: Question, grain: str) -> Row:
    day, spend = row["day"], row["spend_micros"]
    identity = "|".join(
        [question.organization_id, question.model, grain, row["entity_id"], question.currency, str(day)]
    )
    severity = severity_of(spend)
    found = {
        "finding_id": "s_" + hashlib.sha256(identity.encode()).hexdigest()[:16], "severity": severity,
        "reason": "no_conversions", "waste_micros": spend, "expected_waste_micros": spend, "waste_low_micros": None,
        "waste_high_micros": None, "p_over_millionths": None, "maturity_millionths": _MICROS, "fit_id": "",
        "credit": 0, "value_micros": 0,
    }  # fmt: skip
    return {**row, **found, "explanation": json.dumps(_explanation(row, question.model, severity), sort_keys=True)}


def _explanation(row: Row, model: str, severity: str) -> dict[str, object]:
    day = row["day"].isoformat()
    return {
        "schema": SCHEMA, "reason": "no_conversions", "severity": severity,
        "period": {"startDate": day, "endDate": day},
        "metrics": {"spend": round(row["spend_micros"] / _MICROS, 2), "conversions": 0, "cpa": None, "roas": 0.0},
        "attribution": {"model": model}, "thresholds": {"minConversions": 1},
        "recommendations": list(_STEPS[severity]),
    }  # fmt: skip


def _points(steps: tuple[tuple[int, int], ...], micros: int) -> int:
    return next((points for units, points in steps if micros > units * _MICROS), 0)
