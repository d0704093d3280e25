"""A home that an earlier release made opens, is upgraded, and tells the numbers it told then."""

import json
import shutil
from pathlib import Path

import pytest

from tests.oracle.engine import changes, snapshot
from tests.quantifiers import each
from touchline.engines import DuckDB
from touchline.jobs import erasing, keeping, running
from touchline.jobs.workspace import Workspace
from touchline.reports.queries import rows
from touchline.settings import Home

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
HOMES = sorted(FIXTURES.glob("home-*"))
NUMBERS = """
select (select count(*) from identities) as identifiers, (select count(*) from sessions) as sessions,
  (select count(*) from touchpoints) as touchpoints, (select sum(value_micros) from conversions) as value_micros,
  (select sum(credit) from attribution_links) as credit, (select sum(spend_micros) from ad_costs) as spend_micros,
  (select count(*) from waste_findings) as findings
"""


@pytest.fixture(params=HOMES, ids=lambda home: home.name)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    shutil.copytree(request.param, tmp_path / "home")
    return Home(tmp_path / "home")


def test_there_are_homes() -> None:
    assert HOMES
    assert each((home / "ledger.db").stat().st_size < 200_000 for home in HOMES)


def test_it_opens_and_tells_its_numbers(home: Home) -> None:
    expected = json.loads((home.path / "expected.json").read_text(encoding="utf-8"))
    with Workspace(home) as workspace:
        report = running.run(workspace)
        assert (report.events, report.cost_rows, report.is_rebuild) == (expected["events"], expected["cost_rows"], True)
        found = workspace.engine.select(NUMBERS).to_pylist()[0]
        credit = workspace.engine.select(
            "select model, e.channel, cast(sum(l.credit) as bigint) as credit from attribution_links as l"
            " join touchpoints as t on t.touchpoint_id = l.touchpoint_id"
            " join evidence_channels as e on e.evidence_id = t.evidence_id group by all order by all"
        ).to_pylist()
    assert {name: int(value) for name, value in found.items()} == expected["numbers"]
    assert credit == expected["credit"]


def test_it_does_what_the_new_release_can(home: Home, tmp_path: Path) -> None:
    with Workspace(home) as workspace:
        assert erasing.erase(workspace, "shop", user="u-1", now=1_773_000_000_000_000).events == 4
        running.run(workspace)
        assert isinstance(workspace.engine, DuckDB)
        stood = snapshot(workspace.engine)
        assert rows(workspace.engine, "identifiers_of_person", organization_id="shop", person_id="") == []
        running.run(workspace, is_rebuild=True)
        assert changes(stood, snapshot(workspace.engine)) == ""
    keeping.back_up_home(home, tmp_path / "backup")


def test_a_backup_that_an_earlier_release_made_is_restored(home: Home, tmp_path: Path) -> None:
    assert keeping.restore_home(home.ledger_file, Home(tmp_path / "new")).events == 7
