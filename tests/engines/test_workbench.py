"""What a run holds on its way, on every engine that declares that it can increment."""

import pyarrow as pa
import pytest

from tests.engines.visits import MADE, THREE, VISITS, Visit, standing, told, visits
from touchline.engines import Engine, IncrementalEngine, can_increment
from touchline.table import Column, Kind, Table


@pytest.fixture
def bench(engine: Engine) -> IncrementalEngine:
    """The engine with its workbench, and three visits."""
    if not can_increment(engine):
        pytest.skip(f"{type(engine).__name__} has no workbench")
    engine.create(VISITS)
    engine.append(VISITS, visits(THREE))
    return engine


def changed(bench: IncrementalEngine, rows: list[Visit], scope: str = "select 'ada' as person_id") -> None:
    """New visits to make rows of, and the persons that changed."""
    told(bench, rows)
    bench.keep("changed", scope)


def test_replace_within_a_scope_touches_its_units_only(bench: IncrementalEngine) -> None:
    changed(bench, [("ada", "a9", 9), ("bob", "b9", 9), ("cyd", "c9", 9)])
    assert bench.replace(VISITS, MADE, {}, "changed") == 1
    assert standing(bench) == [("ada", "a9", 90), ("bob", "b1", 3)]


def test_a_unit_in_the_scope_that_yields_nothing_is_gone(bench: IncrementalEngine) -> None:
    changed(bench, [])
    assert bench.replace(VISITS, MADE, {}, "changed") == 0
    assert standing(bench) == [("bob", "b1", 3)]


def test_a_unit_that_stands_twice_in_the_scope_is_written_once(bench: IncrementalEngine) -> None:
    changed(bench, [("ada", "a9", 9)], "select 'ada' as person_id union all select 'ada' as person_id")
    bench.replace(VISITS, MADE, {}, "changed")
    assert standing(bench) == [("ada", "a9", 90), ("bob", "b1", 3)]


def test_replace_may_read_what_it_replaces_through_a_held_relation(bench: IncrementalEngine) -> None:
    bench.keep("before", "select person_id, visit_id, coalesce(pages, 0) + 1 as pages from visits")
    bench.replace(VISITS, "select * from new_visits", {"new_visits": "before"})
    assert standing(bench) == [("ada", "a1", 2), ("ada", "a2", 1), ("bob", "b1", 4)]


def test_remove_takes_the_scope_or_everything(bench: IncrementalEngine) -> None:
    bench.keep("changed", "select 'ada' as person_id")
    bench.remove(VISITS, "changed")
    assert standing(bench) == [("bob", "b1", 3)]
    bench.remove(VISITS)
    assert standing(bench) == []


def test_what_is_kept_stays_as_it_was(bench: IncrementalEngine) -> None:
    assert bench.keep("held", "select * from visits where person_id = 'ada'") == 2
    bench.remove(VISITS)
    assert standing(bench, "held") == THREE[:2]
    assert bench.keep("held", "select * from held where visit_id = 'a1'") == 1
    assert standing(bench, "held") == THREE[:1]


def test_rows_from_outside_are_held_and_stored_from_there(bench: IncrementalEngine) -> None:
    for number in (2, 0, 1):
        rows = visits([("bob", f"b{place}", None) for place in range(number)])
        assert bench.hold("held", VISITS, rows) == number
        assert standing(bench, "held") == [("bob", f"b{place}", None) for place in range(number)]
    assert standing(bench) == THREE
    assert bench.replace(VISITS, "select person_id, visit_id, pages from held", {}, "held") == 1
    assert standing(bench) == [*THREE[:2], ("bob", "b0", None)]


ORDERS = Table(
    "orders",
    tuple(Column(name, Kind.TEXT, is_nullable=name == "order_id") for name in ("site_id", "order_id", "event_id")),
    key=("event_id",),
    unit=("site_id", "order_id"),
    sought=(("site_id", "order_id"),),
)
OF_ORDERS = [("s", "1", "e1"), ("s1", "", "e2"), ("s", "", "e3"), ("s", None, "e4"), ("", "s1", "e5"), ("ß", "1", "e6")]
"""Some of which read alike when site and order are put together."""


@pytest.fixture
def ordered(bench: IncrementalEngine) -> IncrementalEngine:
    bench.create(ORDERS)
    bench.append(ORDERS, orders(OF_ORDERS))
    return bench


def orders(rows: list[tuple[str, str | None, str]]) -> pa.Table:
    schema = pa.schema([(name, pa.string()) for name in ORDERS.column_names])
    return pa.Table.from_pylist([dict(zip(ORDERS.column_names, row, strict=True)) for row in rows], schema)


