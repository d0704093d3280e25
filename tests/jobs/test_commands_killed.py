"""Commands that are killed at random points and begun again leave what an uninterrupted one leaves, nothing twice."""

import json
import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from tests.forking import FORKING
from tests.jobs.conftest import NOW
from tests.ledger.servers import database, run, sessions_end
from touchline.jobs import claiming, deciding, erasing, erasure_work, importing, keeping, setup
from touchline.jobs.checking import frames
from touchline.jobs.importing import costs, events
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.ledger.entry import Entry
from touchline.settings import Home

KILLS = {"sqlite": 2, "postgresql": 1} if settings().max_examples < 1_000 else {"sqlite": 50, "postgresql": 50}
SMALL: tuple[tuple[Any, str, int], ...] = (
    (frames, "FRAME_ROWS", 20), (events, "FRAME_ROWS", 20), (events, "MOST_ROWS", 20), (costs, "LOAD_ROWS", 8),
    (claiming, "_FIRST_ROWS", 4), (claiming, "_MOST_ROWS", 4), (erasure_work, "_FIRST", 7), (erasure_work, "_MOST", 7),
    (erasure_work, "_FEWEST", 7), (erasure_work, "ENTRIES_AT_ONCE", 5), (deciding, "ENTRIES_AT_ONCE", 5),
)  # fmt: skip
"""Transactions so small that there are many points between them."""
OLD, NEW = "2026-03-02T10:00:00Z", "2026-03-06T10:00:00Z"
_MOMENTARY = {
    "sequence", "rejection", "claim", "tombstone", "erasure", "request", "requested_at", "worked_at", "load_number",
    "row_number", "job_run", "started_at", "ended_at",
}  # fmt: skip
"""Numbers and times of the attempts themselves."""
Kept = Mapping[str, Counter[str]]


