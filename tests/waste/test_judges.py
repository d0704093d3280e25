"""A defect is found where it is and nowhere else: clicks that do not arrive, costs told twice, raised budgets."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import touchline as tl
from tests.waste.accounts import Account, Shape, account
from tests.waste.test_findings import found
from touchline.waste.posterior import discovered
from touchline.waste.words import advice

GOOD = {f"good{n}": {"clicks": 900, "visits": 800} for n in range(8)}
BAD = {"sold": 0, "spend": 90}


def reason(**one: Any) -> str | None:
    said = found(one=one, **GOOD)
    assert set(said) <= {"one"}
    return said["one"]["reason"] if said else None


def test_clicks_that_do_not_arrive_are_a_leak_and_no_waste() -> None:
    said = found(leaks=BAD | {"clicks": 1000, "visits": 90}, **GOOD)["leaks"]
    assert (said["reason"], said["severity"], said["waste_micros"]) == ("click_leak", "low", 0)
    assert not any(step.startswith("Pause") for step in json.loads(said["explanation"])["recommendations"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"clicks": 1000, "visits": 850}, None),
        ({"clicks": 90, "visits": 9}, None),
        ({"clicks": 0, "visits": 9}, None),
        ({"clicks": 1000, "visits": 0, "tagged": 0, "sold": 0}, "untagged"),
        (BAD | {"clicks": 1000, "visits": 850}, "no_conversions"),
        ({"clicks": 1000, "visits": 90}, "click_leak"),
    ],
)  # fmt: skip
def test_a_leak_needs_clicks_that_are_counted_and_visits_that_are_few(
    given: dict[str, Any], expected: str | None
) -> None:
    assert reason(**given) == expected


def test_what_keeps_all_visits_from_being_seen_is_no_leak_of_one() -> None:
    """Half of the visitors refuse to be counted, on every campaign."""
    few = {f"good{n}": {"clicks": 900, "visits": 300} for n in range(8)}
    assert found(one={"clicks": 1000, "visits": 300}, **few) == {}


def test_one_unit_alone_cannot_leak_as_nothing_says_how_many_clicks_arrive() -> None:
    said = found(alone={"clicks": 1000, "visits": 300})["alone"]
    assert (said["reason"], said["severity"], said["waste_micros"]) == ("insufficient_data", "low", 0)
    assert (said["p_over_millionths"], said["expected_waste_micros"]) == (None, None)
    assert json.loads(said["explanation"])["recommendations"][0].startswith("Few of its clicks arrive, but no other")
    assert found(alone={"clicks": 1000, "visits": 600}) == {}
    assert found(alone={"clicks": 1000, "visits": 0}) == {}


def test_costs_that_are_stated_twice_are_to_be_loaded_again() -> None:
    said = found(twice=BAD | {"repeated": 1350}, **GOOD)["twice"]
    assert (said["reason"], said["severity"], said["waste_micros"]) == ("duplicate_costs", "low", 0)
    assert json.loads(said["explanation"])["recommendation"]["action"] == "load_costs"
    assert reason(**BAD, repeated=100) == "no_conversions"


def raised(further: float, seed: int) -> Account:
    """An account of good units, of which the first five get twice the budget after 30 of 60 days.

    :param further: how often the further spend converts, compared with the spend before.
    """
    made = account(Shape(lambda _, parents: np.full(len(parents), 0.5), units=40, days=60, daily_spend=40.0), seed)
    chance = np.random.default_rng(seed)
    spend, sold = (made.daily[name].to_numpy().reshape(40, 60).copy() for name in ("spend", "conversions"))
    more = spend[:5, 30:] * 1.5
    sold = sold.astype(float)
    sold[:5, 30:] += chance.poisson(further * more / 25)
    spend[:5, 30:] += more
    days = [date(2026, 3, 1) + timedelta(days=n) for n in range(60)]
    daily = pa.table({"unit": np.repeat(np.arange(40), 60), "date": pa.array(days * 40), "spend": spend.ravel(),
                      "conversions": sold.ravel()})  # fmt: skip
    return replace(made, daily=daily, spend=spend, conversions=sold)


@pytest.mark.parametrize(("further", "least", "most"), [(0.0, 12, 25), (1.0, 0, 1)])
def test_a_budget_that_was_raised_in_vain_is_a_shift(further: float, least: int, most: int) -> None:
    """Of 25 units in five accounts whose budget was raised; of the others, none."""
    shifted = []
    for seed in range(5):
        one = raised(further, seed)
        made = tl.find_waste(one.daily, target_cpa=50, lag_cdf=one.lag_cdf)
        assert set(made["reason"].to_pylist()) <= {None, "efficiency_shift", "insufficient_data"}
        shifted += [n for n, why in enumerate(made["reason"].to_pylist()) if why == "efficiency_shift"]
        assert set(made["severity"].to_pylist()) <= {None, "low", "insufficient_data"}
    assert least <= sum(n < 5 for n in shifted) <= most
    assert sum(n >= 5 for n in shifted) <= 1
    assert advice("efficiency_shift", "low").action == "reduce_budget"


STAY = {f"good{n}": {"landings": 400, "engaged": 240, "of_customers": 40} for n in range(8)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (BAD | {"landings": 400, "engaged": 20}, "invalid_traffic"),
        (BAD | {"landings": 400, "engaged": 60}, "no_conversions"),
        (BAD | {"landings": 90, "engaged": 0}, "no_conversions"),
        ({"sold": 0.3, "landings": 400, "engaged": 5}, "invalid_traffic"),
        ({"landings": 400, "engaged": 5}, None),
    ],
)
def test_paid_visitors_who_do_not_stay_explain_what_is_wasted(given: dict[str, Any], expected: str | None) -> None:
    said = found(one=given, **STAY)
    assert (said["one"]["reason"] if said else None) == expected


def test_invalid_traffic_is_waste_of_which_nobody_knows_where_it_comes_from() -> None:
    plain = found(one=BAD | {"landings": 400, "engaged": 60}, **STAY)["one"]
    said = found(one=BAD | {"landings": 400, "engaged": 20}, **STAY)["one"]
    assert said["waste_micros"] == plain["waste_micros"] > 0
    told = json.loads(said["explanation"])
    assert told["recommendation"]["action"] == "investigate"
    assert "refund of invalid clicks" in told["recommendations"][1]
    alone = found(one=BAD | {"landings": 400, "engaged": 0}, **GOOD)["one"]
    assert alone["reason"] == "no_conversions"  # nothing shows how many visitors stay


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"landings": 400, "engaged": 240, "of_customers": 300}, "already_customer"),
        ({"landings": 400, "engaged": 240, "of_customers": 210}, None),
        ({"landings": 90, "engaged": 60, "of_customers": 90}, None),
        (BAD | {"landings": 400, "engaged": 240, "of_customers": 400}, "no_conversions"),
    ],
)
def test_ads_that_customers_see_are_named_and_not_called_waste(given: dict[str, Any], expected: str | None) -> None:
    said = found(one=given, **STAY)
    assert (said["one"]["reason"] if said else None) == expected
    if expected == "already_customer":
        assert (said["one"]["severity"], said["one"]["waste_micros"]) == ("low", 0)
        assert json.loads(said["one"]["explanation"])["recommendations"][0].startswith("Exclude customers, if")


def test_where_all_campaigns_reach_customers_none_stands_out() -> None:
    regulars = {f"good{n}": {"landings": 400, "engaged": 240, "of_customers": 280} for n in range(8)}
    assert found(**regulars) == {}


def test_few_of_many_units_stand_out_by_chance() -> None:
    """Chances of units with which nothing is wrong: in most accounts none is found, and bad ones are."""
    chance = np.random.default_rng(5)
    draws = [chance.random(200) for _ in range(200)]
    every = np.ones(200, bool)
    found_in = [int(discovered(draw, every).sum()) for draw in draws]
    assert np.mean([count > 0 for count in found_in]) <= 0.08
    some = np.concatenate([np.full(20, 1e-5), draws[0]])
    assert discovered(some, np.ones(220, bool)).sum() >= 20
    assert not discovered(some, np.zeros(220, bool)).any()
