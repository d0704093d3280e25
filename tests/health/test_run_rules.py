"""Rules of process behavior charts, against an oracle that looks at one window at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.run_rules import ABOVE, broken_windows
from touchline.health.run_rules import RULE_SETS, Signal, broken_rules

ZONES = st.lists(st.sampled_from([-3.5, -3, -2.5, -2, -1.7, -1.2, -1, -0.4, 0, 0.4, 1, 1.2, 1.7, 2, 2.5, 3, 3.5]),
                 min_size=2, max_size=40)  # fmt: skip
BOTH = {("nelson", 4), ("nelson", 7), ("nelson", 8)}
"""Rules without a side."""


def signals(zones: list[float], rules: str = "wheeler") -> list[Signal]:
    return broken_rules(np.array(zones, dtype=np.float64), np.array(zones, dtype=np.float64), rules)


@pytest.mark.parametrize("rules", RULE_SETS)
@given(zones=ZONES)
def test_a_rule_completes_where_a_window_breaks_it(rules: str, zones: list[float]) -> None:
    """A full window that ends on a point that counts is complete there, and nowhere else is."""
    for turned in (1, -1):
        side_zones = [turned * zone for zone in zones]
        names = {1: ("above", "rising", "both"), -1: ("below", "falling", "both")}[turned]
        found = {(s.rule, place) for s in signals(zones, rules) if s.side in names for place in s.completed_at}
        windows = broken_windows(side_zones, side_zones, rules)
        lengths = {int(number): window[0] for number, window in ABOVE[rules].items()}
        ends = {(rule, start + lengths[rule] - 1) for rule, start in windows}
        reached = {(rule, place) for rule, place in found if place >= lengths[rule] - 1}
        assert reached <= ends
        early = {(rule, place) for rule, place in ends if (rule, place) not in reached}
        members = {(s.rule, place) for s in signals(zones, rules) for place in s.completed_at}
        for rule, place in early:  # its last point does not count, so it was complete before
            assert any((rule, place - back) in members for back in range(1, lengths[rule]))


@pytest.mark.parametrize(
    ("rules", "rule", "zones", "indices", "side"),
    [
        ("wheeler", 1, [0.5, -0.5, 3.1], (2,), "above"),
        ("wheeler", 1, [0.5, -0.5, -3.1], (2,), "below"),
        ("wheeler", 2, [0.2, 1.6, -0.5, 1.7, 1.9], (1, 3, 4), "above"),
        ("wheeler", 2, [1.6, 1.7, 1.9], (0, 1, 2), "above"),
        ("wheeler", 3, [-0.1] * 9, tuple(range(9)), "below"),
        ("nhs", 2, [2.1, 0.0, 2.2], (0, 2), "above"),
        ("nhs", 3, [0.1] * 7, tuple(range(7)), "above"),
        ("nhs", 4, [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3], tuple(range(7)), "rising"),
        ("western_electric", 3, [1.1, 1.2, 0.0, 1.3, 1.4], (0, 1, 3, 4), "above"),
        ("nelson", 2, [0.1] * 9, tuple(range(9)), "above"),
        ("nelson", 3, [0.3, 0.2, 0.1, 0.0, -0.1, -0.2], tuple(range(6)), "falling"),
        ("nelson", 4, [0.5, -0.5] * 7, tuple(range(14)), "both"),
        ("nelson", 7, [0.5, -0.4, 0.3] * 5, tuple(range(15)), "both"),
        ("nelson", 8, [1.5, -1.4] * 4, tuple(range(8)), "both"),
    ],
)
def test_a_signal_has_all_points_that_break_the_rule(
    rules: str, rule: int, zones: list[float], indices: tuple[int, ...], side: str
) -> None:
    found = [(signal.indices, signal.side) for signal in signals(zones, rules) if signal.rule == rule]
    assert found == [(indices, side)]


@pytest.mark.parametrize(
    ("rules", "rule", "zones"),
    [
        ("wheeler", 1, [3.0, -3.0]),
        ("wheeler", 2, [1.6, 1.7, -1.8, 1.5]),
        ("wheeler", 3, [0.1] * 4 + [0.0] + [0.1] * 7),
        ("nhs", 3, [0.1] * 6),
        ("nhs", 4, [-0.3, -0.2, -0.1, -0.1, 0.1, 0.2, 0.3]),
        ("nelson", 2, [0.1] * 8),
        ("nelson", 3, [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("nelson", 4, [0.5, -0.5] * 6 + [-0.5, 0.5]),
        ("nelson", 7, [0.5] * 14 + [1.0]),
        ("nelson", 8, [1.5, -1.4] * 3 + [1.0, 1.5]),
    ],
)
def test_what_almost_breaks_a_rule_is_no_signal(rules: str, rule: int, zones: list[float]) -> None:
    assert rule not in {signal.rule for signal in signals(zones, rules)}


def test_two_points_outside_are_two_signals_and_two_runs_are_two() -> None:
    assert [s.indices for s in signals([3.5, 3.6, 0.0, 0.0]) if s.rule == 1] == [(0,), (1,)]
    runs = [s.indices for s in signals([0.1] * 8 + [-0.1] + [0.1] * 8) if s.rule == 3]
    assert runs == [tuple(range(8)), tuple(range(9, 17))]
