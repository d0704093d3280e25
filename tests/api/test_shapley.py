"""``touchline.shapley`` against the definition, in fractions over all coalitions, and against closed forms."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle import chains
from tests.quantifiers import each
from touchline import credit_paths, shapley
from touchline.errors import InputError, UsageError

JOURNEYS = pa.table(
    {
        "path": ["a > b", "a", "b > a > b", "", "c"],
        "conversions": [2, 1, 3, 9, 0],
        "lost": [0, 3, 1, 5, 0],
        "value": [10.0, 0.5, 4.0, 1.0, 0.0],
    }
)
PATHS = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcde"), min_size=1, max_size=6), st.integers(0, 50), st.integers(0, 50)
    ),
    min_size=1, max_size=8,
)  # fmt: skip


def table_of(paths: list[tuple[list[str], int, int]]) -> pa.Table:
    columns = zip(*paths, strict=True)
    return pa.table(dict(zip(["path", "conversions", "lost"], map(list, columns), strict=True)))


def credit(game: Any, **options: Any) -> dict[str, float]:
    found = shapley(game, **options)
    return dict(zip(found["channel"].to_pylist(), found["credit"].to_pylist(), strict=True))


def held(paths: list[tuple[list[str], int, int]], coalition: frozenset[str]) -> tuple[int, int]:
    """The conversions and the people of the paths that a coalition holds completely."""
    inside = [(won, won + lost) for channels, won, lost in paths if set(channels) <= coalition]
    return sum(won for won, _ in inside), sum(people for _, people in inside)


@given(PATHS)
def test_of_conversions_it_is_the_definition_and_linear_over_distinct_channels(
    paths: list[tuple[list[str], int, int]],
) -> None:
    players = chains.channels_of([(tuple(channels), 1, 0) for channels, *_ in paths])
    expected = chains.shapley(lambda coalition: Fraction(held(paths, coalition)[0]), players)
    found = credit(table_of(paths))
    assert found == pytest.approx({channel: float(share) for channel, share in expected.items()}, abs=1e-12)
    distinct = [(sorted(set(channels)), won, lost) for channels, won, lost in paths]
    linear = credit_paths(table_of(distinct), models="linear")
    assert list(found) == linear["channel"].to_pylist()
    assert list(found.values()) == pytest.approx(linear["conversions"].to_pylist())
    assert math.fsum(found.values()) == sum(won for _, won, _ in paths)


@given(PATHS)
def test_of_conversion_rates_it_is_the_definition(paths: list[tuple[list[str], int, int]]) -> None:
    def rate(coalition: frozenset[str]) -> Fraction:
        won, people = held(paths, coalition)
        return Fraction(won, people) if people else Fraction(0)

    players = chains.channels_of([(tuple(channels), 1, 0) for channels, *_ in paths])
    expected = {channel: float(share) for channel, share in chains.shapley(rate, players).items()}
    assert credit(table_of(paths), worth="conversion_rate", nulls="lost") == pytest.approx(expected, abs=1e-12)


@settings(max_examples=20)
@given(st.integers(1, 10), st.randoms(use_true_random=False))
def test_of_a_function_it_is_the_definition(size: int, chance: Any) -> None:
    players = [f"c{number}" for number in range(size)]
    worths: dict[frozenset[str], int] = {}

    def worth(coalition: frozenset[str]) -> int:
        return worths.setdefault(coalition, chance.randint(-1000, 1000))

    found = credit(worth, channels=players)
    expected = chains.shapley(lambda coalition: Fraction(worth(coalition)), players)
    assert found == pytest.approx({channel: float(share) for channel, share in expected.items()}, abs=1e-9)
    assert sum(found.values()) == pytest.approx(worth(frozenset(players)) - worth(frozenset()), abs=1e-9)


def glove(coalition: frozenset[str]) -> float:
    """Two left gloves and a right one: only a pair is worth something."""
    return float("right" in coalition and len(coalition) > 1)


def airport(coalition: frozenset[str]) -> float:
    """The longest runway that a coalition of planes needs."""
    return max((int(name) for name in coalition), default=0)


@pytest.mark.parametrize(
    ("game", "players", "expected"),
    [
        (glove, ["left1", "left2", "right"], [1 / 6, 1 / 6, 4 / 6]),
        (airport, ["1", "2", "3", "4"], [1 / 4, 1 / 4 + 1 / 3, 1 / 4 + 1 / 3 + 1 / 2, 1 / 4 + 1 / 3 + 1 / 2 + 1]),
        (lambda coalition: float(len(coalition) >= 2), ["a", "b", "c"], [1 / 3] * 3),  # a majority of three
        (lambda coalition: 3.5 + len(coalition), ["a", "b"], [1, 1]),  # what nobody brings is nobody's
    ],
)
def test_games_of_the_literature(
    game: Callable[[frozenset[str]], float], players: list[str], expected: list[float]
) -> None:
    assert list(credit(game, channels=players).values()) == pytest.approx(expected, abs=1e-12)


def test_the_ordered_form_shares_a_channels_value_among_its_positions() -> None:
    found = shapley(JOURNEYS, form="ordered")
    assert found.select(["channel", "position", "credit"]).to_pylist() == [
        {"channel": channel, "position": position, "credit": share}
        for channel, position, share in [("a", 1, 2.0), ("a", 2, 1.5), ("b", 1, 0.75), ("b", 2, 1.0), ("b", 3, 0.75)]
    ]


@given(PATHS)
def test_over_positions_the_ordered_form_adds_up_to_the_set_form(paths: list[tuple[list[str], int, int]]) -> None:
    found = shapley(table_of(paths), form="ordered").group_by("channel").aggregate([("credit", "sum")])
    summed = dict(zip(found["channel"].to_pylist(), found["credit_sum"].to_pylist(), strict=True))
    of_set = credit(table_of(paths))
    assert {name: summed.get(name, 0.0) for name in of_set} == pytest.approx(of_set, abs=1e-9)
    assert set(summed) <= set(of_set)


def test_the_value_is_shared_like_the_conversions() -> None:
    assert credit(JOURNEYS, worth="value", value="value") == {"a": 7.5, "b": 7.0, "c": 0.0}


def test_exact_answers_have_no_error() -> None:
    assert shapley(JOURNEYS, worth="conversion_rate", nulls="lost")["standard_error"].to_pylist() == [0, 0, 0]


def test_samples_are_close_by_their_own_error_and_repeat_with_their_seed() -> None:
    chance = np.random.default_rng(3)
    paths = [[f"c{code}" for code in chance.integers(0, 12, size)] for size in chance.integers(1, 6, 300)]
    won, lost = chance.integers(0, 9, (2, 300)).tolist()
    rows = table_of(list(zip(paths, won, lost, strict=True)))
    exact = credit(rows, worth="conversion_rate", nulls="lost")
    drawn = shapley(rows, worth="conversion_rate", nulls="lost", samples=4_000, seed=1)
    errors = drawn["standard_error"].to_numpy()
    away = np.abs(drawn["credit"].to_numpy() - np.array(list(exact.values()))) / errors
    assert errors.min() > 0
    assert away.max() < 4
    assert (away < 2).sum() >= 10
    again = shapley(rows, worth="conversion_rate", nulls="lost", samples=4_000, seed=1)
    assert again == drawn
    assert shapley(rows, worth="conversion_rate", nulls="lost", samples=4_000, seed=2) != drawn
    assert sum(drawn["credit"].to_pylist()) == pytest.approx(sum(exact.values()), abs=1e-12)


def test_many_channels_are_sampled_and_say_how_far_they_may_be_off() -> None:
    players = [f"c{number:02}" for number in range(25)]
    found = shapley(lambda coalition: float(len(coalition)), channels=players)
    assert found["credit"].to_pylist() == pytest.approx([1.0] * 25)
    uneven = shapley(lambda coalition: float(len(coalition) * ("c00" in coalition)), channels=players)
    assert uneven["credit"][0].as_py() == pytest.approx(13.0, abs=1e-9)  # antithetic orders: exactly 1 + 24 / 2
    assert uneven["credit"].to_pylist()[1:] == pytest.approx([0.5] * 24, abs=1e-9)
    rows = pa.table({"path": [[name, players[number - 3]] for number, name in enumerate(players)],
                     "conversions": [number % 4 for number in range(25)], "lost": [2] * 25})  # fmt: skip
    rates = shapley(rows, worth="conversion_rate", nulls="lost")
    assert each(error > 0 for error in rates["standard_error"].to_pylist())
    assert sum(rates["credit"].to_pylist()) == pytest.approx(36 / 86)


def test_a_function_is_called_once_for_each_coalition() -> None:
    called: list[frozenset[str]] = []

    def worth(coalition: frozenset[str]) -> int:
        called.append(coalition)
        return len(coalition)

    credit(worth, channels=list("abcd"))
    assert len(called) == len(set(called)) == 16


def test_no_paths_give_no_credit() -> None:
    for options in ({}, {"form": "ordered"}, {"worth": "conversion_rate"}):
        assert shapley(JOURNEYS.slice(0, 0), **options).num_rows == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("game", "options", "said"),
    [
        (JOURNEYS, {"worth": "money"}, "worth is one of conversions, value, conversion_rate, not 'money'"),
        (JOURNEYS, {"form": "list"}, "form is one of set, ordered, not 'list'"),
        (JOURNEYS, {"worth": "value"}, "needs the column of values"),
        (JOURNEYS, {"samples": 100}, "computed exactly, without samples"),
        (JOURNEYS, {"worth": "conversion_rate", "samples": 9}, "samples is a whole number from 10 up, not 9"),
        (JOURNEYS, {"worth": "conversion_rate", "samples": True}, "not True"),
        (JOURNEYS, {"seed": -1}, "seed is a whole number from 0 up, not -1"),
        (JOURNEYS, {"channels": ["a"]}, "channels goes with a function"),
        (JOURNEYS, {"worth": "conversion_rate", "form": "ordered"}, "not of a conversion rate"),
        (len, {}, "A function needs channels"),
        (len, {"channels": "ab"}, "A function needs channels"),
        (len, {"channels": []}, r"different names, not \[\]"),
        (len, {"channels": ["a", "a"]}, "different names"),
    ],
)
def test_what_does_not_go_together_is_said(game: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        shapley(game, **options)


@pytest.mark.parametrize("worth", [None, "1", float("nan"), float("inf")])
def test_a_function_gives_finite_numbers(worth: Any) -> None:
    with pytest.raises(InputError, match=r"The function gave .* for \[\]; expected a finite number"):
        shapley(lambda _coalition: worth, channels=["a"])


def test_a_conversion_rate_needs_those_who_did_not_convert() -> None:
    paths = pa.table({"path": ["A > B", "A"], "conversions": [3, 1]})
    with pytest.raises(UsageError, match="nulls="):
        shapley(paths, worth="conversion_rate")
