"""When spend is waste: every reason and severity can occur, and each begins exactly at its threshold."""

import json
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tests.quantifiers import each
from touchline.magnitudes import CREDIT
from touchline.tables import WASTE_FINDINGS
from touchline.waste.findings import Verdict, explanation, findings, judge

UNIT = 1_000_000
BASE: dict[str, Any] = {
    "organization_id": "o", "window_start": date(2026, 1, 1), "window_end": date(2026, 1, 30), "model": "LAST_TOUCH",
    "grain": "CAMPAIGN", "entity_id": "META/c", "platform": "META", "campaign_id": "c", "adset_id": "", "ad_id": "",
    "name": "Camp", "currency": "EUR", "impressions": 0, "clicks": 0, "spend_micros": 100 * UNIT, "credit": 0,
    "value_micros": 0, "target_cpa_micros": None, "target_roas": None, "fit_id": "", "usual_cpa_micros": None,
}  # fmt: skip


def unit(**values: Any) -> dict[str, Any]:
    """A unit; ``spend``, ``conversions``, ``value`` and ``target_cpa`` in whole units."""
    short = {"spend": "spend_micros", "value": "value_micros", "target_cpa": "target_cpa_micros"}
    given = {
        short.get(name, name): value * UNIT if name in short else value
        for name, value in values.items()
        if name != "conversions"
    }
    return {**BASE, "credit": values.get("conversions", 0) * CREDIT, **given}


def verdict(usual_cpa: int | None = None, others: list[dict[str, Any]] | None = None, **values: Any) -> Any:
    judged = unit(**values)
    found = judge(judged, [judged, *(others or [])], None if usual_cpa is None else usual_cpa * UNIT)
    return found and (found.reason, found.severity, found.waste_micros / UNIT)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # no conversions: how many should the spend have bought?
        ({"target_cpa": 20}, ("no_conversions", "high", 100)),  # exactly five
        ({"target_cpa": 21}, ("no_conversions", "medium", 100)),
        ({"target_cpa": 33}, ("no_conversions", "medium", 100)),
        ({"target_cpa": 25, "spend": 75}, ("no_conversions", "medium", 75)),  # exactly three
        ({"target_cpa": 34}, ("no_conversions", "low", 100)),
        # without a target of its own: at the organization's CPA
        ({"usual_cpa": 20}, ("no_conversions", "high", 100)),
        ({"usual_cpa": 25}, ("no_conversions", "medium", 100)),
        ({"usual_cpa": 50}, ("no_conversions", "low", 100)),
        ({"usual_cpa": 1, "target_cpa": 50}, ("no_conversions", "low", 100)),  # the target comes first
        ({}, ("no_conversions", "low", 100)),  # nothing to compare with
        ({"target_roas": 4.0}, ("no_conversions", "low", 100)),  # a ROAS target says nothing about conversions
        # CPA above target: 2 conversions for 100 cost 50 each
        ({"conversions": 2, "target_cpa": 50}, None),  # exactly on target
        ({"conversions": 2, "target_cpa": 49}, ("high_cpa", "low", 2)),
        ({"conversions": 4, "spend": 150, "target_cpa": 25}, ("high_cpa", "low", 50)),  # exactly half above
        ({"conversions": 4, "spend": 151, "target_cpa": 25}, ("high_cpa", "medium", 51)),
        ({"conversions": 2, "target_cpa": 25}, ("high_cpa", "medium", 50)),  # exactly double
        ({"conversions": 2, "target_cpa": 24}, ("high_cpa", "high", 52)),
        # ROAS below target
        ({"conversions": 1, "value": 200, "target_roas": 2.0}, None),  # exactly on target
        ({"conversions": 1, "value": 199, "target_roas": 2.0}, ("low_roas", "low", 0.5)),
        ({"conversions": 1, "value": 150, "target_roas": 2.0}, ("low_roas", "low", 25)),  # exactly three quarters
        ({"conversions": 1, "value": 149, "target_roas": 2.0}, ("low_roas", "medium", 25.5)),
        ({"conversions": 1, "value": 100, "target_roas": 2.0}, ("low_roas", "medium", 50)),  # exactly half
        ({"conversions": 1, "value": 99, "target_roas": 2.0}, ("low_roas", "high", 50.5)),
        ({"conversions": 1, "value": 0, "target_roas": 2.0}, ("low_roas", "high", 100)),
        # both targets: CPA comes first, ROAS where CPA holds
        ({"conversions": 1, "target_cpa": 40, "target_roas": 2.0}, ("high_cpa", "high", 60)),
        ({"conversions": 2, "target_cpa": 50, "target_roas": 2.0}, ("low_roas", "high", 100)),
        # nothing to hold it to, or nothing spent
        ({"conversions": 1}, None),
        ({"conversions": 1, "usual_cpa": 1}, None),
        ({"conversions": 1, "spend": 0, "target_cpa": 10, "target_roas": 2.0}, None),
    ],
)
def test_the_first_reason_that_holds_with_its_severity_and_what_is_lost(case: dict[str, Any], expected: Any) -> None:
    assert verdict(**case) == expected


