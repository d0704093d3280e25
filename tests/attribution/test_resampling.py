"""The bootstrap's own arithmetic: what is drawn, and how often intervals cover the truth."""

import numpy as np
import pytest

from touchline.attribution.resampling import BUCKETS, drawn_weights, interval, p_values, shares_of

PERSONS, MEAN = 1_000, 0.3


def grouped(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Conversions of persons by group, in two channels; persons convert several times, in the channel they like."""
    chance = np.random.default_rng(seed)
    counts, likes = chance.poisson(MEAN, PERSONS), chance.random(PERSONS) < 0.25
    sums = np.zeros((BUCKETS, 2))
    np.add.at(sums, (chance.integers(0, BUCKETS, PERSONS), likes.astype(int)), counts)
    return sums


def test_nine_in_ten_intervals_cover_the_truth() -> None:
    credit = np.array([PERSONS * MEAN * 0.75, PERSONS * MEAN * 0.25])
    inside = []
    for seed in range(300):
        draws = drawn_weights(500, seed) @ grouped(seed)
        for truth, drawn in ((credit, draws), (credit / credit.sum(), shares_of(draws))):
            low, high = interval(drawn, 0.9)
            inside.append((low <= truth) & (truth <= high))
    covered = np.array(inside).reshape(300, 4).mean(axis=0)
    assert covered.min() >= 0.85
    assert covered.max() <= 0.95


def test_one_in_ten_tests_of_equals_finds_a_difference() -> None:
    chances = []
    for seed in range(300):
        draws = [drawn_weights(500, seed) @ grouped(2 * seed + n) for n in (1_000, 1_001)]
        chances.append(p_values(draws[1] - draws[0]))
    found = (np.array(chances) < 0.1).mean()
    assert 0.05 <= found <= 0.15


def test_each_resample_has_as_many_groups() -> None:
    weights = drawn_weights(1_000, seed=2)
    assert weights.shape == (1_000, BUCKETS)
    assert set(weights.sum(axis=1)) == {200.0}
    assert weights.mean(axis=0) == pytest.approx(np.ones(BUCKETS), abs=0.15)
    assert weights.var() == pytest.approx(1 - 1 / BUCKETS, abs=0.02)


def test_a_difference_that_is_always_there_is_as_sure_as_the_resamples_can_say() -> None:
    always, never = np.full((99, 1), 2.0), np.array([[1.0], [-1.0]] * 50)
    assert p_values(always).tolist() == p_values(-always).tolist() == [2 / 100]
    assert p_values(never).tolist() == [1.0]


def test_nothing_has_no_interval() -> None:
    low, high = interval(np.zeros((100, 0)), 0.9)
    assert (len(low), len(high)) == (0, 0)
