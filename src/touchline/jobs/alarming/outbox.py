"""The outbox: what waits in the ledger is sent, at least once, under an id that stays, until it arrives or is old."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from touchline.jobs.alarming import destinations, mails, webhooks
from touchline.jobs.alarming.alarm import is_muted
from touchline.jobs.alarming.delivery_settings import DeliverySettings
from touchline.jobs.alarming.documents import Document, alarms_document
from touchline.jobs.alarming.failures import DeliveryFailedError
from touchline.jobs.alarming.raising import LOG
from touchline.jobs.alarming.states import Row, today_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

LEASE_SECONDS = 120.0
"""How long a delivery is one process's: if that is killed meanwhile, another one sends it again."""
FIRST_SECONDS = 30.0
MOST_SECONDS = 6 * 3_600.0
"""Between two attempts: at first, and at most; it doubles from one to the next."""
MOST_ATTEMPTS = 14
"""After about two days, a delivery has failed."""

_SECOND = 1_000_000

Write = Callable[[Document], None]
"""Writes what is known of an alarm as one line of a log."""

Outcome = Literal["sent", "waiting", "failed", "dropped"]


@dataclass(frozen=True)
class Delivery:
    """What became of an attempt."""

    delivery_id: str
    destination: str
    outcome: Outcome
    failure: str = ""


def has_due(workspace: Workspace, now: int) -> bool:
    """Whether anything is to be sent now."""
    return any(_is_due(row, now) for row in workspace.ledger.rows(schema.ALARM_DELIVERIES, state="waiting"))


def _is_due(row: Row, now: int) -> bool:
    """Whether its time has come; one that is further ahead than any pause is of a clock that was ahead."""
    return not now < row["due_at"] <= now + int(MOST_SECONDS * _SECOND)


def deliver_due(
    workspace: Workspace, settings: DeliverySettings, clock: Callable[[], int], write: Write
) -> list[Delivery]:  # fmt: skip
    """Try everything that is due, once.

    :param clock: the time, in microseconds since 1970.
    :param write: what the destination ``log`` is.
    """
    waiting = workspace.ledger.rows(schema.ALARM_DELIVERIES, state="waiting")
    due = sorted((row for row in waiting if _is_due(row, clock())), key=lambda row: (row["due_at"], row["made_at"]))
    return [done for row in due if (done := _attempted(workspace, row, settings, clock, write))]


def _attempted(
    workspace: Workspace, row: Row, settings: DeliverySettings, clock: Callable[[], int], write: Write
) -> Delivery | None:  # fmt: skip
    """One attempt; ``None``: another process has taken it."""
    where = {"delivery_id": row["delivery_id"], "state": "waiting", "due_at": row["due_at"]}
    attempts = row["attempts"] + 1
    with workspace.ledger.transaction() as entry:
        lease = clock() + int(LEASE_SECONDS * _SECOND)
        if not entry.change(schema.ALARM_DELIVERIES, where, due_at=lease, attempts=attempts):
            return None
    outcome, failure = _sent(workspace, row, settings, clock(), write)
    due_at = lease
    if outcome == "waiting":
        outcome = "failed" if attempts >= MOST_ATTEMPTS else "waiting"
        due_at = clock() + int(min(FIRST_SECONDS * 2 ** (attempts - 1), MOST_SECONDS) * _SECOND)
    with workspace.ledger.transaction() as entry:
        done_at = None if outcome == "waiting" else clock()
        where = {"delivery_id": row["delivery_id"]}
        entry.change(
            schema.ALARM_DELIVERIES, where, state=outcome, due_at=due_at, done_at=done_at, failure=failure[:512]
        )
    return Delivery(row["delivery_id"], row["destination"], outcome, failure)


def _sent(workspace: Workspace, row: Row, settings: DeliverySettings, now: int, write: Write) -> tuple[Outcome, str]:
    text = _without_muted(workspace, row, now)
    if text is None:
        return "dropped", ""
    if row["destination"] == LOG:
        _write_each(json.loads(text), write)
        return "sent", ""
    of = {"organization_id": row["organization_id"], "name": row["destination"]}
    to = next(iter(workspace.ledger.rows(schema.ALARM_DESTINATIONS, **of)), None)
    if to is None:
        return "dropped", ""
    try:
        _send(to, row["delivery_id"], text, settings)
    except DeliveryFailedError as error:
        return "waiting", str(error)
    return "sent", ""


def _without_muted(workspace: Workspace, row: Row, now: int) -> str | None:
    """The document, without alarms that were muted since; ``None``: all of them were."""
    sent: dict[str, Any] = json.loads(row["document"])
    of = {"organization_id": row["organization_id"], "alarm_id": [one["alarmId"] for one in sent["alarms"]]}
    today = today_of(now)
    muted = {one["alarm_id"] for one in workspace.ledger.rows(schema.HEALTH_ALARMS, **of) if is_muted(one, today)}
    if not muted:
        return str(row["document"])
    left = [one for one in sent["alarms"] if one["alarmId"] not in muted]
    sent["count"] -= len(sent["alarms"]) - len(left)
    return json.dumps(sent | {"alarms": left}, separators=(",", ":")) if left else None


def _write_each(sent: Document, write: Write) -> None:
    """One line in the log for each alarm."""
    for alarm in sent["alarms"]:
        names = ("alarmId", "siteId", "measure", "goal", "since", "until", "sentence", "firstCheck")
        write({"organization": sent["organizationId"]} | {name: alarm[name] for name in names})


def _send(to: Mapping[str, Any], delivery_id: str, text: str, settings: DeliverySettings) -> None:
    if to["kind"] == destinations.EMAIL:
        mails.send(to["address"], delivery_id, json.loads(text), settings)
    else:
        webhooks.send(to["address"], to["name"], to["key_hash"], delivery_id, text.encode(), settings)


def send_test(workspace: Workspace, organization_id: str, name: str, settings: DeliverySettings) -> None:
    """Send a test to a destination, now and once.

    :raises UnknownError: if there is no such destination.
    :raises DeliveryFailedError: if it does not arrive.
    """
    to = destinations.destination(workspace, organization_id, name)
    delivery_id = f"d_test_{secrets.token_hex(8)}"
    _send(to, delivery_id, alarms_document(delivery_id, organization_id, []), settings)
