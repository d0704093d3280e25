"""From what an entity cost and earned to a finding: reason, severity, money. Pure functions."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from touchline.magnitudes import CREDIT
from touchline.tables import WASTE_FINDINGS
from touchline.waste.words import recommendations

EXPECTED_HIGH, EXPECTED_MEDIUM = 5.0, 3.0
"""Conversions that the spend should have bought: none comes by chance in 0.7 % of cases of 5, in 5 % of cases of 3."""

Unit = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """Why a unit is wasteful, how badly, and how much of its spend is lost (micros)."""

    reason: str
    severity: str
    waste_micros: int


def findings(units: pa.Table) -> pa.Table:
    """The findings among the units: rows of ``waste_findings``.

    :param units: what ``waste_units.sql`` selects.
    """
    by_entity: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
    for unit in units.to_pylist():
        by_entity[unit["organization_id"], unit["grain"], unit["entity_id"], unit["currency"]].append(unit)
    usual = _usual_cpa(by_entity)
    rows = [
        _row(unit, verdict, models)
        for models in by_entity.values()
        for unit in models
        if unit["grain"] != "ORGANIZATION" and (verdict := judge(unit, models, _benchmark(unit, usual)))
    ]
    return WASTE_FINDINGS.arrow(rows)


def judge(unit: Unit, models: list[Unit], usual_cpa_micros: int | None) -> Verdict | None:
    """Whether a unit wasted money; the first reason that holds is given.

    * ``no_conversions``: no credit at all; all the spend is lost. Severity by the conversions that the spend should
      have bought at the target CPA (else at the usual one): 5 high, 3 medium, fewer low. Low, too, where
      another model gives it a conversion or more: it assists.
    * ``high_cpa``: CPA above target; lost is what lies above. More than double is high, half more is medium.
    * ``low_roas``: ROAS below target; lost is what the value would not have paid for. Below half is high, below three
      quarters medium.

    :param models: the same entity under every model.
    :param usual_cpa_micros: what a conversion usually costs under this model, ``None`` where nothing says so.
    """
    spend, credit = unit["spend_micros"], unit["credit"]
    if credit == 0:
        return Verdict("no_conversions", _severity_of_none(unit, models, usual_cpa_micros), spend)
    target_cpa, target_roas = unit["target_cpa_micros"], unit["target_roas"]
    if target_cpa is not None and spend * CREDIT > target_cpa * credit:
        over = spend * CREDIT / (target_cpa * credit) - 1
        return Verdict("high_cpa", _graded(over, 1.0, 0.5), spend - target_cpa * credit // CREDIT)
    if target_roas is not None and unit["value_micros"] < spend * target_roas:
        under = 1 - unit["value_micros"] / (spend * target_roas)
        return Verdict("low_roas", _graded(under, 0.5, 0.25), spend - int(unit["value_micros"] / target_roas))
    return None


def _severity_of_none(unit: Unit, models: list[Unit], usual_cpa_micros: int | None) -> str:
    if _assists(models):
        return "low"
    cpa = unit["target_cpa_micros"] or usual_cpa_micros
    return "low" if not cpa else _graded(unit["spend_micros"] / cpa, EXPECTED_HIGH, EXPECTED_MEDIUM, is_reached=True)


def _assists(models: list[Unit]) -> bool:
    return any(other["credit"] >= CREDIT for other in models)


def _benchmark(unit: Unit, usual: Mapping[tuple[str, str, str], int]) -> int | None:
    """What the fit that serves the window calls usual; without one, what the window itself says."""
    if unit["fit_id"]:
        return int(unit["usual_cpa_micros"])
    return usual.get((unit["organization_id"], unit["currency"], unit["model"]))


def _graded(amount: float, high: float, medium: float, *, is_reached: bool = False) -> str:
    if amount > high or (is_reached and amount == high):
        return "high"
    return "medium" if amount > medium or (is_reached and amount == medium) else "low"


def _usual_cpa(by_entity: dict[tuple[str, ...], list[Unit]]) -> dict[tuple[str, str, str], int]:
    """The CPA of all that cost money, by organization, currency and model."""
    spend: dict[tuple[str, str, str], int] = defaultdict(int)
    credit: dict[tuple[str, str, str], int] = defaultdict(int)
    for models in by_entity.values():
        for unit in models:
            if unit["grain"] == "PLATFORM":
                key = unit["organization_id"], unit["currency"], unit["model"]
                spend[key] += unit["spend_micros"]
                credit[key] += unit["credit"]
    return {key: spend[key] * CREDIT // credit[key] for key in spend if credit[key]}


def _row(unit: Unit, verdict: Verdict, models: list[Unit]) -> dict[str, Any]:
    identity = "|".join(unit[name] for name in ("organization_id", "model", "grain", "entity_id", "currency"))
    return {
        **{name: unit[name] for name in WASTE_FINDINGS.column_names if name in unit},
        "finding_id": "w_" + hashlib.sha256(identity.encode()).hexdigest()[:16],
        "reason": verdict.reason,
        "severity": verdict.severity,
        "waste_micros": verdict.waste_micros,
        "fit_id": unit["fit_id"] if _is_benchmarked(unit, verdict, models) else "",
        "explanation": json.dumps(explanation(unit, verdict, models), sort_keys=True),
    }


def _is_benchmarked(unit: Unit, verdict: Verdict, models: list[Unit]) -> bool:
    """Whether the severity comes from the usual CPA."""
    return verdict.reason == "no_conversions" and not unit["target_cpa_micros"] and not _assists(models)


def explanation(unit: Unit, verdict: Verdict, models: list[Unit]) -> dict[str, Any]:
    """Why this is a finding, in the shape of ``GET /api/waste``; money in currency units, ``None`` where undefined."""
    spend, conversions = unit["spend_micros"] / 1e6, unit["credit"] / CREDIT
    target_cpa = None if unit["target_cpa_micros"] is None else unit["target_cpa_micros"] / 1e6
    assists = {
        other["model"]: round(other["credit"] / CREDIT, 3) for other in models if other["model"] != unit["model"]
    }
    return {
        "reason": verdict.reason,
        "period": {"startDate": unit["window_start"].isoformat(), "endDate": unit["window_end"].isoformat()},
        "metrics": {
            "spend": round(spend, 2),
            "conversions": round(conversions, 3),
            "cpa": round(spend / conversions, 2) if conversions else None,
            "roas": round(unit["value_micros"] / unit["spend_micros"], 4) if unit["spend_micros"] else None,
            "targetCpa": target_cpa,
            "targetRoas": unit["target_roas"],
        },
        "attribution": {"model": unit["model"], "otherModels": assists},
        "thresholds": {"minConversions": 1, "maxCpa": target_cpa, "minRoas": unit["target_roas"]},
        "severity": verdict.severity,
        "recommendations": recommendations(
            verdict.reason, verdict.severity, does_assist=max(assists.values(), default=0) >= 1
        ),
    }
