"""The whole server: one owner of a home, a river that ticks by itself, and an end at which nothing is lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.server.conftest import Place, placed
from tests.server.serving import Server
from tests.server.whole import children, kill, wait_until, whole
from touchline.cli import main
from touchline.jobs.owner import Owner
from touchline.jobs.ownership import connected, is_served, listening, socket_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.ledger.migrate import revisions
from touchline.server.http.options import ServerOptions
from touchline.server.process.deployment import checklist
from touchline.server.process.serving import _prepare
from touchline.server.watch import logs
from touchline.settings import Home

pytestmark = pytest.mark.slow

OLD = REPOSITORY / "tests" / "fixtures" / "home-0001"
FRESH_SECONDS = 5.0
"""A conversion's links can be read so soon after its acknowledgement."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return placed(tmp_path_factory.mktemp("kept") / "home")


@pytest.fixture(scope="module")
def running(kept: Place) -> Iterator[Server]:
    with whole(kept.home.path) as server:
        yield server


def test_the_ledger_is_migrated_before_it_is_served_and_the_time_is_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(Path(shutil.copytree(OLD, tmp_path / "home")))
    logs.configure()
    _prepare(home, ServerOptions(), "http://t.example")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [line for line in lines if line["event"] == "migrated"]
    assert (line["from_schema"], line["to_schema"]) == ("0001", revisions()[-1])
    assert 0 <= line["seconds"] < 60
    _prepare(home, ServerOptions(), "http://t.example")
    assert "migrated" not in capsys.readouterr().err


def sale(key: str, number: object) -> list[dict[str, object]]:
    """A visit that an ad brought, and what the visitor bought."""
    visitor: dict[str, object] = {"anonId": f"visitor-{number}", "sessionId": f"session-{number}"}
    page = "https://shop.example/?utm_source=google&utm_medium=cpc&gclid=abcdefghij"
    event = {"url": page, "path": "/", **visitor}
    visit = {"publicKey": key, "eventId": f"visit-{number}", "type": "PAGE_VIEW", **event}
    bought = {"value": 9.5, "orderId": f"order-{number}"}
    return [visit, {"publicKey": key, "eventId": f"sale-{number}", "type": "CONVERSION", **bought, **event}]


def links_of(home: Path, number: object) -> int:
    """How many attribution links the conversion has, as any report would read it."""
    owner = Owner(home / "serve.sock")
    try:
        found = owner.select(
            "select count(*) as links from attribution_links as l join conversions as c"
            " on c.conversion_id = l.conversion_id where c.order_id = $order_id",
            parameters={"order_id": f"order-{number}"},
        )
    finally:
        owner.close()
    return int(found["links"][0].as_py())


def has_links(home: Path, number: object) -> bool:
    return links_of(home, number) > 0


def test_links_can_be_read_soon_after_the_acknowledgement(running: Server, kept: Place) -> None:
    waited = []
    for number in range(5):
        answer = running.send({"publicKey": kept.publishable, "events": sale(kept.publishable, number)})
        assert (answer.status, answer.document["accepted"]) == (200, 2)
        waited.append(wait_until(partial(has_links, kept.home.path, number), 60))
    print(f"\nlinks: {min(waited):.2f} to {max(waited):.2f} s after the acknowledgement")  # noqa: T201
    assert sorted(waited)[len(waited) // 2] < FRESH_SECONDS


def test_a_second_server_is_refused_in_one_line(running: Server, kept: Place) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "touchline", "serve", "--port", "1"],
        env={**os.environ, "TOUCHLINE_HOME": str(kept.home.path)}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert second.returncode == 4
    (line,) = [line for line in second.stderr.splitlines() if line.startswith("error:")]
    assert f"http://127.0.0.1:{running.port}" in line
    assert f"process {running.process.pid}" in line


def test_a_river_that_dies_is_started_anew_and_collection_goes_on(running: Server, kept: Place) -> None:
    (river,) = [pid for pid, words in children(running.process.pid).items() if owns_the_engine(pid, kept.home.path)]
    os.kill(river, signal.SIGKILL)
    answer = running.send({"publicKey": kept.publishable, "events": sale(kept.publishable, "orphan")})
    assert answer.status == 200
    wait_until(lambda: running.send(method="GET", path="/readyz").document["riverRestarts"] == 1, 120)
    wait_until(partial(has_links, kept.home.path, "orphan"), 60)


def test_the_river_lets_collection_go_first(running: Server, kept: Place) -> None:
    started = children(running.process.pid)
    priorities = {owns_the_engine(pid, kept.home.path): os.getpriority(os.PRIO_PROCESS, pid) for pid in started}
    assert priorities[True] > priorities[False]


def owns_the_engine(pid: int, home: Path) -> bool:
    found = []
    with suppress(FileNotFoundError):  # a process may end, or close a file, while its files are listed
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.append(str(file.readlink()))
    return str(home / "engine.duckdb") in found


def test_the_first_start_makes_somebody_who_may_log_in(running: Server, kept: Place) -> None:
    first = kept.home.path / "first_password"
    assert first.stat().st_mode & 0o777 == 0o600
    said = {"name": "admin", "password": first.read_text().strip()}
    assert running.send(said, path="/api/login").status == 200
    assert said["password"] not in running.log.read_text()


