"""What strangers send: the whole document's cases, bombs, depth, and addresses that nobody has."""

import gzip
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.server.conftest import Place, placed
from tests.server.processes import cpu_seconds_of, memory_of
from tests.server.serving import Server, serving
from tests.server.whole import children, whole

pytestmark = pytest.mark.slow

MOST = 1_000_000_000
BOMBS, THOROUGH_BOMBS = 400, 1_000
CASES, THOROUGH_CASES = 1_000, 10_000
REFUSED_SECONDS = 0.020
GROWN_BYTES = 50 * 1024 * 1024


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return placed(tmp_path_factory.mktemp("kept") / "home")


@pytest.fixture(scope="module")
def running(kept: Place) -> Iterator[Server]:
    limits = {f"TOUCHLINE_EVENTS_PER_MINUTE_OF_{name}": str(MOST) for name in ("SITE", "KEY", "CLIENT")}
    with whole(kept.home.path, {"CRON_SECRET": "a-secret-of-cron", **limits}) as server:
        yield server


def is_thorough() -> bool:
    return settings().max_examples >= 1_000


@pytest.mark.timeout(3_600)
def test_no_case_of_the_document_finds_a_fault(running: Server, kept: Place, tmp_path: Path) -> None:
    wanted, cases = THOROUGH_CASES if is_thorough() else CASES, 0
    for seed in range(1, 40):
        cases += _fuzzed(running, kept, tmp_path, seed)
        if cases >= wanted:
            break
    assert cases >= wanted
    print(f"\n{cases:,} cases, none failed")  # noqa: T201


def _fuzzed(server: Server, place: Place, folder: Path, seed: int) -> int:
    """How many cases one seed makes; each check of each of them holds."""
    examples = 300 if is_thorough() else 1  # beside those that cover each operation: some 1,800 cases
    here = Path(__file__).parent
    done = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", here / "schemathesis.toml"),
            *("run", f"http://127.0.0.1:{server.port}/api/openapi.json"),
            *("--checks", "all", "--max-examples", str(examples), "--seed", str(seed), "--no-color"),
            *("--generation-database", "none"),
        ],
        cwd=folder, capture_output=True, text=True, timeout=1_800, check=False,
        env={
            **os.environ, "SECRET_KEY": place.secret, "CRON_SECRET": "a-secret-of-cron",
            "SCHEMATHESIS_HOOKS": str(here / "schemathesis_hooks.py"),
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    (found,) = re.findall(r"(\d+) generated", done.stdout)
    return int(found)


def test_bombs_are_refused_at_little_cost(running: Server, kept: Place) -> None:
    worker = _worker(running)
    for body, fields in _bombs(kept.publishable, 20):
        running.send(body, **fields)  # type: ignore[arg-type]
    memory, spent, count = memory_of(worker), [], THOROUGH_BOMBS if is_thorough() else BOMBS
    for body, fields in _bombs(kept.publishable, count):
        before = cpu_seconds_of(worker)
        status = running.send(body, **fields).status  # type: ignore[arg-type]
        spent.append(cpu_seconds_of(worker) - before)
        assert status in {400, 413}
    grown = memory_of(worker) - memory
    spent.sort()
    worst = spent[-count // 100 - 1]
    print(  # noqa: T201
        f"\n{count:,} bombs: {1000 * sum(spent) / count:.2f} ms of CPU each, 99 % within {1000 * worst:.1f} ms,"
        f" resident memory grew by {grown / 2**20:.1f} MB"
    )
    assert worst < REFUSED_SECONDS
    assert grown < GROWN_BYTES


def _bombs(key: str, count: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    chance = random.Random(7)
    opening = f'{{"publicKey":"{key}","eventId":"b","type":"PAGE_VIEW","properties":'.encode()
    zeros = gzip.compress(b"0" * 40_000_000)
    for number in range(count):
        depth = chance.randrange(2_000, 200_000)
        kind = number % 4
        if kind == 0:
            yield zeros, {"content_encoding": "gzip"}
        elif kind == 1:
            yield gzip.compress(opening + b"[" * depth), {"content_encoding": "gzip"}
        elif kind == 2:
            yield opening + b"[" * depth + b"]" * depth + b"}", {}
        else:
            yield opening + b'{"a":' * (depth // 5) + b"1" + b"}" * (depth // 5) + b"}", {}


def test_addresses_that_are_made_up_raise_no_quota(tmp_path: Path) -> None:
    place, chance = placed(tmp_path / "home"), random.Random(7)
    names = ("x_forwarded_for", "forwarded", "x_real_ip", "cf_connecting_ip", "true_client_ip", "x_client_ip")
    with serving(place.home.path, {"events_per_minute_of_client": 20}) as server:
        statuses = []
        for number in range(400):
            address = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
            said = {name: f"for={address}" if name == "forwarded" else address for name in names}
            event = {"eventId": f"spoofed-{number}", "type": "PAGE_VIEW", "url": "https://shop.example/"}
            sent = server.send({"publicKey": place.publishable, **event}, **said)  # type: ignore[arg-type]
            statuses.append(sent.status)
    assert set(statuses) == {200, 429}
    assert statuses.count(200) <= 20 * 8  # twenty a minute, and a slow machine takes some minutes


def _worker(server: Server) -> int:
    """The process that collects: it listens at the port, and holds no engine."""
    found = [pid for pid in children(server.process.pid) if not _has_open(pid, "engine.duckdb")]
    (worker,) = [pid for pid in found if "spawn_main" in children(server.process.pid)[pid]]
    return worker


def _has_open(pid: int, name: str) -> bool:
    return any(str(file.readlink()).endswith(name) for file in Path(f"/proc/{pid}/fd").iterdir())
