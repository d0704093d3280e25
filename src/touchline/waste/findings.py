"""From the verdicts on what costs money to the rows of ``waste_findings``."""

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

import pyarrow as pa

from touchline.tables import WASTE_FINDINGS
from touchline.waste.accounts import Judged, Unit
from touchline.waste.explanation import explanation
from touchline.waste.finding import CALLED_WASTE, MODEL_DEPENDENT, Finding
from touchline.waste.names import names

T = TypeVar("T")
_ENTITY = ("organization_id", "grain", "entity_id", "currency")
_MILLION = 1_000_000


def findings(accounts: Iterable[Judged]) -> pa.Table:
    """The findings in the accounts: rows of ``waste_findings``."""
    judged = list(accounts)
    over: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    credit: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for account in judged:
        for unit, probability in zip(account.units, account.verdicts.over.tolist(), strict=True):
            credit[_entity(unit)][unit["model"]] = unit["credit"]
            if not math.isnan(probability):
                over[_entity(unit)][unit["model"]] = probability
    return WASTE_FINDINGS.arrow([_row(finding) for account in judged for finding in _of_account(account, over, credit)])


def _of_account(
    account: Judged, over: dict[tuple[str, ...], dict[str, float]], credit: dict[tuple[str, ...], dict[str, int]]
) -> Iterable[Finding]:
    found = account.verdicts
    for n, (unit, name, reason) in enumerate(zip(account.units, names(account.units), found.reason, strict=True)):
        if reason is None:
            continue
        missing = (
            float(found.missing_days[n]), float(found.missing_spend[n]), float(found.missing_conversions[n])
        )  # fmt: skip
        finding = Finding(
            unit=unit,
            name=name,
            reason=str(reason),
            severity=_severity(found.severity[n]),
            over=float(found.over[n]),
            expected=float(found.waste[n]),
            low=float(found.low[n]),
            high=float(found.high[n]),
            cpa=float(found.cpa[n]),
            maturity=float(found.units.maturity[n]),
            missing=missing,
            lacks_target=bool(found.lacks_target[n]),
            lacks_others=bool(found.lacks_others[n]),
            others=_but(unit["model"], over[_entity(unit)]),
            credits=_but(unit["model"], credit[_entity(unit)]),
        )
        yield replace(finding, reason=MODEL_DEPENDENT, severity="low") if finding.does_assist else finding


def _severity(graded: str) -> str:
    """What is held back is nothing to act on in the budget."""
    return graded if graded in CALLED_WASTE else "low"


def _but(model: str, by_model: dict[str, T]) -> dict[str, T]:
    return {other: said for other, said in by_model.items() if other != model}


def _entity(unit: Unit) -> tuple[str, ...]:
    return tuple(str(unit[name]) for name in _ENTITY)


def _row(finding: Finding) -> dict[str, Any]:
    unit = finding.unit
    identity = "|".join(unit[name] for name in ("organization_id", "model", "grain", "entity_id", "currency"))
    finding_id = "w_" + hashlib.sha256(identity.encode()).hexdigest()[:16]
    return {
        **{name: unit[name] for name in WASTE_FINDINGS.column_names if name in unit},
        "finding_id": finding_id,
        "name": finding.name,
        "reason": finding.reason,
        "severity": finding.severity,
        "waste_micros": finding.waste_micros,
        "expected_waste_micros": finding.micros(finding.expected),
        "waste_low_micros": finding.micros(finding.low),
        "waste_high_micros": finding.micros(finding.high),
        "p_over_millionths": None if math.isnan(finding.over) else round(finding.over * _MILLION),
        "maturity_millionths": round(finding.maturity * _MILLION),
        "fit_id": "" if finding.has_own_target else unit["fit_id"],
        "explanation": json.dumps(explanation(finding, finding_id), sort_keys=True),
    }
