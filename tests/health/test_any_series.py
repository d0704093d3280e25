"""Whatever arrives, a series is judged: a stranger chooses the volumes of a shop and the days that they are on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from touchline.health.rate_limits import rate_limits
from touchline.health.volume_limits import judged

VOLUMES = st.lists(
    st.tuples(st.integers(1, 30), st.one_of(st.just(0.0), st.floats(0, 5), st.floats(0, 200_000))), max_size=8
)
"""Runs of days that are alike: how many, and how much there is of each on average."""
CASES = st.lists(st.tuples(st.integers(2, 9), st.integers(1, 200_000), st.floats(0, 1)), min_size=1, max_size=12)
"""Runs of days that are alike: how many, the denominator, and the share of it."""


@given(VOLUMES, st.integers(0, 99), st.none() | st.floats(0, 1))
def test_any_volumes_are_judged(runs: list[tuple[int, float]], seed: int, arrived: float | None) -> None:
    counts = np.random.default_rng(seed).poisson([level for days, level in runs for _ in range(days)]).astype(np.int64)
    found = judged(counts, arrived)
    assert len(found.limits.center) == len(counts)
    for one in found.collapses:
        assert 0 <= one.since <= one.day < len(counts)
        assert np.isfinite([one.value, one.expected, one.limit]).tolist() == [True, True, True]
        assert one.value < one.expected


def test_a_stop_of_much_behind_its_best_day_is_a_signal() -> None:
    """Every day before is surely as low as the best one: a division by zero ended the run of every site."""
    counts = np.array([*np.random.default_rng(1).poisson(2_600, 30), 3_100, 1_139, *[0] * 9])
    assert [one.day for one in judged(counts).collapses] == list(range(31, 41))


@given(CASES, st.booleans())
def test_any_rates_have_limits(runs: list[tuple[int, int, float]], has_weekdays: bool) -> None:
    sizes = np.array([size for days, size, _ in runs for _ in range(days)], dtype=np.float64)
    counts = np.floor(np.array([size * share for days, size, share in runs for _ in range(days)]))
    found = rate_limits(counts, sizes, np.arange(len(sizes)) % 7 if has_weekdays else None)
    assert np.isfinite(found).tolist() == np.ones((3, len(sizes)), dtype=bool).tolist()
    assert (found.lower <= found.center).tolist() == (found.center <= found.upper).tolist() == [True] * len(sizes)
