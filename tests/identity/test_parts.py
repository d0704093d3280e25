"""Whose disputed identifiers are, and when: as a slow reading of the rules has it, and as ``tl.resolve_identities``."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import touchline as tl
from tests.oracle.engine import tables_of
from tests.oracle.people import identifiers, joining_sightings
from tests.oracle.who import Seen, who_is_who
from tests.oracle.world import World
from tests.oracle.worlds import drawn
from touchline.identity import parts
from touchline.identity.disputes import MOST_CHANGES
from touchline.tables import PARTS, REFUSED_PAIRS

START = datetime.fromisoformat("2026-03-02T10:00:00")
WORLDS = 60
A, B, C = (f"v:s:{name}" for name in "abc")
Shown = tuple[str, str, int, str]
"""Two identifiers, the day, and the tier."""
Parted = set[frozenset[tuple[str, Any, Any]]]
"""Of each person the identifiers, each with the times from which and until which it is theirs."""


def claimed(one: str, other: str, day: int = 0) -> Shown:
    return one, other, day, "claimed_by_browser"


def proven(one: str, other: str, day: int = 0) -> Shown:
    return one, other, day, "strong_id"


def _shown(one: str, other: str, day: int, tier: str) -> Shown:
    if other[0] == "m":
        tier = "email_validated" if tier == "strong_id" else tier
    return one, other, day, tier


_ENDS = st.one_of(
    st.tuples(st.sampled_from([A, B, C]), st.sampled_from(["u:x", "u:y", "u:z", "m:1", "m:2", "m:3", C])),
    st.sampled_from([("u:x", "m:1"), ("u:y", "m:1"), ("u:y", "m:2"), ("u:x", "u:y")]),
).filter(lambda ends: ends[0] != ends[1])
_TIERS = st.sampled_from(["strong_id", "claimed_by_browser", "claimed_by_browser", "email_unvalidated", "claimed"])
SHOWN = st.lists(st.tuples(_ENDS, st.integers(0, 6), _TIERS).map(lambda one: _shown(*one[0], *one[1:])), max_size=14)


def edges_of(shown: Iterable[Shown], organization: str = "o", largest: int = 10_000) -> pa.Table:
    shown = [*shown]
    columns = list(zip(*((organization, *row) for row in shown), strict=True)) or [()] * 5
    columns[3] = tuple(START + timedelta(days=day) for day in columns[3])
    names = ("organization_id", "identifier", "linked_identifier", "observed_at", "tier")
    kinds = [pa.timestamp("us") if name == "observed_at" else pa.string() for name in names]
    edges = pa.table({n: pa.chunked_array([pa.array(c, k)]) for n, c, k in zip(names, columns, kinds, strict=True)})
    return edges.append_column("largest_group", pa.chunked_array([pa.array([largest] * len(shown), pa.int64())]))


def solved(edges: pa.Table) -> tuple[Parted, dict[tuple[str, str], str]]:
    """Who is whose part, and the reasons of refused pairs, as the product's parts say it."""
    found, refused = parts(edges)
    assert (found.schema, refused.schema) == (PARTS.arrow_schema, REFUSED_PAIRS.arrow_schema)
    rows = found.to_pylist()
    keys = Counter((row["organization_id"], row["identifier"], row["period_number"]) for row in rows)
    assert max(keys.values(), default=1) == 1
    reasons = {(row["identifier"], row["linked_identifier"]): row["reason"] for row in refused.to_pylist()}
    return parted((row["part"], row["identifier"], row["valid_from"], row["valid_until"]) for row in rows), reasons


def parted(rows: Iterable[tuple[Any, str, Any, Any]]) -> Parted:
    persons = defaultdict(set)
    for person, *period in rows:
        persons[person].add(tuple(period))
    return {frozenset(periods) for periods in persons.values()}


def slowly(shown: Iterable[Shown], largest: int = 10_000) -> tuple[Parted, dict[tuple[str, str], str]]:
    seen = [Seen((a[0], a), (b[0], b), START + timedelta(days=day), tier) for a, b, day, tier in shown]
    answer, refused = who_is_who(seen, (), ("u",), ("m",), {}, largest)
    kept = {(one.a[1], one.b and one.b[1]) for one in seen if one not in {other for other, _ in refused}}
    said = {"two_unique_ids": "two_users", "two_contacts": "two_emails"}
    reasons: dict[tuple[str, str], str] = {}
    for one, reason in refused:
        assert one.b
        pair = one.a[1], one.b[1]
        if pair not in kept:
            reasons[pair] = max(said.get(reason, reason), reasons.get(pair, ""))
    return parted((person, name, start, end) for _, name, person, start, end in answer), reasons


@given(SHOWN)
@example([claimed(A, "u:x"), claimed(A, "m:1", 1), claimed(B, "m:1", 2), claimed(B, "u:y", 3)])
@example([claimed(A, "u:x", 1), proven(A, "u:x", 5), proven(A, "u:y", 3), claimed(A, "u:y", 0)])
@example([claimed(A, "m:1", 1), claimed(A, "m:2", 2), proven(B, "m:1", 3), proven(B, "m:2", 4)])
def test_parts_are_those_of_a_slow_reading(shown: list[Shown]) -> None:
    assert solved(edges_of(shown)) == slowly(shown)


@given(SHOWN, st.integers(1, 6))
@example([claimed(A, "u:x"), claimed(A, "m:1"), claimed(B, "m:1"), proven(B, "u:y"), proven(C, "u:z")], 4)
def test_what_browsers_chain_past_the_largest_group_joins_nobody(shown: list[Shown], largest: int) -> None:
    assert solved(edges_of(shown, largest=largest)) == slowly(shown, largest)


