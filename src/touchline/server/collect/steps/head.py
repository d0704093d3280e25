"""The head: a secret key, and the number of rejected requests from the client's network."""

import time
from collections.abc import Awaitable

from touchline.server.collect.problems import unknown_key
from touchline.server.collect.steps.key import looked_up, with_scope
from touchline.server.collect.tracked import Parts, Tracked


def known_secret(parts: Parts, tracked: Tracked) -> None:
    """Find a secret key among those in memory."""
    authorization = tracked.headers.get("authorization")
    if authorization is not None:
        tracked.secret = parts.keys.known_bearer(authorization, time.time_ns() // 1000)


def refusals(parts: Parts, tracked: Tracked) -> None:
    """Limit the rejected requests from the client's network; requests with a secret key are exempt."""
    if tracked.secret is None:
        parts.refusals.check(tracked.seen.client_prefix)


def new_secret(parts: Parts, tracked: Tracked) -> Awaitable[None] | None:
    """Find a secret key in the ledger."""
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
