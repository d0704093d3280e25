"""``export dbt``: what is written, in every dialect, again and again, and what is refused."""

import json
import logging
import re
import shutil
from collections.abc import Mapping
from contextlib import closing
from itertools import product
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from touchline.engines.warehouses import DIALECTS, model_text
from touchline.errors import InputError, UsageError
from touchline.jobs.dbt.answers import reads_settings_alone
from touchline.jobs.dbt.folder import RECORD, text, write_files, written_before
from touchline.jobs.dbt.nodes import made_in_python, models, river_models, seeds, sources
from touchline.jobs.dbt.project import Options, export_dbt
from touchline.jobs.dbt.readme import ROUNDS
from touchline.jobs.workspace import Workspace
from touchline.pipeline import STAGES
from touchline.tables import ALL, MOVED_CONVERSIONS

_REFERENCE = re.compile(r"\{\{ (?:ref\('(\w+)'\)|source\('touchline', '(\w+)'\)) \}\}")
_ESCAPED = re.compile(r"\{\{ '(.)' \}\}")


def files_of(folder: Path) -> Mapping[str, bytes]:
    """Every file of a folder, with its content."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.fixture
def to(tmp_path: Path) -> Path:
    """A folder for a project."""
    return tmp_path / "project"


def rendered(model: str) -> str:
    """A model as dbt gives it to a database."""
    return _ESCAPED.sub(r"\1", _REFERENCE.sub(lambda found: found[1] or found[2], model))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_model_parses_again_and_nothing_is_lost(
    workspace: Workspace, to: Path, dialect: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Models name the tables of their headers, and the parser of the dialect reads what its writer wrote."""
    with caplog.at_level(logging.WARNING, logger="sqlglot"):
        project = export_dbt(workspace, to, Options(dialect))
    assert caplog.records == []
    listed = {file.stem: file.read_text(encoding="utf-8") for file in (to / "models").rglob("*.sql")}
    assert project.models == len(listed) == len(models()) + len(seeds())
    for name, written in listed.items():
        tree = sqlglot.parse_one(rendered(written), read=dialect, error_level=ErrorLevel.RAISE)
        assert isinstance(tree, exp.Query), name
    for model in models():
        read = {one or other for one, other in _REFERENCE.findall(listed[model.name])}
        assert read == {*model.query.reads}, model.name


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("way", "nulls"), [*product(("", "desc"), ("", "nulls first", "nulls last"))])
def test_the_place_of_nulls_in_a_window_is_kept(dialect: str, way: str, nulls: str) -> None:
    select = f"select k, row_number() over (order by v {way} {nulls}, k) as n from t order by n, k"
    told = model_text(select, dialect, {})
    with closing(duckdb.connect()) as connection:
        connection.execute("create table t as select * from (values (1, 2), (2, null), (3, 1), (4, null)) as x(k, v)")
        back = sqlglot.transpile(told, read=dialect, write="duckdb")[0]
        assert connection.sql(back).fetchall() == connection.sql(select).fetchall()


def test_jinja_reads_nothing_in_a_text_of_a_statement() -> None:
    told = model_text("select '{{x}}' || '{% y %}' || '{# z' as a from t", "duckdb", {"t": "{{ ref('t') }}"})
    assert rendered(told) == "SELECT\n  '{{x}}' || '{% y %}' || '{# z' AS a\nFROM t AS t"


def test_what_python_makes_is_what_the_stages_put() -> None:
    statements = {model.query.writes for model in river_models() if model.table}
    written = {table.name for stage in STAGES for table in stage.writes}
    made = {table.name for table in made_in_python()}
    assert made == (written - statements) | {"components", "parts", "refused_pairs"}
    known = {*made, *statements, *(table.name for table in (*seeds(), *sources()))}
    assert {name for model in models() for name in model.query.reads} <= known
    assert MOVED_CONVERSIONS.name not in known


def test_the_rounds_name_all_that_python_asks_for() -> None:
    asked = [one.name for one in river_models() if one.is_asked_for and not reads_settings_alone(one.query)]
    assert sorted(asked) == sorted(name for names in ROUNDS for name in names)


def test_an_export_again_writes_the_same_and_leaves_files_of_others(workspace: Workspace, to: Path) -> None:
    export_dbt(workspace, to, Options())
    first = files_of(to)
    (to / "models" / "own").mkdir()
    (to / "models" / "own" / "events.sql").write_text("select 1 as x")
    export_dbt(workspace, to, Options("bigquery"))
    export_dbt(workspace, to, Options())
    assert files_of(to) == {**first, "models/own/events.sql": b"select 1 as x"}


def test_a_source_of_ones_own_is_a_model_and_no_source(workspace: Workspace, to: Path) -> None:
    export_dbt(workspace, to, Options(own=["tracking_events"]))
    assert "ref('tracking_events')" in (to / "models" / "identity" / "identity_pairs.sql").read_text()
    assert '"tracking_events"' not in (to / "models" / "sources.yml").read_text()
    with pytest.raises(UsageError, match="paths is no source"):
        export_dbt(workspace, to, Options(own=["paths"]))
    with pytest.raises(UsageError, match="no dialect 'oracle'"):
        export_dbt(workspace, to, Options("oracle"))


