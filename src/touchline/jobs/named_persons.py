"""Which identifiers a person may have who is named by one id."""

import re
from collections.abc import Iterator
from typing import Any

from touchline.errors import UsageError
from touchline.ingest.scrubbing import email_hash_in, kept_id
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema


def identifiers_named(
    workspace: Workspace, organization_id: str, visitor: str | None, user: str | None, email_hash: str | None,
    email: str | None = None,
) -> list[str]:  # fmt: skip
    """The identifiers that the given id may stand for: a visitor has one on each site.

    An id with an e-mail address in it is sought as it is kept, as its hash, and, if an earlier version kept it so, as
    it is. A user who is named by an e-mail address is also sought by that of an ``emailHash``.

    :raises UsageError: if not exactly one is given, or if it is none.
    """
    if sum(bool(one) for one in (visitor, user, email_hash, email)) != 1:
        raise UsageError("A person is named by one id.", "Give one of --visitor, --user, --email-hash and --email.")
    if email_hash:
        if not re.fullmatch(r"[0-9a-fA-F]{64}", email_hash):
            raise UsageError(
                f"An e-mail hash has 64 hexadecimal digits, not {email_hash!r}.",
                "It is the SHA-256 of the lowercase address; Touchline stores no addresses.",
            )
        return [f"m:{email_hash.lower()}"]
    if visitor:
        sites = workspace.ledger.rows(schema.SITES, organization_id=organization_id)
        forms = list(_forms(workspace, "visitor_id", visitor))
        return [f"v:{site['site_id']}:{form}" for site in sites for form in forms]
    digest = email_hash_in(email or user or "")
    if email and digest is None:
        raise UsageError("--email is no e-mail address.", "Write it as ann@shop.example.")
    users = [f"u:{form}" for form in _forms(workspace, "user_id", email or user or "")]
    return [*([f"m:{digest}"] if digest else []), *users]


def _forms(workspace: Workspace, column: str, given: str) -> Iterator[str]:
    """The id as it is kept now; and as it was given, if the ledger has it so."""
    kept = kept_id(given.strip())
    yield kept
    where: dict[str, Any] = {column: given}
    if kept != given and workspace.ledger.rows(schema.TRACKING_EVENTS, limit=1, **where):
        yield given
