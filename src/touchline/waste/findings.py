"""From the verdicts on what costs money to the rows of ``waste_findings``."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from touchline.tables import WASTE_FINDINGS
from touchline.waste.accounts import Judged, Unit
from touchline.waste.explanation import explanation
from touchline.waste.finding import CALLED_WASTE, MODEL_DEPENDENT, Finding
from touchline.waste.names import names

T = TypeVar("T")
_ENTITY = ("organization_id", "grain", "entity_id", "currency")
_MILLION = 1_000_000
_encoded = msgspec.json.Encoder(order="sorted").encode


def findings(accounts: Iterable[Judged]) -> pa.Table:
    """The findings in the accounts: rows of ``waste_findings``."""
    judged = list(accounts)
    over: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    credit: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for account in judged:
        for unit, probability in zip(account.units, account.verdicts.over.tolist(), strict=True):
            entity = _entity(unit)
            credit[entity][unit["model"]] = unit["credit"]
            if not math.isnan(probability):
                over[entity][unit["model"]] = probability
    columns = [name for name in WASTE_FINDINGS.column_names if judged and name in judged[0].units[0]]
    return WASTE_FINDINGS.arrow(
        [_row(finding, columns) for account in judged for finding in _of_account(account, over, credit)]
    )


def _of_account(
    account: Judged, over: dict[tuple[str, ...], dict[str, float]], credit: dict[tuple[str, ...], dict[str, int]]
) -> Iterable[Finding]:
    found = account.verdicts
    numbers = (
        found.over, found.waste, found.low, found.high, found.cpa, found.units.maturity, found.missing_days,
        found.missing_spend, found.missing_conversions, found.lacks_target, found.lacks_others,
    )  # fmt: skip
    for unit, name, reason, severity, *said in zip(
        account.units, names(account.units), found.reason, found.severity, *(one.tolist() for one in numbers),
        strict=True,
    ):  # fmt: skip
        if reason is None:
            continue
        p_over, waste, low, high, cpa, maturity, days, spend, conversions, lacks_target, lacks_others = said
        entity = _entity(unit)
        finding = Finding(
            unit=unit,
            name=name,
            reason=str(reason),
            severity=_severity(severity),
            over=p_over,
            expected=waste,
            low=low,
            high=high,
            cpa=cpa,
            maturity=maturity,
            missing=(days, spend, conversions),
            lacks_target=lacks_target,
            lacks_others=lacks_others,
            others=_but(unit["model"], over[entity]),
            credits=_but(unit["model"], credit[entity]),
        )
        yield replace(finding, reason=MODEL_DEPENDENT, severity="low") if finding.does_assist else finding


def _severity(graded: str) -> str:
    """What is held back is nothing to act on in the budget."""
    return graded if graded in CALLED_WASTE else "low"


def _but(model: str, by_model: dict[str, T]) -> dict[str, T]:
    return {other: said for other, said in by_model.items() if other != model}


def _entity(unit: Unit) -> tuple[str, ...]:
    return tuple(str(unit[name]) for name in _ENTITY)


def _row(finding: Finding, columns: Iterable[str]) -> dict[str, Any]:
    """A finding as a row.

    :param columns: those that are as in the unit.
    """
    unit = finding.unit
    identity = "|".join(unit[name] for name in ("organization_id", "model", "grain", "entity_id", "currency"))
    finding_id = "w_" + hashlib.sha256(identity.encode()).hexdigest()[:16]
    return {
        **{name: unit[name] for name in columns},
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
        "explanation": _encoded(explanation(finding, finding_id)).decode(),
    }
