"""Where alarms are sent: what an organization configured, and nothing else."""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from touchline.characters import unstorable
from touchline.errors import UnknownError, UsageError
from touchline.jobs.alarming.checked_addresses import require_url
from touchline.jobs.alarming.raising import LOG
from touchline.jobs.mail_addresses import check_address
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

EMAIL, WEBHOOK = "email", "webhook"
MOST = 20
"""Destinations that an organization may have."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Added:
    """A new destination."""

    name: str
    secret: str
    """Of a webhook, the secret under whose SHA-256 bodies are signed: it is shown once. Of others ``""``."""


def add_email(workspace: Workspace, organization_id: str, address: str, *, name: str = "", now: int) -> Added:
    """Send alarms to an address by mail.

    :raises UsageError: if the address or the name is none, or there are too many destinations.
    """
    check_address(address)
    return _add(workspace, organization_id, EMAIL, address, name, "", now)


def add_webhook(
    workspace: Workspace, organization_id: str, url: str, *, name: str = "", allowed: Collection[str], now: int
) -> Added:  # fmt: skip
    """Send alarms to a URL, signed.

    :param allowed: hosts that the operator lets be private, and reached by plain http.
    :raises UsageError: if the URL or the name is none, or there are too many destinations.
    """
    require_url(url, allowed=allowed)
    return _add(workspace, organization_id, WEBHOOK, url, name, f"whs_{secrets.token_urlsafe(32)}", now)


def _add(
    workspace: Workspace, organization_id: str, kind: str, address: str, name: str, secret: str, now: int
) -> Added:  # fmt: skip
    taken = {row["name"] for row in workspace.ledger.rows(schema.ALARM_DESTINATIONS, organization_id=organization_id)}
    name = name or next(free for number in range(1, MOST + 2) if (free := f"{kind}-{number}") not in taken)
    if not _NAME.fullmatch(name) or unstorable(name):
        raise UsageError(f"A name is up to 64 letters, digits, - and _, not {name!r:.80}.")
    if name in taken or name == LOG:
        raise UsageError(f"There is a destination {name!r} already.", "Choose another with --name, or remove it first.")
    if len(taken) >= MOST:
        raise UsageError(f"There are {MOST} destinations already.", "Remove one: touchline alarm remove NAME")
    row: dict[str, Any] = {
        "organization_id": organization_id, "name": name, "kind": kind, "address": address,
        "key_hash": sha256(secret.encode()).hexdigest() if secret else "", "added_at": now,
    }  # fmt: skip
    with workspace.ledger.transaction() as entry:
        if not entry.add_new(schema.ALARM_DESTINATIONS, [row]):
            raise UsageError(f"There is a destination {name!r} already.", "Choose another with --name.")
    return Added(name, secret)


def remove(workspace: Workspace, organization_id: str, name: str) -> None:
    """Send nothing more there; what waits for it is dropped.

    :raises UnknownError: if there is no such destination.
    """
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.ALARM_DESTINATIONS, organization_id=organization_id, name=name):
            raise UnknownError(f"There is no destination {name!r:.80}.", "See `touchline alarm list`.")


def destination(workspace: Workspace, organization_id: str, name: str) -> dict[str, Any]:
    """One destination.

    :raises UnknownError: if there is none of this name.
    """
    for row in workspace.ledger.rows(schema.ALARM_DESTINATIONS, organization_id=organization_id, name=name):
        return dict(row)
    raise UnknownError(f"There is no destination {name!r:.80}.", "See `touchline alarm list`.")
