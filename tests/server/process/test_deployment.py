"""The deployment checklist: each point well and unwell, with what it says and what is to be done."""

import io
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event

from tests.server.conftest import Place
from touchline.jobs import access_keys, importing, setup, users
from touchline.jobs.backup_rotation import JOB
from touchline.jobs.ownership import owning
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.server.http.options import ServerOptions, shown
from touchline.server.process.deployment import checklist

DAY_OF_A_TEST = 86_400
Said = tuple[str, str, str]


def now() -> int:
    return time.time_ns() // 1000


def points(place: Place, **options: object) -> dict[str, Said]:
    """By name: status, message, next step."""
    found = checklist(place.home, ServerOptions(**options))  # type: ignore[arg-type]
    assert len({check.name for check in found}) == len(found)
    return {check.name: (check.status, check.message, check.next_step) for check in found}


RAISED = (
    "If a server sends the events of many visitors from its own address, give it a secret key, or raise"
    " TOUCHLINE_EVENTS_PER_MINUTE_OF_CLIENT."
)
OF_CLIENT = " and 3,000 from an address without a secret key."
OPTIONS: list[tuple[dict[str, object], str, Said]] = [
    ({"cron_secret": "s" * 15}, "CRON_SECRET",
     ("problem", "It has fewer than 16 characters.", "openssl rand -hex 32")),
    ({"cron_secret": "s" * 16}, "CRON_SECRET", ("ok", "It is set.", "")),
    ({}, "CRON_SECRET",
     ("ok", "It is not set: jobs run on the server's own schedule, and /api/cron is disabled.", "")),
    ({"public_url": "https://t.shop.example"}, "public URL", ("ok", "It is set to https://t.shop.example.", "")),
    ({"public_url": "http://t.shop.example"}, "public URL",
     ("warning", "No https address is set, so cookies are not restricted to HTTPS.",
      "Put a proxy with TLS in front, and set TOUCHLINE_PUBLIC_URL=https://….")),
    ({"public_url": "https://t.shop.example"}, "proxies",
     ("warning", "No proxy is trusted: all clients behind a proxy share its rate limit.",
      "Set TOUCHLINE_TRUSTED_PROXIES to the proxies' networks.")),
    ({"workers": 2}, "limits", ("warning", "Each worker enforces the limit separately.", "Set REDIS_URL.")),
    ({"workers": 2, "redis_url": "redis://127.0.0.1:1"}, "limits",
     ("problem", "Redis does not answer.", "Start Redis, or fix REDIS_URL.")),
    ({"redis_url": "http://127.0.0.1:1"}, "limits",
     ("problem", "REDIS_URL is not a Redis URL.", "Expected host and port, such as redis://localhost:6379/0.")),
    ({}, "settings", ("warning", "No server runs, so the settings of this shell are judged.", "")),
    ({"events_per_minute_of_site": 1}, "limits",
     ("ok", "1 event a minute is accepted for a site," + OF_CLIENT, RAISED)),
    ({"metrics_are_open": True}, "monitoring",
     ("ok", "/metrics can be read; alert on touchline_river_up and on /readyz.", "")),
]  # fmt: skip


@pytest.mark.parametrize(("options", "name", "expected"), OPTIONS, ids=range(len(OPTIONS)))
def test_what_the_options_mean(place: Place, options: dict[str, object], name: str, expected: Said) -> None:
    assert points(place, **options)[name] == expected


@pytest.mark.parametrize("options", [{}, {"public_url": "https://t.example", "trusted_proxies": "1"}])
def test_proxies_are_asked_for_where_there_is_one_and_none_is_trusted(place: Place, options: dict[str, object]) -> None:
    assert "proxies" not in points(place, **options)


MODES = [(0o700, True), (0o500, True), (0o710, False), (0o704, False), (0o770, False), (0o701, False)]


