"""dbt makes the river's tables of the exported project, row for row, and every test of the project passes."""

import shutil
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from hypothesis import settings

from tests.jobs.dbt.warehouse import MADE, Warehouse, differences, fill
from tests.oracle.engine import told
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.jobs.dbt.nodes import SEED, made_in_python, river_models, view_models
from touchline.jobs.dbt.project import Options, export_dbt
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

WORLDS, RUNS = (300, 3) if settings().max_examples >= 1_000 else (24, 1)
"""How many go through at once, as organizations of one home, and how often."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_demo_built_by_dbt_is_the_river(built: Warehouse, shop: Path) -> None:
    with Workspace(Home(shop), is_read_only=True) as workspace:
        assert {table.name for table in MADE if built.rows(table).num_rows} >= {"identities", "attribution_links"}
        assert differences(built, workspace.engine) == []
        for view in view_models():
            name = view.name.removeprefix("touchline_")
            asked = workspace.engine.select(f"select count(*) as n from touchline.{name}")
            assert _count(built, f"main_touchline.{name}") == asked["n"][0].as_py(), name


def test_worlds_built_by_dbt_are_the_river(built: Warehouse, tmp_path: Path) -> None:
    project = Path(shutil.copytree(built.project, tmp_path / "project"))
    for chance in range(RUNS):
        with closing(DuckDB()) as engine:
            pipeline.run(told(drawn(WORLDS, 50 + chance)).feed, engine)
            fill(project, engine)
            warehouse = Warehouse(project, tmp_path / f"{chance}.duckdb")
            warehouse.dbt("build", "--exclude-resource-type", "test")
            assert differences(warehouse, engine) == []


def test_a_wrong_statement_is_seen(built: Warehouse, shop: Path, tmp_path: Path) -> None:
    other = Warehouse(built.project, Path(shutil.copy(built.file, tmp_path / "other.duckdb")))
    _execute(other, "delete from paths where position = 1")
    with Workspace(Home(shop), is_read_only=True) as workspace:
        assert differences(other, workspace.engine) == ["paths"]


def test_python_makes_of_the_rows_of_a_warehouse_what_a_run_makes(built: Warehouse, shop: Path, tmp_path: Path) -> None:
    asked = [one.name for one in river_models() if one.is_asked_for]
    with Workspace(Home(shop), is_read_only=True) as workspace:
        built.write(asked, tmp_path / "asked")
        made = export_dbt(workspace, tmp_path / "again", Options(has_sources=True, made_from=tmp_path / "asked"))
    assert {*made.made} == {table.name for table in made_in_python()}
    for table in made_in_python():
        name = f"seeds/{SEED}{table.name}.csv"
        assert (tmp_path / "again" / name).read_bytes() == (built.project / name).read_bytes(), name


def _count(warehouse: Warehouse, name: str) -> int:
    with closing(duckdb.connect(str(warehouse.file), read_only=True)) as connection:
        return int(connection.sql(f"select count(*) from {name}").fetchall()[0][0])


def _execute(warehouse: Warehouse, statement: str) -> None:
    with closing(duckdb.connect(str(warehouse.file))) as connection:
        connection.execute(statement)
