"""``query``: SQL on the command line."""

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Command


def test_rows_are_shown_and_printed(told: Path, touchline: Command) -> None:
    sql = "select channel, count(*) as n from touches group by channel order by n desc, channel"
    document = touchline("query", sql, "--json").document
    assert (document["columns"], document["is_cut"]) == (["channel", "n"], False)
    shown = touchline("query", sql).out.splitlines()
    assert shown[0] == f"{len(document['rows'])} row{'s' if len(document['rows']) != 1 else ''}"
    assert shown[1].split() == ["channel", "n"]
    csv = touchline("query", sql, "--csv").out
    assert csv.splitlines() == ["channel,n", *(f"{channel},{n}" for channel, n in document["rows"])]


def test_it_reads_standard_input_and_cuts(told: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("select touch_id\nfrom touches"))
    shown = touchline("query", "-", "--rows", 2)
    assert shown.out.startswith("The first 2 rows; there are more. Use --rows to read more of them.")


def test_csv_that_is_cut_says_so_beside_it(told: Path, touchline: Command) -> None:
    sql = "select event_id from main.tracking_events"
    whole = touchline("query", sql, "--csv")
    rows = whole.out.splitlines()
    assert (len(rows) > 2, whole.err) == (True, "")
    cut = touchline("query", sql, "--csv", "--rows", 1)
    assert cut.exit_code == 0
    assert len(cut.out.splitlines()) == 2
    assert cut.err == "The first 1 row; there are more. Use --rows to read more of them.\n"
    assert touchline("query", sql, "--json", "--rows", 1).document["is_cut"] is True


def test_a_long_answer_says_how_much_of_it_is_shown(told: Path, touchline: Command) -> None:
    sql = "with recursive r as (select 1 as n union all select n + 1 as n from r where n < 205) select n from r"
    rows = "of which 100 are shown; --csv has them all"
    assert touchline("query", sql).out.startswith(f"205 rows, {rows}\n")
    more = "The first 150 rows; there are more. Use --rows to read more of them."
    assert touchline("query", sql, "--rows", 150).out.startswith(f"{more} 150 rows, {rows}\n")


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        (("delete from touches",), 2, "Nothing but a query is answered, and this is DELETE"),
        (("select * from tuches",), 8, "There is no relation 'tuches'"),
        (("select * from touches", "--csv", "--json"), 2, "Choose --json or --csv"),
        (("select * from touches", "--rows", "0"), 2, "--rows is at least 1"),
    ],
)
def test_what_is_refused(told: Path, touchline: Command, words: tuple[str, ...], exit_code: int, said: str) -> None:
    outcome = touchline("query", *words)
    assert outcome.exit_code == exit_code
    assert said in outcome.err + outcome.out
