"""The deployment checklist: whether a home is ready for the open internet, point by point, with the next step.

A server that runs is judged by what it was started with and by its own answers, whatever this shell's environment says.
Nothing here costs more the longer the history is: whether the numbers add up, the doctor checks separately.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from touchline.amounts import counted
from touchline.errors import TouchlineError
from touchline.jobs.access_keys import METRICS
from touchline.jobs.clocks import is_ahead
from touchline.jobs.doctor import told
from touchline.jobs.doctor.backups import backup_checks
from touchline.jobs.doctor.check import Check, Status
from touchline.jobs.ownership import Serving, environment_of, servers_of
from touchline.jobs.users import FIRST_NAME, first_password_of
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS, MINUTE_SECONDS
from touchline.server.http.options import ServerOptions, name_of, options_shown, shown
from touchline.server.http.rate_limits import limits_of
from touchline.server.process import schedule
from touchline.server.process.asking_server import Heard, ask
from touchline.server.process.cookie_lifetimes import lifetimes
from touchline.settings import Home, home_from
from touchline.visitor_ids import DEFAULT, visitor_ids_at

_LATE_SECONDS = 15 * MINUTE_SECONDS
"""How much longer than its interval a job may not have begun before it is overdue."""
_FOLLOWED_SECONDS = 20 * MINUTE_SECONDS
"""A server runs at least every quarter of an hour; where the last run is older, nobody follows the ledger."""
_REDIS_SECONDS = 2.0
_PLACES = ("host", "port")
"""Options in which a server may differ from a shell without anything to be said about it."""


def checklist(home: Home, options: ServerOptions, *, now: int | None = None) -> list[Check]:
    """Every point of it; what cannot be opened is a point of its own.

    :param home: as this shell's environment names it, as are ``options``: the ones to judge where no server runs.
    :param now: microseconds since 1970; by default, the time of the system.
    """
    return list(_points(home, options, time.time_ns() // 1000 if now is None else now))


def _points(home: Home, options: ServerOptions, now: int) -> Iterator[Check]:
    servers = servers_of(home)
    place = _home_of(servers[0], home) if servers else home
    heard = [ask(serving) for serving in servers]
    try:
        workspace = Workspace(place, is_read_only=True)
    except TouchlineError as error:
        yield Check("home", "problem", error.message, error.hint)
        yield from _servers(heard)
        return
    with workspace:
        yield _private(home.path)
        yield from _settings(home, place, options, heard)
        yield Check("ledger", "ok", "It can be read, and its schema matches this release.")
        try:
            judged = options_shown(servers[0].options) if servers else options
            yield from _told(workspace, judged, now)
            yield _jobs(workspace, now, is_served=bool(servers))
            yield told.run_check(workspace, tells_all=True)
            yield _arriving(workspace, now)
            yield from _backups(workspace, [options_shown(one.options) for one in servers] or [options], now)
            yield from _servers(heard) if servers else [_none(workspace, now)]
        except TouchlineError as error:
            yield Check("ledger", "problem", error.message, error.hint)


def _home_of(serving: Serving, home: Home) -> Home:
    """The home as the server has it; this shell may name another database, or none."""
    there = environment_of(serving.pid)
    return home if there is None else home_from(there, home.path)


def _settings(home: Home, place: Home, options: ServerOptions, heard: list[Heard]) -> Iterator[Check]:
    """The options of each server, or of this shell where none runs; and which of the two they are."""
    if not heard:
        yield Check("settings", "warning", "No server runs, so the settings of this shell are judged.")
        yield from _chosen(options)
        yield _limits_here(options)
    for one in heard:
        theirs = options_shown(one.serving.options)
        of = f" of {one.url}" if len(heard) > 1 else ""
        for check in (_compared(home, place, options, one), *_chosen(theirs), _limits(theirs, one)):
            yield replace(check, name=check.name + of)


def _compared(home: Home, place: Home, options: ServerOptions, heard: Heard) -> Check:
    here, there = shown(options), shown(options_shown(heard.serving.options))
    other = [name_of(name) for name in here if here[name] != there[name] and name not in _PLACES]
    other += ["DATABASE_URL"] if home.database_url != place.database_url else []
    other += ["TOUCHLINE_ENGINE"] if home.engine_url != place.engine_url else []
    judged = "Those of the server are judged."
    if other:
        return Check("settings", "ok", f"The server has others than this shell: {', '.join(sorted(other))}. {judged}")
    return Check("settings", "ok", f"The server has the same as this shell. {judged}")


def _chosen(options: ServerOptions) -> Iterator[Check]:
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


def _limits_here(options: ServerOptions) -> Check:
    """Judged from here: whether Redis answers is asked of Redis itself."""
    try:
        answers = not options.redis_url or asyncio.run(_reached(options))
    except TouchlineError as error:
        return Check("limits", "problem", error.message, error.hint)
    if answers:
        return _limited(options)
    return Check("limits", "problem", "Redis does not answer.", "Start Redis, or fix REDIS_URL.")


async def _reached(options: ServerOptions) -> bool:
    limits = limits_of(options)
    try:
        return await asyncio.wait_for(limits.reach(), _REDIS_SECONDS)
    except TimeoutError:
        return False
    finally:
        await limits.close()


def _limits(options: ServerOptions, heard: Heard) -> Check:
    """Judged by the server, which asks Redis itself."""
    part = heard.part("limits")
    if part is None:
        return Check("limits", "problem", "The server does not say whether they work.", "See the server's log.")
    if part.status == "ok":
        return _limited(options)
    status: Status = "warning" if part.status == "open" else "problem"
    return Check("limits", status, part.reason, "Start Redis, or fix REDIS_URL.")


def _limited(options: ServerOptions) -> Check:
    if options.workers > 1 and not options.redis_url:
        return Check("limits", "warning", "Each worker enforces the limit separately.", "Set REDIS_URL.")
    site = counted(options.events_per_minute_of_site, "event a minute is", "events a minute are")
    client = f"{options.events_per_minute_of_client:,} from an address without a secret key"
    step = (
        "If a server sends the events of many visitors from its own address, give it a secret key, or raise"
        f" {name_of('events_per_minute_of_client')}."
    )
    return Check("limits", "ok", f"{site} accepted for a site, and {client}.", step)


def _private(folder: Path) -> Check:
    mode = folder.stat().st_mode & 0o777 if folder.is_dir() else 0o700
    if mode & 0o077:
        return Check("home's mode", "problem", f"Other users on this machine can read {folder}.", f"chmod 700 {folder}")
    return Check("home's mode", "ok", f"No other user on this machine can read {folder}.")


def _told(workspace: Workspace, options: ServerOptions, now: int) -> Iterator[Check]:
    ledger = workspace.ledger
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


def _sites_with_cookies(workspace: Workspace) -> list[Row]:
    """The sites that recognize browsers by a cookie."""
    rows = workspace.ledger.rows(schema.SITES)
    chosen = {row["organization_id"]: workspace.settings(row["organization_id"]).visitor_ids for row in rows}
    return [row for row in rows if visitor_ids_at(chosen[row["organization_id"]], row["site_id"]) == DEFAULT]


def _jobs(workspace: Workspace, now: int, *, is_served: bool) -> Check:
    """Whether each job of the schedule began within its interval, and went well."""
    found: dict[str, list[str]] = {"Not run yet": [], "Overdue": [], "Failed": [], "Recorded in the future": []}
    for name, slot in schedule.SLOTS.items():
        last = workspace.ledger.newest(schema.JOB_RUNS, job=name)
        if last is None:
            found["Not run yet"].append(name)
        elif is_ahead(last["started_at"], now):
            found["Recorded in the future"].append(name)
        elif now - last["started_at"] > (slot.seconds + _LATE_SECONDS) * 1_000_000:
            found["Overdue"].append(name)
        elif last["status"] != "done":
            found["Failed"].append(name)
    said = " ".join(f"{what}: {', '.join(names)}." for what, names in found.items() if names)
    if not said:
        return Check("jobs", "ok", "Every scheduled job ran on time.")
    is_broken = is_served and any(names for what, names in found.items() if what != "Not run yet")
    step = "See the server's log." if is_served else "Keep `touchline serve` running, which runs them on schedule."
    return Check("jobs", "problem" if is_broken else "warning", said, step)


def _arriving(workspace: Workspace, now: int) -> Check:
    last = workspace.ledger.newest(schema.TRACKING_EVENTS)
    if last is not None and is_ahead(last["received_at"], now):
        when = f"{datetime.fromtimestamp(last['received_at'] / 1e6, UTC):%F %T} UTC"
        return Check("tracking endpoint", "warning", f"The newest event came at {when}, which is still to come.",
                     "Check the clock of this machine.")  # fmt: skip
    if last is None or last["received_at"] < now - DAY_MICROS:
        step = "Send one as docs/howto/run-the-server.md shows; see `touchline doctor` for what was rejected."
        return Check("tracking endpoint", "warning", "No event arrived in the last day.", step)
    return Check("tracking endpoint", "ok", "Events arrived in the last day.")


def _backups(workspace: Workspace, each: Sequence[ServerOptions], now: int) -> Iterator[Check]:
    """Of the servers on a home, one may be the one that makes them."""
    hours = min((options.backup_hours for options in each if options.backup_folder), default=None)
    found = list(backup_checks(workspace, tells_all=True, hours=hours, now=now))
    step = f"Set {name_of('backup_folder')}, or run `touchline backup --into FOLDER` by a timer."
    yield from found or [Check("backup", "warning", "No backup was made, and none is scheduled.", step)]


def _none(workspace: Workspace, now: int) -> Check:
    """No server runs on the home; of a ledger that others reach, another one may."""
    last = workspace.ledger.newest(schema.JOB_RUNS, job="run") if workspace.home.database_url else None
    ago = None if last is None else (now - last["started_at"]) / 1e6
    if ago is not None and abs(ago) < _FOLLOWED_SECONDS:
        message = f"None runs on this home, but something follows the ledger: the last run began {ago:.0f} seconds ago."
        return Check("server", "ok", message, "Ask the server itself on the machine where it runs.")
    return Check("server", "problem", "No server runs on this home.", "touchline serve")


def _servers(heard: list[Heard]) -> Iterator[Check]:
    for one in heard:
        of = f" of {one.url}" if len(heard) > 1 else ""
        for check in _server(one):
            yield replace(check, name=check.name + of)


def _server(heard: Heard) -> Iterator[Check]:
    log = "See the server's log."
    if heard.status == 200:
        yield Check("server", "ok", f"It is running at {heard.url} and accepts events.")
    else:
        reasons = [f" {part.reason}" for part in heard.parts.values() if part.status == "failing"]
        message = f"{heard.url}/readyz answers {heard.status or 'nothing'}.{''.join(reasons)}"
        yield Check("server", "problem", message, log)
    for name in ("river", "keeper", "disk"):
        part = heard.part(name)
        if part is not None and part.status not in {"ok", "ticking", "starting"}:
            status: Status = "warning" if part.status in {"late", "low"} else "problem"
            yield Check(name, status, f"It is {part.status}. {part.reason}".rstrip(), log)
    if heard.waste_status == 401:
        yield Check("waste API", "ok", "It responds, and requires authorization.")
    elif heard.waste_status is None:
        yield Check("waste API", "problem", "It does not respond.", log)
    elif heard.waste_status < 300:
        yield Check("waste API", "problem", "It does not require authorization.", log)
    else:
        yield Check("waste API", "problem", f"It answers {heard.waste_status} to a stranger, not 401.", log)
