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
