"""What a request says of who sends it, looked at once a request."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from touchline.ingest.bots import bot_name

KEPT_USER_AGENT = 512
"""Characters of a user agent that are looked at and stored."""

_TOOLS = ("curl/", "Wget/", "python-", "Go-http-client/", "node", "axios/", "okhttp/", "Java/", "undici")
"""Programs that send on somebody's behalf: they name no browser, and are no crawler of pages either."""


class Headers(Protocol):
    """Header fields by their lower-case name."""

    def get(self, key: str, default: str | None = None) -> str | None:
        """The value of a field."""


class RequestContext(NamedTuple):
    """What the steps take from the request."""

    user_agent: str | None
    device_class: str | None
    bot: str | None
    """The name of the program that sends, if it is no visitor."""
    city: str | None
    district: str | None
    ip_hash: str | None
    client_prefix: str
    """The part of the network that the client is in, for rate limits; kept in memory only."""
    is_consent_refused: bool


def looked_at(headers: Headers | Mapping[str, str], peer: str) -> RequestContext:
    """Look at a request's header fields and the address (``host:port``) that it came from.

    >>> looked_at({"user-agent": "Googlebot/2.1"}, "192.0.2.7:4711").bot
    'Googlebot/'
    """
    user_agent: str | None = (headers.get("user-agent") or "")[:KEPT_USER_AGENT] or None
    if user_agent is not None and user_agent.startswith(_TOOLS):
        user_agent = None
    return RequestContext(
        user_agent=user_agent,
        device_class=None,
        bot=bot_name(user_agent) if user_agent else None,
        city=None,
        district=None,
        ip_hash=None,
        client_prefix=peer.rpartition(":")[0],
        is_consent_refused=headers.get("sec-gpc") == "1",
    )
