"""The head: a secret key, and how much from its network was refused."""

import time
from collections.abc import Awaitable

from touchline.server.collect.problems import unknown_key
from touchline.server.collect.steps.key import looked_up, with_scope
from touchline.server.collect.tracked import Parts, Tracked


def known_secret(parts: Parts, tracked: Tracked) -> None:
    """A secret key that is in memory."""
    authorization = tracked.headers.get("authorization")
    if authorization is not None:
        tracked.secret = parts.keys.known_bearer(authorization, time.time_ns() // 1000)


def refusals(parts: Parts, tracked: Tracked) -> None:
    """How much from its network was refused; whoever has a secret key is not asked."""
    if tracked.secret is None:
        parts.refusals.check(tracked.seen.client_prefix)


def new_secret(parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """A secret key that may be in the ledger only."""
    if tracked.secret is not None:
        with_scope(tracked.secret)
        return None
    authorization = tracked.headers.get("authorization")
    return None if authorization is None else _looked_for(parts, tracked, authorization)


async def _looked_for(parts: Parts, tracked: Tracked, authorization: str) -> None:
    secret = await looked_up(parts.keys.look_up_bearer(authorization, time.time_ns() // 1000))
    if secret is None:
        raise unknown_key("Authorization: Bearer sk_…")
    tracked.secret = secret
    with_scope(secret)