def _write(file: Path, lines: Iterator[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def _events() -> Iterator[str]:
    """Ada on many devices, Bob, orders, refusals, and fields that nothing reads."""
    for number in range(40):
        ada = {"eventId": f"a{number}", "anonId": f"ada-{number}", "userId": "ada", "occurredAt": OLD}
        yield json.dumps({"type": "PAGE_VIEW", **ada})
        yield json.dumps({"type": "PAGE_VIEW", "eventId": f"b{number}", "anonId": "bob", "occurredAt": NEW, "sku": 1})
        order = {"eventId": f"o{number}", "anonId": "ada-1", "orderId": f"A-{number}", "value": 9, "occurredAt": OLD}
        yield json.dumps({"type": "CONVERSION", **order})
        yield json.dumps({"type": "NONE", "eventId": f"x{number}", "anonId": f"ada-{number}"})


def _costs() -> Iterator[str]:
    yield "date,platform,account_id,campaign_id,cost"
    yield from (f"2026-03-{1 + n % 5:02},META,a{n % 3},c{n},{n}.50" for n in range(60))
    yield "2026-02-01,META,a9,c1,much"


def _claims() -> Iterator[str]:
    yield "user_id,email_hash"
    yield from (f"u{number},{sha256(str(number).encode()).hexdigest()}" for number in range(30))
    yield "u1,no hash"


@dataclass(frozen=True)
class Act:
    """A command, in a home where everything was told that it needs."""

    do: Callable[[Workspace, Path], object]
    needs: tuple[str, ...] = ()
    """Commands that came before it."""
    repeats: tuple[str, ...] = ()
    """Tables whose rows say what an attempt refused, and say it again if it is repeated."""


ASKED: dict[str, Any] = {"organization_id": None, "site_id": None, "source": "crm"}
ACTS: Mapping[str, Act] = {
    "import events": Act(
        lambda w, f: importing.import_events(w, [f / "events.jsonl"], site_id=None, mapping=None, now=NOW),
    ),
    "import costs": Act(
        lambda w, f: importing.import_costs(w, [f / "costs.csv"], organization_id=None, now=NOW),
        repeats=("rejected_ad_costs",),
    ),
    "import claims": Act(
        lambda w, f: claiming.import_claims(w, [f / "claims.csv"], now=NOW, **ASKED), repeats=("rejected_claims",)
    ),
    "claims separate": Act(
        lambda w, f: claiming.separate(w, [f / "claims.csv"], organization_id=None, site_id=None, now=NOW),
        repeats=("rejected_claims",),
    ),
    "claims withdraw": Act(
        lambda w, f: claiming.withdraw_claims(w, [f / "claims.csv"], **ASKED), needs=("import claims",)
    ),
    "retention": Act(lambda w, _: erasing.retain(w, now=NOW), needs=("import events",)),
    "erase": Act(lambda w, _: erasing.erase(w, "shop", user="ada", now=NOW), needs=("import events", "import claims")),
}


def kept_in(ledger: Ledger, once: tuple[str, ...] = ()) -> Kept:
    """Every row of the ledger, without what is of the attempt; of the tables of ``once``, which rows there are.

    Of costs, those that count: a day that was loaded again replaces itself. Of requests to erase, what they took.
    """
    special = {schema.AD_COST_LOADS, schema.AD_COST_ROWS, schema.ERASURE_REQUESTS, schema.JOB_RUNS}
    tables = [table for table in schema.METADATA.sorted_tables if table not in special]
    found = {table.name: Counter(map(_lasting, ledger.rows(table))) for table in tables}
    for name in once:
        found[name] = Counter(dict.fromkeys(found[name], 1))
    requests = ledger.rows(schema.ERASURE_REQUESTS)
    took = {name: sum(row[name] for row in requests) for name in ("events", "rejected", "claims")}
    phases = {(row["phase"], row["named"]) for row in requests} - {("done", "")}
    return {**found, "costs": _counted_costs(ledger), "took": Counter(took), "open": Counter(map(str, phases))}


def _lasting(row: Mapping[str, Any]) -> str:
    return str(sorted((name, value) for name, value in row.items() if name not in _MOMENTARY))


def _counted_costs(ledger: Ledger) -> Counter[str]:
    """The rows of the newest load of each day of an account."""
    rows = ledger.rows(schema.AD_COST_ROWS)
    newest: dict[tuple[Any, ...], int] = {}
    for row in rows:
        day = row["platform"], row["account_id"], row["cost_date"]
        newest[day] = max(newest.get(day, 0), row["load_number"])
    return Counter(
        _lasting(row)
        for row in rows
        if newest[row["platform"], row["account_id"], row["cost_date"]] == row["load_number"]
    )


def transact(around: Callable[[str], None]) -> Any:
    """``Ledger.transaction`` that says when one is about to be committed, and when it is."""
    transaction = Ledger.transaction

    @contextmanager
    def around_transaction(self: Ledger) -> Iterator[Entry]:
        with transaction(self) as entry:
            yield entry
            around("before its commit")
        around("after its commit")

    return around_transaction


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def begin(home: Home, name: str, folder: Path, point: int, seconds: float) -> None:
    """What the process does that is killed: so many points after its beginning, at once or some time later."""
    for module, constant, value in SMALL:
        setattr(module, constant, value)
    passed = count()

    def around(_: str) -> None:
        if next(passed) == point:
            threading.Timer(seconds, kill).start() if seconds else kill()

    Ledger.transaction = transact(around)  # type: ignore[method-assign]
    with Workspace(home) as workspace:
        ACTS[name].do(workspace, folder)


def exit_code(target: Callable[..., None], *arguments: object) -> int | None:
    """Of a process of its own."""
    process = FORKING.Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


class Worlds:
    """Homes of one kind of ledger, each a copy of one in which some commands were run."""

    def __init__(self, kind: str, folder: Path, postgres: str, stack: ExitStack) -> None:
        self.kind, self._folder, self._postgres, self._stack = kind, folder, postgres, stack
        self._numbers = count()
        self._begun: dict[tuple[str, ...], Home] = {}
        for name, lines in (("events.jsonl", _events()), ("costs.csv", _costs()), ("claims.csv", _claims())):
            _write(folder / name, lines)

    @property
    def files(self) -> Path:
        """Where the files are that commands read."""
        return self._folder

    @contextmanager
    def after(self, *names: str) -> Iterator[Home]:
        """A home in which these commands were run."""
        if names not in self._begun:
            self._begun[names] = self._made(names)
        begun, folder = self._begun[names], self._folder / f"copy-{next(self._numbers)}"
        shutil.copytree(begun.path, folder)
        with ExitStack() as stack:
            url = begun.database_url
            if url:
                url = stack.enter_context(database(self._postgres))
                new, old = (urlsplit(one).path.removeprefix("/") for one in (url, begun.database_url))
                run(self._postgres, f"drop database {new}")
                run(self._postgres, f"create database {new} template {old}")
            yield replace(begun, path=folder, database_url=url)

    def _made(self, names: tuple[str, ...]) -> Home:
        url = self._stack.enter_context(database(self._postgres)) if self.kind == "postgresql" else ""
        home = Home(self._folder / f"home-{next(self._numbers)}", database_url=url)
        setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
        with Workspace(home) as workspace:
            setup.change_setting(workspace, "shop", "retention_days", "3", now=NOW)
            for name in names:
                ACTS[name].do(workspace, self.files)
        return home


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: str) -> Iterator[Worlds]:
    with ExitStack() as stack:
        yield Worlds(request.param, tmp_path_factory.mktemp(request.param), postgres, stack)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, constant, value in SMALL:
        monkeypatch.setattr(module, constant, value)


@pytest.mark.slow
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", [*ACTS])
def test_a_killed_command_is_finished_as_if_it_had_not_been(
    worlds: Worlds, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, points = ACTS[name], list[str]()
    with worlds.after(*act.needs) as home, Workspace(home) as workspace, monkeypatch.context() as patch:
        patch.setattr(Ledger, "transaction", transact(points.append))
        before = kept_in(workspace.ledger, act.repeats)
        act.do(workspace, worlds.files)
        expected = kept_in(workspace.ledger, act.repeats)
    assert (before != expected, len(points) > 10) == (True, True)
    half_done = 0
    for number in range(KILLS[worlds.kind]):
        chance = random.Random(f"{name} {number}")
        point, seconds = chance.randrange(len(points)), chance.choice([0.0, chance.uniform(0.0005, 0.01)])
        if number == 0:
            point, seconds = len(points) // 2, 0.0
        with worlds.after(*act.needs) as home:
            with sessions_end(home.database_url):
                assert exit_code(begin, home, name, worlds.files, point, seconds) in {0, -signal.SIGKILL}
            with Workspace(home) as workspace:
                stood = kept_in(workspace.ledger, act.repeats)
                half_done += stood not in (before, expected)
                is_finished = stood == expected
                act.do(workspace, worlds.files)
                once = (*act.repeats, "rejected_events") if is_finished else act.repeats
                assert kept_in(workspace.ledger, once) == {**expected, **_once(expected, once)}, (point, seconds)
                assert workspace.ledger.damage() == ""
    assert half_done > 0


def _once(kept: Kept, names: tuple[str, ...]) -> Kept:
    return {name: Counter(dict.fromkeys(kept[name], 1)) for name in names}


def copied(home: Home, file: Path, seconds: float) -> None:
    """The backup of a process that is killed after so many seconds."""
    threading.Timer(seconds, kill).start()
    keeping.back_up_home(home, file)


def rows_of(file: Path) -> Mapping[str, list[Any]]:
    with closing(sqlite3.connect(file)) as connection:
        names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
        tables = {*names} - {"job_runs", "sqlite_sequence"}  # a backup is remembered once it is whole
        return {name: connection.execute(f'select * from "{name}"').fetchall() for name in sorted(tables)}


@pytest.mark.parametrize("worlds", ["sqlite"], indirect=True)
def test_a_killed_backup_leaves_a_whole_copy_or_none(worlds: Worlds, tmp_path: Path) -> None:
    with worlds.after("import events", "import claims") as home:
        expected = rows_of(home.ledger_file)
        started = time.monotonic()
        keeping.back_up_home(home, tmp_path / "first.db")
        took = time.monotonic() - started
        assert rows_of(tmp_path / "first.db") == expected
        for number in range(KILLS[worlds.kind]):
            file = tmp_path / f"{number}.db"
            seconds = random.Random(number).uniform(0, 1.5 * took)
            assert exit_code(copied, home, file, seconds) in {0, -signal.SIGKILL}
            if not file.exists():
                keeping.back_up_home(home, file)
            assert rows_of(file) == rows_of(home.ledger_file) == expected
            assert [one.name for one in tmp_path.iterdir() if one.name.startswith(f"{number}.db.")] == []
