"""Group commit: the events of many requests in one transaction; each request is answered after the commit.

The queue is bounded in rows and in bytes. A request that finds no room is rejected as a whole and may be sent again.
A request whose transaction fails gets the same answer, whether or not the database has stored it: its events have ids,
so sending them again changes nothing.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import inf
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

import structlog
from msgspec.structs import astuple

from touchline.errors import TouchlineError
from touchline.ingest import (
    ConsentRow,
    Reason,
    Refused,
    RejectedEvent,
    Rejection,
    Row,
    TrackingEvent,
    erased_among,
    happened,
    harmless,
    refusal_of,
    standing,
)  # fmt: skip
from touchline.ledger.intake import Columns, Erased, Intake, Offered
from touchline.ledger.storable import UnstorableError, faults, search_refused
from touchline.ledger.verdicts import Verdict
from touchline.server.collect.arrived import arrived
from touchline.server.collect.sampling import Sampling, minute_of
from touchline.server.http.options import ServerOptions

COLUMNS = Columns(TrackingEvent.__struct_fields__, RejectedEvent.__struct_fields__, ConsentRow._fields)
_ARRIVED = itemgetter(*map(COLUMNS.events.index, ("site_id", "received_at")))
_SLICE_SECONDS = 0.001
_WATCH_SECONDS = 1.0
_FAILING_SECONDS = 10.0

log = structlog.get_logger("touchline.server")


class FullError(Exception):
    """The queue is full."""


class RevokedError(Exception):
    """The key was revoked before the commit: nothing of the request is written."""


class UnavailableError(Exception):
    """The ledger did not store it, or did not confirm that it did."""


class Outcome(NamedTuple):
    """The result of a request: every offered event is accepted, duplicate, erased or unstorable."""

    accepted: int
    duplicate: int
    conflicting: int
    """The duplicates whose content differs from the stored event."""
    erased: Sequence[int]
    """Places of the events whose person was erased after they occurred."""
    unstorable: Mapping[int, RejectedEvent] = MappingProxyType({})
    """By place, the events that the database rejects, as they are stored among the rejected events."""


class Offer(NamedTuple):
    """What one request adds."""

    organization_id: str
    keeps_all: bool
    events: list[Row]
    rejected: list[RejectedEvent | Refused]
    size_bytes: int
    refuse: Callable[[int, Rejection], RejectedEvent]
    """Returns how the event at a place is stored if it is rejected after all."""
    key_ids: Sequence[str] = ()
    """The keys that authorized the request."""
    unread: Mapping[tuple[str, str, int], int] = MappingProxyType({})
    """The number of events with an unread field, by site, field name and day."""
    clock_corrected: int = 0
    """The number of events whose clock was corrected."""
    consents: Sequence[ConsentRow] = ()
    """The records of consent."""


class _Waiting(NamedTuple):
    offer: Offer
    done: asyncio.Future[Outcome]
    erased: list[int]
    until: float
    """The loop time at which the request is answered that the ledger does not respond."""
    unstorable: dict[int, RejectedEvent]


class Collector:
    """The only way for a server's requests into the ledger; for use on one event loop."""

    def __init__(self, intake: Intake, options: ServerOptions) -> None:
        self._intake = intake
        self._options = options
        self._sampling = Sampling()
        self._queue: list[_Waiting] = []
        self._rows = self._bytes = 0
        self._something = asyncio.Event()
        self._is_ending = False
        self._task: asyncio.Task[None] | None = None
        self._group: list[_Waiting] = []
        """The offers of the current commit."""
        self._failed_at = -inf
        self._now: Callable[[], float] = time.monotonic
        self._reasons: Counter[str] = Counter()
        """Rejection reasons and unread fields of the current group; added to the tallies once it is committed."""
        self.tallies: Counter[str] = Counter()
        """Since the start: ``commits``, ``failures``, ``accepted``, ``duplicate``, ``conflicting``,
        ``superseding``, ``rejected``, ``clock_corrected``, ``reason:…`` for each reason of a rejected one, and
        ``field:…`` for each name of a field that nothing reads."""

    def start(self) -> None:
        """Start writing on the running loop."""
        loop = asyncio.get_running_loop()
        self._new_future = loop.create_future
        self._task = loop.create_task(self._run())
        self._watch = loop.create_task(self._watching())

    async def drain(self) -> None:
        """Write the queued offers, then close the ledger; new offers are rejected."""
        self._is_ending = True
        self._something.set()
        if self._task is not None:
            await self._task
            self._watch.cancel()
        await self._intake.close()

    @property
    def is_failing(self) -> bool:
        """Whether the last commit failed recently; an old failure does not count, as there may be no traffic since."""
        return self._now() - self._failed_at < _FAILING_SECONDS

    @property
    def waiting_rows(self) -> int:
        """The number of events that wait for their commit."""
        return self._rows

    def take(self, offer: Offer) -> "asyncio.Future[Outcome]":
        """Queue an offer; the returned future ends when the offer is committed or has failed.

        It fails with :class:`RevokedError` if one of its keys was revoked before the commit, else with
        :class:`UnavailableError`.

        :raises FullError: if the queue is full, or the server is stopping.
        """
        rows = len(offer.events) + len(offer.rejected)
        options = self._options
        is_full = self._rows + rows > options.waiting_rows or self._bytes + offer.size_bytes > options.waiting_bytes
        if self._is_ending or (is_full and self._rows):
            raise FullError
        future: asyncio.Future[Outcome] = self._new_future()
        self._queue.append(_Waiting(offer, future, [], self._now() + options.answer_seconds, {}))
        self._rows += rows
        self._bytes += offer.size_bytes
        self._something.set()
        return future

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            await self._gathered()
            group, self._queue = self._queue, []
            self._group = group
            self._something.clear()
            if group:
                await self._commit(group)
            if self._is_ending:
                if not self._queue:
                    return
                self._something.set()

    async def _watching(self) -> None:
        """Answer requests that have waited too long. One timer for all costs a tenth of a timer for each request."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            now = self._now()
            for waiting in (*self._group, *self._queue):
                if waiting.until < now:
                    _fail(waiting, "The ledger did not answer in time.")

    async def _gathered(self) -> None:
        """Wait for more offers while they keep coming, up to a short limit."""
        loop, rows = asyncio.get_running_loop(), 0
        until = loop.time() + self._options.commit_wait_seconds
        while rows < self._rows < self._options.commit_rows and loop.time() < until and not self._is_ending:
            rows = self._rows
            await asyncio.sleep(_SLICE_SECONDS)

    async def _commit(self, group: list[_Waiting]) -> None:
        try:
            await self._write(group)
        finally:
            for waiting in group:
                self._rows -= len(waiting.offer.events) + len(waiting.offer.rejected)
                self._bytes -= waiting.offer.size_bytes

    async def _write(self, group: list[_Waiting]) -> None:
        """Write and answer a group; if the database rejects a value, write all events except those with such values.

        Events known to be unstorable are removed first, so a group fails only once for all known kinds of values. For
        an unknown kind, bisecting the group takes twice the logarithm of its size.
        """
        if await self._is_settled(group):
            return
        has_faults = [set_apart(waiting.offer, waiting.unstorable) for waiting in group]
        if any(has_faults) and await self._is_settled(group):
            return
        for waiting in await self._refused(group):
            is_any = set_all_apart(waiting.offer, waiting.unstorable)
            if not (is_any and await self._is_settled([waiting])):
                _fail(waiting, "The database refuses what is kept of it.")

    async def _refused(self, group: list[_Waiting]) -> list[_Waiting]:
        """Write and answer the rest of a rejected group; returns the offers whose values the database rejects."""
        search = search_refused(group)
        try:
            part = next(search)
            while True:
                part = search.send(await self._is_settled(part))
        except StopIteration as end:
            refused: list[_Waiting] = end.value
            return refused

    async def _is_settled(self, group: Sequence[_Waiting]) -> bool:
        """Write a group and answer it; returns false if the database rejects a value in it."""
        try:
            verdicts = await self._intake.take(lambda erased: self._offered(group, erased))
        except UnstorableError:
            return False
        except (TouchlineError, Exception) as error:  # noqa: BLE001 — whatever the error is, nothing is acknowledged
            self._note(error)
            for waiting in group:
                _fail(waiting, str(error))
        else:
            self._note(None)
            self._answer(group, verdicts)
        return True

    def _note(self, error: Exception | None) -> None:
        """Record how a commit ended; the log gets the first failure of a series, and the recovery."""
        self.tallies["failures" if error else "commits"] += 1
        was_failing, self._failed_at = self._failed_at > -inf, self._now() if error else -inf
        if error and not was_failing:
            said = error.message if isinstance(error, TouchlineError) else type(error).__name__
            log.error("ledger_fails", error=said)
        elif was_failing and not error:
            log.info("ledger_takes_again", failures=self.tallies["failures"])

    def _offered(self, group: Sequence[_Waiting], erased: Erased) -> Offered:
        events: list[Row] = []
        rejected: list[RejectedEvent | Refused] = []
        unread, corrected, consents = Counter[tuple[str, str, int]](), 0, list[ConsentRow]()
        for waiting in group:
            offer = waiting.offer
            if self._is_shut_out(waiting):
                continue
            rejected += offer.rejected
            consents += offer.consents
            if offer.unread:
                unread.update(offer.unread)
            corrected += offer.clock_corrected
            entries = erased.get(offer.organization_id)
            if entries or waiting.unstorable:
                events += self._screened(waiting, entries or {}, rejected)
            else:
                events += offer.events
        kept, unkept = self._sampled(rejected)
        for (_, name, _), count in unread.items():
            self._reasons[f"field:{name}"] += count
        self._reasons["clock_corrected"] += corrected
        return Offered(events, kept, unkept, unread, consents, arrived(rejected))

    def _is_shut_out(self, waiting: _Waiting) -> bool:
        """Answer the request if one of its keys was revoked meanwhile; none of its events is then written."""
        revoked, now = self._intake.revoked, time.time_ns() // 1000
        if not revoked or all(revoked.get(key_id, inf) > now for key_id in waiting.offer.key_ids):
            return False
        waiting.erased[:] = range(len(waiting.offer.events))
        waiting.unstorable.clear()
        _fail(waiting, RevokedError())
        return True

    def _screened(
        self, waiting: _Waiting, entries: Mapping[str, int], rejected: list[RejectedEvent | Refused]
    ) -> list[Row]:  # fmt: skip
        offer, unstorable = waiting.offer, waiting.unstorable
        holding = standing(entries, keeps_all=offer.keeps_all)
        storable = [place for place in range(len(offer.events)) if place not in unstorable]
        events = (happened(offer.events[place]) for place in storable)
        gone = erased_among(events, offer.organization_id, holding, self._intake.keyed) if holding else []
        waiting.erased[:] = [storable[number] for number in gone]
        rejected += (refusal_of(*_ARRIVED(offer.events[place])) for place in waiting.erased)
        rejected += unstorable.values()
        return [offer.events[place] for place in storable if place not in waiting.erased]

    def _sampled(
        self, rejected: Sequence[RejectedEvent | Refused]
    ) -> tuple[list[tuple[object, ...]], Counter[tuple[str, str, int]]]:  # fmt: skip
        kept, unkept = [], Counter[tuple[str, str, int]]()
        self._reasons = Counter(f"reason:{event.reason}" for event in rejected)
        for event in rejected:
            if self._sampling.keeps(event.site_id, event.reason, event.received_at):
                kept.append(astuple(event.row() if isinstance(event, Refused) else event))
            else:
                unkept[event.site_id, event.reason, minute_of(event.received_at)] += 1
        return kept, unkept

    def _answer(self, group: Sequence[_Waiting], verdicts: Sequence[Verdict] | None) -> None:
        start, accepted, rejected, tallies = 0, 0, 0, self.tallies
        tallies.update(self._reasons)
        for waiting in group:
            offered = len(waiting.offer.events) - len(waiting.erased) - len(waiting.unstorable)
            theirs = verdicts[start : start + offered] if verdicts is not None else None
            start += offered
            if theirs is None:
                outcome = Outcome(offered, 0, 0, waiting.erased, waiting.unstorable)
            else:
                superseding, conflicting = theirs.count(Verdict.SUPERSEDING), theirs.count(Verdict.CONFLICTING)
                taken = theirs.count(Verdict.NEW) + superseding
                outcome = Outcome(taken, offered - taken, conflicting, waiting.erased, waiting.unstorable)
                tallies["superseding"] += superseding
                tallies["duplicate"] += outcome.duplicate
                tallies["conflicting"] += conflicting
            accepted += outcome.accepted
            rejected += len(waiting.offer.rejected) + len(waiting.erased) + len(waiting.unstorable)
            if not waiting.done.done():
                waiting.done.set_result(outcome)
        tallies["accepted"] += accepted
        tallies["rejected"] += rejected


def set_apart(offer: Offer, unstorable: dict[int, RejectedEvent]) -> bool:
    """Reject the events of an offer that cannot be stored, and clean the stored text of rejected events.

    Returns whether there were any.
    """
    found = {}
    for place, row in enumerate(offer.events):
        fault = next(faults(_EVENT_COLUMNS, row), None) if place not in unstorable else None
        if fault:
            found[place] = harmless(offer.refuse(place, Rejection(Reason.UNSTORABLE, *fault)))
    cleaned = [harmless(row) if isinstance(row, RejectedEvent) else row for row in offer.rejected]
    is_any = bool(found) or cleaned != offer.rejected
    offer.rejected[:] = cleaned
    unstorable |= found
    return is_any


def set_all_apart(offer: Offer, unstorable: dict[int, RejectedEvent]) -> bool:
    """Reject all events of an offer, because the database rejects a value that cannot be traced to one of its rows."""
    message = "The database refuses a value of this event, or of one that was sent with it."
    rest = [place for place in range(len(offer.events)) if place not in unstorable]
    unstorable |= {place: harmless(offer.refuse(place, Rejection(Reason.UNSTORABLE, None, message))) for place in rest}
    return bool(rest)


_EVENT_COLUMNS = tuple(COLUMNS.events)


def _fail(waiting: _Waiting, why: str | Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(UnavailableError(why) if isinstance(why, str) else why)
        waiting.done.exception()  # the client has gone: keep asyncio from logging it