@given(SHOWN, st.randoms(use_true_random=False))
def test_the_order_of_edges_does_not_matter(shown: list[Shown], chance: random.Random) -> None:
    other = [*shown]
    chance.shuffle(other)
    assert solved(edges_of(other)) == solved(edges_of(shown))


@given(SHOWN)
def test_no_person_has_two_user_ids_and_no_browser_joins_two_who_are_known(shown: list[Shown]) -> None:
    known, _ = solved(edges_of([row for row in shown if row[3] != "claimed_by_browser"]))
    found, _ = solved(edges_of(shown))
    for person in found:
        assert len({name for name, *_ in person if name[0] == "u"}) <= 1
    for kind in "um":
        named = [person for person in known if any(name[0] == kind for name, *_ in person)]
        held = Counter(
            next(n for n, theirs in enumerate(found) if theirs & person or _has(theirs, person)) for person in named
        )
        assert max(held.values(), default=1) == 1


def _has(person: frozenset[tuple[str, Any, Any]], other: frozenset[tuple[str, Any, Any]]) -> bool:
    """Whether it has the other's user ids and e-mail hashes, which are nobody else's at any time."""
    names = [{name for name, *_ in one if name[0] in "um"} for one in (person, other)]
    return bool(names[0] & names[1])


@pytest.mark.parametrize(
    ("shown", "people"),
    [
        ([claimed(A, "u:x", 0), claimed(A, "u:y", 1)], [f"{A} u:x", f"{A} u:y"]),
        ([claimed(A, "u:x", 1), claimed(A, "u:y", 0), proven(A, "u:x", 2)], [f"{A} u:x", "u:y"]),
        ([proven(A, "u:x"), proven(A, "u:y", 1), ("u:x", "u:y", 0, "claimed")], [f"{A} u:x", f"{A} u:y"]),
        ([claimed(A, "m:1", 0), claimed(A, "m:2", 1)], [f"{A} m:1", f"{A} m:2"]),
        ([proven(A, "m:1", 0), proven(A, "m:2", 1)], [f"{A} m:1 m:2"]),
        ([proven(A, "m:1"), proven(B, "m:2"), claimed(C, "m:1", 1), claimed(C, "m:2", 2)],
         [f"{A} {C} m:1", f"{B} {C} m:2"]),
        ([claimed(A, "u:x"), claimed(A, "m:1", 1), claimed(A, "m:2", 2)], [f"{A} m:1 u:x", "m:2"]),
    ],
)  # fmt: skip
def test_who_is_joined(shown: list[Shown], people: list[str]) -> None:
    found, _ = solved(edges_of(shown))
    assert sorted(" ".join(sorted({n for n, *_ in p}, key=lambda n: ("vmu".index(n[0]), n))) for p in found) == sorted(
        people
    )


@pytest.mark.parametrize("changes", [1_000, 1_001])
def test_a_browser_that_changes_its_user_all_the_time_is_nobodys(changes: int) -> None:
    shown = [proven(A, f"u:{'xy'[number % 2]}", number) for number in range(changes + 1)]
    found, refused = solved(edges_of(shown))
    if changes > MOST_CHANGES:
        assert refused == {(A, "u:x"): "too_many_changes", (A, "u:y"): "too_many_changes"}
        assert len(found) == 3
    else:
        assert refused == {}
        assert sorted(map(len, found)) == [501, 502]  # a user id each, and 501 and 500 times


def test_organizations_stay_apart() -> None:
    edges = pa.concat_tables([edges_of([proven(A, "u:x"), proven(A, "u:y", 1)], name) for name in "op"])
    rows = parts(edges)[0].to_pylist()
    assert Counter(row["organization_id"] for row in rows) == {"o": 4, "p": 4}


def test_no_edges_have_no_parts() -> None:
    assert [table.num_rows for table in parts(edges_of([]))] == [0, 0]


def test_the_river_says_what_resolve_identities_says_of_every_sighting() -> None:
    """A run keeps few of the sightings, and a table of all of them gives the same persons at the same times."""
    worlds = [world for world in drawn(WORLDS, 15) if world.organization["largest_group"] > len(world.events)]
    rows = tables_of(worlds)["identities"]
    river = parted(
        (row["person_id"], row["organization_id"] + row["identifier"], row["valid_from"], row["valid_until"])
        for row in rows
    )
    edges = [line for world in worlds for line in _as_edges(world)]
    names = ("id_type_a", "id_a", "id_type_b", "id_b", "observed_at", "tier")
    given = pa.table({name: list(column) for name, column in zip(names, zip(*edges, strict=True), strict=True)})
    limits = dict.fromkeys("uvme", (None, None))
    answer = tl.resolve_identities(given, unique_types=["u"], contact_types=["m"], limits=limits).identities.to_pylist()
    assert parted((row["person_id"], row["id"], row["from"], row["until"]) for row in answer) == river
    assert sum(row["period_number"] > 0 for row in rows) > WORLDS / 8


def _as_edges(world: World) -> list[tuple[Any, ...]]:
    seen = [(*one.a, *(one.b or one.a), one.at, one.tier) for one in joining_sightings(world)]
    alone = [(row["identifier"][0], row["identifier"]) * 2 for row in identifiers(world)]
    rows = [*seen, *((*names, START, "strong_id") for names in alone)]
    return [(a, f"{world.name}{one}", b, f"{world.name}{other}", *rest) for a, one, b, other, *rest in rows]
