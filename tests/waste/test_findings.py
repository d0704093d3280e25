"""The river's findings: who is a finding, what is called waste, what is said, and what an id is of."""

import json
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from tests.quantifiers import each
from touchline.magnitudes import CREDIT
from touchline.tables import WASTE_FINDINGS
from touchline.waste.accounts import judged
from touchline.waste.findings import findings
from touchline.waste.words import advice

EURO = 1_000_000
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 30)
MODELS = ("LAST_TOUCH", "LINEAR")
NO_LAGS = pa.table(
    {
        "organization_id": pa.array([], pa.string()), "known_until": pa.array([], pa.date32()),
        "touch_date": pa.array([], pa.date32()), "conversion_date": pa.array([], pa.date32()),
        "touches": pa.array([], pa.int64()),
    }
)  # fmt: skip
TYPES = {"target_cpa_micros": pa.int64(), "usual_cpa_micros": pa.int64(), "target_roas": pa.float64()}
Campaign = dict[str, Any]


def tables(**campaigns: Campaign) -> tuple[pa.Table, pa.Table]:
    """What the queries select of campaigns with ``spend`` and ``sold`` a day (by model, if a dict), and ``value``."""
    units, days = [], []
    for name, given in campaigns.items():
        campaign: Any = {"spend": 50, "sold": 1, "value": 0} | given
        spend, sold, price = campaign["spend"], campaign["sold"], campaign["value"]
        identity = {"organization_id": campaign.get("organization", "o"), "grain": campaign.get("grain", "CAMPAIGN")}
        identity |= {"currency": campaign.get("currency", "EUR"), "entity_id": f"META/{name}"}
        by_model = sold if isinstance(sold, dict) else dict.fromkeys(MODELS, sold)
        for n in range(30):
            day = identity | {"rollup_date": FIRST + timedelta(days=n)}
            days.append(day | {"model": "", "spend_micros": int(spend * EURO), "credit": 0, "value_micros": 0})
            for model, count in by_model.items():
                worth = int(count * price * EURO)
                won = {"model": model, "spend_micros": 0, "credit": int(count * CREDIT), "value_micros": worth}
                days += [day | won, day | won | {"grain": "ORGANIZATION", "entity_id": "o"}]
        for model, count in by_model.items():
            units.append(
                identity
                | {"window_start": FIRST, "window_end": LAST, "known_until": LAST, "goal": ""}
                | {"campaign_name": "", "adset_name": ""}
                | {"model": model, "platform": "META", "campaign_id": name}
                | {"adset_id": "", "ad_id": "", "name": campaign.get("name", name.title())}
                | {"impressions": 0, "clicks": campaign.get("clicks", 0), "spend_micros": int(30 * spend * EURO)}
                | {
                    "credit": int(30 * count * CREDIT),
                    "value_micros": int(30 * count * price * EURO),
                }
                | {"target_cpa_micros": campaign.get("cpa", 50 * EURO), "target_roas": campaign.get("roas")}
                | {"fit_id": campaign.get("fit", ""), "usual_cpa_micros": campaign.get("usual")}
                | {"is_tagged": campaign.get("tagged", 1), "is_ambiguous": campaign.get("ambiguous", 0)}
                | {"visits": campaign.get("visits", 0), "repeated_micros": campaign.get("repeated", 0) * EURO}
                | {name: campaign.get(name, 0) for name in ("landings", "engaged", "of_customers")}
            )
    schema = pa.schema(
        [(name, TYPES.get(name) or pa.infer_type([value])) for name, value in (units[0] if units else {}).items()]
    )
    return pa.Table.from_pylist(units, schema), pa.Table.from_pylist(days)


def found(**campaigns: Campaign) -> dict[str, dict[str, Any]]:
    return found_by("LAST_TOUCH", **campaigns)


def found_by(model: str, /, **campaigns: Campaign) -> dict[str, dict[str, Any]]:
    units, days = tables(**campaigns)
    rows = findings(judged(units, days, NO_LAGS)).to_pylist()
    return {row["campaign_id"]: row for row in rows if row["model"] == model}


