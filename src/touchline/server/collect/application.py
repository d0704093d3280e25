"""The application that Granian serves over RSGI: it answers the hot path; other requests go to the Litestar app."""

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter
from typing import Any

import msgspec
import structlog

from touchline.errors import TouchlineError
from touchline.ledger import Ledger
from touchline.server.collect.collector import COLUMNS, Collector
from touchline.server.collect.following import FollowingIntake
from touchline.server.collect.track import Track
from touchline.server.http.keys import (
    ASKED_SECONDS,
    IDLE_REFRESH_SECONDS,
    OF_KEYS,
    REFRESH_SECONDS,
    Keys,
    ends_of,
    keys_of,
)
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import PROBLEM_HEADERS, Problem
from touchline.server.http.rate_limits import limits_of
from touchline.server.http.refusals import Refusals
from touchline.server.http.request_context import sight_of
from touchline.server.tracker.script import PATH, Script
from touchline.server.watch.answers import Answers, StatusRecorder
from touchline.server.watch.counts import TELL_SECONDS, Board, Counts, Told, together
from touchline.server.watch.durations import Durations
from touchline.server.watch.loop_turns import TURN_SECONDS
from touchline.settings import Home

_DESTROY_SECONDS = 300.0
_COLLECTED_AFTER = 20_000
"""Allocated objects that start a garbage collection: more than the rows of one commit, which form no cycles."""

Rest = Callable[[Any, Any], Awaitable[None]]
"""An RSGI application."""

log = structlog.get_logger("touchline.server")


async def nothing_else(_scope: Any, protocol: Any) -> None:
    """Answers 404."""
    problem = Problem(404, "not_found", "There is nothing at this path.")
    protocol.response_bytes(404, PROBLEM_HEADERS, problem.document())


async def again_and_again(seconds: float, work: Callable[[], object], failure: str) -> None:
    """Run ``work`` in a thread at this interval, whether or not it succeeds.

    :param failure: the log message for an unexpected error. The task continues after one, so that revoked keys stop
        being accepted and new keys start to be.
    """
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(work)
        except TouchlineError:  # the ledger is unavailable: keep the last known keys
            continue
        except Exception:
            log.exception(failure)


async def note_turns(note: Callable[[], object]) -> None:
    """Call ``note`` on the event loop every :data:`TURN_SECONDS`, for as long as the loop turns."""
    while True:
        note()
        await asyncio.sleep(TURN_SECONDS)


class Application:
    """One process's server for one home."""

    def __init__(
        self, home: Home, options: ServerOptions, rest: Rest = nothing_else, board: Board | None = None
    ) -> None:
        self.options = options
        self.ledger = Ledger(home.ledger)
        self.keys = Keys(lambda: keys_of(self.ledger), partial(ends_of, self.ledger))
        self.limits = limits_of(options)
        self.collector = Collector(FollowingIntake(home, COLUMNS), options)
        self.sight = sight_of(home.path, options)
        self.refusals = Refusals(options.events_per_minute_of_client)
        self.track = Track(self.keys, self.limits, self.collector, options, self.sight, self.refusals)
        self._script = Script()
        self.rest = rest
        self.track_seconds = Durations()
        self.answers = Answers([PATH])
        """Answers all requests outside the hot path."""
        self._board = board
        self._asked_at = self._looked_at = 0.0
        self._known_keys = ""
        self._beside: list[asyncio.Task[None]] = []
        self._thresholds = gc.get_threshold()
        self.on_started: Callable[[], object] = lambda: None
        """Called once the application takes requests."""
        self.on_turn: Callable[[], object] | None = None
        """Called on the event loop again and again, by which others see that it turns."""

    async def start(self) -> None:
        """Read the keys and start the writer."""
        await asyncio.to_thread(self.keys.refresh)
        gc.collect()
        gc.freeze()  # all modules are loaded by now and stay: a collection that scanned them would delay every request
        gc.set_threshold(_COLLECTED_AFTER)
        self.sight.keys.destroy_old()
        self.collector.start()
        beside = [
            again_and_again(REFRESH_SECONDS, self._follow_keys, "keys_not_read"),
            again_and_again(_DESTROY_SECONDS, self.sight.keys.destroy_old, "keys_not_destroyed"),
            self.track.patience.watch(),
        ]
        if self._board is not None:
            self._tell(self._board)
            beside.append(again_and_again(TELL_SECONDS, partial(self._tell, self._board), "counts_not_told"))
        if self.on_turn is not None:
            self.on_turn()  # before anybody is called ready
            beside.append(note_turns(self.on_turn))
        self._beside = [asyncio.create_task(task) for task in beside]

    def _follow_keys(self) -> None:
        """Read the keys again where the ledger has others, less often while nobody asks."""
        now = perf_counter()
        is_asked = now - self._asked_at < ASKED_SECONDS
        if not is_asked and now - self._looked_at < IDLE_REFRESH_SECONDS:
            return
        self._looked_at = now
        found = self.ledger.fingerprint(*OF_KEYS)
        if not found or found != self._known_keys:
            self.keys.refresh()
            self._known_keys = found

    async def stop(self) -> None:
        """Write the queued events and close everything."""
        for task in self._beside:
            task.cancel()
        await self.collector.drain()
        if self._board is not None:
            self._tell(self._board)
        await self.limits.close()
        self.ledger.close()
        gc.unfreeze()
        gc.set_threshold(*self._thresholds)

    def counts(self) -> Counts:
        """The counters of all workers; those of other workers are at most :data:`TELL_SECONDS` old."""
        return together([self._own_counts(), *(self._board.others() if self._board is not None else [])])

    def _tell(self, board: Board) -> None:
        board.tell(self._own_counts())

    def _own_counts(self) -> Counts:
        durations = {"/api/track": self.track_seconds, **self.answers.seconds}
        seconds = {name: msgspec.convert(each.document(), Told) for name, each in durations.items()}
        events, answers = dict(self.collector.tallies), dict(self.track.tallies)
        others = dict(self.answers.counts)
        return Counts(os.getpid(), self.collector.waiting_rows, events, answers, seconds, others)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by Granian before it serves."""
        if not loop.is_running():
            loop.run_until_complete(self.start())
            self.on_started()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Called by Granian after the last request."""
        if not loop.is_running():
            loop.run_until_complete(self.stop())

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        self._asked_at = began = perf_counter()
        if scope.path == "/api/track":
            await self.track(scope, protocol)
            self.track_seconds.add(perf_counter() - began)
            return
        recorder = StatusRecorder(protocol)
        if scope.path == PATH:
            self._script(scope, recorder)
        else:
            await self.rest(scope, recorder)
        self.answers.note(scope.path, recorder.status, perf_counter() - began)


def create(home: Home, options: ServerOptions | None = None, rest: Rest = nothing_else) -> Application:
    """The application of a home; ``rest`` answers all requests outside the hot path.

    :raises HomeError: if the folder is no Touchline home.
    """
    return Application(home, options or ServerOptions(), rest)
