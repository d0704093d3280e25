"""``touchline.compare``: shares, ranks and distances, from paths, from links and from any table."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.tables import conversions, days, touches
from touchline import attribute, compare, credit_paths
from touchline.errors import InputError

JOURNEYS = pa.table(
    {"path": ["Email > Referral", "Email > Search > Email", ""], "conversions": [6, 3, 1], "value": [60.0, 0.0, 40.0]}
)
BOTH = credit_paths(JOURNEYS, models=["LAST_TOUCH", "FIRST_TOUCH", "LINEAR"], value="value")


def rows(*credit: tuple[str, str | None, float]) -> pa.Table:
    models, channels, amounts = zip(*credit, strict=True)
    return pa.table({"model": models, "channel": pa.array(channels, pa.string()), "conversions": amounts})


def test_models_are_columns_in_the_order_in_which_they_came() -> None:
    found = compare(BOTH)
    assert found.shares.column_names == ["channel", "LAST_TOUCH", "FIRST_TOUCH", "LINEAR"]
    assert found.shares["channel"].to_pylist() == ["Email", "Referral", "Search", None]
    assert found.shares["LAST_TOUCH"].to_pylist() == pytest.approx([0.3, 0.6, 0.0, 0.1])
    assert found.shares["FIRST_TOUCH"].to_pylist() == pytest.approx([0.9, 0.0, 0.0, 0.1])
    assert found.shares["LINEAR"].to_pylist() == pytest.approx([0.5, 0.3, 0.1, 0.1])
    assert found.ranks["LAST_TOUCH"].to_pylist() == [2, 1, 3, None]
    assert found.ranks["FIRST_TOUCH"].to_pylist() == [1, 2, 2, None]
    assert found.ranks["LINEAR"].to_pylist() == [1, 2, 3, None]


def test_pairs_of_models_have_a_distance() -> None:
    assert compare(BOTH).distances.to_pylist() == [
        {"model": model, "other_model": other, "total_variation": pytest.approx(distance), "rank_changes": changes,
         "most_moved": most, "most_moved_share": pytest.approx(share)}
        for model, other, distance, changes, most, share in [
            ("LAST_TOUCH", "FIRST_TOUCH", 0.6, 3, "Email", 0.6),
            ("LAST_TOUCH", "LINEAR", 0.3, 2, "Referral", -0.3),
            ("FIRST_TOUCH", "LINEAR", 0.4, 1, "Email", -0.4),
        ]
    ]  # fmt: skip


def test_another_measure_may_be_compared() -> None:
    assert compare(BOTH, measure="value").shares["LINEAR"].to_pylist() == pytest.approx([0.3, 0.3, 0, 0.4])


def test_links_are_added_up() -> None:
    path = touches(*days(0, 1, 2), channel=["Email", "Referral", "Email"])
    links = attribute(path, conversions(*days(3, 4), person_id=["ada", "bob"]), models=["LINEAR", "last_touch"])
    found = compare(links)
    assert found.shares["channel"].to_pylist() == ["Email", "Referral", None]
    assert found.shares["LINEAR"].to_pylist() == pytest.approx([1 / 3, 1 / 6, 1 / 2], abs=1e-8)
    assert found.shares["LAST_TOUCH"].to_pylist() == [0.5, 0, 0.5]


def test_a_joined_column_may_be_compared() -> None:
    joined = BOTH.append_column("campaign", pa.array(["x"] * 3 + ["y"] + ["x", "x", "y", "y"] + ["y"] * 4))
    found = compare(joined, by="campaign")
    assert found.shares.column_names[0] == "campaign"
    assert found.shares["LAST_TOUCH"].to_pylist() == pytest.approx([0.9, 0.1])
    assert found.shares["LINEAR"].to_pylist() == [0, 1]


def test_shares_that_differ_by_rounding_have_the_same_rank() -> None:
    thirds = rows(("A", "a", 0.1 + 0.2), ("A", "b", 0.3), ("A", "c", 0.4))
    assert compare(thirds).ranks["A"].to_pylist() == [2, 2, 1]


def test_one_model_has_shares_and_no_distance() -> None:
    found = compare(rows(("A", "a", 3.0), ("A", None, 1.0)))
    assert found.shares["A"].to_pylist() == [0.75, 0.25]
    assert found.distances.num_rows == 0
    assert found.distances.schema == compare(BOTH).distances.schema


AMOUNTS = st.lists(st.integers(0, 100), min_size=4, max_size=4).filter(any)


@given(st.lists(AMOUNTS, min_size=3, max_size=3))
def test_distances_are_a_metric_within_0_and_1(amounts: list[list[int]]) -> None:
    models = "ABC"
    table = rows(*((m, "wxyz"[n], float(x)) for m, xs in zip(models, amounts, strict=True) for n, x in enumerate(xs)))
    found = compare(table)
    ab, ac, bc = found.distances["total_variation"].to_pylist()
    assert 0 <= min(ab, ac, bc) <= max(ab, ac, bc) <= 1 + 1e-12
    assert ac <= ab + bc + 1e-12
    moved = [max(0.0, b - a) for a, b in zip(found.shares["A"].to_pylist(), found.shares["B"].to_pylist(), strict=True)]
    assert ab == pytest.approx(sum(moved), abs=1e-12)
    assert [sum(found.shares[m].to_pylist()) for m in models] == pytest.approx([1, 1, 1])


@pytest.mark.parametrize(
    ("credit", "options", "said"),
    [
        (JOURNEYS, {}, "credit lacks model, channel; it has path"),
        (BOTH, {"by": "campaign"}, "credit lacks campaign; it has model, channel, conversions, value"),
        (BOTH, {"measure": "money"}, "credit lacks money"),
        (BOTH.drop_columns(["conversions"]), {}, "credit lacks conversions; it has model, channel, value"),
        (BOTH, {"measure": "channel"}, "credit.channel is a number, not string"),
        (BOTH, {"by": "conversions"}, "credit.conversions is text, not double"),
        (BOTH, {"by": "model"}, "not 'model'"),
        (rows(("A", "a", 0.0)), {}, "A has no credit in credit.conversions"),
        (rows(("A", "a", 1.0), ("B", "a", float("nan"))), {}, "B has no credit"),
        (rows(("A", "a", 1.0), ("A", "b", None)), {}, "1 of 2 rows of credit have no conversions"),  # type: ignore[arg-type]
        ([1], {}, "credit is a list, which is not an Arrow-compatible table"),
        (
            pa.table({"model": [datetime.fromisoformat("2026-01-01")], "channel": ["a"], "weight": [1]}),
            {},
            "model is text",
        ),
    ],
)
def test_what_is_wrong_is_said(credit: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        compare(credit, **options)
    assert caught.value.hint
