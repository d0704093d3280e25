"""A stop or collapse of a volume is a signal; an ordinary weekend, a quiet day, and a day that goes on are none."""

from datetime import date, timedelta
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import gamma, poisson

from tests.benchmarks.health_alarms import (
    PER_DAY,
    STOP,
    stable_rates,
    stable_volumes,
    stopped_volumes,
    volumes_in_heaps,
)
from touchline.health.volume_limits import WINDOWS, collapses
from touchline.health.volume_signals import judged_volumes

FIRST = date(2026, 1, 5)
SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("organization_id", "site_id", "measure", "goal")]
    + [("period", pa.date32()), ("volume", pa.int64())]
)


def rows(measure: str, goal: str, counts: list[int], site: str = "s") -> list[dict[str, Any]]:
    """A series as it is stored: a day without any has no row."""
    return [
        {"organization_id": "o", "site_id": site, "measure": measure, "goal": goal, "volume": count}
        | {"period": FIRST + timedelta(days=day)}
        for day, count in enumerate(counts)
        if count
    ]


def found(*series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ordered = sorted(chain(*series), key=lambda row: [row[name] for name in SCHEMA.names])
    return judged_volumes(pa.Table.from_pylist(ordered, SCHEMA))[1]


STEADY = [19, 21] * 15


def test_orders_that_stop_for_20_days_are_a_signal_on_each_of_them_and_one_stop() -> None:
    signals = found(rows("landings", "", [200] * 60), rows("conversions", "purchase", STEADY + [0] * 20 + [20] * 10))
    assert [(row["period"] - FIRST).days for row in signals] == list(range(30, 50))
    assert {(row["measure"], row["goal"], row["direction"], (row["since"] - FIRST).days) for row in signals} == {
        ("conversions", "purchase", "below", 30)
    }
    assert [row["value"] for row in signals] == [0.0] * 20
    assert {round(row["centre"]) for row in signals[:14]} == {20}
    assert 0 < signals[0]["lower_limit"] <= signals[0]["centre"] / 2


def test_each_goal_and_each_site_is_a_series_of_its_own() -> None:
    landings = [rows("landings", "", [200] * 35, site) for site in "st"]
    stopped = rows("conversions", "lead", STEADY + [0] * 5, "t")
    others = [rows("conversions", "lead", STEADY + [20] * 5, "s"), rows("conversions", "sale", STEADY + [20] * 5, "t")]
    assert {(row["site_id"], row["goal"]) for row in found(*landings, stopped, *others)} == {("t", "lead")}


def test_days_without_any_event_are_a_stop_of_everything_once_events_come_again() -> None:
    silence = STEADY + [0] * 10 + [20]
    assert {row["measure"] for row in found(rows("landings", "", silence), rows("conversions", "sale", silence))} == {
        "landings",
        "conversions",
    }


@pytest.mark.parametrize(("landings", "orders", "signalled"), [(5, 0, []), (200, 0, []), (200, 8, [])])
def test_a_newest_day_that_may_go_on_is_no_signal_alone(landings: int, orders: int, signalled: list[int]) -> None:
    found_rows = found(rows("landings", "", [200] * 30 + [landings]), rows("conversions", "sale", [*STEADY, orders]))
    assert [(row["period"] - FIRST).days for row in found_rows] == signalled


def test_a_full_stop_reaches_into_the_newest_day_as_far_as_its_landings_do() -> None:
    usual = [3, 4] * 15
    assert collapses(np.array([*usual, 0, 0, 0]), 0.0) == []
    assert [one.day for one in collapses(np.array([*usual, 0, 0, 0]), 1.0)] == [32]
    assert collapses(np.array([*usual, 0, 0, 1]), 1.0) == collapses(np.array([*usual, 0, 0, 1]), 0.0)


def test_a_window_is_as_improbable_as_a_plain_simulation_of_its_rate_says() -> None:
    """The probability that decides is that of Poisson counts whose rate the baseline leaves open."""
    rng = np.random.default_rng(5)
    rates = gamma.rvs(28 * 4 + 0.5, scale=1 / 28, size=400_000, random_state=rng)
    for width, tail in WINDOWS.items():
        probabilities = [float(poisson.cdf(count, rates * width).mean()) for count in range(2 * width + 1)]
        most = max((count for count, chance in enumerate(probabilities) if chance < tail), default=-1)
        for count in range(2 * width + 1):
            if probabilities[count] / tail > 1.2 or probabilities[count] / tail < 0.8:
                window = [count] + [0] * (width - 1)
                days = np.array([4] * 28 + window)
                is_found = any(one.day == len(days) - 1 for one in collapses(days))
                assert is_found >= (count <= most), (width, count)


def test_an_ordinary_weekend_is_no_signal_and_a_weekday_like_a_weekend_is() -> None:
    week = [100, 100, 100, 100, 100, 20, 15]
    assert collapses(np.array(week * 8)) == []
    assert [one.day for one in collapses(np.array(week * 8 + [20]))] == [56]


def test_a_young_or_empty_series_has_no_signals() -> None:
    assert collapses(np.array([20] * 13 + [0, 0])) == []
    assert len(collapses(np.array([20] * 14 + [0, 0]))) == 1
    assert collapses(np.array([], dtype=np.int64)) == []
    assert found() == []


def test_half_has_to_be_missing() -> None:
    assert collapses(np.array([1000] * 30 + [520])) == []
    assert [one.day for one in collapses(np.array([1000] * 30 + [480]))] == [30]


def test_what_stays_away_for_good_becomes_usual_after_three_to_four_weeks() -> None:
    signalled = [one.day - 30 for one in collapses(np.array([20] * 30 + [0] * 90))]
    assert 20 <= len(signalled) <= 28
    assert signalled == list(range(len(signalled)))


def test_stable_series_are_rarely_signalled() -> None:
    """At most 2 % in the long run; of 100 series, 6 are too many with a chance of less than 2 %."""
    rng = np.random.default_rng(3)
    for row in stable_volumes(rng, 100, PER_DAY).rows:
        assert max(row[1]) <= 0.06, row
    shares = [cells for _, cells in stable_rates(rng, 12).rows]
    assert float(np.mean(shares)) <= 0.02


@pytest.mark.parametrize(("per_day", "within", "least"), [(10, 2, 0.98), (2, 5, 0.88)])
def test_a_stop_is_signalled_in_time(per_day: float, within: int, least: float) -> None:
    """The bars are 99 % and 90 % of many series, as ``python -m tests.benchmarks.health_alarms`` shows; here of 300."""
    assert STOP >= 28
    for pattern in ("flat", "weekends"):
        assert stopped_volumes(np.random.default_rng(4), 300, per_day, within, pattern) >= least


def test_orders_that_come_in_heaps_are_rarely_a_stop() -> None:
    """With none on 40 % of days, at random, every such series was one: no distribution of sums holds such heaps.

    Of 200 series that have 2 % in the long run, 11 have one with a chance of less than 1 %; at 2 a day few more do, as
    days without any are then as many as by chance, and stops have to be seen.
    """
    for what, (few, some, many) in volumes_in_heaps(np.random.default_rng(2), 200, (0.2, 0.3, 0.4, 0.8)).rows:
        assert few <= 0.08, what
        assert max(some, many) <= 0.05, what


def test_a_first_day_without_any_is_a_signal_alone_after_four_weeks_without_one() -> None:
    """A fifth of series that are empty on a fifth of days have their first empty day after two weeks or later."""
    assert collapses(np.array([20] * 27 + [0])) == []
    assert [one.day for one in collapses(np.array([20] * 28 + [0]))] == [28]
    assert [one.day for one in collapses(np.array([20] * 26 + [0, 0]))] == [27]


def test_quiet_weekdays_without_any_do_not_excuse_a_stop_on_other_days() -> None:
    week = [12, 13, 12, 13, 11, 5, 4]
    empty_sunday = [*week[:6], 0]
    usual = [*week * 2, *empty_sunday * 2, *week * 2]
    assert [one.day for one in collapses(np.array([*usual, 0, 0]))] == [42, 43]


def test_a_stop_before_a_deep_weekend_is_signalled_in_time() -> None:
    """Both days of the stop may be quiet ones, of which four weeks know little: eight say how weekdays differ."""
    assert stopped_volumes(np.random.default_rng(4), 500, 10, 2, "deep weekends") >= 0.96


def test_a_shop_that_is_closed_on_weekends_has_a_stop_on_its_first_weekday_without_orders() -> None:
    week = [20, 20, 20, 20, 20, 0, 0]
    assert collapses(np.array(week * 8)) == []
    assert [one.day for one in collapses(np.array(week * 8 + [0, 0]))] == [56, 57]
