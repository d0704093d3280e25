"""Requests to Touchline's ``POST /api/track``, and what its answers mean. Needs the extra ``http``."""

import json
import logging
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from attribution_campaign_context.bridge import Event

_LOG = logging.getLogger(__name__)
MAX_BATCH = 100
"""Events that one request may hold."""
_LONGEST_RETRY_AFTER = 300.0
_RETRIED = frozenset({408, 425, 429})
_SPLIT = frozenset({400, 413, 422})
_SERVERS = "sk_"
"""How the keys begin that only servers may know."""


@dataclass(frozen=True, kw_only=True)
class Sending:
    """How events are sent; every time is in seconds."""

    queue_size: int = 10_000
    """Events that may wait. While it is full new ones are dropped, and counted: those that wait came first."""
    batch_size: int = MAX_BATCH
    flush_after: float = 1.0
    """How long an event waits for others to travel with."""
    timeout: float = 10.0
    """Of one request."""
    first_wait: float = 0.5
    """Before the first retry; doubled for each further one, and shortened by up to a half at random."""
    longest_wait: float = 60.0
    give_up_after: float = 3_600.0
    """After how long of failing a batch is dropped, and counted."""
    send_user_agent: bool = True
    """Whether the request's user agent goes with a touch, so that Touchline can tell devices and robots apart."""

    def __post_init__(self) -> None:
        if not 1 <= self.batch_size <= MAX_BATCH:
            raise ValueError(f"Expected a batch_size of 1 to {MAX_BATCH}, but it is {self.batch_size}.")
        if self.queue_size < 1:
            raise ValueError(f"Expected a queue_size of at least 1, but it is {self.queue_size}.")


@dataclass
class Counts:
    """What became of the events. ``queued`` is all that were taken; what is not counted elsewhere still waits."""

    queued: int = 0
    sent: int = 0
    retried: int = 0
    """Attempts to send an event again."""
    dropped: Counter[str] = field(default_factory=Counter)
    """By reason: ``queue_full`` and ``closed`` (never queued), ``gave_up``, ``not_drained``, ``error``."""
    refused: Counter[str] = field(default_factory=Counter)
    """By reason: one of :class:`~attribution_campaign_context.bridge.Unsendable` (never queued), ``http_<status>``, or
    what Touchline said of the event."""


class TouchlineClient:
    """One site of a Touchline server, and the key that opens it.

    :param url: Touchline's address, e.g. ``https://attribution.example``.
    :param key: the site's public key, or a secret key of the scope ``track``: its events are verified, and the limit of
        an address does not count for them. Keep a secret key out of pages and repositories.
    :param client: one of your own; by default one is made when it is needed, and closed by :meth:`aclose`.
    """

    def __init__(self, url: str, key: str, sending: Sending, client: httpx.AsyncClient | None = None) -> None:
        self._address = _checked(url)
        self._public = {} if key.startswith(_SERVERS) else {"publicKey": key}
        self._headers = {"Content-Type": "application/json"}
        if key.startswith(_SERVERS):
            self._headers["Authorization"] = f"Bearer {key}"
        self._sending = sending
        self._client = client
        self._owns_client = client is None

    async def post(self, events: Sequence[Event]) -> httpx.Response | None:
        """One attempt; ``None`` where no answer came."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._sending.timeout)
        # By the time of sending, Touchline corrects a clock that is off, however long the events have waited.
        sent_at = datetime.now(UTC).isoformat()
        body = json.dumps({**self._public, "sentAt": sent_at, "events": list(events)}).encode()
        try:
            return await self._client.post(self._address, content=body, headers=self._headers)
        except httpx.TransportError as error:
            _LOG.info("Touchline could not be reached: %s.", type(error).__name__)
            return None

    def wait(self, attempt: int, answer: httpx.Response | None) -> float:
        """Seconds until the next attempt: the backoff, or longer if Touchline asks for it."""
        backoff = min(self._sending.first_wait * 2.0 ** min(attempt, 30), self._sending.longest_wait)
        shaken = backoff * random.uniform(0.5, 1.0)  # noqa: S311 - to spread clients, not to hide anything
        asked = retry_after(answer.headers.get("Retry-After"), datetime.now(UTC)) if answer is not None else None
        return shaken if asked is None else max(shaken, asked)

    async def aclose(self) -> None:
        """Close the client, if it is not the app's."""
        if self._owns_client and self._client is not None:
            client, self._client = self._client, None
            await client.aclose()


def is_passing(status: int) -> bool:
    """Whether it may be better next time."""
    return status in _RETRIED or status >= 500


def is_split(status: int, events: int) -> bool:
    """Whether a batch that was refused as a whole may have good events in it."""
    return status in _SPLIT and events > 1


def refusals(answer: httpx.Response, events: int) -> dict[int, str]:
    """Why single events of a batch were refused, by their place in it.

    Touchline says ``{"rejected": [{"index": 3, "reasons": [{"code": "out_of_range", …}]}]}``.
    """
    try:
        rejected = answer.json()["rejected"]
        found = {int(item["index"]): str(item["reasons"][0]["code"]) for item in rejected}
    except (ValueError, TypeError, KeyError, IndexError):
        return {}
    return {place: reason for place, reason in found.items() if 0 <= place < events}


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` asks for, at most 300; it may be a number or a date.

    >>> retry_after("7", datetime.now(UTC)), retry_after("Thu, 01 Jan 1970 00:00:00 GMT", datetime.now(UTC))
    (7.0, 0.0)
    >>> retry_after("soon", datetime.now(UTC)) is None
    True
    """
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdecimal() else (_date(header) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def _date(header: str) -> datetime:
    found = parsedate_to_datetime(header)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _checked(url: str) -> str:
    parsed = httpx.URL(url)
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError(f"Expected Touchline's address, such as https://attribution.example, but it is {url!r}.")
    path = parsed.path.rstrip("/")
    return str(parsed.copy_with(path=path if path.endswith("/api/track") else f"{path}/api/track"))
