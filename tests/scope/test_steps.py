"""Nothing is forgotten in ``scope/``: the judge of its steps finds nothing, and objects where one entry is removed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlglot
from sqlglot import exp

from tests.scope.steps import Statement, faults, statements
from touchline.scope import adding, units
from touchline.scope import steps as steps_of_run
from touchline.sql import Query, parsed, queries
from touchline.tables import ALL, IDENTITY_EDGES, READ_WHOLE, REFERENCE, SESSIONS, TRACKING_EVENTS, WASTE_FINDINGS

STEPS = [
    (when, table, number)
    for when, steps in (("BEFORE", steps_of_run.BEFORE), ("AFTER", steps_of_run.AFTER))
    for table, listed in steps.items()
    for number in range(len(listed))
]
ENTRIES = [
    (registry, unit, table)
    for registry, listed in (("UNITS", units.UNITS), ("IDENTITY", units.IDENTITY))
    for unit, of_unit in listed.items()
    for table in of_unit.seen
]
SHORTCUTS = {
    (("site_id", "order_id"), "tracking_events"),
    (("person_id",), "identities"),
    (("conversion_id",), "conversions"),
}
"""Entries of tables that bear the unit's columns: without one, a run seeks the same rows again, which costs time."""
SCOPE = queries("touchline.scope")


@pytest.fixture(scope="module")
def flow() -> list[Statement]:
    return statements()


def test_whatever_is_read_is_held_and_whatever_is_held_is_read(flow: list[Statement]) -> None:
    assert faults(flow) == []


@pytest.mark.parametrize(("when", "table", "number"), STEPS, ids=str)
def test_a_missing_step_is_found(
    when: str, table: str, number: int, flow: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = dict(getattr(steps_of_run, when))
    steps[table] = steps[table][:number] + steps[table][number + 1 :]
    monkeypatch.setattr(steps_of_run, when, steps)
    assert faults(flow) != []


@pytest.mark.parametrize(("registry", "unit", "table"), ENTRIES, ids=str)
def test_a_missing_entry_is_found(
    registry: str, unit: tuple[str, ...] | str, table: str, flow: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = dict(getattr(units, registry))
    seen = {name: relation for name, relation in listed[unit].seen.items() if name != table}
    listed[unit] = replace(listed[unit], seen=seen)
    monkeypatch.setattr(units, registry, listed)
    monkeypatch.setattr(adding, registry, listed, raising=False)
    if (unit, table) in SHORTCUTS:
        written = next(one for one in ALL.values() if one.unit == unit and one.name not in units.IDENTITY)
        part = units.part_of(ALL[table], written)
        assert part is not None
        assert part.by in {unit, ()}  # the rows that bear its columns, or those that the run has made of it
    else:
        assert faults(flow) != []


def test_every_table_that_is_declared_whole_is_tried() -> None:
    assert [table.name for table in READ_WHOLE if table not in REFERENCE] == [
        "evidence_channels",
        "crowded_persons",
        "campaign_names",
        "merged_accounts",
        "reporting_rates",
    ]


WHOLE = ["evidence_channels", "crowded_persons", "campaign_names", "merged_accounts", "reporting_rates"]


@pytest.mark.parametrize("name", WHOLE)
def test_a_table_that_is_no_longer_declared_whole_is_found(
    name: str, flow: list[Statement], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tuple(table for table in READ_WHOLE if table.name != name)
    monkeypatch.setattr(units, "READ_WHOLE", whole)
    monkeypatch.setattr(adding, "READ_WHOLE", whole)
    assert faults(flow) != []


def reading(written: str, *reads: str) -> Statement:
    return Statement(ALL[written], Query(written, reads, "", "", ""), is_written=True)


def test_a_table_that_bears_the_unit_needs_no_entry(flow: list[Statement]) -> None:
    """What a new table would be given: the rows that this run made of the same unit, or those that bear its columns."""
    assert units.part_of(SESSIONS, ALL["conversions"]) == units.Part("made_sessions")
    assert units.part_of(SESSIONS, WASTE_FINDINGS) is None
    bearing = units.part_of(ALL["corrections"], SESSIONS)
    assert bearing == units.Part("corrections_of_persons", ("person_id",), "scope_persons")


@pytest.mark.parametrize(
    ("written", "read"),
    [("sessions", "cost_rows"), ("paths", "sessions"), ("agents", "conversions"), ("identities", "tracking_events")],
)
def test_a_table_without_a_known_part_is_refused(written: str, read: str) -> None:
    with pytest.raises(LookupError, match=f"{written} reads {read}, but it is not declared which of its rows"):
        units.part_of(ALL[read], ALL[written])


def test_sums_of_other_rows_are_refused() -> None:
    with pytest.raises(LookupError, match="reads identity_edges, whose unit is organization_id, identifier"):
        adding.rows_now(IDENTITY_EDGES)
    with pytest.raises(LookupError, match="no relation keeps its old rows"):
        adding.rows_before(ALL["crowded_persons"])
    assert TRACKING_EVENTS not in READ_WHOLE


@pytest.mark.parametrize("name", SCOPE)
def test_headers_of_the_queries_are_true(name: str) -> None:
    assert set(SCOPE[name].reads) == set(tables_in(SCOPE[name].text))


def test_a_false_header_is_found() -> None:
    text = "-- writes: a\n-- reads: b\n-- grain: one b\nwith c as (select x from b) select x from c join d on d.x = c.x"
    assert set(tables_in(text)) - set(parsed(text).reads) == {"d"}


def tables_in(text: str) -> Iterator[str]:
    statement = sqlglot.parse_one(text, dialect="duckdb")
    names = {cte.alias for cte in statement.find_all(exp.CTE)}
    return (table.name for table in statement.find_all(exp.Table) if table.name not in names)
