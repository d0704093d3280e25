"""What the project says of its nodes follows from the declarations: meanings, keys, parents, and who reads them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml as reader

from touchline.cli import main
from touchline.jobs.dbt.exposures import exposures
from touchline.jobs.dbt.nodes import models, seeds, settings_tables, sources, view_models
from touchline.jobs.dbt.properties import PARENTS, seed_properties, source_properties
from touchline.jobs.dbt.yaml import yaml
from touchline.reports.catalog import reports
from touchline.settings import Home
from touchline.tables import ALL, RIVER


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of a home without a run."""
    home = tmp_path_factory.mktemp("home")
    assert main(["init", "--domain", "shop.example", "--currency", "EUR", "--home", str(home / "home")]) == 0
    words = ["export", "dbt", str(home / "project"), "--dialect", "postgres", "--own", "cost_rows"]
    assert main([*words, "--home", str(home / "home")]) == 0
    return home / "project"


def nodes(project: Path) -> dict[str, Any]:
    """Every node of which the files of properties speak, by name."""
    found: dict[str, Any] = {}
    for file in project.rglob("*.yml"):
        said = reader.safe_load(file.read_text(encoding="utf-8"))
        for kind in ("models", "seeds"):
            found |= {one["name"]: one for one in said.get(kind, ()) if isinstance(said[kind], list)}
    return found


def checks_of(node: Any, column: str = "") -> list[Any]:
    """The tests of a node, or of one of its columns."""
    if column:
        node = next(one for one in node["columns"] if one["name"] == column)
    return [one if isinstance(one, dict) else {one: None} for one in node.get("data_tests", ())]


def test_every_model_and_seed_is_described_with_all_its_columns(project: Path) -> None:
    said = nodes(project)
    written = {file.stem for file in project.rglob("*.sql") if "models" in file.parts}
    assert written == {model.name for model in models()} | {table.name for table in seeds()}
    assert said.keys() == written | {f"seed_{table.name}" for table in seeds()}
    for name, node in said.items():
        assert node["description"].endswith(".") or "." in node["description"], name
    for table in (*RIVER, *seeds()):
        assert [one["name"] for one in said[table.name]["columns"]] == list(table.column_names)
        assert (
            [*said[f"seed_{table.name}"]["config"]["column_types"]] == list(table.column_names)
            if table in seeds()
            else 1
        )
    assert said["touchline_links"]["config"]["alias"] == "links"
    types = {one["name"]: one["data_type"] for one in said["daily_rollups"]["columns"]}
    assert (types["spend_micros"], types["rollup_date"], types["goal"]) == ("DECIMAL(38, 0)", "DATE", "TEXT")


def test_keys_become_tests(project: Path) -> None:
    said = nodes(project)
    for table in (*RIVER, *seeds()):
        node = said[table.name]
        if len(table.key) == 1:
            assert {"unique": None} in checks_of(node, table.key[0]), table.name
        elif table.key:
            assert {"unique_together": {"arguments": {"columns": list(table.key)}}} in checks_of(node), table.name
        required = {one.name for one in table.columns if not one.is_nullable}
        held = {name for name in table.key if {"not_null": None} in checks_of(node, name)}
        held |= {
            name for test in checks_of(node) for name in test.get("filled", {}).get("arguments", {}).get("columns", ())
        }
        assert held == required, table.name


def test_ids_stand_in_the_tables_that_they_name(project: Path) -> None:
    said = nodes(project)
    for name, parent in PARENTS.items():
        assert ALL[parent].key == (name,)
    for child, column, parent in (
        ("touchpoints", "evidence_id", "evidence_channels"),
        ("evidence", "evidence_id", "evidence_channels"),
        ("user_agents", "user_agent", "agents"),
        ("attribution_links", "conversion_id", "conversions"),
        ("sessions", "site_id", "sites"),
    ):
        wanted = {"to": f"ref('{parent}')", "field": column}
        found = [test["relationships"] for test in checks_of(said[child], column) if "relationships" in test]
        assert found == [{"arguments": wanted, "config": {"where": f"{column} <> ''"}}], child
    assert not any("relationships" in test for test in checks_of(said["touchpoints"], "touchpoint_id"))


def test_every_report_says_what_it_reads() -> None:
    known = {model.name for model in models()} | {table.name for table in seeds()}
    said = {one["name"]: one for one in exposures()["exposures"]}
    assert said.keys() == {f"report_{name}" for name in reports()}
    for name, one in said.items():
        read = {ref.removeprefix("ref('").removesuffix("')") for ref in one["depends_on"]}
        assert read, name
        assert read <= known
    assert "ref('waste_findings')" in said["report_waste"]["depends_on"]
    assert "ref('waste_findings')" not in said["report_journeys"]["depends_on"]
    assert "ref('paths')" in said["report_journeys"]["depends_on"]


def test_sources_are_files_of_the_project_on_duckdb_alone() -> None:
    (with_files,) = source_properties([], True, "duckdb")["sources"]
    assert with_files["config"] == {"external_location": "sources/{name}.parquet"}
    for dialect, has_files in (("duckdb", False), ("snowflake", True)):
        (elsewhere,) = source_properties([], has_files, dialect)["sources"]
        assert "config" not in elsewhere
        assert "touchline_source_schema" in elsewhere["schema"]
    names = [table.name for table in sources()]
    assert [one["name"] for one in elsewhere["tables"]] == names
    assert source_properties(names, False, "duckdb") == {"version": 2, "sources": []}


def test_who_makes_a_seed_is_said() -> None:
    made = {one["name"]: one["config"]["meta"]["made_by"] for one in seed_properties("duckdb")["models"]}
    assert made == {table.name: "settings" if table in settings_tables() else "python" for table in seeds()}


def test_a_command_says_what_it_wrote(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(project.parent / "home")
    assert main(["export", "dbt", str(project), "--own", "cost_rows", "--home", str(home.path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["dialect"], said["seeds"], said["made"]) == ("duckdb", len(seeds()), [])
    assert said["models"] == len(models()) + len(seeds())
    assert main(["export", "dbt", str(project), "--dialect", "oracle", "--home", str(home.path)]) == 2
    assert "There is no dialect 'oracle'" in capsys.readouterr().err
    readme = (project / "README.md").read_text()
    assert "Models of your own make: `cost_rows`" in readme
    assert "+joining_pairs" in readme


@pytest.mark.parametrize(
    "value",
    [
        {"a": "x: y # z", "b": ["1", 2, True, None], "c": {"d": []}, "e": {}},
        [{"a": [{"b": "c\nd"}, "“e”"]}, "- f", "{{ g }}"],
    ],
)
def test_yaml_is_read_as_it_was_meant(value: Any) -> None:
    assert reader.safe_load(yaml(value)) == value


def test_views_are_views_under_the_names_that_people_know() -> None:
    assert {one.name for one in view_models()} >= {"touchline_links", "touchline_conversions", "touchline_rollups"}
