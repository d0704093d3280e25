"""A home, a way to run commands in it, and a small shop that has been attributed."""

import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.outcome import Outcome
from tests.sharing import copy_of
from touchline.cli import main
from touchline.ledger import Ledger, schema

Command = Callable[..., Outcome]


@pytest.fixture
def touchline(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs one command in this process."""

    def run(*words: object) -> Outcome:
        capsys.readouterr()
        exit_code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(exit_code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def initialized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as ``init`` leaves it; tests copy it, which is quicker than to make one."""
    folder = tmp_path_factory.mktemp("initialized") / "home"
    assert main(["init", "--domain", "shop.example", "--currency", "EUR", "--home", str(folder)]) == 0
    return folder


def copied(made: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a home, which every command uses."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(folder / "home"))
    return shutil.copytree(made, folder / "home")


@pytest.fixture
def home(initialized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new home, which every command uses."""
    return copied(initialized, tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def attributed(initialized: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with events, costs and numbers; tests copy it."""
    folder = tmp_path_factory.mktemp("attributed")
    home = shutil.copytree(initialized, folder / "home")
    events, costs = write_events(folder / "events.jsonl"), write_costs(folder / "costs.csv")
    for words in (["import", "events", str(events)], ["import", "costs", str(costs)], ["run"]):
        assert main([*words, "--home", str(home)]) == 0
    return home


@pytest.fixture
def told(attributed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with 30 events of 10 visitors, costs and numbers, which every command uses."""
    return copied(attributed, tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The document of a small demo."""

    def make(folder: Path) -> None:
        with redirect_stdout(StringIO()) as out:
            assert main(["demo", "--visitors", "3000", "--home", str(folder / "home"), "--json"]) == 0
        home = json.loads(out.getvalue())["home"]
        (folder / "document.json").write_text(out.getvalue().replace(home, "HOME"), encoding="utf-8")

    made = copy_of(tmp_path_factory, "demo", make)
    return json.loads((made / "document.json").read_text(encoding="utf-8").replace("HOME", str(made / "home")))


@pytest.fixture(scope="session")
def shop(demonstrated: Any) -> Path:
    """The home of a small demo; tests read it and write nothing to it."""
    return Path(demonstrated["home"])


def event(number: int, **fields: object) -> dict[str, object]:
    """One event of the wire."""
    return {
        "eventId": f"e{number}",
        "type": "PAGE_VIEW",
        "anonId": f"visitor-{number // 3}",
        "url": "https://shop.example/?utm_source=newsletter&utm_medium=email",
        "occurredAt": f"2026-01-{number % 28 + 1:02}T10:00:00Z",
        **fields,
    }


def write_events(file: Path, count: int = 30, **fields: object) -> Path:
    """Page views, and for every third a purchase, as JSON lines."""
    events = [event(number, **fields) for number in range(count)]
    for number in range(2, count, 3):
        events[number] |= {"type": "CONVERSION", "name": "purchase", "value": 12.5, "currency": "EUR"}
    file.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    return file


def write_costs(file: Path, header: str = "date,platform,cost") -> Path:
    """Two rows of ad costs."""
    file.write_text(f"{header}\n2026-01-01,META,10.00\n2026-01-02,META,11.50\n", encoding="utf-8")
    return file


def ledger_rows(home: Path) -> dict[str, int]:
    """How many rows every table of the ledger has; the record of runs aside."""
    ledger = Ledger(home / "ledger.db")
    try:
        tables = [table for table in schema.METADATA.sorted_tables if table is not schema.JOB_RUNS]
        return {table.name: len(ledger.rows(table)) for table in tables}
    finally:
        ledger.close()
