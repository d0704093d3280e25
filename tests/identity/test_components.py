"""Connected components, judged by the plainest definition there is."""

import random
from collections.abc import Iterable

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from touchline.identity import components

Edge = tuple[str, str, str]
NAMES = st.sampled_from(["a", "b", "c", "d", "e", "f", "g", "h"])
EDGES = st.lists(st.tuples(st.sampled_from(["o", "p"]), NAMES, NAMES), max_size=20)
ODD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)


def solved(edges: Iterable[Edge]) -> dict[tuple[str, str], str]:
    columns = ("organization_id", "identifier", "linked_identifier")
    rows = [dict(zip(columns, edge, strict=True)) for edge in edges]
    made = components(pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in columns]))).to_pylist()
    found = {(row["organization_id"], row["identifier"]): row["component"] for row in made}
    assert len(found) == len(made)  # one row per identifier
    return found


def slowly(edges: Iterable[Edge]) -> dict[tuple[str, str], str]:
    """Join sets until nothing joins; a set is named by its smallest member."""
    groups: list[set[tuple[str, str]]] = []
    for organization, one, other in edges:
        joined = {(organization, one), (organization, other)}
        apart = [group for group in groups if not group & joined]
        groups = [*apart, joined.union(*(group for group in groups if group & joined))]
    return {node: min(group)[1] for group in groups for node in group}


@given(EDGES)
@example([("o", "a", "a")])
@example([("o", "c", "d"), ("o", "a", "b"), ("o", "b", "d")])
def test_components_are_those_of_the_slow_definition(edges: list[Edge]) -> None:
    assert solved(edges) == slowly(edges)


@given(EDGES, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_direction_of_edges_matters(edges: list[Edge], chance: random.Random) -> None:
    turned = [(o, b, a) if chance.random() < 0.5 else (o, a, b) for o, a, b in edges]
    chance.shuffle(turned)
    assert solved(turned) == solved(edges)


@given(st.lists(st.tuples(st.sampled_from(["o", "o p", "ö", ""]), ODD, ODD), max_size=10))
@example([("o", "a\x1fb", "a"), ("o", "b", "c")])
@example([("o", "a\0b", "a"), ("o", "a", "\n")])
@example([("o", "e\u0301", "é"), ("o", "É", "x")])
@example([("o", "", "a")])
def test_an_identifier_may_hold_any_character(edges: list[Edge]) -> None:
    assert solved(edges) == slowly(edges)


def test_organizations_stay_apart() -> None:
    assert solved([("o", "a", "u"), ("p", "b", "u")]) == {
        ("o", "a"): "a", ("o", "u"): "a", ("p", "b"): "b", ("p", "u"): "b",
    }  # fmt: skip


@pytest.mark.parametrize("times", [128, 256, 257])
def test_an_edge_seen_again_and_again_joins_once(times: int) -> None:
    assert solved([("o", "a", "b")] * times) == {("o", "a"): "a", ("o", "b"): "a"}


def test_a_long_chain_is_one_person() -> None:
    chain = [("o", f"{n:05d}", f"{n + 1:05d}") for n in range(10_000)]
    assert set(solved(chain).values()) == {"00000"}


def test_no_edges_have_no_components() -> None:
    assert solved([]) == {}
