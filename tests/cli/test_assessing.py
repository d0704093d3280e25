"""``assess``: what the tables hold is what the installation can do."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.architecture.portable_sql import findings
from tests.cli.conftest import Command
from tests.reports.assessment.projects import PAID_BUDGET, manifest
from touchline.reports.assessment.layers import layers

FOLDER = Path(__file__).resolve().parents[2] / "src" / "touchline" / "reports" / "assessment" / "evidence"
CAPABILITIES = [one.name for layer in layers() for one in layer.capabilities]
ROWS = {
    "identity stitching": "identity_edges",
    "cross-session linking": "sessions where started_because <> 'first_visit'",
    "merged ID handling": "identities where identifier not like 'v:%'",
    "deduplication": "identity_pairs where event_count > 1",
    "device graph": "identities where identifier like 'v:%'",
    "event staging": "tracking_events",
    "touchpoint extraction": "touchpoints",
    "data quality filters": "conversions where not is_counted",
    "signal type classification": "conversions where is_counted",
    "temporal ordering": "paths",
    "session detection": "session_events",
    "UTM parsing": "touchpoints where utm_source is not null",
    "click ID detection": "touchpoints where click_id_names is not null",
    "classification hierarchy": "evidence_channels where ignored is not null",
    "fallback handling": "evidence_channels where channel = 'Direct'",
    "referrer classification": "evidence_channels where referrer_host is not null and utm_source is null",
    "user-agent heuristics": "agents",
    "first-touch model": "attribution_links where model = 'FIRST_TOUCH'",
    "last-touch model": "attribution_links where model = 'LAST_TOUCH'",
    "multi-touch models": "attribution_links where model not in ('FIRST_TOUCH', 'LAST_TOUCH')",
    "grain flexibility": "daily_rollups where grain in ('CAMPAIGN', 'ADSET', 'AD')",
    "model comparison": "daily_rollups where grain = 'ORGANIZATION' and model <> 'LINEAR'",
    "survey integration": "conversions where self_reported_source is not null",
    "behavioural coverage rate": "health_measures where measure = 'behavioural_coverage'",
    "direct-only rate": "health_measures where measure = 'direct_only_rate'",
    "model comparison metrics": "daily_rollups where grain = 'PLATFORM' and model <> 'LINEAR'",
    "XmR process charts": "health_measures where measure = 'no_touch_rate'",
    "data quality metrics": "health_measures where measure in ('direct_landing_rate', 'cut_path_rate')",
}
"""By capability, the rows without which it is not there."""
WITH = {
    "touchpoint extraction": {
        "UTM parsing", "click ID detection", "classification hierarchy", "fallback handling", "referrer classification",
        "user-agent heuristics",
    },
    "signal type classification": {"survey integration"},
}  # fmt: skip
"""What else is gone with these rows: there is no channel without a touch, and no answer without a conversion."""


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.sql")), ids=lambda file: file.stem)
def test_query_is_portable_and_writes_nothing(file: Path) -> None:
    assert findings(file.stem, file.read_text(encoding="utf-8")) == ["header: writes names no declared table: ''"]


def test_every_capability_has_a_query_and_every_query_a_capability() -> None:
    found = [one for layer in layers() for one in layer.capabilities]
    assert {one.file_name for one in found} == {file.stem for file in FOLDER.glob("*.sql")}
    assert sorted(one.impact for one in found) == list(range(1, len(found) + 1))


def missing(document: Any) -> set[str]:
    return {name for layer in document["layers"] for name in layer["capabilities_missing"]}


def test_the_demo_has_every_capability_and_says_why(touchline: Command, shop: Path) -> None:
    document = touchline("assess", "--home", shop, "--json").document
    assert list(document)[:7] == ["id", "lens", "function", "phase", "topics", "version", "created"]
    assert {layer["status"] for layer in document["layers"]} == {"complete"}
    assert document["gaps"] == []
    claims = [claim for layer in document["layers"] for claim in layer["claims"]]
    assert [claim["capability"] for claim in claims] == CAPABILITIES
    with duckdb.connect(shop / "engine.duckdb", read_only=True) as connection:
        connection.execute("use river")
        for claim in claims:
            found = connection.execute(claim["query"], {"organization_id": document["subject"]}).fetchall()
            assert found == [(claim["rows"],)]
    shown = touchline("assess", "--home", shop).out
    assert "complete" in shown
    assert "Not seen in the data" not in shown


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_without_its_rows_a_capability_is_missing_alone(
    touchline: Command, shop: Path, tmp_path: Path, capability: str
) -> None:
    home = Path(shutil.copytree(shop, tmp_path / "home"))
    with duckdb.connect(home / "engine.duckdb") as connection:
        connection.execute(f"delete from river.{ROWS[capability]}")
    document = touchline("assess", "--home", home, "--json").document
    assert missing(document) == {capability} | WITH.get(capability, set())


@pytest.mark.parametrize("runs", [False, True])
def test_an_empty_installation_has_none(touchline: Command, home: Path, *, runs: bool) -> None:
    if runs:
        touchline("run")
    outcome = touchline("assess", "--json")
    assert outcome.exit_code == 0
    assert {layer["status"] for layer in outcome.document["layers"]} == {"missing"}
    assert missing(outcome.document) == set(CAPABILITIES)
    assert "Not seen in the data" in touchline("assess").out


def test_a_dbt_project_needs_no_home(touchline: Command, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(manifest(PAID_BUDGET), encoding="utf-8")
    document = touchline("assess", "--dbt", tmp_path / "manifest.json", "--home", tmp_path / "none", "--json").document
    assert document["topics"] == ["attribution", "dbt"]
    assert "device graph" in missing(document)
    outcome = touchline("assess", "--dbt", tmp_path / "no.json")
    assert outcome.exit_code == 6
    assert "is no dbt manifest" in outcome.err