def test_a_folder_that_no_export_wrote_is_refused(workspace: Workspace, to: Path) -> None:
    to.mkdir()
    (to / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="no export wrote it"):
        export_dbt(workspace, to, Options())
    assert files_of(to) == {"notes.txt": b"mine"}


def test_a_changed_file_and_a_file_in_the_way_are_refused(workspace: Workspace, to: Path) -> None:
    export_dbt(workspace, to, Options())
    file = to / "models" / "attribution" / "paths.sql"
    file.write_text("select 1 as mine")
    with pytest.raises(UsageError, match=re.escape(f"{file} was changed")):
        export_dbt(workspace, to, Options())
    assert file.read_text() == "select 1 as mine"
    file.unlink()
    (to / "sources").mkdir()
    (to / "sources" / "cost_rows.parquet").write_bytes(b"mine")
    with pytest.raises(UsageError, match="is no file of an export"):
        export_dbt(workspace, to, Options(has_sources=True))
    assert not file.exists()
    export_dbt(workspace, to, Options())
    assert file.exists()


@pytest.mark.parametrize("record", ["", "[]", '{"files": 3, "is_whole": true}'])
def test_a_record_that_cannot_be_read_is_refused(tmp_path: Path, record: str) -> None:
    (tmp_path / RECORD).write_text(record)
    with pytest.raises(UsageError, match="cannot be read"):
        written_before(tmp_path)


@pytest.mark.parametrize("name", ["../victim", "/victim", "models/../../victim", "link/victim", "", ".", "a\0b"])
def test_a_record_of_files_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    (folder / RECORD).write_text(json.dumps({"files": {name: ""}, "is_whole": False}))
    with pytest.raises(UsageError, match="outside of the folder"):
        written_before(folder)
    with pytest.raises(UsageError, match="outside of the folder"):
        write_files(folder, {name: text("x")}, {})


def test_an_export_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    def fails(_file: Path) -> None:
        raise KeyboardInterrupt

    write_files(tmp_path, {"a": text("1"), "b": text("2"), "old": text("x")}, written_before(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, {"a": text("3"), "b": fails}, written_before(tmp_path))
    assert (tmp_path / "a").read_text() == "3"
    write_files(tmp_path, {"a": text("3"), "b": text("4")}, written_before(tmp_path))
    assert {name: one for name, one in files_of(tmp_path).items() if name != RECORD} == {"a": b"3", "b": b"4"}
    assert json.loads((tmp_path / RECORD).read_text())["is_whole"]


_PAIRS = pa.table({"ORGANIZATION_ID": ["shop"], "IDENTIFIER": ["v:s:a"], "LINKED_IDENTIFIER": ["u:x"]})


def test_python_makes_what_it_has_the_rows_for(workspace: Workspace, tmp_path: Path) -> None:
    """Round by round: what was made before stands, and names of columns may be in capitals."""
    asked, to = tmp_path / "asked", tmp_path / "project"
    asked.mkdir()
    pq.write_table(_PAIRS, asked / "joining_pairs.parquet")
    assert export_dbt(workspace, to, Options(made_from=asked)).made == ("components",)
    seed = to / "seeds" / "seed_components.csv"
    assert seed.read_text() == "organization_id,identifier,component\n:shop,:u:x,:u:x\n:shop,:v:s:a,:u:x\n"
    (asked / "joining_pairs.parquet").unlink()
    pq.write_table(pa.table({"user_agent": ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"]}), asked / "x")
    shutil.move(asked / "x", asked / "user_agents.parquet")
    evidence = {name: pa.array([None], pa.string()) for name in ALL["evidence_channels"].column_names[1:7]}
    pq.write_table(pa.table({"evidence_id": ["1"], **evidence, "has_past_click": [False]}), asked / "evidence.parquet")
    assert export_dbt(workspace, to, Options(made_from=asked)).made == ("agents", "evidence_channels")
    assert ":u:x" in seed.read_text()
    assert ":Direct," in (to / "seeds" / "seed_evidence_channels.csv").read_text()


@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        ("other", _PAIRS, "has none of the files"),
        ("joining_pairs", _PAIRS.drop_columns("IDENTIFIER"), "has no column identifier"),
        (
            "judged_blocks",
            pa.table({"organization_id": ["o"], "site_id": ["s"], "block_start": ["soon"]}),
            "another type",
        ),
    ],
)
def test_rows_that_cannot_be_read_are_refused(
    workspace: Workspace, tmp_path: Path, name: str, rows: pa.Table, said: str
) -> None:
    (tmp_path / "asked").mkdir()
    pq.write_table(rows, tmp_path / "asked" / f"{name}.parquet")
    with pytest.raises(InputError, match=said):
        export_dbt(workspace, tmp_path / "project", Options(made_from=tmp_path / "asked"))


def test_a_file_that_is_no_parquet_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "joining_pairs.parquet").write_text("no")
    with pytest.raises(InputError, match="is not Parquet"):
        export_dbt(workspace, tmp_path / "project", Options(made_from=tmp_path))
