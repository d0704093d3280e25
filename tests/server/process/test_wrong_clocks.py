"""A server that starts under a wrong clock, which is then set right: each of twelve leaps, and a day of life after it.

One clock, in one place, is what every part of the process reads. It leaps, a server lives an hour by it and leaves its
records behind; then it is right again, and a day passes in steps of a quarter of an hour.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.server.conftest import placed
from touchline import pipeline
from touchline.jobs import running, setup, users
from touchline.jobs.access_keys import hash_of
from touchline.jobs.daily_keys import FOLDER, DailyKeys
from touchline.jobs.fitting.schedules import list_schedules, set_schedule
from touchline.jobs.importing import import_events
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.asking import Door
from touchline.server.http.keys import Keys
from touchline.server.http.rate_limits import InMemory, Limit
from touchline.server.process import ticking
from touchline.server.process.ticking import River

MINUTE, HOUR, DAY = 60, 3_600, 86_400
QUARTER = 15 * MINUTE
LEAPS = [
    -365 * DAY, -30 * DAY, -DAY, -HOUR, -10 * MINUTE, -1,
    10 * MINUTE, HOUR, DAY, 10 * DAY, 30 * DAY, 365 * DAY,
]  # fmt: skip
"""An hour is also what a clock that is not of UTC gains or loses where daylight saving begins and ends."""
BEGAN = datetime(2026, 3, 20, 12, 7, tzinfo=UTC).timestamp()
"""Twelve days and their leaps later, daylight saving has begun where the shop is."""
RETENTION_DAYS = 500
SLOTS_OF_A_DAY = {"touchpoint-derivation": 96, "attribution-weights": 24, "daily-rollups": 1, "retention": 1}
ORGANIZATION = "shop"


class Life:
    """A home, and the clock by which everything in it lives."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = BEGAN
        monkeypatch.setattr(time, "time", lambda: self.now)
        monkeypatch.setattr(time, "time_ns", lambda: round(self.now * 1e9))
        self.place = placed(folder)
        self.workspace = Workspace(self.place.home, is_owner=True)
        self.keys = DailyKeys(folder, clock=lambda: self.now)
        self.sent: set[str] = set()
        self._run = running.run

    @property
    def micros(self) -> int:
        return round(self.now * 1e6)

    def send(self, name: str, seconds_ago: float = 0.0) -> None:
        """An event, which is accepted."""
        file = self.place.home.path.parent / "events.jsonl"
        at = datetime.fromtimestamp(self.now - seconds_ago, UTC).isoformat()
        file.write_text(f'{{"eventId": "{name}", "type": "PAGE_VIEW", "anonId": "a", "occurredAt": "{at}"}}\n')
        assert import_events(self.workspace, [file], site_id=None, mapping=None, now=self.micros).accepted == 1
        self.sent.add(name)

    def live(self, seconds: float) -> Counter[str]:
        """A server that starts now, and lives so long; how often each job was done."""
        before = self.workspace.ledger.newest(schema.JOB_RUNS)
        river, until = River(self.workspace), self.now + seconds
        while self.now < until:
            ticking._do_what_is_due(river)
            self.keys.digest("ip", "192.0.2.1")
            self.keys.destroy_old()
            self.now += QUARTER
        since = before["job_run"] if before else 0
        done = [row for row in self.workspace.ledger.rows(schema.JOB_RUNS) if row["job_run"] > since]
        assert {row["status"] for row in done} == {"done"}
        return Counter(row["job"] for row in done)

    def run(self) -> int:
        """A run, as the others only pretend to be; how many events the numbers have."""
        self._run(self.workspace)
        found = self.workspace.engine.select("select count(*) as events from tracking_events")
        return int(found["events"][0].as_py())

    def events(self) -> set[str]:
        return {row["event_id"] for row in self.workspace.ledger.rows(schema.TRACKING_EVENTS)}

    def log_in(self) -> str:
        """The token of a session that lasts a day."""
        token = f"token {self.now}"
        with self.workspace.ledger.transaction() as entry:
            entry.add(
                schema.SERVER_SESSIONS, session_hash=hash_of(token), name="ann", created_at=self.micros,
                ends_at=self.micros + DAY * 1_000_000,
            )  # fmt: skip
        return token

    def is_logged_in(self, token: str) -> bool:
        keys = Keys(dict, lambda _hashes: {})
        return Door(self.workspace.ledger, keys).person_of(token) is not None


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """After a day on which all was well."""
    found = Life(tmp_path / "home", monkeypatch)
    with found.workspace as workspace:
        setup.change_setting(workspace, ORGANIZATION, "retention_days", str(RETENTION_DAYS), now=found.micros)
        set_schedule(workspace, ORGANIZATION, every="week")
        with workspace.ledger.transaction() as entry:
            entry.change(schema.SITES, {"site_id": "shop-example"}, time_zone="Europe/Berlin")
        users.add_user(workspace, "ann", "a long password", now=found.micros)
        found.send("first")
        found.run()
        monkeypatch.setattr(running, "run", lambda *_given, **_more: pipeline.RunReport())
        assert found.live(DAY)["retention"] == 2  # at once, and at its hour
        yield found


def leapt(life: Life, leap: float) -> str:
    """An hour under the wrong clock, which is then right; the token of a session that began by it."""
    life.now += leap
    life.live(HOUR)
    token = life.log_in()
    life.now -= leap
    return token


def test_after_each_leap_a_day_is_as_any_other(life: Life) -> None:
    limits, limit = InMemory(clock=lambda: life.now), Limit("s:shop", 2)
    for leap in LEAPS:
        outlived, near = f"outlived {leap}", f"near {leap}"
        life.send(outlived, RETENTION_DAYS * DAY + life.now % DAY - 12 * HOUR)  # for half of today
        life.send(near, (RETENTION_DAYS - 5) * DAY)
        limits.taken([limit], 2)
        token = leapt(life, leap)
        assert life.is_logged_in(token) is (-DAY < leap < MINUTE), leap
        assert life.is_logged_in(life.log_in()), leap
        life.sent.remove(outlived)
        assert life.sent <= life.events(), leap  # whatever the clock said
        assert limits.taken([limit], 2).is_within, leap
        tried = list_schedules(life.workspace, ORGANIZATION)[0].tried_at
        life.send(f"kept {leap}")
        today = life.keys.digest("ip", "192.0.2.1")
        done = life.live(DAY)
        for job, slots in SLOTS_OF_A_DAY.items():
            assert max(1, slots - 1) <= done[job] <= slots + 1, (leap, job)
        assert outlived not in life.events(), leap
        assert life.sent <= life.events(), leap
        life.sent.remove(near)
        assert life.keys.digest("ip", "192.0.2.1") != today, leap
        days = {int(file.name) for file in (life.place.home.path / FOLDER).iterdir()}
        assert days <= {life.keys.day - 1, life.keys.day}, leap
        again = list_schedules(life.workspace, ORGANIZATION)[0].tried_at
        assert again is not None
        assert again != tried, leap
        assert life.micros - 25 * HOUR * 1_000_000 < again <= life.micros, leap
    assert life.run() == len(life.events())
