"""Which days are signals: enough days, enough behind each, outside the limits, and far enough to matter."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from scipy.stats import binom

from touchline.health.rate_limits import TAIL
from touchline.health.signals import LEAST_CHANGE, SHORTEST, SMALLEST, limits_of_rates, signals
from touchline.tables import HEALTH_SIGNALS

SERIES = {"organization_id": "o", "site_id": "s", "channel": "", "measure": "any_rate"}
SCHEMA = pa.schema(
    [(name, pa.string()) for name in SERIES]
    + [("period", pa.date32()), ("numerator", pa.int64()), ("denominator", pa.int64()), ("fit_id", pa.string())]
    + [(name, pa.float64()) for name in ("centre", "lower_limit", "upper_limit")]
)


def days(*rates: tuple[int, int], **series: str) -> list[dict[str, Any]]:
    return [
        {
            **SERIES,
            "fit_id": "",
            **series,
            "period": date(2026, 1, 1) + timedelta(days=n),
            "numerator": part,
            "denominator": whole,
        }
        for n, (part, whole) in enumerate(rates)
    ]


FIT = "PROCESS_LIMITS/o/2025-12-31/v1"
WINDOWS = {FIT: (date(2025, 10, 3), date(2025, 12, 31))}


def limits(rows: list[dict[str, Any]]) -> pa.Table:
    return limits_of_rates(pa.Table.from_pylist(rows, SCHEMA), WINDOWS)


def found(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return signals(limits(rows))


def shown(rows: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(row["period"].day, row["direction"]) for row in found(rows)]


STEADY = [(80, 100), (82, 100)] * 6
"""The centre is about 0.81; of 100 cases, as many as 65 to 94 come by chance on all but 3 days of 20,000."""


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ((0, 100), [(13, "below")]),
        ((100, 100), [(13, "above")]),
        ((64, 100), [(13, "below")]),
        ((67, 100), []),
        ((81, 100), []),
    ],
)
def test_a_day_outside_the_limits_is_a_signal_with_its_direction(
    rate: tuple[int, int], expected: list[tuple[int, str]]
) -> None:
    assert shown(days(*STEADY, rate)) == expected


def test_a_signal_carries_the_day_and_the_limits() -> None:
    (row,) = found(days(*STEADY, (20, 100)))
    assert {name: row[name] for name in SERIES} == SERIES
    assert (row["period"], row["value"]) == (date(2026, 1, 13), 0.2)
    assert row["centre"] == pytest.approx(0.81, abs=0.001), "the broken day is not part of it"
    assert (
        binom.cdf(round(row["lower_limit"] * 100) - 1, 100, 0.81)
        < TAIL
        < binom.cdf(round(row["lower_limit"] * 100) + 1, 100, 0.81)
    )
    assert (
        binom.sf(round(row["upper_limit"] * 100), 100, 0.81)
        < TAIL
        < binom.sf(round(row["upper_limit"] * 100) - 2, 100, 0.81)
    )


@pytest.mark.parametrize(("steady_days", "signalled"), [(SHORTEST - 2, 0), (SHORTEST - 1, 1)])
def test_a_short_series_has_no_signals(steady_days: int, signalled: int) -> None:
    assert len(found(days(*[(80, 100)] * steady_days, (0, 100)))) == signalled


@pytest.mark.parametrize(("denominator", "signalled"), [(SMALLEST - 1, 0), (SMALLEST, 1)])
def test_a_day_with_little_behind_it_is_no_signal(denominator: int, signalled: int) -> None:
    assert len(found(days(*STEADY, (0, denominator)))) == signalled


def test_days_with_little_behind_them_do_not_make_a_series_long_enough() -> None:
    assert found(days(*[(80, 100)] * (SHORTEST - 2), (0, 100), *[(0, SMALLEST - 1)] * 20)) == []


def test_a_day_without_anything_is_not_divided_by() -> None:
    assert shown(days((0, 0), *STEADY, (0, 100), (0, 0))) == [(14, "below")]


@pytest.mark.parametrize(("part", "signalled"), [(849, 0), (851, 1), (751, 0), (749, 1)])
def test_a_change_too_small_to_act_on_is_no_signal(part: int, signalled: int) -> None:
    """Every other day is at exactly 0.8, so that any change lies outside the limits; five points are worth a look."""
    assert LEAST_CHANGE == 0.05
    assert len(found(days(*[(800, 1000)] * 12, (part, 1000)))) == signalled


def test_each_series_is_judged_by_its_own_limits() -> None:
    broken = (20, 100)
    rows = [
        *days(*[broken] * 13, measure="a"), *days(*STEADY, broken, measure="b"), *days(*STEADY, broken, site_id="t"),
        *days(*STEADY, broken, organization_id="p"), *days(*STEADY, broken, channel="Email"),
    ]  # fmt: skip
    assert [(row["organization_id"], row["site_id"], row["channel"], row["measure"]) for row in found(rows)] == [
        ("o", "s", "", "b"), ("o", "t", "", SERIES["measure"]), ("p", "s", "", SERIES["measure"]),
        ("o", "s", "Email", SERIES["measure"]),
    ]  # fmt: skip


def locked(rows: list[dict[str, Any]], centre: float, spread: float) -> list[dict[str, Any]]:
    limits = {"centre": centre, "lower_limit": centre - spread, "upper_limit": centre + spread}
    return [row | limits | {"fit_id": "PROCESS_LIMITS/o/2025-12-31/v1"} for row in rows]


def test_a_locked_baseline_sees_what_a_slow_decline_hides_from_its_own_limits() -> None:
    """A month at half the old rate is usual by its own limits, and unusual by those of the months before."""
    month = days(*[(40, 100), (42, 100)] * 15, measure="behavioural_coverage")
    assert found(month) == []
    signalled = found(locked(month, 0.8, 0.1))
    assert len(signalled) == 30
    assert {(row["fit_id"], row["direction"], row["centre"]) for row in signalled} == {
        ("PROCESS_LIMITS/o/2025-12-31/v1", "below", 0.8)
    }


def test_a_locked_baseline_needs_no_history_and_leaves_other_days_to_their_own() -> None:
    rows = days(*STEADY, (20, 100))
    assert [row["fit_id"] for row in found(rows)] == [""]
    assert found([*rows[:-1], *locked(rows[-1:], 0.2, 0.1)]) == []
    assert len(found(locked(days((20, 100)), 0.8, 0.1))) == 1
    assert found(locked(days((1, SMALLEST - 1)), 0.8, 0.1)) == []


def test_no_rates_give_no_signals_in_the_declared_columns() -> None:
    made = HEALTH_SIGNALS.arrow(found([]))
    assert (made.num_rows, tuple(made.column_names)) == (0, HEALTH_SIGNALS.column_names)
    assert made.schema.field("period").type == pa.date32()
    assert made.schema.field("upper_limit").type == pa.float64()


@pytest.mark.parametrize(
    ("measure", "signalled"),
    [
        ("behavioural_coverage", ["below"]), ("direct_only_rate", ["above"]), ("no_touch_rate", ["above"]),
        ("cut_path_rate", ["above"]), ("direct_landing_rate", ["above"]),
        ("further_browsers_rate", ["above"]), ("merged_browsers_rate", ["above"]), ("passed_browsers_rate", ["above"]),
        ("crowded_browsers_rate", ["above"]), ("agreement", ["below", "above"]),
    ],
)  # fmt: skip
def test_a_day_on_which_more_was_known_than_usual_is_no_signal(measure: str, signalled: list[str]) -> None:
    assert [side for part in (0, 100) for _, side in shown(days(*STEADY, (part, 100), measure=measure))] == signalled


def test_a_rate_that_is_usually_0_signals_what_is_rare_and_not_every_case() -> None:
    """Limits from moving ranges alone have no width there, so that one case of ten landings would be a signal."""
    quiet = [(0, 10)] * 12
    assert shown(days(*quiet, (2, 10))) == []
    assert shown(days(*quiet, (3, 10))) == [(13, "above")]
    assert shown(days(*[(10, 10)] * 12, (8, 10))) == []
    (row,) = found(days(*quiet, (3, 10)))
    assert row["lower_limit"] <= 0.0
    assert 0.2 < row["upper_limit"] < 0.3


def test_each_day_with_enough_behind_it_has_the_limits_of_its_series_or_of_its_fit() -> None:
    own = limits(days(*STEADY, (3, SMALLEST - 1), (20, 100))).to_pylist()
    assert [row["period"].day for row in own] == [*range(1, 13), 14]
    assert {(row["baseline_start"], row["baseline_end"], row["fit_id"], row["goal"]) for row in own} == {
        (date(2026, 1, 1), date(2026, 1, 14), "", "")
    }
    (signal,) = found(days(*STEADY, (3, SMALLEST - 1), (20, 100)))
    assert [signal[name] for name in ("centre", "lower_limit", "upper_limit")] == [
        own[-1][name] for name in ("center", "lower_limit", "upper_limit")
    ]
    assert (own[-1]["numerator"], own[-1]["denominator"]) == (20, 100)
    assert limits(days(*STEADY[:-1])).num_rows == 0
    (fitted,) = limits(locked(days((9, 12)), 0.3, 0.15)).to_pylist()
    assert (fitted["lower_limit"], fitted["upper_limit"]) == (0.0, 0.75), "as wide as twelve cases need"
    assert (fitted["baseline_start"], fitted["baseline_end"], fitted["fit_id"]) == (*WINDOWS[FIT], FIT)


def test_days_in_a_row_outside_on_one_side_are_since_the_first_of_them() -> None:
    low, high, small = (20, 100), (100, 100), (0, SMALLEST - 1)
    rows = days(*[(80, 100)] * 20, low, small, low, (80, 100), low, high, high)
    assert [(row["period"].day, row["direction"], row["since"].day) for row in found(rows)] == [
        (21, "below", 21), (23, "below", 21), (25, "below", 25), (26, "above", 26), (27, "above", 26),
    ]  # fmt: skip
    two = [*days(*STEADY, low, measure="a"), *days(low, *STEADY, measure="b")]
    assert [(row["measure"], row["since"].day) for row in found(two)] == [("a", 13), ("b", 1)]
