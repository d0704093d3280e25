"""Which identifiers a person may have who is named by one id."""

import re
from collections.abc import Iterator
from typing import Any

from touchline.errors import UnknownError, UsageError
from touchline.ingest.scrubbing import email_hash_in, kept_id
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.hash_key import FORM
from touchline.placeholders import names_somebody


def identifiers_named(  # noqa: PLR0913, PLR0917 - the ways to name somebody are the command's
    workspace: Workspace, organization_id: str, visitor: str | None, user: str | None, email_hash: str | None,
    email: str | None = None, order: str | None = None, account: str | None = None, address_hash: str | None = None,
) -> list[str]:  # fmt: skip
    """The identifiers that the given id may stand for: a visitor has one on each site.

    An id with an e-mail address in it is sought as it is kept, as its keyed hash, and, if an earlier version kept it
    so, as it is. A user who is named by an e-mail address is also sought by that of an ``emailHash``. An order, an
    account and the hash of an address name everybody who is on an event with it: of an order, those on verified events,
    if there are any, for a page can name anybody's order.

    :raises UsageError: if not exactly one is given, or if it is none.
    """
    said = (visitor, user, email_hash, email, order, account, address_hash)
    if sum(bool(one) for one in said) != 1:
        options = "--visitor, --user, --email-hash, --email, --order, --account and --address-hash"
        raise UsageError("A person is named by one id.", f"Give one of {options}.")
    for column, value in (("order_id", order), ("account_id", account), ("ip_hash", address_hash)):
        if value:
            return _on_events_with(workspace, organization_id, column, value)
    if email_hash:
        if not re.fullmatch(rf"[0-9a-fA-F]{{64}}|{FORM}", email_hash):
            raise UsageError(
                f"An e-mail hash has 64 hexadecimal digits, not {email_hash!r}.",
                "It is the SHA-256 of the lowercase address; or the form in which Touchline stores it (k1_…).",
            )
        return [f"m:{workspace.ledger.keyed(email_hash.lower())}"]
    if visitor:
        sites = workspace.ledger.rows(schema.SITES, organization_id=organization_id)
        forms = list(_forms(workspace, "visitor_id", visitor))
        return [f"v:{site['site_id']}:{form}" for site in sites for form in forms]
    digest = email_hash_in(email or user or "")
    if email and digest is None:
        raise UsageError("--email is no e-mail address.", "Write it as ann@shop.example.")
    users = [f"u:{form}" for form in _forms(workspace, "user_id", email or user or "")]
    return [*([f"m:{workspace.ledger.keyed(digest)}"] if digest else []), *users]


def _on_events_with(workspace: Workspace, organization_id: str, column: str, value: str) -> list[str]:
    """The identifiers of all events that have a value, and of their users and e-mail hashes.

    :raises UnknownError: if there is no such event.
    """
    sites = [row["site_id"] for row in workspace.ledger.rows(schema.SITES, organization_id=organization_id)]
    kept = value.strip().lower() if column == "ip_hash" else workspace.ledger.keyed(kept_id(value.strip()))
    where: dict[str, Any] = {"site_id": sites, column: kept}
    found = workspace.ledger.rows(schema.TRACKING_EVENTS, **where)
    if column == "order_id":
        found = [row for row in found if row["is_verified"]] or found
    names = dict.fromkeys(row["identifier"] for row in found)
    for prefix, other in (("u", "user_id"), ("m", "email_hash")):
        names |= dict.fromkeys(f"{prefix}:{row[other]}" for row in found if names_somebody(row[other]))
    if not names:
        raise UnknownError(f"Nothing is kept with {value}.", "Check the id, and the organization.")
    return list(names)


def _forms(workspace: Workspace, column: str, given: str) -> Iterator[str]:
    """The id as it is kept now; and as it was given, if the ledger has it so."""
    kept = workspace.ledger.keyed(kept_id(given.strip()))
    yield kept
    where: dict[str, Any] = {column: given}
    if kept != given and workspace.ledger.rows(schema.TRACKING_EVENTS, limit=1, **where):
        yield given
