"""A new table needs no line in ``scope/``: what a run sees of the tables that it reads follows from their columns."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.oracle.engine import ListFeed, told
from tests.oracle.world import Row, World, at, cost, event, goal, organization, site
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.engines.answers import python_rows
from touchline.tables import ALL

STAGE = '''
from touchline.stage import River, Stage
from touchline.table import table

HABITS = table(
    "habits",
    """
    text: organization_id person_id
    int: session_count correction_count paid_count
    """,
    key="person_id",
)
PLATFORM_DAYS = table(
    "platform_days", "text: organization_id platform\\ndate: cost_date\\nint: day_count spend_micros",
    key="organization_id platform cost_date",
)


def _run(river: River) -> None:
    river.write(__name__, HABITS)
    river.write(__name__, PLATFORM_DAYS)


STAGE = Stage("habits", (HABITS, PLATFORM_DAYS), _run)
'''
HABITS = """
-- writes: habits
-- reads: sessions, corrections, touchpoints, evidence_channels
-- grain: one person
-- Made of tables of the same unit, of another unit and of one that is read whole.
with shown as (
  select organization_id, person_id, 1 as sessions, 0 as corrections, 0 as paid from sessions
  union all
  select organization_id, person_id, 0 as sessions, 1 as corrections, 0 as paid from corrections
  union all
  select t.organization_id as organization_id, t.person_id as person_id, 0 as sessions, 0 as corrections, 1 as paid
  from touchpoints as t join evidence_channels as e on e.evidence_id = t.evidence_id
  where e.channel = 'Paid Search'
)
select
  organization_id, person_id, cast(sum(sessions) as bigint) as session_count,
  cast(sum(corrections) as bigint) as correction_count, cast(sum(paid) as bigint) as paid_count
from shown
group by organization_id, person_id
"""
PLATFORM_DAYS = """
-- writes: platform_days
-- reads: ad_costs
-- grain: one ad platform and day
-- Made of a table that bears the unit's columns.
select organization_id, platform, cost_date, count(*) as day_count, cast(sum(spend_micros) as bigint) as spend_micros
from ad_costs
group by organization_id, platform, cost_date
"""
GOOGLE = {"utm_source": "google", "utm_medium": "cpc"}


def page(event_id: str, time: str, visitor: str, **said: str) -> Row:
    return event(event_id, at(time), visitor_id=visitor, url=f"https://shop.example/{event_id}", **said)


def order(event_id: str, time: str, visitor: str, kind: str = "CONVERSION") -> Row:
    return event(
        event_id, at(time), visitor_id=visitor, type=kind, value_micros=1_000_000, order_id=f"order of {visitor}"
    )


EVENTS = [
    page("a1", "2026-03-01 10:00", "a", **GOOGLE), order("a2", "2026-03-01 10:10", "a"),
    page("b1", "2026-03-02 10:00", "b"), order("b2", "2026-03-02 10:10", "b"),
    page("c1", "2026-03-03 10:00", "c", user_id="u"),
]  # fmt: skip
LATE: dict[str, list[Row]] = {
    "a visit": [page("a3", "2026-03-05 10:00", "a", **GOOGLE)],
    "a refund": [order("b3", "2026-03-06 10:00", "b", "REFUND")],
    "a merger": [event("b4", at("2026-03-06 10:00"), type="IDENTIFY", visitor_id="b", user_id="u")],
}
COSTS = [cost(at("2026-03-01").date(), 5_000_000), cost(at("2026-03-01").date(), 7_000_000, platform="META")]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stage more, in a package of its own, whose tables nothing in ``scope/`` names; it is imported once."""
    package = tmp_path_factory.mktemp("stages") / "habits_stage"
    package.mkdir()
    (package / "__init__.py").write_text(STAGE)
    (package / "habits.sql").write_text(HABITS.lstrip())
    (package / "platform_days.sql").write_text(PLATFORM_DAYS.lstrip())
    return package


@pytest.fixture(autouse=True)
def _stage(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The river with that stage."""
    monkeypatch.syspath_prepend(str(package.parent))
    import habits_stage  # type: ignore[import-not-found]  # noqa: PLC0415 - it stands there since the line before

    for table in habits_stage.STAGE.writes:
        monkeypatch.setitem(ALL, table.name, table)
    monkeypatch.setattr(pipeline, "STAGES", (*pipeline.STAGES, habits_stage.STAGE))


@pytest.fixture
def ledger() -> ListFeed:
    return told([World(organization(), [site()], [goal()], [], EVENTS, [COSTS])])


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with closing(DuckDB()) as made:
        yield made


def new_tables(engine: DuckDB) -> list[list[Row]]:
    return [
        python_rows(engine.select(f"select * from {name} order by {key}"))
        for name, key in (("habits", "person_id"), ("platform_days", "platform"))
    ]


def rebuilt(ledger: ListFeed) -> list[list[Row]]:
    with closing(DuckDB()) as other:
        pipeline.run(ledger.feed, other)
        return new_tables(other)


@pytest.mark.parametrize("name", [*LATE, "a cost"])
def test_a_run_equals_a_rebuild(name: str, ledger: ListFeed, engine: DuckDB) -> None:
    pipeline.run(ledger.feed, engine)
    before = new_tables(engine)
    if name == "a cost":
        ledger.load([cost(at("2026-03-07").date(), 9_000_000)])
    else:
        ledger.tell(LATE[name])
    assert not pipeline.run(ledger.feed, engine).is_rebuild
    assert new_tables(engine) == rebuilt(ledger)
    assert new_tables(engine) != before