@pytest.mark.parametrize(("mode", "is_private"), MODES, ids=[oct(mode) for mode, _ in MODES])
def test_a_home_is_its_owners_alone(place: Place, mode: int, is_private: bool) -> None:
    folder = place.home.path
    folder.chmod(mode)
    found = points(place)["home's mode"]
    folder.chmod(0o700)
    if is_private:
        assert found == ("ok", f"No other user on this machine can read {folder}.", "")
    else:
        assert found == ("problem", f"Other users on this machine can read {folder}.", f"chmod 700 {folder}")


NO_BACKUP = (
    "warning", "No backup was made, and none is scheduled.",
    "Set TOUCHLINE_BACKUP_FOLDER, or run `touchline backup --into FOLDER` by a timer.",
)  # fmt: skip
BACKUPS: list[tuple[str, float, dict[str, object], Said]] = [
    ("done", 40.0, {}, ("ok", "{when}: /b/a.backup.", "")),
    ("failed", 0.0, {}, ("problem", "{when}: failed: /b/a.backup", "touchline backup --into FOLDER")),
    ("done", 26.9, {"backup_folder": "/b"}, ("ok", "{when}: /b/a.backup.", "")),
    ("done", 27.1, {"backup_folder": "/b"},
     ("problem", "A scheduled backup is overdue. The last one began at {when}: /b/a.backup.",
      "See backup_failed in the server's log.")),
    ("done", 9.1, {"backup_folder": "/b", "backup_hours": 6.0},
     ("problem", "A scheduled backup is overdue. The last one began at {when}: /b/a.backup.",
      "See backup_failed in the server's log.")),
]  # fmt: skip


def test_the_last_backup_is_looked_at(place: Place) -> None:
    assert points(place)["backup"] == NO_BACKUP
    assert points(place, backup_folder="/b")["backup"][:2] == (
        "problem", "A scheduled backup is overdue. None was made yet.",
    )  # fmt: skip
    for status, hours, options, (mark, said, step) in BACKUPS:
        at = now() - round(hours * HOUR)
        with Workspace(place.home) as workspace, workspace.ledger.transaction() as entry:
            entry.remove(schema.JOB_RUNS, job=JOB)
            entry.add(schema.JOB_RUNS, job=JOB, started_at=at, ended_at=at, status=status, detail="/b/a.backup")
        when = f"{datetime.fromtimestamp(at / 1e6, UTC):%F %T} UTC"
        assert points(place, **options)["backup"] == (mark, said.format(when=when), step)


Change = Callable[[Workspace], None]


def revoked(*kinds: str, at: int = 0) -> Change:
    def change(workspace: Workspace) -> None:
        with workspace.ledger.transaction() as entry:
            for kind in kinds:
                entry.change(schema.KEYS, {"kind": kind}, revoked_at=now() + at)

    return change


def other_key(*scopes: str) -> Change:
    """One secret key with these scopes is the only one."""

    def change(workspace: Workspace) -> None:
        revoked("secret")(workspace)
        access_keys.create_key(workspace, "shop-example", "secret", scopes=scopes, now=now())

    return change


def user(name: str) -> Change:
    return lambda workspace: users.add_user(workspace, name, "a long password", now=now())


def arrived(ago: int) -> Change:
    def change(workspace: Workspace) -> None:
        file = workspace.home.path.parent / "events.jsonl"
        file.write_text('{"eventId": "e", "type": "PAGE_VIEW", "anonId": "a"}\n', encoding="utf-8")
        assert importing.import_events(workspace, [file], site_id=None, mapping=None, now=now() - ago).accepted == 1

    return change


