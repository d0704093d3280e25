"""``export tables`` and ``--to``: the rows of queries and reports, elsewhere."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Command
from touchline.reports.views import views

PUBLIC = sorted(view.name for view in views() if view.is_public)


def test_every_view_and_a_table_go_to_files_with_the_rows_of_a_query(
    told: Path, tmp_path: Path, touchline: Command
) -> None:
    written = touchline("export", "tables", "--to", tmp_path / "out", "--format", "parquet", "--json").document
    assert [one["name"] for one in written["tables"]] == PUBLIC
    for one in written["tables"]:
        found = pq.read_table(tmp_path / "out" / f"{one['name']}.parquet")
        asked = touchline("query", f"select * from {one['name']}", "--json").document
        assert (found.column_names, found.num_rows) == (asked["columns"], one["rows"])
        assert one["rows"] == len(asked["rows"])
    shown = touchline("export", "tables", "links", "main.tracking_events", "--to", tmp_path / "two.xlsx").out
    assert shown.startswith(f"Written to {tmp_path / 'two.xlsx'} (xlsx)\n")
    assert [line.split()[0] for line in shown.splitlines()[2:4]] == ["links", "tracking_events"]


def test_exports_have_one_order_and_exact_money(told: Path, tmp_path: Path, touchline: Command) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for file in files:
        assert touchline("export", "tables", "costs_all", "--to", file).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    for row in csv.DictReader(files[0].read_text(encoding="utf-8").splitlines()):
        assert int(row["spend_micros"]) == round(float(row["spend"]) * 1_000_000)


def test_a_report_goes_where_it_is_told_to(told: Path, tmp_path: Path, touchline: Command) -> None:
    file = tmp_path / "channels.csv"
    assert touchline("report", "attribution", "--to", file, "--json").document["tables"][0]["name"] == "attribution"
    assert file.read_bytes().decode() == touchline("report", "attribution", "--csv").out.replace("\n", "\r\n")
    for name in ("report models", "report journeys", "waste", "health"):
        assert touchline(*name.split(), "--to", tmp_path / "all.duckdb").exit_code == 0


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("tables", "tuches", "--to", "x.csv"), 8, "There is no relation 'tuches'"),
        (("tables", "links", "costs", "--to", "x.csv"), 2, "x.csv holds one table, not 2"),
        (("tables", "links", "main.links", "--to", "x.xlsx"), 2, "links is named twice"),
        (("tables", "links", "--to", "$HOME/engine.duckdb"), 2, "is in Touchline's own folder"),
        (("tables", "links", "--to", "/proc/x.csv"), 5, "cannot be written"),
    ],
)
def test_what_is_refused(told: Path, touchline: Command, words: tuple[str, ...], exit_code: int, said: str) -> None:
    outcome = touchline("export", *(word.replace("$HOME", str(told)) for word in words))
    assert (outcome.exit_code, outcome.out) == (exit_code, "")
    assert said in outcome.err
