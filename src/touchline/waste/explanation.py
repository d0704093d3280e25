"""Why a finding is one, in the shape of ``GET /api/waste``: the keys of its first version, and those of the schema.

Money is in currency units, as a number in ``metrics`` and as text elsewhere; what is undefined is ``None``.
"""

import math
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from touchline.magnitudes import CREDIT
from touchline.waste.accounts import MICROS
from touchline.waste.finding import GUARDS, HELD_BACK, Finding
from touchline.waste.posterior import JUDGED
from touchline.waste.words import advice

SCHEMA = "waste.explanation/1"
_RECHECK_DAYS = 7
_QUERY = (
    "select date, model, goal, sum(spend_micros) as spend_micros, sum(credit) as credit,"
    " sum(value_micros) as value_micros from touchline.rollups_all where organization_id = {organization_id}"
    " and basis = {basis} and grain = {grain} and entity_id = {entity_id} and currency = {currency}"
    " and (model is null or model = {model}) and (goal is null or {goal} in ('', goal))"
    " and date between {start} and {end} group by date, model, goal order by date, model, goal"
)


def explanation(finding: Finding, finding_id: str) -> dict[str, Any]:
    """The explanation of a finding."""
    unit = finding.unit
    told = advice(
        finding.reason,
        finding.severity,
        does_assist=finding.does_assist,
        lacks_target=finding.lacks_target,
        lacks_others=finding.lacks_others,
    )
    start, end = unit["window_start"], unit["window_end"]
    target_cpa = None if unit["target_cpa_micros"] is None else unit["target_cpa_micros"] / MICROS
    waits = max(_RECHECK_DAYS, min(int(finding.missing[0]), 365))
    return {
        "schema": SCHEMA,
        "id": finding_id,
        "reason": finding.reason,
        "severity": finding.severity,
        "subject": {
            "grain": unit["grain"], "platform": unit["platform"], "name": finding.name,
            "ids": {name: unit[name] for name in ("campaign_id", "adset_id", "ad_id") if unit[name]},
        },
        "period": {"startDate": start.isoformat(), "endDate": end.isoformat()},
        "metrics": _metrics(finding, target_cpa),
        "attribution": {
            "model": unit["model"],
            "goal": unit["goal"],
            "otherModels": {model: round(credit / CREDIT, 3) for model, credit in sorted(finding.credits.items())},
        },
        "thresholds": {"minConversions": 1, "maxCpa": target_cpa, "minRoas": unit["target_roas"]},
        "expected": _expected(finding),
        "uncertainty": {
            "pOver": _rounded(finding.over, 3), "wasteFromProbability": JUDGED,
            "pOverByOtherModels": {model: round(share, 3) for model, share in sorted(finding.others.items())},
        },
        "money": {
            "currency": unit["currency"], "calledWaste": _money(finding.waste_micros / MICROS),
            "expectedWaste": _money(finding.expected), "interval80": [_money(finding.low), _money(finding.high)],
        },
        "missing": _missing(finding),
        "guards": _guards(finding.reason),
        "counterfactual": _counterfactual(finding),
        "evidence": {"query": _query(finding)},
        "recommendations": list(told.steps),
        "recommendation": {"action": told.action, "recheckAt": (end + timedelta(days=waits)).isoformat()},
        "provenance": {"conversionsKnownUntil": unit["known_until"].isoformat(), "fit": unit["fit_id"] or None},
    }  # fmt: skip


def _metrics(finding: Finding, target_cpa: float | None) -> dict[str, Any]:
    unit = finding.unit
    spend, conversions = unit["spend_micros"] / MICROS, unit["credit"] / CREDIT
    return {
        "spend": round(spend, 2),
        "conversions": round(conversions, 3),
        "cpa": round(spend / conversions, 2) if conversions else None,
        "roas": round(unit["value_micros"] / unit["spend_micros"], 4) if unit["spend_micros"] else None,
        "targetCpa": target_cpa,
        "targetRoas": unit["target_roas"],
    }


def _expected(finding: Finding) -> dict[str, Any]:
    """What the spend should have brought by now, and whose target that is."""
    unit = finding.unit
    due = unit["spend_micros"] / MICROS * finding.maturity / finding.cpa
    return {
        "cpa": _money(finding.cpa),
        "targetSource": "user" if finding.has_own_target else "fit" if unit["fit_id"] else "siblings",
        "conversionsByNow": _rounded(due, 3),
        "lagMaturity": _rounded(finding.maturity, 3),
    }


def _missing(finding: Finding) -> dict[str, Any] | None:
    days, spend, conversions = finding.missing
    if not days and not finding.lacks_target:
        return None
    lacks = {"days": int(days), "spend": _money(spend), "conversions": round(conversions, 3)}
    return lacks | {"target": True} if finding.lacks_target else lacks


@cache
def _guards(reason: str) -> tuple[Mapping[str, str], ...]:
    """What would have kept it from being judged, in order; those after one that did were not asked."""
    held = GUARDS.index(reason) if reason in GUARDS else len(GUARDS)
    return tuple(
        {"id": guard, "result": "passed" if place < held else "failed" if place == held else "not asked"}
        for place, guard in enumerate(GUARDS)
    )


def _counterfactual(finding: Finding) -> str | None:
    """What would clear it, where it is judged."""
    unit = finding.unit
    if finding.reason in HELD_BACK or math.isnan(finding.cpa):
        return None
    if finding.reason == "low_roas" and unit["target_roas"] is not None:
        least = unit["spend_micros"] / MICROS * unit["target_roas"] * finding.maturity
        return f"It would meet the target ROAS with a value of {least:.2f} {unit['currency']} by now."
    due = unit["spend_micros"] / MICROS * finding.maturity / finding.cpa
    return f"It would be at {finding.cpa:.2f} {unit['currency']} per conversion with {due:.1f} conversions by now."


def _query(finding: Finding) -> str:
    """A query that gives the numbers that were judged, day by day."""
    unit = finding.unit
    names = ("organization_id", "grain", "entity_id", "currency", "model", "goal")
    days = {"start": unit["window_start"], "end": unit["window_end"]}
    basis = "'CONVERSION'" if unit["grain"] == "ORGANIZATION" else "'TOUCH'"
    texts = {name: "'" + str(unit[name]).replace("'", "''") + "'" for name in names}
    return _QUERY.format(basis=basis, **texts, **{name: f"date '{day.isoformat()}'" for name, day in days.items()})


def _money(amount: float) -> str | None:
    return None if math.isnan(amount) else f"{amount:.2f}"


def _rounded(number: float, digits: int) -> float | None:
    return None if math.isnan(number) else round(number, digits)
