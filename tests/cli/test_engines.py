"""Commands on a server: ``TOUCHLINE_ENGINE`` names it, and every answer is that of the file."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.engines.servers import empty_postgresql, postgresql_url

QUESTIONS = (
    ("doctor",), ("report", "attribution"), ("report", "models"), ("report", "journeys"),
    ("report", "attribution", "--by", "campaign"), ("waste",), ("health",),
)  # fmt: skip


def _url(server: str, folder: Path) -> str:
    """A server that holds nothing."""
    if server == "clickhouse":
        return f"chdb://{folder / 'clickhouse'}"
    empty_postgresql().close()
    return postgresql_url()


@pytest.mark.slow
@pytest.mark.parametrize("server", ["postgresql", "clickhouse"])
def test_every_answer_is_the_same_on_a_server(
    server: str, shop: Path, tmp_path: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [touchline(*question, "--home", shop, "--json") for question in QUESTIONS]
    home = tmp_path / "home"
    home.mkdir()
    for file in shop.glob("ledger.db*"):
        shutil.copy(file, home)
    monkeypatch.setenv("TOUCHLINE_ENGINE", _url(server, tmp_path))
    assert touchline("report", "attribution", "--home", home).exit_code == 3, "there are no numbers yet"
    ran = touchline("run", "--home", home, "--json")
    assert ran.exit_code == 0, ran.out
    assert ran.document["is_rebuild"]
    assert not (home / "engine.duckdb").exists()
    for question, expected in zip(QUESTIONS, asked, strict=True):
        answer = touchline(*question, "--home", home, "--json")
        assert answer.exit_code == expected.exit_code, (question, answer.out)
        assert _timeless(answer.out.replace(str(home), str(shop))) == _timeless(expected.out), question
    again = touchline("run", "--home", home, "--json").document
    assert (again["is_rebuild"], again["events"]) == (False, 0)


def _timeless(text: str) -> str:
    """Without the times at which runs ended, and without what the engine promises."""
    document = json.loads(text)
    if "checks" in document:
        document["checks"] = [check for check in document["checks"] if check["name"] != "promises"]
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "then", json.dumps(document))


@pytest.mark.parametrize(
    ("url", "exit_code", "said"),
    [
        ("mysql://db/river", 2, "begins with 'mysql'"),
        ("postgresql://nobody@127.0.0.1:1/river", 3, "does not answer"),
        ("clickhouse://127.0.0.1:1", 3, "does not answer"),
    ],
)
def test_a_server_that_is_not_there_is_one_line(
    home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch, url: str, exit_code: int, said: str
) -> None:
    monkeypatch.setenv("TOUCHLINE_ENGINE", url)
    outcome = touchline("run")
    assert outcome.exit_code == exit_code, outcome.err
    assert said in outcome.err
    assert len(outcome.err.splitlines()) == 1
