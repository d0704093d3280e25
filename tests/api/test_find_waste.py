"""``touchline.find_waste``: what each unit is told, what holds judgements back, and what is refused."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import touchline as tl
from tests.quantifiers import each
from tests.waste.accounts import SHAPES, TARGET, account
from touchline.errors import InputError, UsageError

DAYS = [date(2026, 6, 1) + timedelta(days=n) for n in range(30)]
COLUMNS = [
    "unit", "reason", "severity", "p_over", "expected_waste", "interval_low", "interval_high", "maturity", "missing",
]  # fmt: skip
Unit = dict[str, Any]


def daily(**units: Unit) -> pa.Table:
    """By unit, ``spend`` and ``sold`` a day, ``value`` of one, the number of ``days`` up to the last."""
    rows = [
        {
            "unit": name,
            "parent": unit.get("parent", "p"),
            "date": day,
            "spend": float(unit.get("spend", 50)),
            "conversions": float(unit.get("sold", 1)),
            "value": float(unit.get("sold", 1) * unit.get("value", 0)),
        }
        for name, unit in units.items()
        for day in DAYS[-unit.get("days", 30) :]
    ]
    return pa.Table.from_pylist(rows)


def told(table: Any, **arguments: Any) -> dict[str, Unit]:
    return {row["unit"]: row for row in tl.find_waste(table, **arguments).to_pylist()}


GOOD = {f"good{n}": {"sold": 2} for n in range(8)}


def test_every_unit_has_one_row_in_the_order_of_its_first() -> None:
    made = tl.find_waste(daily(b={}, a={"sold": 0}, **GOOD), target_cpa=50)
    assert made.column_names == COLUMNS
    assert made["unit"].to_pylist() == ["b", "a", *GOOD]


def test_each_reason_is_found() -> None:
    found = told(
        daily(none={"sold": 0}, dear={"sold": 0.2, "value": 500}, poor={"sold": 2, "value": 5},
              new={"sold": 0, "days": 2, "spend": 20},
              **{name: unit | {"value": 80} for name, unit in GOOD.items()}),
        target_cpa=50, target_roas=1.5,
    )  # fmt: skip
    assert {name: (found[name]["reason"], found[name]["severity"]) for name in ("none", "dear", "poor", "good0")} == {
        "none": ("no_conversions", "high"),
        "dear": ("high_cpa", "high"),
        "poor": ("low_roas", "high"),
        "good0": (None, None),
    }
    assert found["new"]["reason"] == found["new"]["severity"] == "insufficient_data"


def test_what_is_missing_is_said_in_days_spend_and_conversions() -> None:
    """Two days at 20: of 3 conversions at 50, 0.8 were due; 110 more at 20 a day takes 6 days; 7 days need 5."""
    found = told(daily(new={"sold": 0, "days": 2, "spend": 20}, **GOOD), target_cpa=50)
    lacks = found["new"]["missing"]
    assert (lacks["days"], lacks["target"]) == (6, None)
    assert (lacks["spend"], lacks["conversions"]) == (pytest.approx(110), pytest.approx(2.2))
    assert found["good0"]["missing"] is None


def test_a_young_unit_waits_however_much_it_spends() -> None:
    found = told(daily(new={"sold": 0, "days": 3, "spend": 900}, **GOOD), target_cpa=50)
    assert (found["new"]["reason"], found["new"]["missing"]["days"]) == ("insufficient_data", 4)


def test_slow_conversions_make_a_unit_wait_longer() -> None:
    """80 % of conversions are in after 20 days, so 12 days are too few."""
    curve = np.minimum(1, np.arange(1, 27) / 26)
    found = told(daily(new={"sold": 0, "days": 12, "spend": 90}, **GOOD), target_cpa=50, lag_cdf=curve)
    assert (found["new"]["reason"], found["new"]["missing"]["days"]) == ("insufficient_data", 9)


def test_one_unlucky_conversion_is_not_high() -> None:
    """110 spent at a target of 50 brings one conversion or none in 35 % of cases."""
    found = told(daily(unlucky={"sold": 1 / 30, "spend": 110 / 30}, **GOOD), target_cpa=50)
    assert found["unlucky"]["reason"] == "insufficient_data"
    assert found["unlucky"]["p_over"] < 0.9


def test_conversions_that_are_still_to_come_are_not_missed() -> None:
    """A unit on target whose conversions take a while looks bad by cost per conversion so far, and is not."""
    curve = np.minimum(1, np.arange(1, 15) / 15)
    in_by_now = curve[np.minimum(np.arange(30)[::-1], 13)]
    table = daily(**{f"u{n}": {"spend": 200} for n in range(10)})
    table = table.set_column(4, "conversions", pa.array(np.tile(4 * in_by_now, 10)))
    assert {row["reason"] for row in told(table, target_cpa=55, lag_cdf=curve).values()} == {None}
    assert "high_cpa" in {row["reason"] for row in told(table, target_cpa=55).values()}


def test_the_maturity_is_the_share_of_conversions_that_are_in() -> None:
    found = told(daily(a={"days": 2}, b={}), target_cpa=50, lag_cdf=[0.25, 0.75, 1.0])
    assert found["a"]["maturity"] == pytest.approx(0.5)
    assert found["b"]["maturity"] == pytest.approx((0.25 + 0.75 + 28) / 30)


def test_the_day_of_the_judgement_ages_all_days() -> None:
    found = told(daily(a={"days": 2}), target_cpa=50, lag_cdf=[0.25, 0.75, 1.0], as_of=DAYS[-1] + timedelta(days=1))
    assert found["a"]["maturity"] == pytest.approx(0.875)


@pytest.mark.parametrize("broken_days", [20, 4])
def test_days_without_anybodys_conversions_suppress_everything(broken_days: int) -> None:
    table = daily(bad={"sold": 0}, **GOOD)
    is_sold = np.tile(np.arange(30) < 30 - broken_days, 9)
    table = table.set_column(4, "conversions", pa.array(table["conversions"].to_numpy() * is_sold))
    found = told(table, target_cpa=50).values()
    assert {(row["reason"], row["severity"], row["p_over"], row["expected_waste"]) for row in found} == {
        ("tracking_break", "suppressed", None, 0.0)
    }


def test_one_broken_day_is_left_out() -> None:
    table = daily(bad={"sold": 0}, **GOOD)
    whole = told(table, target_cpa=50)["bad"]["expected_waste"]
    is_sold = np.tile(np.arange(30) != 12, 9)
    table = table.set_column(4, "conversions", pa.array(table["conversions"].to_numpy() * is_sold))
    found = told(table, target_cpa=50)
    assert found["bad"]["expected_waste"] == pytest.approx(whole * 29 / 30, rel=0.01)
    assert found["good0"]["reason"] is None


def test_a_quiet_account_is_not_a_broken_one() -> None:
    """One conversion in ten days: gaps of nine days are as expected."""
    table = daily(a={"spend": 5}, b={"spend": 5})
    is_sold = np.tile(np.arange(30) % 10 == 0, 2)
    table = table.set_column(4, "conversions", pa.array(table["conversions"].to_numpy() * is_sold))
    assert "tracking_break" not in {row["reason"] for row in told(table, target_cpa=50).values()}


@pytest.mark.parametrize("target", [50, None])
def test_no_conversion_of_anybody_is_no_finding(target: float | None) -> None:
    found = told(daily(a={"sold": 0}, b={"sold": 0}), target_cpa=target)
    assert {row["reason"] for row in found.values()} == {"tracking_break"}


def test_without_a_target_the_stand_in_is_said_and_nothing_is_high() -> None:
    found = told(daily(bad={"sold": 0, "spend": 90}, **GOOD))
    assert found["bad"]["severity"] == "medium"
    assert len({row["missing"]["target"] for row in found.values()}) == 1
    assert found["bad"]["missing"]["target"] == pytest.approx(25, rel=0.2)


def test_spend_of_nothing_is_not_judged() -> None:
    found = told(daily(idle={"spend": 0, "sold": 0}, **GOOD), target_cpa=50)["idle"]
    assert (found["reason"], found["p_over"], found["expected_waste"], found["maturity"]) == (None, None, 0.0, 1.0)


def test_siblings_speak_before_a_units_own_conversions_do() -> None:
    bad = {f"bad{n}": {"sold": 0.1, "parent": "bad"} for n in range(12)}
    new = {"days": 8, "spend": 5, "sold": 0}
    found = told(daily(a=new | {"parent": "bad"}, b=new, **bad, **GOOD), target_cpa=50)
    assert found["a"]["p_over"] > found["b"]["p_over"] + 0.1


def test_another_currency_unit_changes_only_the_money() -> None:
    made = account(SHAPES["around the target"], 3)
    cents = made.daily.set_column(3, "spend", pa.array(made.daily["spend"].to_numpy() * 100))
    euros = tl.find_waste(made.daily, target_cpa=TARGET, lag_cdf=made.lag_cdf)
    small = tl.find_waste(cents, target_cpa=TARGET * 100, lag_cdf=made.lag_cdf)
    assert small["reason"] == euros["reason"]
    np.testing.assert_allclose(small["p_over"], euros["p_over"], rtol=1e-6)
    np.testing.assert_allclose(small["expected_waste"], np.asarray(euros["expected_waste"]) * 100, rtol=1e-6)


def test_the_order_of_rows_and_the_split_of_a_day_change_nothing() -> None:
    made = account(SHAPES["two kinds"], 3)
    halves = made.daily.set_column(3, "spend", pa.array(made.daily["spend"].to_numpy() / 2))
    halves = pa.concat_tables([halves, halves.set_column(4, "conversions", pa.array([0] * len(halves)))])
    shuffled = halves.take(np.random.default_rng(1).permutation(len(halves)))
    one = told(made.daily, target_cpa=TARGET, lag_cdf=made.lag_cdf)
    other = told(shuffled, target_cpa=TARGET, lag_cdf=made.lag_cdf)
    assert {name: row["reason"] for name, row in other.items()} == {name: row["reason"] for name, row in one.items()}
    money, same = ([row["expected_waste"] for _, row in sorted(found.items())] for found in (one, other))
    np.testing.assert_allclose(money, same, rtol=1e-6)


@pytest.mark.parametrize("given", [duckdb.from_arrow, pa.Table.to_reader])
def test_any_table_will_do(given: Any) -> None:
    table = daily(bad={"sold": 0}, **GOOD)
    assert tl.find_waste(given(table), target_cpa=50).to_pylist() == tl.find_waste(table, target_cpa=50).to_pylist()


@pytest.mark.parametrize("kind", [pa.int32(), pa.string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
def test_a_unit_keeps_its_type(kind: pa.DataType) -> None:
    table = daily(a={}, b={"sold": 0})
    names = pa.array([str(n // 30) for n in range(60)]).cast(pa.int32() if kind == pa.int32() else pa.string())
    made = tl.find_waste(table.set_column(0, "unit", names.cast(kind)), target_cpa=50)
    assert made["unit"].type == (pa.string() if pa.types.is_dictionary(kind) else kind)
    assert [str(name) for name in made["unit"].to_pylist()] == ["0", "1"]


def test_numbers_may_be_integers_and_decimals_and_days_times() -> None:
    rows = [{"unit": "1", "date": datetime(2026, 6, 1), "spend": Decimal("9.50"), "conversions": 1}]  # noqa: DTZ001
    assert told(pa.Table.from_pylist(rows), target_cpa=50)["1"]["maturity"] == 1


def test_no_rows_are_no_units() -> None:
    made = tl.find_waste(daily(a={}).slice(0, 0), target_cpa=50)
    assert (made.num_rows, made.column_names) == (0, COLUMNS)


def test_more_units_than_the_prior_is_fitted_from_are_judged() -> None:
    chance = np.random.default_rng(1)
    spend = np.exp(chance.standard_normal(30_001)) * 300
    table = pa.table(
        {
            "unit": np.arange(30_001), "date": pa.array([DAYS[0]] * 30_001), "spend": spend,
            "conversions": chance.poisson(spend / 50),
        }
    )  # fmt: skip
    made = tl.find_waste(table, target_cpa=50, as_of=DAYS[-1])
    assert made["expected_waste"].to_numpy().sum() < 0.1 * spend.sum()


BAD: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"spend": [-1.0]}, {}, "daily.spend is -1 in one row; expected a number from 0 up in all 1"),
    ({"spend": [float("nan")]}, {}, "daily.spend is nan"),
    ({"conversions": [float("inf")]}, {}, "daily.conversions is inf"),
    ({"spend": ["5"]}, {}, "daily.spend is a number, not string"),
    ({"spend": pa.array([None], pa.float64())}, {}, "1 of 1 daily rows have no spend"),
    ({"unit": pa.array([None], pa.string())}, {}, "1 of 1 daily rows have no unit"),
    ({"unit": [1.5]}, {}, "daily.unit is text or an integer, not double"),
    ({"date": ["2026-01-01"]}, {}, "daily.date is a date, not string"),
    ({"date": pa.array([None], pa.date32())}, {}, "1 of 1 daily rows have no date"),
    ({"date": [datetime(2026, 1, 1, tzinfo=UTC)]}, {}, "daily.date is a date, not timestamp"),
    ({"date": [date(1990, 1, 1)]}, {"as_of": DAYS[0]}, "daily goes back 13300 days"),
    ({}, {"as_of": date(2026, 5, 1)}, "1 of 1 daily rows are later than as_of, 2026-05-01"),
    ({}, {"target_roas": 2}, "daily.value is 0 on every day"),
    ({"value": None}, {"target_roas": 2}, "daily lacks value, which target_roas is about"),
    ({"spend": None}, {}, "daily lacks spend; it has"),
]


@pytest.mark.parametrize(("columns", "arguments", "message"), BAD)
def test_a_table_that_cannot_be_judged_is_refused(
    columns: dict[str, Any], arguments: dict[str, Any], message: str
) -> None:
    row = {"unit": ["a"], "date": [DAYS[0]], "spend": [5.0], "conversions": [1.0], "value": [0.0]} | columns
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        tl.find_waste(pa.table({name: values for name, values in row.items() if values is not None}), **arguments)


def test_a_unit_has_one_parent() -> None:
    twice = pa.concat_tables([daily(a={"parent": "p"}), daily(a={"parent": "q"}, b={})])
    with pytest.raises(InputError, match="More than one parent: 1 unit, the first 'a'"):
        tl.find_waste(twice, target_cpa=50)


@pytest.mark.parametrize(
    "arguments",
    [
        {"target_cpa": 0}, {"target_cpa": -5}, {"target_cpa": float("nan")}, {"target_cpa": "50"},
        {"target_roas": True},
        {"lag_cdf": []}, {"lag_cdf": [0.5, 0.4]}, {"lag_cdf": [-0.1, 1]}, {"lag_cdf": [0.5, 1.1]}, {"lag_cdf": [0, 0]},
        {"lag_cdf": "slow"}, {"lag_cdf": [[0.5, 1.0]]}, {"lag_cdf": [float("nan")]}, {"as_of": "2026-06-30"},
    ],
)  # fmt: skip
def test_an_argument_out_of_range_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"{next(iter(arguments))} is a"):
        tl.find_waste(daily(a={}), **arguments)


def test_an_account_of_which_everything_is_bad_is_called_so() -> None:
    """Where hardly a unit is good, a share of the good ones is no bound: four times the target is no doubt."""
    days = [date(2026, 6, 1) + timedelta(days=day) for day in range(30)]
    for units in (5, 20):
        daily = pa.table(
            {
                "unit": [f"u{unit}" for unit in range(units) for _ in days],
                "date": days * units,
                "spend": [40.0] * 30 * units,
                "conversions": [(day + unit) % 5 == 0 for unit in range(units) for day in range(30)],
            }
        )
        daily = daily.set_column(3, "conversions", daily["conversions"].cast(pa.int64()))
        assert {row["reason"] for row in tl.find_waste(daily, target_cpa=50).to_pylist()} == {"high_cpa"}


@pytest.mark.filterwarnings("error")
def test_value_without_a_conversion_is_no_value_of_one() -> None:
    daily = pa.table({"unit": ["u"], "date": [date(2026, 6, 1)], "spend": [40.0], "conversions": [0], "value": [1.0]})
    (row,) = tl.find_waste(daily, target_cpa=50).to_pylist()
    assert row["reason"] == "insufficient_data"


def test_conversions_before_any_are_expected_say_nothing_of_what_one_costs() -> None:
    """The curve says that nothing is in by the day of the click, and there are clicks of that day alone."""
    found = told(daily(new={"days": 1}, newer={"days": 1, "sold": 0}), lag_cdf=[0.0, 1.0])
    assert {row["reason"] for row in found.values()} == {"insufficient_data"}
    assert {row["p_over"] for row in found.values()} == {None}


AMOUNTS = st.one_of(st.just(0.0), st.floats(1e-6, 1e9))
UNITS = st.sampled_from([("a", "p"), ("b", "p"), ("c", "q")])
ROWS = st.tuples(UNITS, st.sampled_from(DAYS[-6:]), AMOUNTS, AMOUNTS, AMOUNTS)
CURVES = st.none() | st.lists(st.sampled_from([0.0, 1e-9, 0.1, 0.5, 1.0]), min_size=1, max_size=4).map(
    lambda shares: [*sorted(shares), 1.0]
)
TARGETS = st.none() | st.floats(1e-3, 1e6)


@given(st.lists(ROWS, min_size=1, max_size=12), CURVES, TARGETS, TARGETS)
def test_any_amounts_under_any_curve_are_judged_or_said_to_be_too_few(
    rows: list[tuple[Any, ...]], curve: list[float] | None, target_cpa: float | None, target_roas: float | None
) -> None:
    names = ("unit", "parent", "date", "spend", "conversions", "value")
    table = pa.Table.from_pylist([dict(zip(names, (*unit, *row), strict=True)) for unit, *row in rows])
    if target_roas is not None and not any(row[-1] for row in rows):
        target_roas = None
    found = told(table, lag_cdf=curve, target_cpa=target_cpa, target_roas=target_roas)
    assert set(found) == {unit for (unit, _), *_ in rows}
    for row in found.values():
        assert row["p_over"] is None or 0 <= row["p_over"] <= 1
        amounts = [row[name] for name in ("interval_low", "expected_waste", "interval_high")]
        assert each(amount is None or math.isfinite(amount) for amount in amounts)
