"""The weights of every model: by hand, by exact fractions, and adding up."""

from datetime import datetime
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.tables import DAY, START, by_position, conversions, days, touches
from tests.quantifiers import each
from touchline import attribute
from touchline.models import MODELS, RULE_MODELS

BILLION = 10**9
VALUES = st.integers(0, 2**53 - 1) | st.sampled_from([0, 1, 10**8, 2**52 + 1, 2**53 - 1])


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("FIRST_TOUCH", {1: [1], 2: [1, 0], 3: [1, 0, 0]}),
        ("LAST_TOUCH", {1: [1], 2: [0, 1], 3: [0, 0, 1]}),
        ("LINEAR", {1: [1], 2: [0.5, 0.5], 3: [0.333333333, 0.333333334, 0.333333333], 4: [0.25] * 4}),
        ("POSITION_BASED", {1: [1], 2: [0.5, 0.5], 3: [0.4, 0.2, 0.4], 4: [0.4, 0.1, 0.1, 0.4]}),
        ("J_SHAPED", {1: [1], 2: [0.25, 0.75], 3: [0.2, 0.2, 0.6], 4: [0.2, 0.1, 0.1, 0.6]}),
        ("INVERSE_J", {1: [1], 2: [0.75, 0.25], 3: [0.6, 0.2, 0.2], 4: [0.6, 0.1, 0.1, 0.2]}),
        ("LAST_NON_DIRECT", {1: [1], 3: [0, 0, 1]}),
        # a day apart at a half-life of a day: each weighs double the one before
        ("TIME_DECAY", {1: [1], 2: [0.333333333, 0.666666667], 3: [0.142857143, 0.285714286, 0.571428571]}),
    ],
)
def test_weights_by_hand(model: str, expected: dict[int, list[float]]) -> None:
    for count, weights in expected.items():
        path = touches(*days(*range(count)))
        links = attribute(path, conversions(*days(count)), models=[model], half_life_days=1)
        assert by_position(links, "weight") == weights


@pytest.mark.parametrize(
    ("channels", "direct", "weights"),
    [
        (["Email", "Direct", "Direct"], "include", [1, 0, 0]),
        (["Direct", "Email", "Referral", "Direct"], "include", [0, 0, 1, 0]),
        (["Direct", "Direct"], "include", [0, 1]),
        (["Email", "Direct"], "unless_only", [1]),
    ],
)
def test_the_last_touch_that_is_not_direct(channels: list[str], direct: str, weights: list[float]) -> None:
    path = touches(*days(*range(len(channels))), channel=channels)
    links = attribute(path, conversions(*days(9)), models="last_non_direct", direct=direct)  # type: ignore[arg-type]
    assert by_position(links, "weight") == weights


def test_values_by_hand() -> None:
    """Ten micros among three: the running thirds 3.33, 6.67, 10 are rounded to 3, 7, 10."""
    links = attribute(touches(*days(0, 1, 2)), conversions(*days(3), value_micros=[10]), models=["LINEAR"])
    assert by_position(links, "value_micros") == [3, 4, 3]


@pytest.mark.parametrize("half_life_days", [0.01, 0.5, 7, 1800])
def test_a_touch_a_half_life_older_weighs_half(half_life_days: float) -> None:
    path, bought = touches(*days(0, half_life_days)), conversions(*days(half_life_days + 1))
    links = attribute(path, bought, models=["TIME_DECAY"], half_life_days=half_life_days, lookback_days=3650)
    assert by_position(links, "weight") == pytest.approx([1 / 3, 2 / 3], abs=2e-9)


