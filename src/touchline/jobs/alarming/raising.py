"""New alarms: entered in the ledger with their deliveries, in one transaction, so that none is lost or repeated."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from hashlib import sha256
from typing import Any

from touchline.errors import UnknownError
from touchline.jobs.alarming.alarm import Alarm, alarm_of, is_muted
from touchline.jobs.alarming.documents import alarms_document
from touchline.jobs.alarming.states import Row, found_breaks, row_for, row_of, today_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.entry import Entry
from touchline.magnitudes import DAY_MICROS
from touchline.reports.breaks import Break, newest_day

LOG = "log"
"""The destination that every organization has: the log of the process that delivers."""
NEWS_DAYS = 30
"""How many days before the newest day with data something may have ended for anybody to be notified of it."""
_KEPT = 90 * DAY_MICROS
"""How long deliveries that are done are remembered."""


def raise_alarms(workspace: Workspace, now: int) -> list[Alarm]:
    """Bring the alarms of all organizations to what is found now; returns those that are to be delivered.

    An alarm is delivered once, however often it is found: its row and its deliveries are entered together.

    :param now: microseconds since 1970.
    """
    raised: list[Alarm] = []
    for organization in workspace.ledger.rows(schema.ORGANIZATIONS):
        with suppress(UnknownError):  # it was added after the last run, and has no numbers yet
            raised += _raised(workspace, organization["organization_id"], now)
    return raised


def _raised(workspace: Workspace, organization_id: str, now: int) -> list[Alarm]:
    found = found_breaks(workspace, organization_id, now)
    if not _has_changes(workspace, organization_id, found, now):
        return []
    newest = newest_day(workspace.engine, organization_id)
    with workspace.ledger.transaction() as entry:
        # read inside the transaction: of two processes that do this, the second finds what the first entered
        rows = workspace.ledger.rows(schema.HEALTH_ALARMS, organization_id=organization_id)
        alarms = [alarm for one in found if (alarm := _entered(entry, organization_id, one, rows, newest, now))]
        _close_others(entry, organization_id, found, rows, now)
        if alarms:
            _post(workspace, entry, organization_id, alarms, now)
    return alarms


def _has_changes(workspace: Workspace, organization_id: str, found: Sequence[Break], now: int) -> bool:
    rows = workspace.ledger.rows(schema.HEALTH_ALARMS, organization_id=organization_id)
    is_known = [row_of(one, rows) for one in found]
    is_gone = any(row["closed_at"] is None and row not in is_known for row in rows)
    return is_gone or any(
        row is None or _moved(one, row, now) or _is_due(one, row, today_of(now))
        for one, row in zip(found, is_known, strict=True)
    )


def _entered(
    entry: Entry, organization_id: str, found: Break, rows: Sequence[Row], newest: date, now: int
) -> Alarm | None:
    """Enter what is found, and return it where it is to be delivered."""
    row, today = row_of(found, rows), today_of(now)
    if row is None:
        row = row_for(found, organization_id, now) | {"muted_until": _muted_until(found, rows)}
        is_recent = not found.is_over or (newest - found.until).days <= NEWS_DAYS
        is_news = is_recent and not is_muted(row, today)
        row |= {"notified_at": now if is_news else None}
        is_new = entry.add_new(schema.HEALTH_ALARMS, [row])
        return alarm_of(found, row, today) if is_new and is_news else None
    where = {"organization_id": organization_id, "alarm_id": row["alarm_id"]}
    if moved := _moved(found, row, now):
        entry.change(schema.HEALTH_ALARMS, where, **moved)
    if not _is_due(found, row, today):
        return None
    is_mine = entry.change(schema.HEALTH_ALARMS, where | {"muted_until": row["muted_until"]}, notified_at=now)
    return alarm_of(found, row, today) if is_mine else None


def _moved(found: Break, row: Row, now: int) -> dict[str, Any]:
    """What is to be changed of a row, whose days and end follow what is found; its id stays."""
    closed_at = (row["closed_at"] or now) if found.is_over else None
    values = {"since": min(found.since, row["since"]), "until": max(found.until, row["until"]), "closed_at": closed_at}
    return {name: value for name, value in values.items() if value != row[name]}


def _is_due(found: Break, row: Row, today: date) -> bool:
    """Whether an alarm was muted when it began, and goes on though that is over."""
    is_unsaid = row["notified_at"] is None and row["acknowledged_at"] is None and row["muted_until"] is not None
    return is_unsaid and not found.is_over and not is_muted(row, today)


def _muted_until(found: Break, rows: Sequence[Row]) -> date | None:
    """Until when others of its measure at its site are muted."""
    names = ("site_id", "measure", "goal")
    alike = (row["muted_until"] for row in rows if all(row[name] == getattr(found, name) for name in names))
    return max((until for until in alike if until is not None), default=None)


def _close_others(entry: Entry, organization_id: str, found: Sequence[Break], rows: Sequence[Row], now: int) -> None:
    """Close the alarms of which nothing is found any more."""
    known = {row["alarm_id"] for one in found if (row := row_of(one, rows))}
    for row in rows:
        if row["closed_at"] is None and row["alarm_id"] not in known:
            where = {"organization_id": organization_id, "alarm_id": row["alarm_id"]}
            entry.change(schema.HEALTH_ALARMS, where, closed_at=now)


def _post(workspace: Workspace, entry: Entry, organization_id: str, alarms: Sequence[Alarm], now: int) -> None:
    """Put the alarms into the outbox, once for each destination."""
    names = [row["name"] for row in workspace.ledger.rows(schema.ALARM_DESTINATIONS, organization_id=organization_id)]
    for name in (LOG, *names):
        delivery_id = _delivery_id(organization_id, name, [alarm.alarm_id for alarm in alarms], now)
        entry.add_new(
            schema.ALARM_DELIVERIES,
            [
                new_delivery(
                    organization_id, name, delivery_id, alarms_document(delivery_id, organization_id, alarms), now
                )
            ],
        )
    for state in ("sent", "failed", "dropped"):
        entry.remove_before(schema.ALARM_DELIVERIES, "made_at", now - _KEPT, state=state)


def new_delivery(organization_id: str, destination: str, delivery_id: str, document: str, now: int) -> dict[str, Any]:
    """A row of the outbox that is due at once."""
    return {
        "delivery_id": delivery_id, "organization_id": organization_id, "destination": destination, "state": "waiting",
        "document": document, "attempts": 0, "made_at": now, "due_at": now, "done_at": None, "failure": "",
    }  # fmt: skip


def _delivery_id(organization_id: str, destination: str, alarm_ids: Sequence[str], now: int) -> str:
    said = "\0".join((organization_id, destination, str(now), *alarm_ids))
    return "d_" + sha256(said.encode()).hexdigest()[:24]
