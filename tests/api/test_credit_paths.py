"""``touchline.credit_paths``: every model against fractions, sums that are exact, and what is refused."""

import math
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle.chains import SHARES, credit
from touchline import attribute, credit_paths
from touchline.errors import InputError, UsageError

JOURNEYS = pa.table(
    {
        "path": ["Direct > Email > Direct", "Email", "Paid Search > Email > Paid Search > Direct", ""],
        "conversions": [10, 3, 4, 2],
        "people": [5, 0, 90, 0],
        "revenue": [99.5, 30.25, 0.0, 7.0],
    }
)
EVERY_MODEL = [*SHARES, "MARKOV"]
PATHS = st.lists(
    st.tuples(st.lists(st.sampled_from(["a", "b", "Direct", "d e"]), max_size=7), st.integers(0, 10**6)),
    min_size=1, max_size=8,
)  # fmt: skip


def of(paths: Any = JOURNEYS, models: Any = "LINEAR", **options: Any) -> dict[Any, float]:
    """By channel, the conversions that one model gives."""
    found = credit_paths(paths, models=models, **options)
    return dict(zip(found["channel"].to_pylist(), found["conversions"].to_pylist(), strict=True))


def table_of(paths: list[tuple[list[str], Any]]) -> pa.Table:
    return pa.table({"path": [" > ".join(channels) for channels, _ in paths], "conversions": [n for _, n in paths]})


@given(PATHS, st.sampled_from(sorted(SHARES)))
def test_rule_models_are_their_definitions(paths: list[tuple[list[str], int]], model: str) -> None:
    expected = credit([(channels, Fraction(number)) for channels, number in paths], model)
    found = of(table_of(paths), model)
    assert {channel or "": share for channel, share in found.items()} == pytest.approx(
        {channel: float(expected.get(channel, 0)) for channel in {c or "" for c in found}}, rel=1e-9, abs=1e-6
    )
    assert set(expected) <= {channel or "" for channel in found}


@settings(max_examples=40)  # each is nine models on an engine of its own
@given(PATHS, st.floats(1e-3, 1e7), st.booleans())
def test_credit_and_value_add_up_exactly_in_any_order(
    paths: list[tuple[list[str], int]], unit: float, is_whole: bool
) -> None:
    rows = table_of(paths)
    numbers = rows["conversions"].to_pylist()
    amounts = [float(number) if is_whole else number * unit for number in numbers]
    rows = rows.append_column("value", pa.array(amounts, pa.float64()))
    models = [model for model in EVERY_MODEL if model != "MARKOV" or any(n for (c, n) in paths if c)]
    found = credit_paths(rows, models=models, value="value").to_pylist()
    for model in models:
        mine = [row for row in found if row["model"] == model]
        for name, given_amounts in (("conversions", numbers), ("value", amounts)):
            parts = [row[name] for row in mine]
            assert math.fsum(parts) == math.fsum(given_amounts)
            assert sum(reversed(parts)) == math.fsum(given_amounts)
            assert min(parts) >= 0


def test_the_result_has_the_documented_columns_and_order() -> None:
    found = credit_paths(JOURNEYS, models=["shapley", "First_Touch"], value="revenue")
    assert found.schema == pa.schema(
        {"model": pa.string(), "channel": pa.string(), "conversions": pa.float64(), "value": pa.float64()}
    )
    assert found["model"].to_pylist() == ["SHAPLEY"] * 4 + ["FIRST_TOUCH"] * 4
    assert found["channel"].to_pylist() == ["Direct", "Email", "Paid Search", None] * 2
    assert found["conversions"].to_pylist()[4:] == [10, 3, 4, 2]
    assert found["value"].to_pylist()[4:] == [99.5, 30.25, 0, 7]


def test_without_a_choice_the_four_usual_models_are_given() -> None:
    models = ["FIRST_TOUCH", "LAST_TOUCH", "LINEAR", "POSITION_BASED"]
    assert list(dict.fromkeys(credit_paths(JOURNEYS)["model"].to_pylist())) == models
    assert credit_paths(JOURNEYS).column_names == ["model", "channel", "conversions"]


def test_shapley_is_linear_over_the_distinct_channels() -> None:
    distinct = pa.table(
        {"path": ["Direct > Email", "Email", "Paid Search > Email > Direct"], "conversions": [10, 3, 4]}
    )
    touched = JOURNEYS.slice(0, 3)
    assert of(touched, "SHAPLEY") == pytest.approx(of(distinct, "LINEAR"), abs=1e-12)


