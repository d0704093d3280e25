"""The deployment checklist: each point well and unwell, with what it says and what is to be done."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.server.conftest import Place
from touchline.jobs import access_keys, importing, running, setup, users
from touchline.jobs.ownership import owning
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.server.http.options import ServerOptions
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
    ({"workers": 2, "redis_url": "redis://r"}, "limits",
     ("ok", "10,000 events a minute are accepted for a site," + OF_CLIENT, RAISED)),
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


def overdue(names: str) -> Said:
    step = "Keep `touchline serve` running, which runs them on schedule. If it is running, see its log."
    return "warning", f"Overdue: {names}.", step


@pytest.mark.parametrize(
    ("periods_ago", "status", "job", "expected"),
    [
        (1.9, "done", "", ON_TIME),
        (2.1, "done", "retention", overdue("retention")),
        (2.1, "done", "touchpoint-derivation", overdue("touchpoint-derivation")),
        (0.0, "failed", "attribution-weights", overdue("attribution-weights")),
        (None, "", "daily-rollups", overdue("daily-rollups")),
        (None, "", "", overdue(", ".join(JOBS))),
    ],
)
def test_a_job_is_overdue_after_two_of_its_periods(
    place: Place, periods_ago: float | None, status: str, job: str, expected: Said
) -> None:
    with Workspace(place.home) as workspace, workspace.ledger.transaction() as entry:
        for name, seconds in JOBS.items():
            is_asked = job in {"", name}
            ago = (periods_ago if is_asked else 0.0, status if is_asked else "done")
            if ago[0] is not None:
                at = now() - round(ago[0] * seconds * 1e6)
                entry.add(schema.JOB_RUNS, job=name, started_at=at, ended_at=at, status=ago[1], detail="")
    assert points(place)["jobs"] == expected


@dataclass
class _Opened:
    """An answer of a server."""

    status: int

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_error: object) -> None:
        pass


@contextmanager
def answering(
    place: Place, answers: dict[str, int | None], monkeypatch: pytest.MonkeyPatch, url: str
) -> Iterator[list[str]]:
    """A server owns the home; its paths answer so, or not at all; what was asked."""
    asked = []

    def urlopen(address: str, timeout: float) -> _Opened:
        asked.append(address)
        assert timeout == 5.0
        status = answers["/" + address.split("/", 3)[3]]
        if status is None:
            raise urllib.error.URLError("refused")
        if status >= 400:
            raise urllib.error.HTTPError(address, status, "no", {}, None)  # type: ignore[arg-type]
        return _Opened(status)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    with owning(place.home, url):
        yield asked


URL = "http://127.0.0.1:8484"
RUNNING = ("ok", f"It is running at {URL} and accepts events.", "")
GUARDED = ("ok", "It responds, and requires authorization.", "")
OPEN = ("problem", "It does not require authorization.", "See the server's log.")


def unready(answer: object) -> Said:
    return "problem", f"{URL}/readyz answers {answer}.", "See the server's log."


@pytest.mark.parametrize(
    ("ready", "waste", "expected"),
    [
        (200, 401, (RUNNING, GUARDED)),
        (503, 401, (unready(503), GUARDED)),
        (None, None, (unready("nothing"), OPEN)),
        (204, 200, (unready(204), OPEN)),
        (200, 403, (RUNNING, OPEN)),
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
    assert found["server"] == ("warning", "No server runs on this home.", "touchline serve")
    assert "waste API" not in found


def test_the_points_are_in_their_order_and_the_tables_checks_among_them(place: Place) -> None:
    assert list(points(place)) == [
        "home's mode", "CRON_SECRET", "public URL", "limits", "ledger", "key of the pages", "monitoring", "users",
        "jobs", "tracking endpoint", "server",
    ]  # fmt: skip
    with Workspace(place.home) as workspace:
        running.run(workspace)
    assert list(points(place))[-4:] == ["attribution links", "conservation", "rollups", "waste"]


def test_a_home_that_is_none_is_the_only_point(place: Place) -> None:
    (place.home.path / "ledger.db").unlink()
    assert list(points(place)) == ["home"]