PAGES_OK = "There is a valid publishable key."
NO_PAGES = ("problem", "No page can send events.", "touchline key create")
READABLE = ("ok", "/metrics can be read; alert on touchline_river_up and on /readyz.", "")
UNREADABLE = (
    "warning", "No key can read /metrics, so nothing monitors the server.",
    "touchline key create --kind secret --scope read",
)  # fmt: skip
NOBODY = ("warning", "Nobody can log in yet.", "touchline user add NAME")
NOTHING_CAME = (
    "warning", "No event arrived in the last day.",
    "Send one as docs/howto/run-the-server.md shows; see `touchline doctor` for what was rejected.",
)  # fmt: skip
CAME = ("ok", "Events arrived in the last day.", "")
HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        (None, "key of the pages", ("ok", PAGES_OK, "")),
        (revoked("publishable"), "key of the pages", NO_PAGES),
        (revoked("publishable", at=HOUR), "key of the pages", ("ok", PAGES_OK, "")),
        (revoked("secret"), "key of the pages", ("ok", PAGES_OK, "")),
        (None, "monitoring", READABLE),  # one of two keys may read
        (revoked("secret"), "monitoring", UNREADABLE),
        (other_key("track", "costs"), "monitoring", UNREADABLE),
        (other_key("admin"), "monitoring", READABLE),
        (other_key("read"), "monitoring", READABLE),
        (None, "users", NOBODY),
        (user("ann"), "users", ("ok", "There are users, and no file contains a first password.", "")),
        (None, "tracking endpoint", NOTHING_CAME),
        (arrived(DAY_MICROS - HOUR), "tracking endpoint", CAME),
        (arrived(DAY_MICROS + 1), "tracking endpoint", NOTHING_CAME),
    ],
)
def test_what_the_ledger_says(place: Place, change: Change | None, name: str, expected: Said) -> None:
    with Workspace(place.home) as workspace:
        if change is not None:
            change(workspace)
    assert points(place)[name] == expected


def test_a_first_password_in_a_file_is_to_be_changed(place: Place) -> None:
    with Workspace(place.home) as workspace:
        users.make_the_first(workspace, now=now())
    file = users.first_password_of(place.home)
    expected = ("warning", f"{file} still contains a password.", "touchline user password admin")
    assert points(place)["users"] == expected


@pytest.mark.parametrize(
    ("visitor_ids", "is_said"), [("cookies", True), ("cookieless", False), ("shop-example=anonymous", False)]
)
def test_how_long_cookies_last_is_said_of_sites_that_have_cookies(
    place: Place, visitor_ids: str, is_said: bool
) -> None:
    with Workspace(place.home) as workspace:
        organization_id = workspace.organization(None)["organization_id"]
        setup.change_setting(workspace, organization_id, "visitor_ids", visitor_ids, now=now())
    found = points(place, public_url="https://t.collector.example")
    assert any(name.startswith("cookies of ") for name in found) == is_said


JOBS = {
    "touchpoint-derivation": 900, "attribution-weights": 3_600, "daily-rollups": DAY_OF_A_TEST,
    "retention": DAY_OF_A_TEST,
}  # fmt: skip
ON_TIME = ("ok", "Every scheduled job ran on time.", "")
QUARTER = 900


def late(what: str, *, is_served: bool = False) -> Said:
    if is_served:
        return "problem", what, "See the server's log."
    return "warning", what, "Keep `touchline serve` running, which runs them on schedule."


def seconds_ago(job: str, seconds: float, status: str = "done") -> Change:
    """A job that began so long ago, whatever was before."""

    def change(workspace: Workspace) -> None:
        at = now() - round(seconds * 1e6)
        with workspace.ledger.transaction() as entry:
            entry.add(schema.JOB_RUNS, job=job, started_at=at, ended_at=at, status=status, detail="")

    return change


OVERDUE: list[tuple[Change, str]] = [
    *((seconds_ago(job, seconds + QUARTER - 60), "") for job, seconds in JOBS.items()),
    *((seconds_ago(job, seconds + QUARTER + 1), f"Overdue: {job}.") for job, seconds in JOBS.items()),
    (seconds_ago("retention", -30), ""),
    (seconds_ago("retention", -3_600), "Recorded in the future: retention."),
    (seconds_ago("touchpoint-derivation", -365 * DAY_OF_A_TEST), "Recorded in the future: touchpoint-derivation."),
    (seconds_ago("attribution-weights", 0, "failed"), "Failed: attribution-weights."),
]