def test_markov_uses_the_people_who_did_not_convert() -> None:
    textbook = pa.table({"path": ["a > b > c", "a", "b > c"], "conversions": [1, 0, 0], "lost": [0, 1, 1]})
    assert of(textbook, "MARKOV", nulls="lost") == pytest.approx({"a": 0.2, "b": 0.4, "c": 0.4})
    assert of(textbook, "markov", nulls="lost", order=3) == pytest.approx(dict.fromkeys("abc", 1 / 3))
    assert of(textbook, "MARKOV") == pytest.approx(dict.fromkeys("abc", 1 / 3))


def test_paths_with_no_touch_keep_their_conversions_to_themselves() -> None:
    for model in EVERY_MODEL:
        assert of(models=model)[None] == 2
    assert None not in of(JOURNEYS.slice(0, 3))


def test_paths_may_be_lists_of_any_library() -> None:
    lists = duckdb.sql(
        "select string_split(p, '|') as path, n as conversions from (values ('a|b', 3), ('b', 1)) t(p, n)"
    )
    assert of(lists) == {"a": 1.5, "b": 2.5}
    empty = pa.table({"path": pa.array([[], ["x"]], pa.list_(pa.string())), "conversions": [1, 2]})
    assert of(empty) == {"x": 2, None: 1}
    assert of(empty.slice(1)) == {"x": 2}


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
)
def test_paths_may_be_any_text(kind: pa.DataType) -> None:
    path = pa.array(["a > b", "b"], pa.string())
    path = path.dictionary_encode() if pa.types.is_dictionary(kind) else path.cast(kind)
    assert of(pa.table({"path": path, "conversions": [3, 1]})) == {"a": 1.5, "b": 2.5}


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.uint64(), pa.float32(), pa.float64(), pa.decimal128(30, 2), pa.decimal256(50, 0)]
)
def test_conversions_may_be_any_number(kind: pa.DataType) -> None:
    numbers = pa.array([3, 1], pa.int64()).cast(kind)
    assert of(pa.table({"path": ["a > b", "b"], "conversions": numbers})) == {"a": 1.5, "b": 2.5}


def test_columns_and_separator_have_any_names() -> None:
    rows = pa.table({"weg": ["a|b", " a | b "], "n": [1, 1], "path": [1, 2]})
    assert of(rows, path="weg", separator="|", conversions="n") == {"a": 1, "b": 1}


def test_spaces_around_channels_do_not_count() -> None:
    rows = pa.table({"path": ["  a  >  b c ", "a > b c", "   "], "conversions": [1, 1, 1]})
    assert of(rows) == {"a": 1, "b c": 1, None: 1}


def test_direct_can_be_left_out_where_there_is_something_else() -> None:
    rows = pa.table({"path": ["Direct > Email > Direct", "Direct > Direct"], "conversions": [6, 1]})
    assert of(rows) == {"Direct": 5, "Email": 2}
    assert of(rows, direct="unless_only") == {"Direct": 1, "Email": 6}
    assert of(rows, "last_non_direct") == of(rows, "last_touch", direct="unless_only")


def test_it_agrees_with_the_credit_of_single_touches() -> None:
    """The same journeys as touches of persons, for every model that both have."""
    start = datetime.fromisoformat("2026-01-01")
    paths = [["Direct", "a", "b", "Direct"], ["b"], ["a", "Direct"], ["b", "a", "b", "a", "a"], ["Direct"]]
    touches = [
        {"person_id": n, "channel": channel, "occurred_at": start + timedelta(hours=at)}
        for n, path in enumerate(paths)
        for at, channel in enumerate(path)
    ]
    bought = [{"person_id": n, "conversion_id": n, "occurred_at": start + timedelta(days=1)} for n in range(len(paths))]
    links = attribute(
        pa.Table.from_pylist(touches), pa.Table.from_pylist(bought), models=list(SHARES), direct="include"
    )
    summed = links.group_by(["model", "channel"]).aggregate([("weight", "sum")]).to_pylist()
    found = credit_paths(table_of([(path, 1) for path in paths]), models=list(SHARES)).to_pylist()
    assert {(row["model"], row["channel"]): row["conversions"] for row in found} == pytest.approx(
        {(row["model"], row["channel"]): row["weight_sum"] for row in summed}, abs=1e-8
    )


def test_ten_thousand_long_paths_are_one_call() -> None:
    chance = np.random.default_rng(5)
    lengths = chance.integers(1, 100, 10_000)
    paths = [" > ".join(f"c{code}" for code in chance.integers(0, 20, length)) for length in lengths]
    rows = pa.table({"path": paths, "conversions": chance.integers(1, 50, 10_000)})
    total = sum(rows["conversions"].to_pylist())
    found = credit_paths(rows, models=EVERY_MODEL)
    assert found.num_rows == len(EVERY_MODEL) * 20
    assert [sum(found["conversions"].to_pylist()[n : n + 20]) for n in range(0, found.num_rows, 20)] == [total] * 9


