"""Who may do what: publishable (``pk_``) and secret (``sk_``) keys, as the ledger has them, looked up in memory.

Keys have 256 random bits, so that their SHA-256 is as good a secret as a slow hash would make of a password; only it is
stored. What is in memory is read again every :data:`REFRESH_SECONDS`, where the ledger has changed. A key that is not
there is looked for in the ledger, so that a new one works at once; one that was revoked since is found by the commit
(:attr:`touchline.ledger.intake.Intake.revoked`).
"""

import asyncio
import hmac
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from touchline.jobs.access_keys import hash_of
from touchline.jobs.workspace import organization_settings
from touchline.ledger import Ledger, schema
from touchline.redaction import EVERYTHING, Redaction
from touchline.server.http.cross_origin import Origins, origins_of
from touchline.tag_names import TagNames, tag_names_of
from touchline.visitor_ids import DEFAULT, VisitorIds, visitor_ids_at

REFRESH_SECONDS = 0.5
IDLE_REFRESH_SECONDS = 5.0
"""While nobody asks."""
ASKED_SECONDS = 10.0
"""After so long without a request, nobody does."""
_FORM = re.compile(r"[ps]k_[\w-]{43}")
"""What every key looks like that was ever made: nothing else is looked for."""
_MOST_ABSENT = 10_000
_MOST_WANTED = 200
"""Unknown keys that are looked for at a time; a flood of more waits, and honest new keys with it."""
_LOOK_SECONDS = 5.0

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
    tag_names: TagNames = ()
    """The organization's own names of UTM parameters."""
    redaction: Redaction = EVERYTHING
    """What the organization redacts."""
    visitor_ids: VisitorIds = DEFAULT
    """By what the site recognizes browsers."""
    respects_dnt: bool = False
    """Whether a browser's ``DNT`` is a refusal."""

    def is_valid(self, now: int) -> bool:
        """Whether it is not revoked at ``now`` (microseconds since 1970)."""
        return self.revoked_at is None or now < self.revoked_at


class NotLookedUpError(Exception):
    """The ledger did not say whether it has a key."""