GOOD: dict[str, Campaign] = {f"good{n}": {"sold": 2} for n in range(8)}


def test_findings_are_rows_of_the_declared_table() -> None:
    units, days = tables(bad={"sold": 0}, **GOOD)
    made = findings(judged(units, days, NO_LAGS))
    assert tuple(made.column_names) == WASTE_FINDINGS.column_names
    assert [(row["campaign_id"], row["model"], row["reason"]) for row in made.to_pylist()] == [
        ("bad", model, "no_conversions") for model in MODELS
    ]
    assert findings([]).schema == made.schema


def test_what_is_called_waste_is_the_expected_waste_of_grave_findings() -> None:
    rows = found(bad={"sold": 0}, dear={"sold": 0.3}, new={"spend": 2, "sold": 0}, **GOOD)
    assert {name: row["severity"] for name, row in rows.items()} == {"bad": "high", "dear": "high", "new": "low"}
    assert rows["bad"]["waste_micros"] == rows["bad"]["expected_waste_micros"] > 1300 * EURO
    assert rows["dear"]["waste_low_micros"] < rows["dear"]["waste_micros"] < rows["dear"]["waste_high_micros"]
    assert (rows["new"]["reason"], rows["new"]["waste_micros"]) == ("insufficient_data", 0)
    assert rows["new"]["expected_waste_micros"] > 0


def test_what_no_visit_names_is_untagged_and_nobody_is_told_to_pause_it() -> None:
    row = found(bad={"sold": 0, "tagged": 0}, **GOOD)["bad"]
    assert (row["reason"], row["severity"], row["waste_micros"], row["p_over_millionths"]) == (
        "untagged",
        "low",
        0,
        None,
    )
    said = json.loads(row["explanation"])
    assert said["recommendation"]["action"] == "fix_tags"
    assert said["recommendations"][0].startswith("Check its tags: no visit in the window names it")


def test_what_another_model_finds_good_is_not_to_be_paused() -> None:
    """LAST_TOUCH gives it nothing, LINEAR what it needs: it assists."""
    rows = found(bad={"sold": {"LAST_TOUCH": 0, "LINEAR": 2}}, **GOOD)
    row = rows["bad"]
    assert (row["reason"], row["severity"], row["waste_micros"]) == ("model_dependent", "low", 0)
    said = json.loads(row["explanation"])
    assert said["recommendations"][0].startswith("Do not pause it on this model alone")
    assert said["attribution"]["otherModels"] == {"LINEAR": 60.0}
    assert said["uncertainty"]["pOverByOtherModels"]["LINEAR"] < 0.5


def test_days_without_anybodys_orders_are_no_finding_of_waste() -> None:
    units, days = tables(bad={"sold": 0}, **GOOD)
    rows = days.to_pylist()
    for row in rows:
        if row["rollup_date"] > FIRST + timedelta(days=9):
            row["credit"] = 0
    made = findings(judged(units, pa.Table.from_pylist(rows, days.schema), NO_LAGS)).to_pylist()
    assert {(row["reason"], row["waste_micros"]) for row in made} == {("tracking_break", 0)}


def test_targets_come_from_the_user_else_a_fit_else_siblings() -> None:
    rows = found(
        own={"sold": 0},
        fitted={"sold": 0, "cpa": None, "usual": 40 * EURO, "fit": "f1"},
        alone={"sold": 0, "cpa": None},
        **GOOD,
    )
    said = {name: json.loads(row["explanation"])["expected"] for name, row in rows.items()}
    assert {name: one["targetSource"] for name, one in said.items()} == {
        "own": "user", "fitted": "fit", "alone": "siblings",
    }  # fmt: skip
    assert (said["own"]["cpa"], said["fitted"]["cpa"]) == ("50.00", "40.00")
    assert {name: (row["severity"], row["fit_id"]) for name, row in rows.items()} == {
        "own": ("high", ""), "fitted": ("medium", "f1"), "alone": ("medium", ""),
    }  # fmt: skip