def shares(model: str, times: list[datetime], half_life_days: int) -> list[Fraction]:
    """The definitions of ``docs/explanation/models.md``, in fractions; for half-lives that divide the ages only."""
    count = len(times)
    if model == "FIRST_TOUCH":
        return [Fraction(number == 0) for number in range(count)]
    if model == "LAST_TOUCH":
        return [Fraction(number == count - 1) for number in range(count)]
    if model == "LINEAR" or (model == "POSITION_BASED" and count <= 2):
        return [Fraction(1, count)] * count
    if model == "POSITION_BASED":
        return [Fraction(2, 5), *[Fraction(1, 5 * (count - 2))] * (count - 2), Fraction(2, 5)]
    raw = [Fraction(1, 2) ** ((times[-1] - time) // (half_life_days * DAY)) for time in times]
    return [weight / sum(raw) for weight in raw]


def rounded(parts: list[Fraction], whole: int) -> list[int]:
    """The parts of a whole, by rounding the running sum, ties up."""
    running = [floor(sum(parts[: number + 1]) * whole + Fraction(1, 2)) for number in range(len(parts))]
    return [new - old for new, old in zip(running, [0, *running], strict=False)]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12), st.integers(1, 3), st.integers(0, 10**9))
def test_weights_are_those_of_exact_fractions(gaps: list[int], half_life_days: int, value: int) -> None:
    """Ages are whole half-lives, so that a fraction can say what TIME_DECAY means."""
    times = [START + half_life_days * DAY * sum(gaps[: number + 1]) for number in range(len(gaps))]
    links = attribute(
        touches(*times, touchpoint_id=list(range(len(times)))), conversions(times[-1], value_micros=[value]),
        half_life_days=half_life_days, lookback_days=3650,
    )  # fmt: skip
    for model in ("FIRST_TOUCH", "LAST_TOUCH", "LINEAR", "TIME_DECAY", "POSITION_BASED"):
        parts = shares(model, times, half_life_days)
        # A touch forty half-lives before the newest weighs nothing; the fractions still see it.
        close = 2 if model == "TIME_DECAY" else 0
        credit = [round(weight * BILLION) for weight in by_position(links, "weight", model)]
        assert credit == pytest.approx(rounded(parts, BILLION), abs=close, rel=0)
        assert by_position(links, "value_micros", model) == pytest.approx(rounded(parts, value), abs=close, rel=0)


@given(
    st.lists(st.tuples(st.integers(0, 29 * 86_400), st.integers(0, 999_999)), max_size=25),
    st.lists(VALUES, min_size=1, max_size=4),
    st.floats(0.01, 100),
)
def test_credit_and_value_add_up_exactly(moments: list[tuple[int, int]], values: list[int], half_life: float) -> None:
    """One conversion is 10^9 billionths and its value is its value, whatever the path, the model and the half-life."""
    times = [START + DAY * (second / 86_400) + DAY * (micro / 86_400_000_000) for second, micro in moments]
    bought = conversions(*[START + 29 * DAY + number * DAY / 10 for number in range(len(values))], value_micros=values)
    links = attribute(touches(*times), bought, models=RULE_MODELS, half_life_days=half_life).to_pylist()
    for number, value in enumerate(values):
        for model in RULE_MODELS:
            rows = [row for row in links if (row["conversion_id"], row["model"]) == (f"k{number}", model)]
            assert sum(round(row["weight"] * BILLION) for row in rows) == BILLION
            assert sum(row["value_micros"] for row in rows) == value
            assert each(row["weight"] >= 0 and row["value_micros"] >= 0 for row in rows)


@pytest.mark.parametrize("order", [[5, 4, 3, 2, 1, 0], [2, 1, 5, 0, 4, 3], [0, 2, 1, 3, 4, 5]])
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    path, bought = touches(*days(0, 1, 1, 2, 3, 5), touchpoint_id=list("abcdef")), conversions(*days(6))
    expected, found = (attribute(rows, bought).to_pylist() for rows in (path, path.take(order)))
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_what_the_models_give_does_not_depend_on_which_are_asked_for() -> None:
    path, bought = touches(*days(*range(5))), conversions(*days(5), value_micros=[1_234_567])
    together = attribute(path, bought, models=MODELS)
    for model in MODELS:
        alone = attribute(path, bought, models=[model])
        assert by_position(alone, "value_micros") == by_position(together, "value_micros", model)