class Keys:
    """All keys of a ledger.

    :param read: reads them.
    :param stand: which of some hashes are keys', and when each of these ends.
    """

    def __init__(
        self, read: Callable[[], Mapping[str, Access]],
        stand: Callable[[Collection[str]], Mapping[str, int | None]],
    ) -> None:  # fmt: skip
        self._read = read
        self._stand = stand
        self._by_hash: Mapping[str, Access] = {}
        self._secrets: Mapping[tuple[str, str], Access] = {}
        self._absent: dict[str, float] = {}
        """Hashes that nobody knows, and until when nobody is asked again."""
        self._wanted: dict[str, asyncio.Future[None]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._refreshing = Lock()
        self.every_origin = Origins(frozenset(), frozenset())
        """Where any key is accepted from: all that a preflight, which names no key, can be held to."""
        self.only_site: Access | None = None
        """A publishable key, where all of them are of one site."""

    def refresh(self) -> None:
        """Read them again; blocks, and raises what the ledger raises.

        One thread at a time: what was read before a key was made must not take the place of what was read after.
        """
        with self._refreshing:
            found = self._read()
            self._by_hash = found
            self._secrets = {(a.site_id, a.key_id): a for a in found.values() if a.is_secret}
            self.every_origin = Origins.all_of(access.origins for access in found.values())
            of_sites = {access.site_id: access for access in found.values() if not access.is_secret}
            self.only_site = next(iter(of_sites.values())) if len(of_sites) == 1 else None

    def find(self, key: str, now: int) -> Access | None:
        """What ``key`` opens at ``now`` (microseconds since 1970), if anything."""
        digest = hash_of(key)
        found = self._by_hash.get(digest)
        if found is None or not hmac.compare_digest(found.key_hash, digest) or not found.is_valid(now):
            return None
        return found

    async def look_up(self, key: str, now: int) -> Access | None:
        """As :meth:`find`; a key that is not in memory is looked for in the ledger.

        All that ask at a time are answered by one query, and one that was not there is not looked for again for
        :data:`REFRESH_SECONDS`: a flood of invented keys is no flood of queries.

        :raises NotLookedUpError: if the ledger does not answer, or too many wait for it.
        """
        access = self.find(key, now)
        if access is not None or not _FORM.fullmatch(key):
            return access
        digest = hash_of(key)
        if digest in self._by_hash or self._absent.get(digest, 0) > time.monotonic():
            return None
        try:
            await asyncio.wait_for(asyncio.shield(self._asked(digest)), _LOOK_SECONDS)
        except Exception as error:
            raise NotLookedUpError from error
        return self.find(key, now)

    def _asked(self, digest: str) -> "asyncio.Future[None]":
        if len(self._wanted) >= _MOST_WANTED and digest not in self._wanted:
            raise NotLookedUpError
        future = self._wanted.setdefault(digest, asyncio.get_running_loop().create_future())
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return future

    async def _look(self) -> None:
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            failure: Exception | None = None
            try:
                await asyncio.to_thread(self._look_for, tuple(wanted))
            except Exception as error:  # noqa: BLE001 - those who wait are told
                failure = error
            for future in wanted.values():
                _end(future, failure)
        self._looking = None

    def _look_for(self, digests: Collection[str]) -> None:
        standing = set(self._stand(digests))
        if standing:
            self.refresh()
        if len(self._absent) > _MOST_ABSENT:
            self._absent = {}
        until = time.monotonic() + REFRESH_SECONDS
        self._absent.update((digest, until) for digest in digests if digest not in standing)

    def known_bearer(self, authorization: str, now: int) -> Access | None:
        """What the secret key in ``Authorization: Bearer sk_…`` opens, if it is one that is in memory."""
        access = self.find(_secret_in(authorization), now)
        return access if access is not None and access.is_secret else None

    async def look_up_bearer(self, authorization: str, now: int) -> Access | None:
        """What the secret key in ``Authorization: Bearer sk_…`` opens, if it is one; as :meth:`look_up`."""
        access = await self.look_up(_secret_in(authorization), now)
        return access if access is not None and access.is_secret else None

    def bearer(self, authorization: str, now: int) -> Access | None:
        """As :meth:`look_up_bearer`, for a thread: it blocks while the ledger is asked, for the key's end, too."""
        secret = _secret_in(authorization)
        digest = hash_of(secret)
        ends = self._stand([digest]) if _FORM.fullmatch(secret) else {}
        if not ends or now >= (ends[digest] or now + 1):
            return None
        if digest not in self._by_hash:
            self.refresh()
        access = self.find(secret, now)
        return access if access is not None and access.is_secret else None

    def secret_with_id(self, key_id: str, site_id: str, now: int) -> Access | None:
        """The secret key of a site by its id, as a signature names it."""
        access = self._secrets.get((site_id, key_id))
        return access if access is not None and access.is_valid(now) else None


def _secret_in(authorization: str) -> str:
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and len(secret) < 512 else ""


def _end(future: "asyncio.Future[None]", failure: Exception | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(None)
    else:
        future.set_exception(failure)
        future.exception()  # the caller may be gone


def ends_of(ledger: Ledger, digests: Collection[str]) -> Mapping[str, int | None]:
    """When the keys with these hashes end, by hash; those that are no key's are not in it."""
    return {row["key_hash"]: row["revoked_at"] for row in ledger.rows_with(schema.KEYS, "key_hash", digests)}


OF_KEYS = (schema.KEYS, schema.SITES, schema.ORGANIZATIONS, schema.SETTINGS)
"""The tables from which :func:`keys_of` reads."""


def keys_of(ledger: Ledger) -> Mapping[str, Access]:
    """Every key that opens something, by its hash.

    Keys are read first: a site that is added in the meantime, and its organization, are there when those are read.
    """
    keys = ledger.rows(schema.KEYS)
    sites = {row["site_id"]: row for row in ledger.rows(schema.SITES)}
    organizations = {row["organization_id"]: row for row in ledger.rows(schema.ORGANIZATIONS)}
    chosen = {name: organization_settings(ledger, name) for name in organizations}
    tag_names = {name: tag_names_of(settings.tag_names) for name, settings in chosen.items()}
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
            tag_names=tag_names[organization_id],
            redaction=chosen[organization_id].redaction,
            visitor_ids=visitor_ids_at(chosen[organization_id].visitor_ids, site["site_id"]),
            respects_dnt=chosen[organization_id].do_not_track == "respect",
        )
    return found
