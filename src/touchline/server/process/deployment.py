"""The deployment checklist: whether a home is ready for the open internet, point by point, with the next step."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from touchline.amounts import counted
from touchline.errors import TouchlineError
from touchline.jobs.access_keys import METRICS
from touchline.jobs.doctor.check import Check
from touchline.jobs.doctor.examining import examine
from touchline.jobs.ownership import serving_at
from touchline.jobs.users import FIRST_NAME, first_password_of
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.server.http.options import ServerOptions, name_of
from touchline.server.process import schedule
from touchline.server.process.cookie_lifetimes import lifetimes
from touchline.settings import Home
from touchline.visitor_ids import DEFAULT, visitor_ids_at

_FROM_TABLES = ("attribution links", "conservation", "rollups", "waste")
"""Checks of the doctor's, of each organization, that the checklist asks for, too."""
_TIMEOUT = 5.0


def checklist(home: Home, options: ServerOptions) -> list[Check]:
    """Every point of it; what cannot be opened is a point of its own."""
    return list(_points(home, options))


def _points(home: Home, options: ServerOptions) -> Iterator[Check]:
    examined = examine(home)
    found = {check.name: check for check in examined}
    if found["home"].status != "ok":
        yield found["home"]
        return
    yield from _environment(home, options)
    yield found["ledger"]
    try:
        with Workspace(home, is_read_only=True) as workspace:
            yield from _told(workspace, options)
    except TouchlineError as error:
        yield Check("ledger", "problem", error.message, error.hint)
        return
    yield from _server(home)
    yield from (check for check in examined if check.name in _FROM_TABLES)


def _environment(home: Home, options: ServerOptions) -> Iterator[Check]:
    yield _private(home.path)
    if options.cron_secret and len(options.cron_secret) < 16:
        yield Check("CRON_SECRET", "problem", "It has fewer than 16 characters.", "openssl rand -hex 32")
    elif options.cron_secret:
        yield Check("CRON_SECRET", "ok", "It is set.")
    else:
        yield Check(
            "CRON_SECRET", "ok", "It is not set: jobs run on the server's own schedule, and /api/cron is disabled."
        )
    if options.public_url.startswith("https://"):
        yield Check("public URL", "ok", f"It is set to {options.public_url}.")
    else:
        step = "Put a proxy with TLS in front, and set TOUCHLINE_PUBLIC_URL=https://…."
        yield Check("public URL", "warning", "No https address is set, so cookies are not restricted to HTTPS.", step)
    if options.public_url and not options.trusted_proxies:
        step = "Set TOUCHLINE_TRUSTED_PROXIES to the proxies' networks."
        yield Check("proxies", "warning", "No proxy is trusted: all clients behind a proxy share its rate limit.", step)
    if options.workers > 1 and not options.redis_url:
        yield Check("limits", "warning", "Each worker enforces the limit separately.", "Set REDIS_URL.")
    else:
        site = counted(options.events_per_minute_of_site, "event a minute is", "events a minute are")
        client = f"{options.events_per_minute_of_client:,} from an address without a secret key"
        step = (
            "If a server sends the events of many visitors from its own address, give it a secret key, or raise"
            f" {name_of('events_per_minute_of_client')}."
        )
        yield Check("limits", "ok", f"{site} accepted for a site, and {client}.", step)


def _private(folder: Path) -> Check:
    mode = folder.stat().st_mode & 0o777 if folder.is_dir() else 0o700
    if mode & 0o077:
        return Check("home's mode", "problem", f"Other users on this machine can read {folder}.", f"chmod 700 {folder}")
    return Check("home's mode", "ok", f"No other user on this machine can read {folder}.")


def _told(workspace: Workspace, options: ServerOptions) -> Iterator[Check]:
    ledger, now = workspace.ledger, time.time_ns() // 1000
    keys = [key for key in ledger.rows(schema.KEYS) if key["revoked_at"] is None or key["revoked_at"] > now]
    site = " --site SITE" if len(ledger.rows(schema.SITES, limit=2)) > 1 else ""
    if any(key["kind"] == "publishable" for key in keys):
        yield Check("key of the pages", "ok", "There is a valid publishable key.")
    else:
        yield Check("key of the pages", "problem", "No page can send events.", f"touchline key create{site}")
    opening = {METRICS} if len(ledger.rows(schema.ORGANIZATIONS, limit=2)) > 1 else {METRICS, "read", "admin"}
    if options.metrics_are_open or any(opening & set(key["scopes"].split()) for key in keys):
        yield Check("monitoring", "ok", "/metrics can be read; alert on touchline_river_up and on /readyz.")
    else:
        step = f"touchline key create{site} --kind secret --scope {'read' if 'read' in opening else METRICS}"
        yield Check("monitoring", "warning", "No key can read /metrics, so nothing monitors the server.", step)
    first = first_password_of(workspace.home)
    if not ledger.rows(schema.USERS, limit=1):
        yield Check("users", "warning", "Nobody can log in yet.", "touchline user add NAME")
    elif first.exists():
        yield Check("users", "warning", f"{first} still contains a password.", f"touchline user password {FIRST_NAME}")
    else:
        yield Check("users", "ok", "There are users, and no file contains a first password.")
    yield from lifetimes(options.public_url, _sites_with_cookies(workspace))
    yield _jobs(workspace)
    yield _arriving(workspace, now)


def _sites_with_cookies(workspace: Workspace) -> list[Row]:
    """The sites that recognize browsers by a cookie."""
    rows = workspace.ledger.rows(schema.SITES)
    chosen = {row["organization_id"]: workspace.settings(row["organization_id"]).visitor_ids for row in rows}
    return [row for row in rows if visitor_ids_at(chosen[row["organization_id"]], row["site_id"]) == DEFAULT]


def _jobs(workspace: Workspace) -> Check:
    missing = []
    for name, slot in schedule.SLOTS.items():
        last = workspace.ledger.newest(schema.JOB_RUNS, job=name)
        late = last is None or last["started_at"] / 1e6 < time.time() - 2 * slot.seconds
        if late or (last and last["status"] != "done"):
            missing.append(name)
    if missing:
        step = "Keep `touchline serve` running, which runs them on schedule. If it is running, see its log."
        return Check("jobs", "warning", f"Overdue: {', '.join(missing)}.", step)
    return Check("jobs", "ok", "Every scheduled job ran on time.")


def _arriving(workspace: Workspace, now: int) -> Check:
    last = workspace.ledger.newest(schema.TRACKING_EVENTS)
    if last is None or last["received_at"] < now - DAY_MICROS:
        step = "Send one as docs/howto/run-the-server.md shows; see `touchline doctor` for what was rejected."
        return Check("tracking endpoint", "warning", "No event arrived in the last day.", step)
    return Check("tracking endpoint", "ok", "Events arrived in the last day.")


def _server(home: Home) -> Iterator[Check]:
    said = serving_at(home)
    if said is None:
        yield Check("server", "warning", "No server runs on this home.", "touchline serve")
        return
    status = _status_of(f"{said.url}/readyz")
    if status == 200:
        yield Check("server", "ok", f"It is running at {said.url} and accepts events.")
    else:
        yield Check("server", "problem", f"{said.url}/readyz answers {status or 'nothing'}.", "See the server's log.")
    if _status_of(f"{said.url}/api/waste") == 401:
        yield Check("waste API", "ok", "It responds, and requires authorization.")
    else:
        yield Check("waste API", "problem", "It does not require authorization.", "See the server's log.")


def _status_of(url: str) -> int | None:
    """The status with which our own server answers; ``None`` where it does not."""
    url = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - the address stands in the lock
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
