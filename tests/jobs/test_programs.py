"""A home in a program: reports as Arrow tables, and runs that count what they changed."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import touchline as tl
from tests.jobs.conftest import Tell
from touchline.errors import HomeError, UnknownError, UsageError
from touchline.exports import place_of
from touchline.jobs.programs import AttributionRun, run_attribution, run_daily_rollups
from touchline.jobs.publishing import export_report
from touchline.jobs.workspace import Workspace
from touchline.reports.attribution import model_comparison
from touchline.reports.catalog import report_named


def events(day: int, *, order: bool) -> list[dict[str, object]]:
    """A visit, and the order that it led to."""
    said: dict[str, object] = {"anonId": "v", "occurredAt": f"2026-03-0{day}T10:00:00Z"}
    visit = said | {"eventId": f"p{day}", "url": f"https://shop.example/?utm_source=letter{day}&utm_medium=email"}
    bought = {"type": "CONVERSION", "eventId": f"o{day}", "orderId": f"o{day}", "value": 10, "currency": "EUR"}
    return [visit, *([said | bought | {"occurredAt": f"2026-03-0{day}T11:00:00Z"}] if order else [])]


def test_a_run_counts_what_it_changed_in_the_window(workspace: Workspace, tell: Tell) -> None:
    tell(*events(2, order=True), *events(4, order=True))
    day = date(2026, 3, 4)
    first = run_attribution(workspace, model="LINEAR", from_date=day, to_date=day)
    assert first == AttributionRun(1, links_created=2, links_updated=0, links_removed=0, is_rebuild=True)
    assert run_attribution(workspace) == AttributionRun(2, 0, 0, 0, is_rebuild=False)
    tell(*events(3, order=False))  # a late touch: the second order has another one, and every share changes
    late = run_attribution(workspace, model="LINEAR", from_date=day, to_date=day)
    assert late == AttributionRun(1, links_created=1, links_updated=2, links_removed=0, is_rebuild=False)

    tell(*events(5, order=True))
    rollups = run_daily_rollups(workspace, model="LAST_TOUCH", from_date=date(2026, 3, 5))
    assert (rollups.rollups_processed, rollups.rollups_updated) == (rollups.rollups_created, 0)
    assert rollups.rollups_created > 0
    assert run_daily_rollups(workspace).rollups_created == 0


def test_what_is_asked_is_checked_before_the_run(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="before it starts"):
        run_attribution(workspace, from_date=date(2026, 3, 5), to_date=date(2026, 3, 4))
    with pytest.raises(UnknownError, match="NONE"):
        run_daily_rollups(workspace, model="NONE")
    with pytest.raises(HomeError):
        run_attribution(tmp_path / "nowhere")
    with pytest.raises(HomeError):
        tl.open(tmp_path / "nowhere")


def test_columns_have_their_types_whatever_is_in_them(workspace: Workspace, tell: Tell, tmp_path: Path) -> None:
    schemas, exported = [], []
    for day in (0, 2):
        if day:
            tell(*events(day, order=True))
        run_attribution(workspace)
        file = tmp_path / f"{day}.parquet"
        export_report(
            "models", report_named("models").table_of(model_comparison(workspace.engine, "shop")), place_of(str(file))
        )
        exported.append(pq.read_schema(file))
        workspace.close()
        with tl.open(workspace.home.path) as home:
            schemas.append({name: home.report(name).schema for name in home.reports})
    assert schemas[0] == schemas[1]
    assert exported[0] == exported[1]
    assert not [name for name, schema in schemas[0].items() if pa.null() in schema.types]


def test_reports_are_arrow_tables(workspace: Workspace, tell: Tell) -> None:
    tell(*events(2, order=True))
    run_attribution(workspace)
    workspace.close()
    with tl.open(workspace.home.path) as home:
        assert {"attribution", "models", "journeys", "waste", "health"} <= {*home.reports}
        table = home.report("attribution", by="source", model="LINEAR", start="2026-03-01")
        assert table.select(["name", "conversions"]).to_pylist() == [{"name": "letter2", "conversions": 1.0}]
        assert home.report("waste", limit=3).num_rows == 0
        with pytest.raises(UsageError, match="cannot be asked 'groupby'"):
            home.report("attribution", groupby="channel")
        with pytest.raises(UsageError, match="by must be one of"):
            home.report("attribution", by="planet")
        with pytest.raises(UnknownError, match="There is no report"):
            home.report("sales")
