"""The Markov model against its definition: remove a channel, and see what share of the conversions is lost."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from touchline.attribution.markov import model_credit, removal_effects

Path = tuple[tuple[str, ...], bool]
"""The channels of a path in order, and whether it converts."""

PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple), st.booleans()),
    min_size=1, max_size=12,
).filter(lambda paths: any(converts for _, converts in paths))  # fmt: skip


def channels_of(paths: list[Path]) -> list[str]:
    return sorted({channel for path, _ in paths for channel in path})


def counts(paths: list[Path]) -> Counter[tuple[str, str]]:
    return Counter(
        step for path, converts in paths for step in pairwise(["start", *path, "conversion" if converts else "null"])
    )


def matrix(paths: list[Path], channels: list[str]) -> NDArray[np.float64]:
    counted = counts(paths)
    ends = [*channels, "conversion", "null"]
    return np.array([[counted[a, b] for b in ends] for a in ["start", *channels]], dtype=np.float64)


def conversion_rate(paths: list[Path], removed: str | None) -> Fraction:
    """The chance to convert from the start by exact elimination, where whoever comes to ``removed`` is lost."""
    counted = counts(paths)
    states = ["start", *(channel for channel in channels_of(paths) if channel != removed)]
    leaving = Counter[str]()
    for (a, _), number in counted.items():
        leaving[a] += number
    rows = [
        [Fraction(a == b) - Fraction(counted[a, b], leaving[a]) for b in states]
        + [Fraction(counted[a, "conversion"], leaving[a])]
        for a in states
    ]
    for pivot in range(len(rows)):
        swap = next(row for row in range(pivot, len(rows)) if rows[row][pivot])
        rows[pivot], rows[swap] = rows[swap], rows[pivot]
        rows[pivot] = [value / rows[pivot][pivot] for value in rows[pivot]]
        for other in range(len(rows)):
            if other != pivot:
                rows[other] = [
                    value - rows[other][pivot] * own for value, own in zip(rows[other], rows[pivot], strict=True)
                ]
    return rows[0][-1]


@given(PATHS)
def test_a_removal_effect_is_the_share_that_is_lost_without_the_channel(paths: list[Path]) -> None:
    whole = conversion_rate(paths, None)
    effects = removal_effects(matrix(paths, channels_of(paths)))
    for channel, effect in zip(channels_of(paths), effects, strict=True):
        lost = 1 - conversion_rate(paths, channel) / whole
        assert effect == pytest.approx(float(lost), abs=1e-9), channel


@given(PATHS, st.randoms())
def test_the_order_of_channels_does_not_matter(paths: list[Path], chance: Random) -> None:
    channels = channels_of(paths)
    shuffled = list(channels)
    chance.shuffle(shuffled)
    usual = dict(zip(channels, removal_effects(matrix(paths, channels)), strict=True))
    other = dict(zip(shuffled, removal_effects(matrix(paths, shuffled)), strict=True))
    assert other == pytest.approx(usual, abs=1e-12)


@given(PATHS, st.integers(2, 1_000))
def test_the_same_paths_many_times_say_the_same(paths: list[Path], times: int) -> None:
    once = matrix(paths, channels_of(paths))
    assert removal_effects(times * once) == pytest.approx(removal_effects(once), abs=1e-12)


@given(PATHS)
def test_the_models_credit_is_all_the_conversions(paths: list[Path]) -> None:
    effects = removal_effects(matrix(paths, channels_of(paths)))
    assert ((effects >= 0) & (effects <= 1)).all()
    assert model_credit(effects, 321).sum() == pytest.approx(321)


def test_the_textbook_example() -> None:
    """The reference that simulated and truncated implementations miss: 0.2, 0.4, 0.4."""
    paths: list[Path] = [(("a", "b", "c"), True), (("a",), False), (("b", "c"), False)]
    effects = removal_effects(matrix(paths, ["a", "b", "c"]))
    assert effects.tolist() == pytest.approx([0.5, 1, 1])
    assert model_credit(effects, 1).tolist() == pytest.approx([0.2, 0.4, 0.4])


def test_paths_to_nothing_matter() -> None:
    """Fitted to what converts alone, every channel of the textbook's path would look alike."""
    won: list[Path] = [(("a", "b", "c"), True)]
    assert model_credit(removal_effects(matrix(won, ["a", "b", "c"])), 1).tolist() == pytest.approx([1 / 3] * 3)


def test_a_thousand_channels_are_solved_at_once() -> None:
    chance = np.random.default_rng(7)
    effects = removal_effects(chance.integers(0, 9, (1_001, 1_002)).astype(np.float64))
    assert effects.shape == (1_000,)
    assert np.isfinite(effects).all()


@pytest.mark.parametrize(
    ("transitions", "complaint"),
    [
        ([[1.0, 0.0]], "shape"),
        ([[1.0, 0.0, 0.0], [0.0, -1.0, 2.0]], "negative"),
        ([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], "never left"),
        ([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], "no path to an end state"),
        ([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], "no conversions"),
    ],
)
def test_what_is_no_count_of_steps_is_refused(transitions: list[list[float]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        removal_effects(np.array(transitions))


def test_no_removal_effect_gives_no_credit() -> None:
    with pytest.raises(ValueError, match="no credit"):
        model_credit(np.zeros(2), 3)