def ids(engine: Engine, relation: str = "orders") -> list[str]:
    found = engine.select(f"select event_id from {relation} order by event_id")["event_id"]
    return [str(one) for one in found.to_pylist()]


def test_what_is_sought_is_found_by_all_of_its_columns(ordered: IncrementalEngine) -> None:
    ordered.keep("wanted", "select 's' as site_id, '1' as order_id union select 'ß', '1' union select 's', null")
    ordered.narrow("found", ORDERS, ("site_id", "order_id"), "wanted")
    assert ids(ordered, "found") == ["e1", "e6"]
    ordered.keep("wanted", "select '' as site_id, 's1' as order_id")
    ordered.narrow("found", ORDERS, ("site_id", "order_id"), "wanted")
    assert ids(ordered, "found") == ["e5"]
    ordered.keep("wanted", "select * from wanted where 1 = 0")
    ordered.narrow("found", ORDERS, ("site_id", "order_id"), "wanted")
    assert ids(ordered, "found") == []


def test_rows_are_found_by_what_is_not_declared_as_sought(ordered: IncrementalEngine) -> None:
    ordered.keep("wanted", "select 'e2' as event_id union select 'e4' as event_id")
    ordered.narrow("found", ORDERS, ("event_id",), "wanted")
    assert ids(ordered, "found") == ["e2", "e4"]


def test_a_unit_that_is_sought_is_replaced_and_removed_by_all_of_its_columns(ordered: IncrementalEngine) -> None:
    ordered.keep("wanted", "select 's1' as site_id, '' as order_id union select 's' as site_id, '1' as order_id")
    assert ordered.replace(ORDERS, "select site_id, order_id, 'new' as event_id from orders", {}, "wanted") == 0
    assert ids(ordered) == ["e3", "e4", "e5", "e6"]
    ordered.append(ORDERS, orders([("s", "1", "e7")]))
    made = "select site_id, order_id, event_id || 'x' as event_id from before"
    ordered.keep("before", "select * from orders")
    assert ordered.replace(ORDERS, made, {}, "wanted") == 1
    assert ids(ordered) == ["e3", "e4", "e5", "e6", "e7x"]
    ordered.remove(ORDERS, "wanted")
    assert ids(ordered) == ["e3", "e4", "e5", "e6"]


def test_many_units_are_found_as_few_are(ordered: IncrementalEngine) -> None:
    many = [(f"s{number}", f"{number}", "") for number in range(4_000)]
    ordered.hold("wanted", ORDERS, orders([*many, ("s", "1", ""), ("", "s1", "")]))
    ordered.narrow("found", ORDERS, ("site_id", "order_id"), "wanted")
    assert ids(ordered, "found") == ["e1", "e5"]
    ordered.append(ORDERS, orders([("s7", "7", "e7"), ("s7", "8", "e8")]))
    assert ids(ordered, "found") == ["e1", "e5", "e7"]
    ordered.remove(ORDERS, "wanted")
    assert ids(ordered) == ["e2", "e3", "e4", "e6", "e8"]


def test_how_rows_are_found_shows_nowhere(ordered: IncrementalEngine) -> None:
    assert ordered.select("select * from orders").column_names == list(ORDERS.column_names)
    ordered.narrow("found", ORDERS, ("site_id", "order_id"), "orders")
    assert ordered.select("select * from found").column_names == list(ORDERS.column_names)
    ordered.reshape([ORDERS], ())
    assert ids(ordered) == []


def test_what_is_bound_follows_the_table(bench: IncrementalEngine) -> None:
    bench.bind("seen", "select * from visits where person_id = 'bob'")
    assert standing(bench, "seen") == THREE[2:]
    bench.append(VISITS, visits([("bob", "b2", 5)]))
    assert standing(bench, "seen") == [("bob", "b1", 3), ("bob", "b2", 5)]
    bench.bind("seen", "select * from visits where person_id = 'ada'")
    assert standing(bench, "seen") == THREE[:2]


def test_select_sees_views_in_the_place_of_tables(bench: IncrementalEngine) -> None:
    bench.bind("seen", "select * from visits where person_id = 'ada'")
    statement = "select count(*) as n, count(distinct visits.person_id) as persons from visits"
    assert bench.select(statement).to_pylist() == [{"n": 3, "persons": 2}]
    assert bench.select(statement, {"visits": "seen"}).to_pylist() == [{"n": 2, "persons": 1}]