@dataclass(frozen=True)
class Killed:
    """A home whose server was killed, and what was seen of it."""

    place: Place
    was_served: bool
    children: list[str]
    """The words of the processes that the server had started."""
    orphans: list[str]
    """The words of those that did not end within a minute."""
    left: set[str]
    """The names of the files of a server that were in the home then."""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Killed:
    place = placed(tmp_path_factory.mktemp("killed") / "home")
    with whole(place.home.path) as server:
        was_served, theirs = is_served(place.home), children(server.process.pid)
        kill(server)
        until = time.monotonic() + 60
        while (orphans := [pid for pid in theirs if Path(f"/proc/{pid}").exists()]) and time.monotonic() < until:
            time.sleep(0.05)
    left = {file.name for file in place.home.path.glob("serve*")}
    server.log.unlink()  # the next one's is its own
    return Killed(place, was_served, list(theirs.values()), [theirs[pid] for pid in orphans], left)


def test_a_server_that_is_killed_leaves_no_orphan(killed: Killed) -> None:
    assert killed.was_served
    assert len([words for words in killed.children if "spawn_main" in words]) == 2
    assert killed.orphans == []
    assert killed.left == {"serve.lock"}  # empty of an owner: the lock ended with the process
    assert not is_served(killed.place.home)


def test_a_server_that_is_told_to_stop_commits_what_it_acknowledged(killed: Killed) -> None:
    """It begins where one was killed, which is no obstacle."""
    place = killed.place
    acknowledged: list[str] = []

    def send(worker: int, server: Server) -> None:
        for number in range(10_000):
            name = f"{worker}-{number}"
            try:
                answer = server.send({"publicKey": place.publishable, "events": sale(place.publishable, name)[:1]})
            except OSError:
                return
            if answer.status == 200:
                acknowledged.append(f"visit-{name}")

    limits = {"TOUCHLINE_EVENTS_PER_MINUTE_OF_CLIENT": "1000000"}
    with whole(place.home.path, limits) as server, ThreadPoolExecutor(4) as pool:
        for worker in range(4):
            pool.submit(send, worker, server)
        wait_until(lambda: len(acknowledged) > 50, 60)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 45
    ledger = Ledger(place.home.ledger)
    stored = {row["event_id"] for row in ledger.rows(schema.TRACKING_EVENTS)}
    ledger.close()
    assert set(acknowledged) <= stored
    assert socket_of(place.home).exists() is False
    for line in server.log.read_text().splitlines():
        assert line.startswith("Stopped") or json.loads(line)["level"] in {"info", "warning"}, line
        assert "river_killed" not in line


def test_several_workers_need_a_ledger_that_several_can_write(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--workers", "2", "--home", str(place.home.path)]) == 2
    assert "PostgreSQL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("REDIS_URL", "redis://127.0.0.1:6379/0", "touchline[redis]"),
        ("REDIS_URL", "http://127.0.0.1", "REDIS_URL"),
        ("TOUCHLINE_PLACES_FILE", "missing.mmdb", "missing.mmdb"),
        ("TOUCHLINE_TRUSTED_PROXIES", "proxy.example", "proxy.example"),
        ("TOUCHLINE_FORWARDING_HEADER", "x-real-ip", "x-real-ip"),
    ],
)
def test_what_workers_would_die_of_ends_the_command_before_there_are_any(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    if said == "touchline[redis]":
        monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    assert main(["serve", "--home", str(place.home.path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert said in line


def test_two_servers_share_what_is_on_servers(tmp_path: Path, database_url: str) -> None:
    place = placed(tmp_path / "home", database_url)
    home = replace(place.home, engine_url=database_url)
    shared = {"DATABASE_URL": database_url, "TOUCHLINE_ENGINE": database_url}
    with whole(home.path, shared, "--workers", "2") as first, whole(home.path, shared) as second:
        for number, server in enumerate((first, second, first, second)):
            assert (
                server.send({"publicKey": place.publishable, "events": sale(place.publishable, number)}).status == 200
            )
        select = "select count(*) as links from attribution_links where model = 'LINEAR'"
        with Workspace(home, is_read_only=True) as workspace:
            wait_until(lambda: workspace.engine.select(select)["links"][0].as_py() == 4, 120)
        found = {check.name: check.message for check in checklist(Home(home.path), ServerOptions(workers=2))}
        urls = [f"http://127.0.0.1:{server.port}" for server in (first, second)]
        assert [found[f"server of {url}"] for url in urls] == [
            f"It is running at {url} and accepts events." for url in urls
        ]
        assert found[f"limits of {urls[0]}"] == "Each worker enforces the limit separately."
        assert found[f"limits of {urls[1]}"].startswith("10,000 events a minute are accepted")
        assert "TOUCHLINE_WORKERS" in found[f"settings of {urls[1]}"]
        assert first.stop() == second.stop() == 0
    assert not [*home.path.glob("serve-*")]


def test_names_of_deep_homes_are_short_enough(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 30)
    folder.mkdir()
    listener = listening(folder / "serve.sock")
    connected(folder / "serve.sock").close()
    assert (folder / "serve.sock").stat().st_mode & 0o777 == 0o600
    listener.close()
