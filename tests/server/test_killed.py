"""Killed at any moment: what was acknowledged is there, once; and the trace shows that the disk had it before."""

import json
import random
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from signal import SIGKILL
from threading import Event, Thread

import psycopg
import pytest
from hypothesis import settings

from tests.server.collect.test_track import view
from tests.server.conftest import WIDE, Place, placed
from tests.server.serving import AGENT, Answer, serving

CYCLES = 5 if settings().max_examples < 1_000 else 200
"""On each database."""


class Client:
    """Sends batch after batch on one connection, and notes which were acknowledged; retries what was not."""

    def __init__(self, place: Place, port: int, number: int, cycle: int) -> None:
        self.acknowledged: set[str] = set()
        self.sent: list[list[str]] = []
        self._place, self._port, self._name = place, port, f"{cycle}-{number}"
        self._stop = Event()
        self._thread = Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def _run(self) -> None:
        chance, number = random.Random(self._name), 0
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        with closing(connection):
            while not self._stop.is_set():
                # Every other batch has ids in no order: after the prefix, "4" is their 15th character.
                first = f"{chance.getrandbits(52):013x}4" if number % 2 else ""
                names = [f"{first}{self._name}-{number}-{n}" for n in range(chance.choice([1, 1, 3, 40]))]
                number += 1
                self.sent.append(names)
                try:
                    if sent(connection, self._place, names).status == 200:
                        self.acknowledged.update(names)
                except (OSError, HTTPException):
                    return


def sent(connection: HTTPConnection, place: Place, names: list[str]) -> Answer:
    body = json.dumps({"publicKey": place.publishable, "events": [view(name) for name in names]})
    connection.request("POST", "/api/track", body, {"content-type": "application/json", "user-agent": AGENT})
    response = connection.getresponse()
    return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


@contextmanager
def loaded(place: Place, port: int, cycle: int) -> Iterator[list[Client]]:
    clients = [Client(place, port, number, cycle) for number in range(4)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        for client in clients:
            client.stop()


def lost(place: Place, acknowledged: set[str]) -> set[str]:
    found = stored(place)
    assert len(found) == len(set(found))
    return acknowledged - set(found)


def stored(place: Place) -> list[str]:
    """What the ledger has, by its number; a log that a killed server left stays for the next one to take up."""
    if place.home.database_url:
        with psycopg.connect(place.home.database_url) as connection:
            return [name for (name,) in connection.execute(_NAMES)]
    with closing(sqlite3.connect(f"{place.home.ledger_file.as_uri()}?mode=ro", uri=True)) as connection:
        return [name for (name,) in connection.execute(_NAMES)]


_NAMES = "select substr(event_id, 2) from tracking_events"


def killed(place: Place, cycle: int, chance: random.Random, **options: object) -> tuple[set[str], list[list[str]]]:
    """Starts, loads and kills a server; returns what it acknowledged, and all that it was sent."""
    application = str(options.pop("application", "served:application"))
    with serving(place.home.path, {**WIDE, **options}, place.environment, application=application) as server:
        with loaded(place, server.port, cycle) as clients:
            time.sleep(chance.uniform(0.02, 0.4))
            server.stop(SIGKILL)
        return (
            set[str]().union(*(client.acknowledged for client in clients)),
            [names for client in clients for names in client.sent],
        )


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(any_place: Place) -> None:
    chance, acknowledged, sent_at_all = random.Random(5), set[str](), list[list[str]]()
    for cycle in range(CYCLES):
        found, sent_now = killed(any_place, cycle, chance)
        acknowledged |= found
        sent_at_all += sent_now
        assert lost(any_place, acknowledged) == set()
    assert acknowledged
    # Every client sends again what it does not know to be taken: then all of it is there, once.
    with serving(any_place.home.path, WIDE, any_place.environment) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        with closing(connection):
            for names in sent_at_all:
                if not acknowledged.issuperset(names):
                    assert sent(connection, any_place, names).status == 200
    everything = {name for names in sent_at_all for name in names}
    assert lost(any_place, everything) == set()
    assert len(stored(any_place)) == len(everything)
    print(f"\n{CYCLES} kills: {len(acknowledged):,} of {len(everything):,} events acknowledged")  # noqa: T201


@pytest.mark.slow
def test_the_same_campaign_finds_a_collector_that_lies(place: Place) -> None:
    chance, acknowledged = random.Random(5), set[str]()
    for cycle in range(5):
        found, _ = killed(place, cycle, chance, application="lying:application", commit_wait_seconds=0.5)
        acknowledged |= found
        if lost(place, acknowledged):
            return
    raise AssertionError("acknowledging before the commit lost nothing: the campaign sees nothing")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_the_disk_has_it_before_the_answer(place: Place, tmp_path: Path) -> None:
    """Each answer's write to its socket comes after an fdatasync that came after the answer before."""
    trace = tmp_path / "trace"
    calls = "trace=fdatasync,fsync,write,writev,sendto,sendmsg"
    tracing = ("strace", "-f", "--seccomp-bpf", "-e", calls, "-s", "600", "-o", str(trace))
    with serving(place.home.path, WIDE, before=tracing) as server:
        for number in range(20):
            assert server.send({"publicKey": place.publishable, **view(number)}).status == 200
    synced, answers = 0, 0
    for line in trace.read_bytes().splitlines():
        if re.search(rb"f(data)?sync(\(\d+\)| resumed>\))\s+= 0", line):
            synced += 1
        elif rb"\"accepted\":1" in line:
            assert synced, "an answer without a sync before it"
            answers, synced = answers + 1, 0
    assert answers == 20


def test_the_campaign_counts_what_is_lost(tmp_path: Path) -> None:
    assert lost(placed(tmp_path / "empty"), {"never-stored"}) == {"never-stored"}
