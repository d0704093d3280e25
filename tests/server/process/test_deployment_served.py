"""The checklist beside a server that runs with other settings, and on another database, than the shell that asks."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ledger.servers import database
from tests.server.conftest import Place, placed
from tests.server.serving import Server
from tests.server.whole import wait_until, whole
from touchline.jobs import access_keys, users
from touchline.jobs.backup_rotation import JOB
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.http.options import ServerOptions
from touchline.server.process.deployment import checklist
from touchline.settings import Home

pytestmark = pytest.mark.slow

YEAR_MICROS = 365 * 86_400 * 1_000_000
OF_SERVER = {
    "TOUCHLINE_PUBLIC_URL": "https://t.shop.example",
    "TOUCHLINE_TRUSTED_PROXIES": "1",
    "TOUCHLINE_METRICS_ARE_OPEN": "1",
    "TOUCHLINE_IS_OPEN_WITHOUT_REDIS": "1",
    "REDIS_URL": "redis://:secret@127.0.0.1:1/0",
    "CRON_SECRET": "short",
}
OF_SHELL = ServerOptions(cron_secret="s" * 32, public_url="http://x.example", events_per_minute_of_site=5)


@dataclass(frozen=True)
class Run:
    """A server on PostgreSQL, and the home as a shell without DATABASE_URL names it."""

    place: Place
    server: Server
    shell: Home

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def point(self, name: str) -> tuple[str, str]:
        return self.points()[name]

    def points(self) -> dict[str, tuple[str, str]]:
        return {check.name: (check.status, check.message) for check in checklist(self.shell, OF_SHELL)}


@pytest.fixture
def run(tmp_path: Path, postgres: str) -> Iterator[Run]:
    folder = tmp_path / "home"
    with database(postgres) as url:
        place = placed(folder, url)
        backups = {"TOUCHLINE_BACKUP_FOLDER": str(tmp_path / "backups")}
        with whole(folder, {**OF_SERVER, **backups, **place.environment}) as server:
            yield Run(place, server, Home(folder))


def test_the_checklist_is_of_the_server(run: Run) -> None:
    """One server for all of it; the last step ends it."""
    each_point_is_of_the_server_and_not_of_the_shell(run)
    a_shell_with_the_same_settings_is_said_to_have_them(run)
    points_of_the_ledger_follow_what_is_in_the_server_s(run)
    a_home_that_others_can_read_and_a_backup_that_failed_are_problems(run)
    jobs_recorded_in_the_future_do_not_stop_the_schedule(run)
    without_the_server_its_ledger_is_followed_for_a_while(run)
    assert not list(run.shell.path.glob("serve.sock"))


def each_point_is_of_the_server_and_not_of_the_shell(run: Run) -> None:
    wait_until(lambda: run.point("jobs")[0] == run.point("backup")[0] == "ok", 60)
    found = run.points()
    others = [
        "CRON_SECRET", "DATABASE_URL", "REDIS_URL", "TOUCHLINE_BACKUP_FOLDER", "TOUCHLINE_EVENTS_PER_MINUTE_OF_SITE",
        "TOUCHLINE_IS_OPEN_WITHOUT_REDIS", "TOUCHLINE_METRICS_ARE_OPEN", "TOUCHLINE_PUBLIC_URL",
        "TOUCHLINE_TRUSTED_PROXIES",
    ]  # fmt: skip
    judged = f"The server has others than this shell: {', '.join(others)}. Those of the server are judged."
    assert found.pop("users")[0] == "warning"
    assert found.pop("last run")[0] == "ok"
    (backup,) = (run.shell.path.parent / "backups").iterdir()
    assert found.pop("backup")[1].endswith(f": {backup}.")
    assert found.pop("cookies of shop.example")[0] in {"ok", "warning"}
    assert found == {
        "home's mode": ("ok", f"No other user on this machine can read {run.shell.path}."),
        "settings": ("ok", judged),
        "CRON_SECRET": ("problem", "It has fewer than 16 characters."),
        "public URL": ("ok", "It is set to https://t.shop.example."),
        "limits": (
            "warning", "Redis does not answer: events are accepted without rate limits, and nobody can log in.",
        ),
        "ledger": ("ok", "It can be read, and its schema matches this release."),
        "key of the pages": ("ok", "There is a valid publishable key."),
        "monitoring": ("ok", "/metrics can be read; alert on touchline_river_up and on /readyz."),
        "jobs": ("ok", "Every scheduled job ran on time."),
        "tracking endpoint": ("warning", "No event arrived in the last day."),
        "server": ("ok", f"It is running at {run.url} and accepts events."),
        "waste API": ("ok", "It responds, and requires authorization."),
    }  # fmt: skip


def points_of_the_ledger_follow_what_is_in_the_server_s(run: Run) -> None:
    event = {"publicKey": run.place.publishable, "eventId": "e", "type": "PAGE_VIEW", "anonId": "a"}
    assert run.server.send(event).status == 200
    assert run.point("tracking endpoint") == ("ok", "Events arrived in the last day.")
    now = time.time_ns() // 1000
    with Workspace(run.place.home) as workspace:
        users.add_user(workspace, "ann", "a long password", now=now)
        for row in workspace.ledger.rows(schema.KEYS, kind="publishable"):
            access_keys.revoke_key(workspace, row["key_id"], now=now)
        if (first := users.first_password_of(run.place.home)).exists():
            first.unlink()
    assert run.point("users")[0] == "ok"
    assert run.point("key of the pages") == ("problem", "No page can send events.")


def a_home_that_others_can_read_and_a_backup_that_failed_are_problems(run: Run) -> None:
    run.shell.path.chmod(0o750)
    assert run.point("home's mode") == ("problem", f"Other users on this machine can read {run.shell.path}.")
    run.shell.path.chmod(0o700)
    now = time.time_ns() // 1000
    with Workspace(run.place.home) as workspace, workspace.ledger.transaction() as entry:
        entry.add(schema.JOB_RUNS, job=JOB, started_at=now, ended_at=now, status="failed", detail="no route")
    assert run.point("backup")[0] == "problem"


def jobs_recorded_in_the_future_do_not_stop_the_schedule(run: Run) -> None:
    wait_until(lambda: run.point("jobs")[0] == "ok", 60)
    future = time.time_ns() // 1000 + YEAR_MICROS
    with Workspace(run.place.home) as workspace:
        with workspace.ledger.transaction() as entry:
            for name in ("touchpoint-derivation", "attribution-weights", "daily-rollups", "retention"):
                entry.add(schema.JOB_RUNS, job=name, started_at=future, ended_at=future, status="done", detail="")
        wait_until(lambda: run.point("jobs")[0] == "ok", 60)
        newest = workspace.ledger.newest(schema.JOB_RUNS, job="retention")
    assert newest is not None
    assert newest["started_at"] < future


def a_shell_with_the_same_settings_is_said_to_have_them(run: Run) -> None:
    shell = ServerOptions(
        public_url="https://t.shop.example", trusted_proxies="1", metrics_are_open=True, is_open_without_redis=True,
        redis_url="redis://elsewhere/0", cron_secret="short", backup_folder=str(run.shell.path.parent / "backups"),
    )  # fmt: skip
    (said,) = [check for check in checklist(run.place.home, shell) if check.name == "settings"]
    assert said.message == "The server has the same as this shell. Those of the server are judged."


def without_the_server_its_ledger_is_followed_for_a_while(run: Run) -> None:
    assert run.server.stop() == 0
    found = {check.name: check for check in checklist(run.place.home, OF_SHELL)}
    assert (found["server"].status, found["limits"].status) == ("ok", "ok")
    assert found["server"].message.startswith("None runs on this home, but something follows the ledger")
    later = time.time_ns() // 1000 + 1_201 * 1_000_000
    found = {check.name: check for check in checklist(run.place.home, OF_SHELL, now=later)}
    assert (found["server"].status, found["server"].message) == ("problem", "No server runs on this home.")


def test_a_folder_that_is_no_home_and_has_no_server_is_the_only_point(tmp_path: Path) -> None:
    (said,) = checklist(Home(tmp_path), OF_SHELL)
    assert (said.name, said.status) == ("home", "problem")
