"""``move``, as a person or a program calls it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command, ledger_rows


def test_moving_says_what_it_compared_and_where_the_ledger_went(
    told: Path, touchline: Command, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, said in (
        ("postgresql://nobody@127.0.0.1:1/x", "Fix the server or --to"),
        ("postgresql://h:x/a", "--to is"),
    ):
        for more in (("--check",), ()):
            refused = touchline("move", "--to", url, *more)
            assert (refused.exit_code, said in " ".join(f"{refused.out}{refused.err}".split())) == (3, True)
    planned = touchline("move", "--to", database_url, "--check")
    assert (planned.exit_code, "Nothing was moved." in planned.out) == (0, True)
    document = touchline("move", "--to", database_url, "--check", "--json").document
    assert (document["rows"]["tracking_events"], document["problem"]) == (30, "")
    assert touchline("move", "--cancel").out.strip() == "No move of this ledger has begun."
    shown = touchline("move", "--to", database_url)
    assert "tracking_events" in shown.out
    assert "Set DATABASE_URL to the new place" in " ".join(shown.out.split())
    refused = touchline("site", "list", "--json")
    assert (refused.exit_code, refused.document["error"]["code"]) == (3, "moved")
    assert "was moved to postgresql://" in refused.document["error"]["message"]
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert touchline("run", "--json").document["events"] in {0, 30}
    stands = [touchline("move", "--to", "file", *more, "--json") for more in (("--check",), ())]
    assert [one.exit_code for one in stands] == [3, 3]  # a check ends as the move would
    assert stands[0].document["problem"].startswith(stands[1].document["error"]["message"])
    (told / "ledger.db").rename(told / "old.db")
    back = touchline("move", "--to", "file", "--json").document
    assert {each["table"]: each["rows"] for each in back["tables"]}["tracking_events"] == 30
    monkeypatch.delenv("DATABASE_URL")
    assert ledger_rows(told)["tracking_events"] == 30
    assert touchline("move").exit_code == 2