@pytest.mark.parametrize("is_served", [False, True])
def test_a_job_is_overdue_a_while_after_its_interval(
    place: Place, monkeypatch: pytest.MonkeyPatch, *, is_served: bool
) -> None:
    found, expected = [], []
    with Workspace(place.home) as workspace, ExitStack() as held:
        if is_served:
            held.enter_context(answering(place, {"/readyz": 200, "/api/waste": 401}, monkeypatch, URL))
        never = late(f"Not run yet: {', '.join(JOBS)}.")
        assert points(place)["jobs"] == (*never[:2], late("", is_served=is_served)[2])
        for change, what in OVERDUE:
            for job in JOBS:
                seconds_ago(job, 0)(workspace)
            change(workspace)
            found.append(points(place)["jobs"])
            expected.append(late(what, is_served=is_served) if what else ON_TIME)
    assert found == expected


@dataclass
class _Opened:
    """An answer of a server."""

    status: int
    body: bytes = b""

    def read(self) -> bytes:
        return self.body

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_error: object) -> None:
        pass


Parts = dict[str, tuple[str, str]]
WELL: Parts = {
    "ledger": ("ok", ""), "limits": ("ok", ""), "river": ("ticking", ""), "keeper": ("ok", ""), "disk": ("ok", ""),
}  # fmt: skip


@contextmanager
def answering(
    place: Place, answers: dict[str, int | None], monkeypatch: pytest.MonkeyPatch, url: str, parts: Parts = WELL,
    **options: object,
) -> Iterator[list[str]]:  # fmt: skip
    """A server owns the home; its paths answer so, or not at all; what was asked."""
    asked = []
    said = {name: {"status": status, "reason": reason} for name, (status, reason) in parts.items()}
    body = json.dumps({"status": "…", "parts": said}).encode()

    def urlopen(address: str, timeout: float) -> _Opened:
        asked.append(address)
        assert timeout == 2.0
        status = answers["/" + address.split("/", 3)[3]]
        if status is None:
            raise urllib.error.URLError("refused")
        if status >= 400:
            raise urllib.error.HTTPError(address, status, "no", {}, io.BytesIO(body))  # type: ignore[arg-type]
        return _Opened(status, body)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    with owning(place.home, url, shown(ServerOptions(**options))):  # type: ignore[arg-type]
        yield asked


URL = "http://127.0.0.1:8484"
RUNNING = ("ok", f"It is running at {URL} and accepts events.", "")
GUARDED = ("ok", "It responds, and requires authorization.", "")
OPEN = ("problem", "It does not require authorization.", "See the server's log.")
SILENT = ("problem", "It does not respond.", "See the server's log.")
OTHER = ("problem", "It answers 403 to a stranger, not 401.", "See the server's log.")


def unready(answer: object) -> Said:
    return "problem", f"{URL}/readyz answers {answer}.", "See the server's log."


@pytest.mark.parametrize(
    ("ready", "waste", "expected"),
    [
        (200, 401, (RUNNING, GUARDED)),
        (503, 401, (unready(503), GUARDED)),
        (None, None, (unready("nothing"), SILENT)),
        (204, 200, (unready(204), OPEN)),
        (200, 403, (RUNNING, OTHER)),
    ],
)
def test_the_server_is_asked_itself(
    place: Place, monkeypatch: pytest.MonkeyPatch, ready: int | None, waste: int | None, expected: tuple[Said, Said]
) -> None:
    with answering(place, {"/readyz": ready, "/api/waste": waste}, monkeypatch, URL) as asked:
        found = points(place)
    assert (found["server"], found["waste API"]) == expected
    assert asked == [f"{URL}/readyz", f"{URL}/api/waste"]


@pytest.mark.parametrize(
    ("url", "asked"),
    [("http://0.0.0.0:80", "http://127.0.0.1:80"), ("http://[::]:80", "http://[::1]:80")],
)
def test_a_server_that_listens_everywhere_is_asked_here(
    place: Place, monkeypatch: pytest.MonkeyPatch, url: str, asked: str
) -> None:
    with answering(place, {"/readyz": 200, "/api/waste": 401}, monkeypatch, url) as addresses:
        points(place)
    assert addresses == [f"{asked}/readyz", f"{asked}/api/waste"]


