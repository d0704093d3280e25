"""Keys with which pages and machines reach the server: made, rotated, revoked."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from touchline.errors import UnknownError, UsageError
from touchline.jobs.origins import OPAQUE, ascii_domain, origin_of
from touchline.jobs.workspace import Row, Workspace
from touchline.ledger import schema

KINDS = ("publishable", "secret")
METRICS = "metrics"
MANAGE, PROVISION = "manage", "provision"
SCOPES = ("track", "costs", "read", "admin", METRICS, MANAGE, PROVISION)
"""What a key may be for: sending events, sending ad costs, reading reports, everything that the command line can do
with its organization, reading the server's metrics, which are of all organizations, managing its organization, and
adding organizations and managing all of them."""
OF_ALL = frozenset({METRICS, PROVISION})
"""Scopes of all organizations, which only who has the home at hand gives away."""

_OF_SECRET = ("track", "costs", "read")
_HOUR = 3_600_000_000
MAX_OVERLAP_HOURS = 24 * 90


class Made(NamedTuple):
    """A new key: its id, the key itself, which is nowhere kept, and its row."""

    key_id: str
    key: str
    row: dict[str, Any]


def made(site_id: str, kind: str, *, scopes: Sequence[str] = (), origins: Sequence[str] = (), now: int) -> Made:
    """A key of 256 random bits that is in no ledger yet.

    :raises UsageError: if there is no such kind, scope or origin.
    """
    if kind not in KINDS:
        raise UsageError(f"A key is {' or '.join(KINDS)}, not {kind!r}.")
    chosen = tuple(scopes) or (_OF_SECRET if kind == "secret" else ("track",))
    unknown = [scope for scope in chosen if scope not in SCOPES]
    if unknown:
        raise UsageError(f"A scope is one of {', '.join(SCOPES)}, not {unknown[0]!r}.")
    if kind == "publishable" and chosen != ("track",):
        raise UsageError("A publishable key is public, so it can only send events.", "Create a secret key.")
    key_id = f"key_{secrets.token_hex(6)}"
    key = ("sk_" if kind == "secret" else "pk_") + secrets.token_urlsafe(32)
    row = {
        "key_id": key_id, "site_id": site_id, "kind": kind, "key_hash": hash_of(key),
        "created_at": now, "scopes": " ".join(chosen), "origins": " ".join(map(checked_origin, origins)),
    }  # fmt: skip
    return Made(key_id, key, row)


def hash_of(secret: str) -> str:
    """What is kept of a key or a token: its SHA-256, which 256 random bits make as good a secret as a slow hash."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def create_key(
    workspace: Workspace, site_id: str, kind: str, *, scopes: Sequence[str] = (), origins: Sequence[str] = (), now: int
) -> Made:
    """A new key of the site; what it is can be had this once, and is stored as a hash.

    :param kind: ``publishable`` (may only send events) or ``secret``.
    :param scopes: what it is for; what is usual for its kind if there are none.
    :param origins: origins other than the site's own that can send with it, such as ``https://pay.example``.
    """
    new = made(site_id, kind, scopes=scopes, origins=origins, now=now)
    with workspace.ledger.transaction() as entry:
        entry.add(schema.KEYS, **new.row)
    return new


_NOT_ROTATED, _SEE_KEYS = "There is no key {!r} that can be rotated.", "See `touchline key list`."


def rotate_key(
    workspace: Workspace, key_id: str, *, organization_id: str | None = None, overlap_hours: float, now: int
) -> Made:
    """A new key in the place of one, which stays good for ``overlap_hours`` (0 to 2,160).

    :param organization_id: whose key it has to be; ``None``: anybody's.
    :raises UnknownError: if there is no such key, or it is revoked already.
    """
    if not 0 <= overlap_hours <= MAX_OVERLAP_HOURS:
        raise UsageError(f"The old key stays valid for 0 to {MAX_OVERLAP_HOURS:,} hours, not {overlap_hours:g}.")
    rows = _named(workspace, key_id, organization_id)
    if not rows or rows[0]["revoked_at"] is not None:
        raise UnknownError(_NOT_ROTATED.format(key_id), _SEE_KEYS)
    old = rows[0]
    new = made(old["site_id"], old["kind"], scopes=old["scopes"].split(), origins=old["origins"].split(), now=now)
    with workspace.ledger.transaction() as entry:
        good = {"key_id": key_id, "revoked_at": None}  # somebody may have revoked it since it was looked at
        if not entry.change(schema.KEYS, good, revoked_at=now + round(overlap_hours * _HOUR)):
            raise UnknownError(_NOT_ROTATED.format(key_id), _SEE_KEYS)
        entry.add(schema.KEYS, **new.row)
    return new


def revoke_key(workspace: Workspace, key_id: str, *, organization_id: str | None = None, now: int) -> str | None:
    """The key is refused from now on; a server that runs refuses it at its next commit.

    :param organization_id: whose key it has to be; ``None``: anybody's.
    :returns: its site; ``None`` if it was refused already, and stays as it was.
    """
    rows = _named(workspace, key_id, organization_id)
    if not rows:
        raise UnknownError(f"There is no key {key_id!r}.", "See `touchline key list`.")
    if rows[0]["revoked_at"] is not None and rows[0]["revoked_at"] <= now:
        return None
    with workspace.ledger.transaction() as entry:
        entry.change(schema.KEYS, {"key_id": key_id}, revoked_at=now)
    return str(rows[0]["site_id"])


def _named(workspace: Workspace, key_id: str, organization_id: str | None) -> Sequence[Row]:
    """The key of this id, if there is one, and it is of a site of the organization."""
    found = workspace.ledger.rows(schema.KEYS, key_id=key_id)
    if organization_id is None:
        return found
    owner = workspace.organization(organization_id)["organization_id"]
    sites = {row["site_id"] for row in workspace.ledger.rows(schema.SITES, organization_id=owner)}
    return [row for row in found if row["site_id"] in sites]


def checked_origin(text: str) -> str:
    """An origin as browsers send it; ``null`` is that of a page that has none, such as a sandboxed frame.

    >>> checked_origin("https://Pay.Example/"), checked_origin("null")
    ('https://pay.example', 'null')
    """
    if text.strip() == OPAQUE.scheme:
        return OPAQUE.scheme
    scheme, separator, host = text.strip().rstrip("/").partition("://")
    origin = f"{scheme.lower()}{separator}{ascii_domain(host)}"
    if origin_of(origin) is None:
        raise UsageError(f"An origin is a scheme and a host such as https://pay.example, not {text!r}.")
    return origin
