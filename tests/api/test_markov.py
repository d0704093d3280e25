"""``touchline.markov``: its tables, orders and values, and what it refuses."""

from itertools import product
from typing import Any

import pyarrow as pa
import pytest

from touchline import credit_paths, markov
from touchline.errors import InputError, UsageError

TEXTBOOK = pa.table(
    {"path": ["a > b > c", "a", "b > c", ""], "conversions": [1, 0, 0, 4], "lost": [0, 1, 1, 7], "value": [8, 0, 0, 3]}
)


def column(table: pa.Table, name: str) -> dict[Any, Any]:
    return dict(zip(table["channel"].to_pylist(), table[name].to_pylist(), strict=True))


def test_the_textbook() -> None:
    model = markov(TEXTBOOK, nulls="lost", value="value")
    assert model.order == 1
    assert model.conversion_rate == pytest.approx(1 / 3)
    assert column(model.removal_effects, "removal_effect") == pytest.approx({"a": 1 / 2, "b": 1, "c": 1})
    assert column(model.credit, "conversions") == pytest.approx({"a": 0.2, "b": 0.4, "c": 0.4})
    assert column(model.credit, "value") == pytest.approx({"a": 1.6, "b": 3.2, "c": 3.2})
    assert model.transition_matrix.to_pylist() == [
        {"from_state": start, "to_state": to, "transitions": count, "probability": pytest.approx(share)}
        for start, to, count, share in [
            ("(start)", "a", 2, 2 / 3), ("(start)", "b", 1, 1 / 3), ("a", "b", 1, 1 / 2), ("a", "(null)", 1, 1 / 2),
            ("b", "c", 2, 1), ("c", "(conversion)", 1, 1 / 2), ("c", "(null)", 1, 1 / 2),
        ]
    ]  # fmt: skip


def test_states_of_a_higher_order_show_what_they_remember() -> None:
    model = markov(TEXTBOOK, nulls="lost", order=2)
    moves = zip(
        model.transition_matrix["from_state"].to_pylist(), model.transition_matrix["to_state"].to_pylist(), strict=True
    )
    assert set(moves) == {
        ("(start)", "a"), ("(start)", "b"), ("a", "a > b"), ("a", "(null)"), ("b", "b > c"), ("a > b", "b > c"),
        ("b > c", "(conversion)"), ("b > c", "(null)"),
    }  # fmt: skip


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_its_credit_is_that_of_credit_paths(order: int) -> None:
    found = credit_paths(TEXTBOOK.slice(0, 3), models="markov", nulls="lost", value="value", order=order)
    assert markov(TEXTBOOK, nulls="lost", value="value", order=order).credit == found.drop_columns("model")


def test_without_values_there_are_none() -> None:
    model = markov(TEXTBOOK)
    assert model.credit.column_names == ["channel", "conversions"]
    assert model.removal_effects.column_names == ["channel", "removal_effect"]
    assert model.conversion_rate == 1


def test_values_of_nothing_give_nothing() -> None:
    model = markov(TEXTBOOK.set_column(3, "value", [[0, 0, 0, 0]]), value="value")
    assert column(model.credit, "value") == {"a": 0, "b": 0, "c": 0}


def test_equal_rows_may_be_one_or_many() -> None:
    many = pa.concat_tables([TEXTBOOK.slice(0, 3)] * 5)
    once = TEXTBOOK.slice(0, 3).set_column(1, "conversions", [[5, 0, 0]]).set_column(2, "lost", [[0, 5, 5]])
    assert column(markov(many, nulls="lost").credit, "conversions") == pytest.approx(
        column(markov(once, nulls="lost").credit, "conversions"), abs=1e-12
    )


def test_too_many_states_are_refused_with_their_number() -> None:
    paths = [" > ".join(one) for one in product("abcdefghi", repeat=4)]
    rows = pa.table({"path": paths, "conversions": [1] * len(paths)})
    assert markov(rows, order=3).credit.num_rows == 9
    with pytest.raises(UsageError, match="order 4 has 7,380 states; an exact solution carries 6,000"):
        markov(rows, order=4)


def test_more_channels_than_states_are_refused_before_they_are_counted() -> None:
    rows = pa.table({"path": [str(number) for number in range(6_001)], "conversions": [1] * 6_001})
    with pytest.raises(UsageError, match="6,001 states") as caught:
        markov(rows, order=4)
    assert "lower order" in caught.value.hint


def test_a_channel_may_not_be_named_like_an_end() -> None:
    with pytest.raises(InputError, match=r"A channel is named \(null\)"):
        markov(pa.table({"path": ["a > (null)"], "conversions": [1]}))


def test_a_channel_that_nobody_came_along_has_no_effect() -> None:
    model = markov(pa.table({"path": ["a > b", "c"], "conversions": [1, 0]}), order=2)
    assert column(model.removal_effects, "removal_effect") == {"a": 1, "b": 1, "c": 0}
    assert column(model.credit, "conversions") == {"a": 0.5, "b": 0.5, "c": 0}