def test_a_campaign_is_judged_in_its_own_currency_and_organization() -> None:
    rows = found(dollars={"currency": "USD", "sold": 0}, theirs={"organization": "p", "sold": 0}, **GOOD)
    assert {name: row["reason"] for name, row in rows.items()} == {
        "dollars": "no_conversions", "theirs": "tracking_break",
    }  # fmt: skip


def test_value_below_its_target_is_a_finding() -> None:
    valued = {name: unit | {"value": 90, "roas": 1.5} for name, unit in GOOD.items()}
    rows = found(poor={"sold": 2, "value": 5, "roas": 1.5}, **valued)
    assert {name: row["reason"] for name, row in rows.items()} == {"poor": "low_roas"}


def test_names_are_never_blank_and_never_two_alike() -> None:
    bad = {"sold": 0}
    rows = found(a=bad | {"name": "Living Room"}, b=bad | {"name": "Living Room"}, c=bad | {"name": " "}, **GOOD)
    assert [row["name"] for row in rows.values()] == ["Living Room (META/a)", "Living Room (META/b)", "META/c"]


def test_an_explanation_has_every_key_and_is_the_same_again() -> None:
    campaigns = {"it's": {"sold": 0}, **GOOD}
    row = found(**campaigns)["it's"]
    assert row["explanation"] == found(**campaigns)["it's"]["explanation"]
    said = json.loads(row["explanation"])
    assert said["schema"] == "waste.explanation/1"
    assert said["id"] == row["finding_id"]
    assert said["period"] == {"startDate": "2026-01-01", "endDate": "2026-01-30"}
    assert said["metrics"] == {
        "spend": 1500.0, "conversions": 0.0, "cpa": None, "roas": 0.0, "targetCpa": 50.0, "targetRoas": None,
    }  # fmt: skip
    assert said["thresholds"] == {"minConversions": 1, "maxCpa": 50.0, "minRoas": None}
    assert said["expected"] == {
        "cpa": "50.00", "targetSource": "user", "conversionsByNow": 30.0, "lagMaturity": 1.0,
    }  # fmt: skip
    assert said["recommendation"] == {"action": "pause", "recheckAt": "2026-02-06"}
    assert said["subject"]["ids"] == {"campaign_id": "it's"}
    assert float(said["money"]["interval80"][0]) < float(said["money"]["expectedWaste"])
    assert "entity_id = 'META/it''s'" in said["evidence"]["query"]
    assert set(said) >= {"uncertainty", "missing", "attribution", "recommendations", "reason", "severity"}


def test_what_is_missing_says_when_to_look_again() -> None:
    said = json.loads(found(new={"spend": 2, "sold": 0}, **GOOD)["new"]["explanation"])
    assert said["missing"] == {"days": 45, "spend": "90.00", "conversions": 1.8}
    assert said["recommendation"] == {"action": "wait", "recheckAt": "2026-03-16"}


@pytest.mark.parametrize("reason", ["no_conversions", "high_cpa", "low_roas"])
def test_every_severity_of_a_reason_has_advice_of_its_own(reason: str) -> None:
    said = [advice(reason, severity).steps for severity in ("high", "medium", "low")]
    assert each(said)
    assert len(set(said)) == 3


def test_an_id_stays_the_same_whatever_the_numbers() -> None:
    first = found(bad={"sold": 0}, **GOOD)["bad"]["finding_id"]
    assert found(bad={"sold": 0, "spend": 70, "name": "Renamed"}, **GOOD)["bad"]["finding_id"] == first
    assert (first[:2], len(first)) == ("w_", 18)
    assert found_by("LINEAR", bad={"sold": 0}, **GOOD)["bad"]["finding_id"] != first


def test_a_target_of_value_says_nothing_where_no_value_is_recorded() -> None:
    rows = found(bad={"sold": 0, "cpa": None, "roas": 2.0}, **{name: one | {"cpa": None} for name, one in GOOD.items()})
    assert rows["bad"]["expected_waste_micros"] > 0
    assert json.loads(rows["bad"]["explanation"])["uncertainty"]["pOver"] > 0.9
