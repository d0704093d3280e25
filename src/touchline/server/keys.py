"""Who may do what: publishable (``pk_``) and secret (``sk_``) keys, as the ledger has them, looked up in memory.

Keys have 256 random bits, so that their SHA-256 is as good a secret as a slow hash would make of a password; only it is
stored. What is in memory is read anew every :data:`REFRESH_SECONDS`, so a key that is revoked is refused within one.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchline.jobs.access_keys import hash_of
from touchline.jobs.workspace import organization_settings
from touchline.ledger import Ledger, schema
from touchline.server.cross_origin import Origins, origins_of

REFRESH_SECONDS = 0.5

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Access:
    """What a key opens."""

    key_id: str
    key_hash: str
    is_secret: bool
    scopes: frozenset[str]
    site_id: str
    organization_id: str
    currency: str
    """Of events that name none."""
    keeps_all: bool
    """Whether the organization has no retention period."""
    origins: Origins
    revoked_at: int | None
    """From when on (microseconds since 1970) it is refused."""

    def is_valid(self, now: int) -> bool:
        """Whether it is not revoked at ``now`` (microseconds since 1970)."""
        return self.revoked_at is None or now < self.revoked_at


class Keys:
    """All keys of a ledger."""

    def __init__(self, read: Callable[[], Mapping[str, Access]]) -> None:
        self._read = read
        self._by_hash: Mapping[str, Access] = {}
        self.every_origin = Origins(frozenset(), frozenset())
        """Where any key is accepted from: all that a preflight, which names no key, can be held to."""

    def refresh(self) -> None:
        """Read them again; blocks, and raises what the ledger raises."""
        found = self._read()
        self._by_hash = found
        self.every_origin = Origins.all_of(access.origins for access in found.values())

    def find(self, key: str, now: int) -> Access | None:
        """What ``key`` opens at ``now`` (microseconds since 1970), if anything."""
        digest = hash_of(key)
        found = self._by_hash.get(digest)
        if found is None or not hmac.compare_digest(found.key_hash, digest) or not found.is_valid(now):
            return None
        return found

    def bearer(self, authorization: str, now: int) -> Access | None:
        """What the secret key in ``Authorization: Bearer sk_…`` opens, if it is one."""
        scheme, _, secret = authorization.partition(" ")
        access = self.find(secret.strip(), now) if scheme.lower() == "bearer" else None
        return access if access is not None and access.is_secret else None

    def secret_with_id(self, key_id: str, site_id: str, now: int) -> Access | None:
        """The secret key of a site by its id, as a signature names it."""
        for access in self._by_hash.values():
            if access.key_id == key_id and access.site_id == site_id and access.is_secret and access.is_valid(now):
                return access
        return None


def keys_of(ledger: Ledger) -> Mapping[str, Access]:
    """Every key that opens something, by its hash.

    Keys are read first: a site that is told of meanwhile, and its organization, are there when those are read.
    """
    keys = ledger.rows(schema.KEYS)
    sites = {row["site_id"]: row for row in ledger.rows(schema.SITES)}
    organizations = {row["organization_id"]: row for row in ledger.rows(schema.ORGANIZATIONS)}
    chosen = {name: organization_settings(ledger, name) for name in organizations}
    found = {}
    for row in keys:
        site = sites[row["site_id"]]
        organization_id = site["organization_id"]
        found[row["key_hash"]] = Access(
            key_id=row["key_id"],
            key_hash=row["key_hash"],
            is_secret=row["kind"] == "secret",
            scopes=frozenset(row["scopes"].split()),
            site_id=site["site_id"],
            organization_id=organization_id,
            currency=organizations[organization_id]["currency"],
            keeps_all=not chosen[organization_id].retention_days,
            origins=origins_of(site["domain"], row["origins"].split()),
            revoked_at=row["revoked_at"],
        )
    return found
