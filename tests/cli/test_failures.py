"""Whatever goes wrong: one clear line, the right exit code, nothing half-written, and the next good command works."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, ledger_rows, write_costs, write_events
from tests.disks import fill, in_memory, mounted, only_root_mounts
from tests.forking import in_process
from tests.outcome import Outcome
from touchline.cli import answer
from touchline.ledger import store

BUSY, STORAGE, INPUT, MAPPING, UNKNOWN, HOME, USAGE = 4, 5, 6, 7, 8, 3, 2


@contextmanager
def unchanged(home: Path) -> Iterator[None]:
    """Whether the ledger holds the same rows afterwards."""
    before = ledger_rows(home)
    yield
    assert ledger_rows(home) == before


def refused(touchline: Command, exit_code: int, *words: object) -> str:
    """The one line with which a command is refused."""
    outcome = touchline(*words)
    is_refused(outcome, exit_code)
    return outcome.err


def is_refused(ran: Outcome, exit_code: int) -> None:
    assert (ran.exit_code, ran.out) == (exit_code, ""), ran
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1


# What is missing or unknown


@pytest.mark.parametrize(
    "words",
    [("run",), ("site", "list"), ("health",), ("import", "events", "x.jsonl"), ("settings",), ("waste", "--json")],
)
def test_missing_home(touchline: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    outcome = touchline(*words, "--home", tmp_path / "nowhere")
    assert outcome.exit_code == HOME
    assert "touchline init" in outcome.out + outcome.err
    assert not (tmp_path / "nowhere").exists()


def test_second_init_leaves_the_first_alone(told: Path, touchline: Command) -> None:
    with unchanged(told):
        assert "already" in refused(touchline, HOME, "init", "--domain", "b.example", "--currency", "EUR")


def test_reports_before_the_first_run(home: Path, touchline: Command) -> None:
    assert "touchline run" in refused(touchline, HOME, "report", "attribution")
    assert not (home / "engine.duckdb").exists()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("report", "attribution", "--goal", "nope"), "conversion"),
        (("report", "models", "--organization", "nope"), "shop-example"),
        (("explain", "conversion", "nope"), "nope"),
        (("goal", "remove", "nope"), "goal list"),
        (("key", "create", "--site", "nope"), "shop-example"),
        (("key", "revoke", "nope"), "key list"),
        (("key", "rotate", "nope"), "key list"),
        (("settings", "set", "primary_goal", "nope"), "conversion"),
    ],
)
def test_unknown_name(told: Path, touchline: Command, words: tuple[str, ...], named: str) -> None:
    with unchanged(told):
        assert named in refused(touchline, UNKNOWN, *words)


def test_unknown_site_of_events(told: Path, touchline: Command, tmp_path: Path) -> None:
    with unchanged(told):
        said = refused(touchline, UNKNOWN, "import", "events", write_events(tmp_path / "e.jsonl", 60), "--site", "nope")
    assert "There are: shop-example" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nope",), 'Unknown command "nope". Available commands: demo, init'),
        (("run", "--nope"), "Unknown option: --nope"),
        (("goal", "set"), '"goal set" parameter NAME requires an argument'),
        (
            ("report", "attribution", "--start", "yesterday"),
            "Invalid value for --start: expected a day such as 2026-01-31, got 'yesterday'",
        ),
        (
            ("fit", "make", "--window-end", "2026-02-30"),
            "Invalid value for --window-end: expected a day such as 2026-01-31, got '2026-02-30'",
        ),
        (("target", "set", "--cpa", "much"), "Invalid value for --cpa: expected a number such as 12.50, got 'much'"),
        (("settings", "set", "lookback_days", "0"), "lookback_days is a number from 1 to 3650, not '0'"),
        (("import", "events"), "No file is named. Name at least one"),
        (
            ("report", "attribution", "--start", "2026-02-01", "--end", "2026-01-01"),
            "The window ends on 2026-01-01, before it starts on 2026-02-01",
        ),
        (("waste", "--grain", "nope"), "grain must be one of ORGANIZATION, PLATFORM, CAMPAIGN, ADSET, AD, not 'nope'"),
        (("waste", "--severity", "nope"), "severity must be one of high, medium, low, not 'nope'"),
        (("demo", "--visitors", "3"), "at least 0, 100 visitors and 14 days, not 7, 3 and 90"),
    ],
)
def test_command_that_makes_no_sense(
    told: Path, touchline: Command, words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with unchanged(told):
        assert said in refused(touchline, USAGE, *words)


# Files that are not what they claim to be


def write_bad(file: Path) -> Path:
    file.write_bytes(b"PK\x03\x04\x00\xff\xfe nothing that anybody could read")
    return file


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("events.parquet", "events.parquet is not a whole Parquet file"),
        ("events.jsonl.gz", "events.jsonl.gz is not a whole gzip file"),
        ("events.xlsx", "events.xlsx: the file name does not show the format"),
        ("events.csv", "events.csv is an Excel or zip file under this name"),
    ],
)
def test_corrupt_event_file(told: Path, touchline: Command, tmp_path: Path, name: str, said: str) -> None:
    with unchanged(told):
        assert said in refused(touchline, INPUT, "import", "events", write_bad(tmp_path / name))


def test_good_file_before_a_corrupt_one_is_not_kept(told: Path, touchline: Command, tmp_path: Path) -> None:
    good, bad = write_events(tmp_path / "good.jsonl", 90), write_bad(tmp_path / "bad.parquet")
    with unchanged(told):
        assert "bad.parquet is not a whole Parquet file" in refused(touchline, INPUT, "import", "events", good, bad)
    assert touchline("import", "events", good, "--json").document["accepted"] == 60


def test_missing_file(told: Path, touchline: Command, tmp_path: Path) -> None:
    with unchanged(told):
        for what in ("events", "costs"):
            assert "nowhere.csv" in refused(touchline, INPUT, "import", what, tmp_path / "nowhere.csv")


def test_unknown_cost_column(told: Path, touchline: Command, tmp_path: Path) -> None:
    file = write_costs(tmp_path / "costs.csv", "date,platform,spend")
    with unchanged(told):
        assert "spend" in refused(touchline, INPUT, "import", "costs", file)
    assert touchline("import", "costs", write_costs(file)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fields]\nnope = 1", "m.toml: there is no fields.nope. Known are: accountId"),
        ("no toml", "m.toml is not TOML"),
        (
            "[fields]\neventId = 'no_such_column'\ntype = 'type'",
            "eventId comes from 'no_such_column', which events.csv does not have. Its columns are: id, type",
        ),
        (None, "m.toml cannot be read as a mapping file"),
    ],
)
def test_wrong_mapping(told: Path, touchline: Command, tmp_path: Path, text: str | None, said: str) -> None:
    mapping, file = tmp_path / "m.toml", tmp_path / "events.csv"
    file.write_text("id,type\n1,PAGE_VIEW\n", encoding="utf-8")
    if text is not None:
        mapping.write_text(text, encoding="utf-8")
    with unchanged(told):
        assert said in refused(touchline, MAPPING, "import", "events", file, "--mapping", mapping)


def test_corrupt_ledger_and_engine(told: Path, touchline: Command) -> None:
    engine = told / "engine.duckdb"
    write_bad(engine)
    assert "rebuild" in refused(touchline, HOME, "report", "attribution")
    engine.unlink()
    assert touchline("run").exit_code == 0
    write_bad(told / "ledger.db")
    assert "not a ledger" in refused(touchline, HOME, "run")


def test_damaged_ledger(told: Path, touchline: Command, tmp_path: Path) -> None:
    touchline("import", "events", write_events(tmp_path / "e.jsonl", 3_000))
    with (told / "ledger.db").open("r+b") as file:
        for page in range(file.seek(0, os.SEEK_END) // 8_192, file.tell() // 4_096 - 1):
            file.seek(page * 4_096)
            file.write(b"\xff" * 4_096)
    assert "touchline doctor" in refused(touchline, HOME, "run", "--rebuild")
    checks = touchline("doctor", "--json").document["checks"]
    assert next(check["next_step"] for check in checks if check["status"] == "problem") == "Restore it from a backup."
    assert touchline("report", "attribution").exit_code == 0


# Files that somebody else holds


def test_locked_ledger(told: Path, touchline: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WAIT_SECONDS", 0.05)
    events, costs = write_events(tmp_path / "e.jsonl", 60), write_costs(tmp_path / "c.csv")
    other = sqlite3.connect(told / "ledger.db", isolation_level=None)
    other.execute("begin immediate")
    with unchanged(told):
        for words in (
            ("import", "events", events),
            ("import", "costs", costs),
            ("goal", "set", "x", "--event-name", "x"),
        ):
            assert "ledger" in refused(touchline, BUSY, *words)
    other.execute("rollback")
    other.close()
    assert touchline("import", "events", events, "--json").document["accepted"] == 30


@contextmanager
def held(home: Path, options: str = "") -> Iterator[None]:
    """Another process has locked the engine's file meanwhile."""
    program = f"import duckdb, sys; it = duckdb.connect(sys.argv[1]{options}); print('held', flush=True); input()"
    command = [sys.executable, "-c", program, str(home / "engine.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield
        other.communicate("\n")


def test_held_engine(told: Path, touchline: Command, tmp_path: Path) -> None:
    events = write_events(tmp_path / "e.jsonl", 60)
    with held(told):
        with unchanged(told):
            assert "Another process has locked" in refused(touchline, BUSY, "run")
            assert "Another process has locked" in refused(touchline, BUSY, "report", "journeys")
        assert touchline("import", "events", events).exit_code == 0
    assert touchline("run", "--json").document["events"] == 30


def test_doctor_works_while_another_holds_the_engine(told: Path, touchline: Command) -> None:
    with held(told):
        outcome = touchline("doctor", "--json")
    problems = [check for check in outcome.document["checks"] if check["status"] == "problem"]
    assert outcome.exit_code == 1
    assert [(check["name"], "Another process" in check["message"]) for check in problems] == [("engine", True)]


def test_two_may_read_the_numbers_at_a_time(told: Path, touchline: Command) -> None:
    with held(told, ", read_only=True"):
        assert touchline("health").exit_code == 0


# Disks that are full. A process that may write no long file fails where one fails whose disk is full.


def slow(value: int) -> Any:
    """A parameter for the thorough tests only."""
    return pytest.param(value, marks=pytest.mark.slow)


@pytest.mark.parametrize("limit", [slow(1), slow(4_096), slow(20_000), 60_000, slow(100_000)])
def test_init_on_a_full_disk_does_not_block_the_next(tmp_path: Path, limit: int) -> None:
    words = ("init", "--domain", "shop.example", "--currency", "EUR", "--home", tmp_path / "home")
    is_refused(in_process(*words, longest_file=limit), STORAGE)
    assert not list((tmp_path / "home").iterdir())
    assert in_process(*words).exit_code == 0


@pytest.mark.parametrize("what", ["events", "costs"])
def test_import_on_a_full_disk(told: Path, touchline: Command, tmp_path: Path, what: str) -> None:
    file = write_events(tmp_path / "e.jsonl", 3_000)
    if what == "costs":
        file = tmp_path / "c.csv"
        file.write_text(
            "date,platform,campaign_id,cost\n" + "".join(f"2025-12-01,META,{n},1\n" for n in range(5_000)), "utf-8"
        )
    with unchanged(told):
        is_refused(in_process("import", what, file, longest_file=200_000), STORAGE)
    assert touchline("import", what, file).exit_code == 0


@pytest.mark.parametrize("room", [slow(0), slow(4_096), 300_000])
def test_run_on_a_full_disk(told: Path, touchline: Command, tmp_path: Path, room: int) -> None:
    touchline(
        "import", "events", write_events(tmp_path / "e.jsonl", 3_000, url="https://shop.example/?color=" + "x" * 400)
    )
    before = touchline("report", "attribution", "--json").document
    limit = (told / "engine.duckdb").stat().st_size + room
    with unchanged(told):
        is_refused(in_process("run", longest_file=limit), STORAGE)
    assert touchline("report", "attribution", "--json").document == before
    assert touchline("run", "--json").document["events"] == 2_970


@pytest.mark.slow
def test_demo_on_a_full_disk_can_be_begun_anew(tmp_path: Path) -> None:
    words = ("demo", "--visitors", "500", "--home", tmp_path / "home", "--json")
    assert in_process(*words, longest_file=50_000).exit_code == STORAGE
    assert in_process(*words).exit_code == 0


def test_output_on_a_full_disk(told: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w", encoding="utf-8") as out:
        ran = subprocess.run(
            [sys.executable, "-m", "touchline", "settings", "--json"], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert ran.returncode == STORAGE
    assert ran.stderr.startswith(b"error: ")


@pytest.mark.slow
@only_root_mounts
def test_everything_on_a_disk_that_is_really_full(tmp_path: Path, touchline: Command) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, *in_memory("4m")):
        at_home = ("--home", disk / "home")
        filler = disk / "filler"
        filler.write_bytes(b"x" * 4_150_000)
        assert "space" in refused(
            touchline, STORAGE, "init", "--domain", "shop.example", "--currency", "EUR", *at_home
        )  # fmt: skip
        filler.unlink()
        assert touchline("init", "--domain", "shop.example", "--currency", "EUR", *at_home).exit_code == 0
        with unchanged(disk / "home"):
            large = write_events(tmp_path / "e.jsonl", 20_000)
            assert "space" in refused(touchline, STORAGE, "import", "events", large, *at_home)
        assert touchline("import", "events", write_events(tmp_path / "e.jsonl"), *at_home).exit_code == 0
        with unchanged(disk / "home"):
            fill(filler)
            assert "space" in refused(touchline, STORAGE, "run", *at_home)
            filler.unlink()
        assert touchline("run", *at_home).exit_code == 0


# What nobody foresaw


def failing(error: BaseException) -> Callable[..., Any]:
    def fail(*_words: object, **_more: object) -> None:
        raise error

    return fail


def test_unforeseen_error_is_one_line(home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer.Options, "opened", failing(ValueError("odd\nthing")))
    assert "--debug" in refused(touchline, 70, "site", "list")
    shown = touchline("site", "list", "--debug")
    assert (shown.exit_code, "Traceback" in shown.err) == (70, True)
    monkeypatch.setenv("TOUCHLINE_DEBUG", "1")
    assert "Traceback" in touchline("site", "list").err


def test_interruption(home: Path, touchline: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer.Options, "opened", failing(KeyboardInterrupt()))
    assert "Interrupted. Nothing was half-written" in refused(touchline, 130, "site", "list")


@pytest.mark.parametrize("format_", [(), ("--json",)])
def test_reader_that_goes_away_is_no_error(told: Path, format_: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        ran = subprocess.run(
            [sys.executable, "-m", "touchline", "settings", *format_], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert (ran.returncode, ran.stderr) == (141, b"")


def test_error_as_json(told: Path, touchline: Command) -> None:
    outcome = touchline("settings", "set", "nope", "1", "--json")
    assert (outcome.exit_code, outcome.err) == (USAGE, "")
    assert outcome.document["error"]["code"] == "usage"
    assert set(outcome.document["error"]) == {"code", "message", "hint"}
    assert touchline("nope", "--json").document["error"]["message"].startswith("Unknown command")