def test_where_no_server_runs_one_is_to_be_started(place: Place) -> None:
    found = points(place)
    assert found["server"] == ("problem", "No server runs on this home.", "touchline serve")
    assert "waste API" not in found


def test_the_points_are_in_their_order(place: Place) -> None:
    assert list(points(place)) == [
        "home's mode", "settings", "CRON_SECRET", "public URL", "limits", "ledger", "key of the pages", "monitoring",
        "users", "jobs", "last run", "tracking endpoint", "backup", "server",
    ]  # fmt: skip


LOG = "See the server's log."
REDIS = "Start Redis, or fix REDIS_URL."
PARTS: list[tuple[str, str, str, str, Said | None]] = [
    ("limits", "failing", "Redis is gone.", "limits", ("problem", "Redis is gone.", REDIS)),
    ("limits", "open", "Redis is gone.", "limits", ("warning", "Redis is gone.", REDIS)),
    ("limits", "ok", "", "limits", ("ok", "7 events a minute are accepted for a site," + OF_CLIENT, RAISED)),
    ("river", "failing", "Its last run failed.", "river", ("problem", "It is failing. Its last run failed.", LOG)),
    ("river", "late", "It is late.", "river", ("warning", "It is late. It is late.", LOG)),
    ("river", "starting", "", "river", None),
    ("river", "down", "", "river", ("problem", "It is down.", LOG)),
    ("keeper", "stuck", "Restart it.", "keeper", ("problem", "It is stuck. Restart it.", LOG)),
    ("disk", "low", "9 MB are free.", "disk", ("warning", "It is low. 9 MB are free.", LOG)),
    ("disk", "ok", "", "disk", None),
]


def test_each_part_is_what_the_server_says_of_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for part, status, reason, name, expected in PARTS:
        parts = {**WELL, part: (status, reason)}
        answers: dict[str, int | None] = {"/readyz": 200, "/api/waste": 401}
        with answering(place, answers, monkeypatch, URL, parts, events_per_minute_of_site=7):
            assert points(place).get(name) == expected, (part, status)
    parts = {**WELL, "ledger": ("failing", "It cannot be read."), "limits": ("failing", "Redis is gone.")}
    with answering(place, {"/readyz": 503, "/api/waste": None}, monkeypatch, URL, parts):
        message = f"{URL}/readyz answers 503. It cannot be read. Redis is gone."
        assert points(place)["server"] == ("problem", message, LOG)
    with answering(place, {"/readyz": None, "/api/waste": None}, monkeypatch, URL, {}):
        assert points(place)["limits"] == ("problem", "The server does not say whether they work.", LOG)


def test_an_event_of_the_future_is_no_event_of_the_last_day(place: Place) -> None:
    with Workspace(place.home) as workspace:
        arrived(-DAY_MICROS)(workspace)
    status, message, step = points(place)["tracking endpoint"]
    assert (status, step) == ("warning", "Check the clock of this machine.")
    assert message.startswith("The newest event came at 2")
    assert message.endswith(", which is still to come.")


SMALL = {
    "organizations", "sites", "keys", "users", "alembic_version", "sqlite_master", "settings", "secrets",
}  # fmt: skip
"""Tables that do not grow with history; of every other one, the checklist reads one row."""


def test_it_reads_nothing_that_grows_with_history(place: Place) -> None:
    """Neither the engine, nor more than the newest row of a table of the ledger."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(" ".join(statement.lower().split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        points(place)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    read = [(table, said) for said in asked for table in re.findall(r"\bfrom (\w+)", said) if table not in SMALL]
    assert {"tracking_events", "job_runs"} <= {table for table, _ in read}
    assert [said for _, said in read if " order by " not in said or " desc limit " not in said] == []


def test_a_home_that_is_none_is_the_only_point(place: Place) -> None:
    (place.home.path / "ledger.db").unlink()
    assert list(points(place)) == ["home"]
