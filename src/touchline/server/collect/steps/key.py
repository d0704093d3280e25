"""The key: which site it belongs to, which pages it allows, and whether it vouches for the body."""

from collections.abc import Awaitable

import msgspec

from touchline.ingest.first_key import first_key
from touchline.ingest.wire import named_key
from touchline.server.collect.problems import busy, foreign_page, unknown_key
from touchline.server.collect.tracked import Parts, Tracked
from touchline.server.http.keys import Access, NotLookedUpError
from touchline.server.http.problems import Problem

SMALL_BYTES = 4_096
"""Up to this size in bytes, decoding a body costs no more than searching it for a key."""


def early(parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """Reject an unknown key or a foreign page before the events of a large body are decoded.

    The first key found is almost always the right one; the envelope is decoded only if that key is unknown.
    """
    body = tracked.body
    if tracked.secret is not None or len(body) <= SMALL_BYTES:
        return None
    guess = first_key(body)
    access = parts.keys.find(guess, tracked.received_at) if guess else None
    if access is not None and _may_come_from(parts, tracked.origin, access):
        return None
    try:
        key = named_key(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # decoding the whole body reports what is wrong
        return None
    return _opened(parts, tracked, key)


def access(parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """Find what the request's key authorizes."""
    if tracked.secret is not None:
        tracked.access = tracked.secret
        return None
    return _opened(parts, tracked, tracked.posted.public_key)


def signature(parts: Parts, tracked: Tracked) -> None:
    """Find whether a secret key or a signature vouches for the body; its key counts as a key of the request."""
    access, now = tracked.access, tracked.received_at
    signed = tracked.headers.get("x-touchline-signature")
    if signed is None:
        tracked.key_ids, tracked.is_verified = [access.key_id], access.is_secret
        return
    signer = parts.signatures.check(
        signed, tracked.body, lambda key_id: parts.keys.secret_with_id(key_id, access.site_id, now), now / 1e6
    )
    tracked.key_ids, tracked.is_verified = [access.key_id, signer.key_id], True


def _opened(parts: Parts, tracked: Tracked, public_key: str | None) -> Awaitable[None] | None:
    """What a publishable key authorizes for the page that sends it."""
    access = parts.keys.find(public_key, tracked.received_at) if public_key else None
    if access is None and public_key:
        return _opened_by_ledger(parts, tracked, public_key)
    _admit(parts, tracked, access)
    return None


async def _opened_by_ledger(parts: Parts, tracked: Tracked, public_key: str) -> None:
    _admit(parts, tracked, await looked_up(parts.keys.look_up(public_key, tracked.received_at)))


def _admit(parts: Parts, tracked: Tracked, access: Access | None) -> None:
    if access is None or access.is_secret:  # a secret in a body may have come from a page
        raise unknown_key("publicKey: pk_…")
    if not _may_come_from(parts, tracked.origin, access):
        parts.foreign_pages.note(access, tracked.origin, tracked.received_at)
        raise foreign_page()
    with_scope(access)
    tracked.access = access


def _may_come_from(parts: Parts, origin: str | None, access: Access) -> bool:
    return not parts.options.needs_origin if origin is None else access.origins.allows(origin)


async def looked_up(looking: Awaitable[Access | None]) -> Access | None:
    """Look up a key in the ledger.

    :raises Problem: 503 if the ledger is unavailable.
    """
    try:
        return await looking
    except NotLookedUpError:
        raise busy("The ledger cannot be asked for the key now.") from None


def with_scope(access: Access) -> None:
    """Verify that a key may send events.

    :raises Problem: 403 if it may not.
    """
    if "track" not in access.scopes:
        raise Problem(403, "out_of_scope", "The key may not send events.", "Use a key with the scope track.")
