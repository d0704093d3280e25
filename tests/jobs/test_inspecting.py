"""What a run holds on its way stands in files, as it was held."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.server.conftest import Place, placed
from touchline.errors import InputError
from touchline.jobs import importing, running
from touchline.jobs.workspace import Workspace
from touchline.tables import RIVER

NOW = 1_772_900_000_000_000  # 2026-03-07
VISIT = (
    '{{"eventId": "{0}", "type": "PAGE_VIEW", "anonId": "{0}", "url": "https://shop.example.com/?utm_source=x",'
    ' "occurredAt": "2026-03-01T10:00:00Z", "userAgent": "Mozilla/5.0"}}\n'
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return placed(tmp_path / "home")


def take_in(workspace: Workspace, folder: Path, name: str) -> None:
    (folder / "e.jsonl").write_text(VISIT.format(name), encoding="utf-8")
    importing.import_events(workspace, [folder / "e.jsonl"], site_id=None, mapping=None, now=NOW)


def names(folder: Path) -> list[str]:
    return [file.stem.partition("-")[2] for file in sorted(folder.iterdir())]


def test_a_run_over_new_events_writes_down_what_it_holds(place: Place, tmp_path: Path) -> None:
    with Workspace(place.home) as workspace:
        take_in(workspace, tmp_path, "ann")
        running.run(workspace)
        take_in(workspace, tmp_path, "ben")
        running.run(workspace, debug_folder=tmp_path / "held")
        (made,) = (tmp_path / "held").glob("*-made_touchpoints.parquet")
        (touch,) = pq.read_table(made).to_pylist()
        stored = workspace.engine.select("select * from touchpoints where touchpoint_id like '%:ben'").to_pylist()
        assert [touch] == stored
    held = names(tmp_path / "held")
    assert held.index("scope_touched") < held.index("scope_persons") < held.index("made_touchpoints")


def test_a_rebuild_writes_down_its_tables(place: Place, tmp_path: Path) -> None:
    with Workspace(place.home) as workspace:
        take_in(workspace, tmp_path, "ann")
        running.run(workspace, is_rebuild=True, debug_folder=tmp_path / "held")
        for file in sorted((tmp_path / "held").iterdir()):
            table = file.stem.partition("-")[2]
            assert pq.read_table(file).num_rows == workspace.engine.select(f"select * from {table}").num_rows
    written = names(tmp_path / "held")
    assert {"sessions", "touchpoints", "daily_rollups"} <= set(written) <= {table.name for table in RIVER}
    assert pq.read_table(next((tmp_path / "held").glob("*-touchpoints.parquet"))).num_rows == 1


def test_files_of_two_runs_are_not_mixed(place: Place, tmp_path: Path) -> None:
    (tmp_path / "e.txt").touch()
    with Workspace(place.home) as workspace:
        for taken in (tmp_path, tmp_path / "e.txt"):
            with pytest.raises(InputError, match="not empty"):
                running.run(workspace, debug_folder=taken)
