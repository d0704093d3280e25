"""Spark itself is the other engines' equal, as Sail is: the same worlds and the same shop make the same tables.

`make test-all` installs it, with Java; elsewhere only what is to be installed is looked at.
"""

import tomllib
from contextlib import closing
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import settings

from tests.engines.spark_server import PYSPARK, java_spark
from tests.oracle.engine import changes, snapshot, tables_of, told
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.cli import main
from touchline.engines.clocks import clocks, clocks_here
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

IS_LONG = settings().max_examples >= 1_000
WORLDS = 300

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_600)]


def test_the_server_that_is_installed_is_of_the_clients_release() -> None:
    locked = tomllib.loads((PYSPARK / "uv.lock").read_text(encoding="utf-8"))["package"]
    (spark,) = [package["version"] for package in locked if package["name"] == "pyspark"]
    assert spark.split(".")[:2] == version("pyspark-client").split(".")[:2]


def test_spark_itself_makes_the_tables_that_duckdb_makes() -> None:
    lived = drawn(WORLDS, 2_000)
    assert len(lived) >= WORLDS
    if not IS_LONG:
        return  # Java is installed by `make test-all`
    with closing(java_spark().empty("worlds")) as spark:
        pipeline.run(told(lived).feed, spark)
        assert changes(tables_of(lived), snapshot(spark)) == ""


def test_the_demo_on_spark_itself_has_the_tables_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    visitors = [] if IS_LONG else ["--visitors", "300"]
    home = tmp_path / "home"
    assert main(["demo", *visitors, "--home", str(home), "--json"]) == 0
    with Workspace(Home(home), is_read_only=True) as workspace:
        expected = snapshot(workspace.engine)
    assert expected["attribution_links"]
    if not IS_LONG:
        return
    with closing(java_spark().empty("demo")):
        monkeypatch.setenv("TOUCHLINE_ENGINE", java_spark().url("demo"))
    assert main(["run", "--home", str(home)]) == 0
    with Workspace(Home(home, java_spark().url("demo")), is_read_only=True) as workspace:
        assert changes(expected, snapshot(workspace.engine)) == ""


def test_its_clocks_are_those_of_this_machine() -> None:
    moments = [datetime(2026, 1, 1) + timedelta(days=7 * number) for number in range(104)]  # noqa: DTZ001 - in UTC
    expected = {zone: clocks_here(moments, zone) for zone in ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata")}
    assert len({tuple(shown) for shown in expected.values()}) == len(expected)
    if not IS_LONG:
        return
    with closing(java_spark().empty("clocks")) as spark:
        assert {zone: clocks(spark, moments, zone) for zone in expected} == expected