def test_no_paths_give_no_credit() -> None:
    assert credit_paths(JOURNEYS.slice(0, 0), models=["LINEAR", "SHAPLEY"]).num_rows == 0


def changed(**columns: Any) -> pa.Table:
    return pa.table({"path": ["a > b", "b"], "conversions": [1, 2], "value": [1, 2], "lost": [0, 1]} | columns)


REFUSED: list[tuple[str, Any, dict[str, Any]]] = [
    ("paths lacks conversions; it has path", pa.table({"path": ["a"]}), {}),
    ("paths lacks revenue; it has path, conversions, value, lost", changed(), {"value": "revenue"}),
    ("paths lacks no, such", changed(), {"path": "no", "nulls": "such"}),
    ("paths is a list, which is not an Arrow-compatible table", ["a > b"], {}),
    ("paths.path is text or a list of text, not int64", changed(path=[1, 2]), {}),
    ("paths.path holds lists of int64", changed(path=[[1], [2]]), {}),
    ("1 of 2 paths have no path", changed(path=["a", None]), {}),
    ("1 of 2 paths have no conversions", changed(conversions=[1, None]), {}),
    ("paths.conversions is a number, not string", changed(conversions=["1", "2"]), {}),
    ("1 of 2 paths have a conversions that is negative or not finite, such as -1.0", changed(conversions=[1, -1]), {}),
    ("not finite, such as nan", changed(lost=[float("nan"), 1]), {"nulls": "lost"}),
    ("not finite, such as inf", changed(value=[float("inf"), 1]), {"value": "value"}),
    ("adds up to .*; expected below 2\\^53", changed(conversions=[2.0**52, 2.0**52]), {}),
    ("a touch without a channel", changed(path=["a >  > b", "b"]), {}),
    ("a touch without a channel", changed(path=[["a", None], ["b"]]), {}),
    ("2 channels in paths.path with '>' in the name, such as 'a>b'", changed(path=["a>b > c", "b>c"]), {}),
    ("1 of 2 paths have value but no conversions", changed(conversions=[1, 0]), {"value": "value"}),
    ("more than one column path", changed().append_column("path", [["x", "y"]]), {}),
    ("No path with a touch has a conversion", changed(conversions=[0, 0]), {"models": "MARKOV"}),
    ("No path with a touch has a conversion", changed(path=["", ""]), {"models": "MARKOV"}),
]


@pytest.mark.parametrize(("said", "paths", "options"), REFUSED)
def test_what_is_wrong_with_paths_is_said(said: str, paths: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=said) as caught:
        credit_paths(paths, **options)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"models": "TIME_DECAY"}, "out of FIRST_TOUCH, .*, SHAPLEY, .*not 'TIME_DECAY'"),
        ({"models": ["linear", "LINEAR"]}, "different names"),
        ({"models": []}, r"not \[\]"),
        ({"models": [1]}, r"not \[1\]"),
        ({"order": 0}, "order is a whole number from 1 to 4, not 0"),
        ({"order": 5}, "not 5"),
        ({"order": True}, "not True"),
        ({"order": 1.0}, "not 1.0"),
        ({"separator": " "}, "separator is a text with a visible character, not ' '"),
        ({"direct": "never"}, "direct is one of unless_only, include, not 'never'"),
        ({"value": "conversions"}, "name different columns"),
        ({"path": ""}, "name different columns"),
    ],
)
def test_what_is_out_of_range_is_said(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        credit_paths(changed(), **options)


@given(PATHS)
def test_participation_counts_the_conversions_of_the_paths_that_a_channel_is_on(
    paths: list[tuple[list[str], int]],
) -> None:
    expected = {
        channel: sum(number for channels, number in paths if channel in channels)
        for channel in {channel for channels, _ in paths for channel in channels}
    }
    if any(not channels for channels, _ in paths):
        expected[None] = sum(number for channels, number in paths if not channels)  # type: ignore[index]
    assert of(table_of(paths), "participation") == of(table_of(paths), "INFLUENCED") == expected


def test_a_published_game_of_three_channels() -> None:
    """Conversions by set of channels, as T. Gorb publishes them (github.com/tomgorb/misc); solved by hand."""
    sets = {"F": 20, "O": 10, "L": 17, "F > O": 17, "F > L": 30, "L > O": 0, "F > L > O": 6}
    paths = pa.table({"path": list(sets), "conversions": list(sets.values())})
    assert of(paths, "SHAPLEY") == pytest.approx({"F": 45.5, "O": 20.5, "L": 34}, abs=1e-9)