def test_a_part_of_a_conversion_is_judged_by_its_part() -> None:
    half = unit(credit=CREDIT // 2, target_cpa=100)
    assert judge(half, [half], None) == Verdict("high_cpa", "medium", 50 * UNIT)
    assert judge(half | {"target_cpa_micros": 200 * UNIT}, [half], None) is None


@pytest.mark.parametrize(
    ("credit_elsewhere", "severity"), [(CREDIT, "low"), (CREDIT - 1, "high"), (0, "high"), (7 * CREDIT, "low")]
)
def test_what_assists_under_another_model_is_a_low_finding(credit_elsewhere: int, severity: str) -> None:
    other = unit(model="LINEAR", credit=credit_elsewhere)
    assert verdict(others=[other], target_cpa=20) == ("no_conversions", severity, 100)


def test_an_assist_does_not_soften_the_other_reasons() -> None:
    other = unit(model="LINEAR", conversions=9)
    assert verdict(others=[other], conversions=2, target_cpa=24) == ("high_cpa", "high", 52)


KEYS = {
    "reason": None,
    "period": {"startDate", "endDate"},
    "metrics": {"spend", "conversions", "cpa", "roas", "targetCpa", "targetRoas"},
    "attribution": {"model", "otherModels"},
    "thresholds": {"minConversions", "maxCpa", "minRoas"},
    "severity": None,
    "recommendations": None,
}


def test_an_explanation_has_the_documented_shape_and_numbers() -> None:
    judged = unit(conversions=3, value=250, target_cpa=30, target_roas=4.5)
    other = unit(model="LINEAR", credit=CREDIT // 3)
    found = judge(judged, [judged, other], None)
    assert found is not None
    said = explanation(judged, found, [judged, other])
    assert {name: set(part) if isinstance(part, dict) else None for name, part in said.items()} == KEYS
    assert said["reason"] == "high_cpa"
    assert said["period"] == {"startDate": "2026-01-01", "endDate": "2026-01-30"}
    assert said["metrics"] == {
        "spend": 100.0, "conversions": 3.0, "cpa": 33.33, "roas": 2.5, "targetCpa": 30.0, "targetRoas": 4.5,
    }  # fmt: skip
    assert said["attribution"] == {"model": "LAST_TOUCH", "otherModels": {"LINEAR": 0.333}}
    assert said["thresholds"] == {"minConversions": 1, "maxCpa": 30.0, "minRoas": 4.5}
    assert said["severity"] == "low"
    assert said["recommendations"]


def test_what_is_undefined_is_null_not_zero() -> None:
    judged = unit()
    said = explanation(judged, Verdict("no_conversions", "low", 100 * UNIT), [judged])
    assert (said["metrics"]["cpa"], said["metrics"]["targetCpa"], said["metrics"]["targetRoas"]) == (None, None, None)
    assert (said["thresholds"]["maxCpa"], said["thresholds"]["minRoas"]) == (None, None)
    assert said["metrics"]["roas"] == 0.0  # spend that brought nothing back is a ROAS of zero


@pytest.mark.parametrize("reason", ["no_conversions", "high_cpa", "low_roas"])
def test_every_severity_of_a_reason_has_advice_of_its_own(reason: str) -> None:
    verdicts = [Verdict(reason, severity, 0) for severity in ("high", "medium", "low")]
    said = [explanation(unit(), verdict, [])["recommendations"] for verdict in verdicts]
    assert each(said)
    assert len({tuple(advice) for advice in said}) == 3


def test_nobody_is_told_to_pause_what_assists() -> None:
    judged, other = unit(), unit(model="LINEAR", conversions=1)
    said = explanation(judged, Verdict("no_conversions", "low", 0), [judged, other])
    assert said["recommendations"][0].startswith("Do not pause")


def table(*rows: dict[str, Any]) -> pa.Table:
    types = {
        "window_start": pa.date32(),
        "window_end": pa.date32(),
        "target_cpa_micros": pa.int64(),
        "usual_cpa_micros": pa.int64(),
    }
    schema = [
        (name, types.get(name) or {str: pa.string(), int: pa.int64()}.get(type(value), pa.float64()))
        for name, value in BASE.items()
    ]
    return pa.Table.from_pylist(list(rows), pa.schema(schema))


def found(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return findings(table(*rows)).to_pylist()  # type: ignore[no-any-return]


def test_findings_are_rows_of_the_declared_table() -> None:
    made = findings(table(unit(), unit(model="LINEAR", conversions=1)))
    assert tuple(made.column_names) == WASTE_FINDINGS.column_names
    assert made.num_rows == 1
    row = made.to_pylist()[0]
    assert (row["reason"], row["severity"], row["waste_micros"], row["model"]) == (
        "no_conversions", "low", 100 * UNIT, "LAST_TOUCH",
    )  # fmt: skip
    assert json.loads(row["explanation"])["attribution"]["otherModels"] == {"LINEAR": 1.0}
    assert findings(table()).schema == made.schema


def test_a_fit_of_the_usual_cpa_judges_where_no_target_does_and_is_named() -> None:
    """100 spent: at a usual CPA of 20 five conversions should have come; at the fit's 50, two."""
    own = unit(entity_id="META/d", campaign_id="d", grain="PLATFORM", conversions=5)
    fitted = {"fit_id": "USUAL_CPA/o/2025-12-31/v1", "usual_cpa_micros": 50 * UNIT}
    assert [(row["severity"], row["fit_id"]) for row in found(unit(), own)] == [("high", "")]
    assert [(row["severity"], row["fit_id"]) for row in found(unit(**fitted), own)] == [("low", fitted["fit_id"])]
    assert [row["fit_id"] for row in found(unit(**fitted, target_cpa=20), own)] == [""]
    assert [row["fit_id"] for row in found(unit(**fitted), unit(model="LINEAR", conversions=1))] == [""]


def test_the_usual_cpa_is_that_of_all_platforms_together() -> None:
    """100 + 300 spent for one conversion: a CPA of 400, at which 2,000 should have bought five."""
    platforms = [
        unit(grain="PLATFORM", entity_id="META", spend=100, conversions=1),
        unit(grain="PLATFORM", entity_id="BING", spend=300),
    ]
    severities = {spend: found(*platforms, unit(spend=spend))[-1]["severity"] for spend in (2000, 1999, 1200, 1199)}
    assert severities == {2000: "high", 1999: "medium", 1200: "medium", 1199: "low"}


@pytest.mark.parametrize("other", [{"organization_id": "p"}, {"currency": "USD"}, {"model": "LINEAR"}])
def test_the_usual_cpa_is_the_organizations_own_in_one_currency_under_one_model(other: dict[str, str]) -> None:
    platform = unit(grain="PLATFORM", entity_id="META", spend=1, conversions=1) | other
    assert [row["severity"] for row in found(platform, unit(spend=100))] == ["low"]


def test_an_organization_is_not_a_finding() -> None:
    assert found(unit(grain="ORGANIZATION", entity_id="o")) == []


def test_an_id_stays_the_same_whatever_the_numbers_and_the_window() -> None:
    first = found(unit())[0]["finding_id"]
    later = unit(spend=7, target_cpa=1) | {"window_end": date(2026, 2, 1), "name": "Renamed"}
    assert found(later)[0]["finding_id"] == first
    assert first == "w_" + first[2:]
    assert len(first) == 18


@pytest.mark.parametrize("name", ["organization_id", "model", "grain", "entity_id", "currency"])
def test_another_thing_has_another_id(name: str) -> None:
    assert found(unit() | {name: "other"})[0]["finding_id"] != found(unit())[0]["finding_id"]
