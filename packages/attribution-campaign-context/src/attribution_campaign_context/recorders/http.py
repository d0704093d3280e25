"""A recorder that sends touches and conversions to Touchline's ``POST /api/track``. Needs the extra ``http``."""

import asyncio
import json
import logging
import random
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from attribution_campaign_context.bridge import Event, Unsendable, conversion_event, touch_event
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders import Recorder
from attribution_campaign_context.subjects import SubjectRef

_LOG = logging.getLogger(__name__)
MAX_BATCH = 100
"""Events that one request may hold."""
_LONGEST_RETRY_AFTER = 300.0
_RETRIED = frozenset({408, 425, 429})
_SPLIT = frozenset({400, 413, 422})


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
    send_user_agent: bool = False
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


class TouchlineRecorder:
    """Sends each touch as a page view and each conversion link as a conversion, in the background.

    Nothing of the visitor's request waits for Touchline: a touch is put into a queue in memory, and a task of the
    running event loop sends batches. What waits there is lost with the process; where that must not be, keep the
    touches with a SQL recorder as ``beside``. Sending twice counts once. It serves one event loop; call :meth:`aclose`
    at the end.

    :param url: Touchline's address, e.g. ``https://attribution.example``.
    :param write_key: the site's public key.
    :param beside: the recorder that stores what is sent, and answers queries; without one there are no results.
    :param touch_of: finds the touch of a link that this process has not seen, e.g. ``SQLAlchemyRecorder.touch``.
    """

    def __init__(
        self,
        url: str,
        write_key: str,
        *,
        sending: Sending | None = None,
        client: httpx.AsyncClient | None = None,
        beside: Recorder | None = None,
        touch_of: Callable[[str], Awaitable[AttributionTouch | None]] | None = None,
    ) -> None:
        self._address = _checked(url)
        self._key = write_key
        self._sending = sending or Sending()
        self._client = client
        self._owns_client = client is None
        self._beside = beside
        self._touch_of = touch_of
        self._seen: OrderedDict[str, AttributionTouch] = OrderedDict()
        self._queue: deque[Event] = deque()
        self._travelling = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False
        self.counts = Counts()

    async def record_touch(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> AttributionTouch:
        """Queue a touch; returns it with an id and a time."""
        given = {"id": touch.id or uuid4().hex, "created_at": touch.created_at or datetime.now(UTC)}
        kept = touch.model_copy(update=given)
        if self._beside is not None:
            kept = await self._beside.record_touch(kept, scope) or kept
        self._remember(kept)
        event = touch_event(kept)
        agent = _user_agent(scope) if self._sending.send_user_agent else None
        self._put(event if agent is None or isinstance(event, Unsendable) else {**event, "userAgent": agent})
        return kept

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> Sequence[AttributionSubjectLink]:
        """Queue the conversions among the links; call it after the commit.

        :raises ValueError: if ``db`` is given: what has been sent cannot be rolled back.
        """
        if db is not None:
            raise ValueError(
                "Expected db to be None, because what was sent cannot be rolled back with the transaction. "
                "Call it after the commit, or let a SQL recorder enqueue the links."
            )
        new = list(links) if self._beside is None else list(await self._beside.record_links(links))
        now = datetime.now(UTC)
        for link in new:
            if link.relation == "conversion":
                dated = link.model_copy(update={"created_at": link.created_at or now})
                self._put(conversion_event(dated, await self._found(link.touch_id)))
        return new

    async def links_of(self, subject: SubjectRef) -> Sequence[AttributionSubjectLink]:
        """What ``beside`` answers; nothing without it."""
        return [] if self._beside is None else await self._beside.links_of(subject)

    async def touches_of(self, visitor_id: str) -> Sequence[AttributionTouch]:
        """What ``beside`` answers; nothing without it."""
        return [] if self._beside is None else await self._beside.touches_of(visitor_id)

    @property
    def waiting(self) -> int:
        """Events that are queued or on their way."""
        return len(self._queue) + self._travelling

    async def aclose(self, within: float = 10.0) -> None:
        """Send what waits, for at most ``within`` seconds; the rest is dropped and counted. Twice does no harm."""
        self._is_closed = True
        self._changed.set()
        if self._task is not None:
            task, self._task = self._task, None
            _done, late = await asyncio.wait({task}, timeout=within)
            if late:
                task.cancel()
                await asyncio.wait({task})
        if self.waiting:
            self._drop("not_drained", self.waiting)
            self._queue.clear()
            self._travelling = 0
        if self._owns_client and self._client is not None:
            client, self._client = self._client, None
            await client.aclose()

    def _put(self, event: Event | Unsendable) -> None:
        if isinstance(event, Unsendable):
            self.counts.refused[event.value] += 1
        elif self._is_closed:
            self._drop("closed", 1)
        elif len(self._queue) >= self._sending.queue_size:
            self._drop("queue_full", 1)
        else:
            self._queue.append(event)
            self.counts.queued += 1
            self._changed.set()
            if self._task is None:
                self._task = asyncio.create_task(self._work(), name="touchline-recorder")

    def _drop(self, reason: str, events: int) -> None:
        if not self.counts.dropped[reason]:
            _LOG.warning("Events for Touchline are being dropped: %s.", reason)
        self.counts.dropped[reason] += events

    def _remember(self, touch: AttributionTouch) -> None:
        self._seen[str(touch.id)] = touch
        if len(self._seen) > self._sending.queue_size:
            self._seen.popitem(last=False)

    async def _found(self, touch_id: str) -> AttributionTouch | None:
        seen = self._seen.get(touch_id)
        if seen is None and self._touch_of is not None:
            return await self._touch_of(touch_id)
        return seen

    async def _work(self) -> None:
        """The background task: until it is closed and nothing waits."""
        while self._queue or not self._is_closed:
            await self._gather()
            batch = [self._queue.popleft() for _ in range(min(self._sending.batch_size, len(self._queue)))]
            self._travelling = len(batch)
            try:
                if batch:
                    await self._deliver(batch)
            except Exception:  # noqa: BLE001 - one broken batch must not end the sending of all others
                _LOG.exception("A batch for Touchline could not be sent.")
                self._drop("error", self._travelling)
            self._travelling = 0

    async def _gather(self) -> None:
        """Wait for an event, and then a little for others to travel with it."""
        while not self._queue and not self._is_closed:
            self._changed.clear()
            await self._changed.wait()
        end = asyncio.get_running_loop().time() + self._sending.flush_after
        while len(self._queue) < self._sending.batch_size and not self._is_closed:
            self._changed.clear()
            left = end - asyncio.get_running_loop().time()
            try:
                await asyncio.wait_for(self._changed.wait(), left)
            except TimeoutError:
                return

    async def _deliver(self, batch: Sequence[Event]) -> None:
        """Send until it is taken, refused or given up; a batch refused as a whole is halved for its good events."""
        begin = asyncio.get_running_loop().time()
        for attempt in count():
            answer = await self._post(batch)
            if answer is not None and answer.status_code in _SPLIT and len(batch) > 1:
                middle = len(batch) // 2
                await self._deliver(batch[:middle])
                await self._deliver(batch[middle:])
                return
            if answer is not None and not _is_passing(answer.status_code):
                self._settle(batch, answer)
                return
            if asyncio.get_running_loop().time() - begin >= self._sending.give_up_after:
                self._settle(batch, None)
                return
            self.counts.retried += len(batch)
            await asyncio.sleep(self._wait(attempt, answer))

    def _settle(self, batch: Sequence[Event], answer: httpx.Response | None) -> None:
        """Count a batch that is over and done with; ``None`` for one that is given up."""
        self._travelling -= len(batch)
        if answer is None:
            self._drop("gave_up", len(batch))
        elif answer.is_success:
            refusals = _refusals(answer, len(batch))
            self.counts.refused.update(refusals)
            self.counts.sent += len(batch) - len(refusals)
        else:
            _LOG.warning("Touchline refused %d events with status %d.", len(batch), answer.status_code)
            self.counts.refused[f"http_{answer.status_code}"] += len(batch)

    async def _post(self, batch: Sequence[Event]) -> httpx.Response | None:
        """One attempt; ``None`` where no answer came."""
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._sending.timeout)
        # By the time of sending, Touchline corrects a clock that is off, however long the events have waited.
        sent_at = datetime.now(UTC).isoformat()
        body = json.dumps({"publicKey": self._key, "sentAt": sent_at, "events": batch}).encode()
        try:
            return await self._client.post(self._address, content=body, headers={"Content-Type": "application/json"})
        except httpx.TransportError as error:
            _LOG.info("Touchline could not be reached: %s.", type(error).__name__)
            return None

    def _wait(self, attempt: int, answer: httpx.Response | None) -> float:
        """Seconds until the next attempt: the backoff, or longer if Touchline asks for it."""
        backoff = min(self._sending.first_wait * 2.0 ** min(attempt, 30), self._sending.longest_wait)
        shaken = backoff * random.uniform(0.5, 1.0)  # noqa: S311 - to spread clients, not to hide anything
        asked = retry_after(answer.headers.get("Retry-After"), datetime.now(UTC)) if answer is not None else None
        return shaken if asked is None else max(shaken, asked)


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


def _is_passing(status: int) -> bool:
    """Whether it may be better next time."""
    return status in _RETRIED or status >= 500


def _refusals(answer: httpx.Response, events: int) -> list[str]:
    """The reasons for which single events of a taken batch were refused: ``{"rejected": [{"reason": …}, …]}``."""
    try:
        rejected = answer.json()["rejected"]
        return [str(item["reason"]) for item in rejected][:events]
    except (ValueError, TypeError, KeyError):
        return []


def _user_agent(scope: Mapping[str, Any]) -> str | None:
    for name, value in scope.get("headers", ()):
        if name.lower() == b"user-agent":
            found: str = value.decode("latin-1").replace("\0", "")[:512]
            return found or None
    return None
