"""The application that Granian serves over RSGI: the hot path first, everything else by the application beside it."""

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
from touchline.ledger.opening import intake_at
from touchline.server.collect.collector import COLUMNS, Collector
from touchline.server.collect.track import Track
from touchline.server.http.keys import REFRESH_SECONDS, Keys, ends_of, keys_of
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import PROBLEM_HEADERS, Problem
from touchline.server.http.rate_limits import limits_of
from touchline.server.http.refusals import Refusals
from touchline.server.http.request_context import sight_of
from touchline.server.tracker.script import PATH, Script
from touchline.server.watch.answers import Answers, Noted
from touchline.server.watch.counts import TELL_SECONDS, Board, Counts, Told, together
from touchline.server.watch.durations import Durations
from touchline.settings import Home

_DESTROY_SECONDS = 300.0
_COLLECTED_AFTER = 20_000
"""Objects made and not let go of again: more than the rows of a commit are, which are no cycles to be found."""

Rest = Callable[[Any, Any], Awaitable[None]]
"""An RSGI application."""

log = structlog.get_logger("touchline.server")


async def nothing_else(_scope: Any, protocol: Any) -> None:
    """Answers that there is nothing."""
    problem = Problem(404, "not_found", "There is nothing at this path.")
    protocol.response_bytes(404, PROBLEM_HEADERS, problem.document())


async def again_and_again(seconds: float, work: Callable[[], object], failure: str) -> None:
    """Do ``work`` in a thread after each so many seconds, whatever comes of it.

    :param failure: what the log says where it failed by a fault of ours: a key that is revoked later must not be good,
        and an old one must not be kept, because a task ended that nobody looks at.
    """
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(work)
        except TouchlineError:  # the ledger is away: what was known last holds, and nothing is acknowledged anyway
            continue
        except Exception:
            log.exception(failure)


class Application:
    """One process's server over one home."""

    def __init__(
        self, home: Home, options: ServerOptions, rest: Rest = nothing_else, board: Board | None = None
    ) -> None:
        self.options = options
        self.ledger = Ledger(home.ledger)
        self.keys = Keys(lambda: keys_of(self.ledger), partial(ends_of, self.ledger))
        self.limits = limits_of(options)
        self.collector = Collector(intake_at(home.ledger, COLUMNS), options)
        self.sight = sight_of(home.path, options)
        self.refusals = Refusals(options.events_per_minute_of_client)
        self.track = Track(self.keys, self.limits, self.collector, options, self.sight, self.refusals)
        self._script = Script()
        self.rest = rest
        self.track_seconds = Durations()
        self.answers = Answers([PATH])
        """Of everything but the hot path."""
        self._board = board
        self._beside: list[asyncio.Task[None]] = []
        self._thresholds = gc.get_threshold()
        self.on_started: Callable[[], object] = lambda: None
        """Called once the application takes requests."""

    async def start(self) -> None:
        """Read the keys, and begin to write."""
        await asyncio.to_thread(self.keys.refresh)
        gc.collect()
        gc.freeze()  # what is loaded by now stays: a collection that walked all of it would stop every request
        gc.set_threshold(_COLLECTED_AFTER)
        self.sight.keys.destroy_old()
        self.collector.start()
        beside = [
            again_and_again(REFRESH_SECONDS, self.keys.refresh, "keys_not_read"),
            again_and_again(_DESTROY_SECONDS, self.sight.keys.destroy_old, "keys_not_destroyed"),
            self.track.patience.watch(),
        ]
        if self._board is not None:
            self._tell(self._board)
            beside.append(again_and_again(TELL_SECONDS, partial(self._tell, self._board), "counts_not_told"))
        self._beside = [asyncio.create_task(task) for task in beside]

    async def stop(self) -> None:
        """Write what waits, and let go of everything."""
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
        """What all workers of the server have counted; the other ones' is at most :data:`TELL_SECONDS` old."""
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
        """Granian's call before it serves."""
        if not loop.is_running():
            loop.run_until_complete(self.start())
            self.on_started()

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Granian's call after the last request."""
        if not loop.is_running():
            loop.run_until_complete(self.stop())

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        began = perf_counter()
        if scope.path == "/api/track":
            await self.track(scope, protocol)
            self.track_seconds.add(perf_counter() - began)
            return
        noted = Noted(protocol)
        if scope.path == PATH:
            self._script(scope, noted)
        else:
            await self.rest(scope, noted)
        self.answers.note(scope.path, noted.status, perf_counter() - began)


def create(home: Home, options: ServerOptions | None = None, rest: Rest = nothing_else) -> Application:
    """The application of a home; ``rest`` answers whatever is not for the hot path.

    :raises HomeError: if there is no Touchline in the home.
    """
    return Application(home, options or ServerOptions(), rest)
