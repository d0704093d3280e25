"""What unverified evidence may join, judged by the plainest definition there is."""

import random
from collections.abc import Iterable

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.oracle.people import identity_edges
from tests.oracle.world import Row, World, at, event, organization, site
from touchline.identity import components, parts

Shown = tuple[str, str, bool]
"""Two identifiers, and whether somebody can be held to it."""

_ENDS = st.one_of(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["u:x", "u:y", "u:z", "m:1", "m:2", "m:3"])),
    st.tuples(st.none(), st.sampled_from(["u:x m:1", "u:y m:1", "u:y m:2"])),
)
SHOWN = st.lists(st.tuples(_ENDS, st.sampled_from([True, False, False, False])), max_size=16).map(
    lambda drawn: [(*_pair(*ends), is_verified) for ends, is_verified in drawn]
)


def _pair(visitor: str | None, named: str) -> tuple[str, str]:
    one, _, other = (f"v:s:{visitor} {named}" if visitor else named).partition(" ")
    return one, other


def pairs_of(shown: Iterable[Shown]) -> pa.Table:
    verified: dict[tuple[str, str], bool] = {}
    for one, other, is_verified in shown:
        verified[one, other] = verified.get((one, other), False) or is_verified
    columns = [[], []] if not verified else [list(names) for names in zip(*verified, strict=True)]
    return pa.table(
        {
            "organization_id": pa.array(["o"] * len(verified), pa.string()),
            "identifier": pa.array(columns[0], pa.string()), "linked_identifier": pa.array(columns[1], pa.string()),
            "is_verified": pa.array(list(verified.values()), pa.bool_()),
        }
    )  # fmt: skip


def solved(shown: Iterable[Shown]) -> dict[str, tuple[str, str]]:
    pairs = pairs_of(shown)
    rows = parts(pairs, components(pairs)).to_pylist()
    return {row["identifier"]: (row["users_part"], row["part"]) for row in rows}


def refused(shown: list[Shown]) -> dict[tuple[str, str], str]:
    """Each refused pair and the reason, as the product's parts say it."""
    found, pairs = solved(shown), pairs_of(shown).to_pylist()
    reasons = {}
    for row in pairs:
        pair = row["identifier"], row["linked_identifier"]
        one, other = (found.get(name, ("", "")) for name in pair)
        if not row["is_verified"] and one != other:
            reasons[pair] = "two_users" if one[0] != other[0] else "two_emails"
    return reasons


def slowly(shown: list[Shown]) -> dict[tuple[str, str], str]:
    edges = identity_edges(World(organization(unverified_names=100), [site()], [], events=_events(shown)))
    return {(row["identifier"], row["linked_identifier"]): row["reason"] for row in edges if row["is_refused"]}


def _events(shown: list[Shown]) -> list[Row]:
    events = []
    for number, (*names, is_verified) in enumerate(shown):
        said = {{"v": "visitor_id", "u": "user_id", "m": "email_hash"}[n[0]]: n.split(":")[-1] for n in names}
        events.append(event(f"e{number}", at("2026-03-02 10:00"), type="IDENTIFY", is_verified=is_verified, **said))
    return events


A, B, C, D = (f"v:s:{name}" for name in "abcd")


@given(SHOWN)
@example([(A, "u:x", False), (A, "m:1", False), (B, "m:1", False), (B, "u:y", False)])
@example([(A, "u:x", False), (A, "m:1", False), (B, "u:x", False), (B, "m:2", False), (C, "m:2", False)])
@example([("u:x", "m:1", False), ("u:y", "m:1", False), (A, "m:1", False)])
def test_parts_are_those_of_the_slow_definition(shown: list[Shown]) -> None:
    assert refused(shown) == slowly(shown)


@given(SHOWN, st.randoms(use_true_random=False))
def test_the_order_of_pairs_does_not_matter(shown: list[Shown], chance: random.Random) -> None:
    other = [*shown]
    chance.shuffle(other)
    assert solved(other) == solved(shown)


@given(SHOWN)
def test_no_part_holds_two_user_ids_that_nothing_verified_ties(shown: list[Shown]) -> None:
    verified = components(pairs_of([row for row in shown if row[2]])).to_pylist()
    groups = {row["identifier"]: row["component"] for row in verified}
    held: dict[tuple[str, str], set[str]] = {}
    for name, (_, part) in solved(shown).items():
        held.setdefault((part, name[0]), set()).add(groups.get(name, name))
    assert [group for (_, kind), group in held.items() if kind in "um" and len(group) > 1] == []


@pytest.mark.parametrize(
    ("shown", "people"),
    [
        ([(A, "u:x", False), (A, "u:y", False)], [A, "u:x", "u:y"]),
        ([(A, "u:x", False), (A, "u:y", False), (A, "u:x", True)], [f"{A} u:x", "u:y"]),
        ([(A, "u:x", False), (A, "u:y", False), ("u:x", "u:y", True)], [f"{A} u:x u:y"]),
        ([(A, "u:x", False), (A, "m:1", False), (B, "m:1", False), (B, "u:y", False)], [f"{A} u:x", f"{B} u:y", "m:1"]),
        ([(A, "m:1", False), (A, "m:2", False)], [A, "m:1", "m:2"]),
        (
            [(A, "u:x", False), (A, "m:1", False), (B, "u:x", False), (B, "m:2", False), (C, "m:2", False)],
            [f"{A} {B} u:x", "m:1", f"{C} m:2"],
        ),
        (
            [(A, "u:x", False), (A, "m:1", False), (B, "m:1", False), (C, "u:y", False), (C, "m:3", True)],
            None,
        ),
        ([(A, "u:x", False), (B, "u:x", False), (A, "m:1", False)], None),
    ],
)  # fmt: skip
def test_who_is_joined(shown: list[Shown], people: list[str] | None) -> None:
    """``None``: nothing is disputed, so nothing is parted."""
    found: dict[str, set[str]] = {}
    for name, (_, part) in solved(shown).items():
        found.setdefault(part, set()).add(name)
    joined = sorted(" ".join(sorted(names, key=lambda n: ("vum".index(n[0]), n))) for names in found.values())
    assert joined == sorted(people or [])


def test_a_long_way_between_two_users_is_parted_in_the_middle() -> None:
    chain = [(f"v:s:{n}", f"m:{n + side}", False) for n in range(2_000) for side in (0, 1)]
    found = solved([("u:a", "m:0", True), *chain, ("u:b", "m:2000", True)])
    assert found["v:s:0"] != found["v:s:1999"]
