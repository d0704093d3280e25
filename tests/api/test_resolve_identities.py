"""``touchline.resolve_identities``: who is who, as a slow reading of the rules has it."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import touchline as tl
from tests.oracle.who import TIERS, Answer, Id, Seen, who_is_who
from touchline.api import ResolvedIdentities
from touchline.errors import InputError, UsageError
from touchline.identity.tiers import rank_of

START = datetime.fromisoformat("2026-01-05T00:00:00")
NOBODY = ("null", "0000-0000")
LIMITS = {"user": (3, 2), "visitor": (3, None), "email": (None, 2)}
IDS: list[Id] = [
    *(("user", name) for name in ("ann", "bob", "cem", "null")),
    *(("visitor", name) for name in ("v1", "v2", "v3", "ann")),
    *(("email", name) for name in ("m1", "m2")),
    ("cookie", "0000-0000"),
    *(("cookie", name) for name in ("c1", "c2")),
    *(("account", name) for name in ("x1", "x2")),
]

ends = st.sampled_from(IDS)
times = st.integers(0, 9).map(lambda days: START + timedelta(days=days))
seen = st.builds(Seen, ends, ends | st.none(), times, st.sampled_from(TIERS[:1] * 3 + TIERS))
worlds = st.lists(seen, max_size=16)
short = st.lists(seen, max_size=10)


def table_of(edges: Iterable[Seen]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("id_type_a", "id_a", "id_type_b", "id_b", "observed_at", "tier")
    }
    for edge in edges:
        values = (*edge.a, *(edge.b or (None, None)), edge.at, edge.tier)
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    kinds = {name: pa.timestamp("us") if name == "observed_at" else pa.string() for name in columns}
    return pa.table({name: pa.array(values, kinds[name]) for name, values in columns.items()})


def said(answer: ResolvedIdentities) -> tuple[Answer, Counter[tuple[Any, ...]]]:
    rows = [tuple(row.values()) for row in answer.identities.to_pylist()]
    assert len(rows) == len(set(rows))
    return set(rows), Counter(tuple(row.values()) for row in answer.refused.to_pylist())


def slowly(edges: list[Seen], limits: dict[str, tuple[int | None, int | None]], unique: tuple[str, ...]) -> Any:
    answer, refused = who_is_who(edges, NOBODY, unique, ("email",), limits)
    lines = [(*edge.a, *(edge.b or edge.a), edge.at, edge.tier, reason) for edge, reason in refused]
    return answer, Counter(lines)


def resolved(edges: Iterable[Seen], **options: Any) -> Any:
    return said(tl.resolve_identities(table_of(edges), contact_types=["email"], **options))


def edge(a: str, b: str | None, day: float, tier: str = "strong_id") -> Seen:
    """An edge between ids such as ``user:ann``."""
    one, other = ((*name.split(":", 1),) if name else None for name in (a, b))
    return Seen(one, other, START + timedelta(days=day), tier)  # type: ignore[arg-type] # two parts


@given(worlds)
@example([edge("visitor:v1", "user:ann", 1), edge("visitor:v1", "user:bob", 1)])
@example([edge("visitor:v1", "user:ann", 1), edge("visitor:v1", "user:bob", 2), edge("visitor:v1", "user:ann", 3)])
@example([edge("cookie:c1", "visitor:v1", 1), edge("cookie:c1", "visitor:v2", 2), edge("visitor:v1", "user:ann", 1),
          edge("visitor:v2", "user:bob", 2), edge("cookie:c1", "email:m1", 3)])  # fmt: skip
def test_persons_are_those_of_a_slow_reading(edges: list[Seen]) -> None:
    assert resolved(edges, unique_types=["user"], limits=_open()) == slowly(edges, {}, ("user",))


@given(worlds)
def test_several_unique_types_are_kept_apart(edges: list[Seen]) -> None:
    unique = ("account", "user")
    assert resolved(edges, unique_types=unique, limits=_open()) == slowly(edges, {}, unique)


@given(short)
@example([edge(f"user:{name}", "visitor:v1", day) for day, name in enumerate(("ann", "bob", "cem"))])
@example([edge(f"user:{name}", "visitor:v1", 7 * day) for day, name in enumerate(("ann", "bob", "cem"))])
def test_limits_are_those_of_a_slow_reading(edges: list[Seen]) -> None:
    assert resolved(edges, unique_types=["user"], limits={**_open(), **LIMITS}) == slowly(edges, LIMITS, ("user",))


@given(worlds, st.randoms(use_true_random=False))
def test_neither_order_nor_direction_of_edges_matters(edges: list[Seen], chance: random.Random) -> None:
    turned = [Seen(e.b, e.a, e.at, e.tier) if e.b and chance.random() < 0.5 else e for e in edges]
    chance.shuffle(turned)
    assert resolved(turned)[0] == resolved(edges)[0]
    assert resolved(turned)[1].total() == resolved(edges)[1].total()


@given(worlds)
def test_no_person_has_two_user_ids_and_periods_have_no_gaps(edges: list[Seen]) -> None:
    answer, _ = resolved(edges, unique_types=["user"])
    users = Counter(person for kind, _, person, _, _ in answer if kind == "user")
    assert [person for person, count in users.items() if count > 1] == []
    periods: dict[Id, list[tuple[Any, Any]]] = {}
    for kind, name, _, start, end in answer:
        periods.setdefault((kind, name), []).append((start, end))
    for found in periods.values():
        found.sort(key=lambda period: period[0] or START - timedelta(days=1))
        assert [start for start, _ in found] == [None, *(end for _, end in found[:-1])]
        assert found[-1][1] is None


@given(short, short)
def test_what_is_not_connected_changes_nothing(edges: list[Seen], more: list[Seen]) -> None:
    elsewhere = [Seen((e.a[0], f"else-{e.a[1]}"), e.b and (e.b[0], f"else-{e.b[1]}"), e.at, e.tier) for e in more]
    assert resolved(edges)[0] <= resolved([*edges, *elsewhere])[0]


def _open() -> dict[str, tuple[int | None, int | None]]:
    return {kind: (None, None) for kind, _ in IDS}


def test_guesses_past_a_limit_do_not_part_what_is_proven() -> None:
    guesses = [edge(f"visitor:x{n}", "user:ann", 2, "email_unvalidated") for n in range(1_000)]
    answer, refused = resolved([edge("visitor:v1", "user:ann", 1), *guesses])
    assert ("visitor", "v1", "user:ann", None, None) in answer
    assert Counter(line[-1] for line in refused.elements()) == {"over_limit": 1_000}


def test_an_id_over_a_limit_is_refused_all_or_nothing() -> None:
    tablet = [edge("visitor:t1", f"user:x{n}", n) for n in range(101)]
    assert Counter(line[-1] for line in resolved(tablet)[1].elements()) == {"over_limit": 101}
    assert resolved(tablet[:100])[1] == Counter()
    robot = [edge(f"visitor:r{n}", "user:ann", n / 100) for n in range(201)]
    assert Counter(line[-1] for line in resolved(robot)[1].elements()) == {"over_limit": 201}
    assert resolved([edge(f"visitor:r{n}", "user:ann", n / 28) for n in range(201)])[1] == Counter()


def test_a_late_edge_releases_a_refused_one() -> None:
    known = [edge("user:ann", "email:m1", 1), edge("user:bob", "email:m1", 2)]
    assert [line[-1] for line in resolved(known)[1]] == ["two_unique_ids"]
    late = [edge("user:bob", "email:m1", 0)]
    refused = resolved([*known, *late])[1]
    assert [line[:4] for line in refused] == [("user", "ann", "email", "m1")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("email_validated_user_id", "email_validated"), ("single_id_exists", "single_candidate"),
        ("email_only", "email_unvalidated"), ("unresolved_crm", "unresolved"),
    ],
)  # fmt: skip
def test_tiers_have_the_names_of_other_systems_too(written: str, meant: str) -> None:
    assert rank_of(written) == rank_of(meant) == TIERS.index(meant)


def test_own_values_are_blocked() -> None:
    edges = [edge("visitor:Kiosk", "user:ann", 1), edge("visitor:v1", "user:ann", 1)]
    answer, refused = resolved(edges, blocked=["kiosk"])
    assert {(name, person) for _, name, person, _, _ in answer} == {("v1", "user:ann"), ("ann", "user:ann")}
    assert [line[-1] for line in refused] == ["blocked_value"]


def test_integers_and_tables_of_other_libraries_are_read() -> None:
    edges = duckdb.sql(
        "select 'visitor' as id_type_a, 7 as id_a, 'user' as id_type_b, 42 as id_b,"
        " timestamp '2026-01-01' as observed_at, 'strong_id' as tier"
    )
    assert edges
    assert said(tl.resolve_identities(edges))[0] == {
        ("visitor", "7", "user:42", None, None), ("user", "42", "user:42", None, None),
    }  # fmt: skip


def test_no_edges_have_no_persons() -> None:
    answer = tl.resolve_identities(table_of([]))
    assert (answer.identities.num_rows, answer.refused.num_rows) == (0, 0)
    assert answer.identities.column_names == ["id_type", "id", "person_id", "from", "until"]
    assert answer.refused.column_names[-2:] == ["tier", "reason"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id_a": None}, "edges lacks id_a"),
        ({"id_a": [None]}, "1 of 1 edges have no id_a"),
        ({"id_b": [None]}, "1 of 1 edges have no id_b"),
        ({"id_type_b": [None]}, "1 of 1 edges have no id_type_b"),
        ({"id_a": [1.5]}, r"edges\.id_a is text or an integer, not double"),
        ({"id_type_a": [1]}, r"edges\.id_type_a is text, not int64"),
        ({"tier": ["guess"]}, "'guess' is no tier of identity"),
        ({"tier": [1]}, r"edges\.tier is text, not int64"),
        ({"observed_at": ["today"]}, r"edges\.observed_at is a timestamp"),
    ],
)
def test_unusable_tables_are_refused(change: dict[str, Any], message: str) -> None:
    columns = table_of([edge("visitor:v1", "user:ann", 1)]).to_pydict() | change
    with pytest.raises(InputError, match=message):
        tl.resolve_identities(pa.table({name: values for name, values in columns.items() if values is not None}))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"unique_types": "user"}, "unique_types is a list of texts, not 'user'"),
        ({"contact_types": [1]}, r"contact_types is a list of texts, not \[1\]"),
        ({"blocked": "kiosk"}, "blocked is a list of texts"),
        ({"unique_types": ["email"]}, "email is listed twice in unique_types and contact_types"),
        ({"limits": {"user": 3}}, "The limit of user is two numbers from 0 on, or None for any number, not 3"),
        ({"limits": {"user": (3, -1)}}, "The limit of user is two numbers"),
        ({"limits": {"user": (True, 1)}}, "The limit of user is two numbers"),
    ],
)
def test_arguments_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        tl.resolve_identities(table_of([]), **options)
