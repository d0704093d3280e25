"""The keeper of the river: it starts the river's process, judges its signs of life, and ends and restarts it."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import msgspec
import structlog

from touchline.server.http.options import ServerOptions
from touchline.server.process.engine_file import COMPACTED
from touchline.server.watch.heartbeat import BEAT_SECONDS, Beat, LifeSigns, Patience, usage_of
from touchline.server.watch.keeper_record import Recorder, RiverState, record_of
from touchline.settings import Home

MOST_BACKOFF_SECONDS = 60.0
_CALM_SECONDS = 60.0
"""A process that ran so long, and brought at least one run to its end, was well: its successor need not wait."""
_TERM_SECONDS = 2.0
"""Between SIGTERM, on which the river logs where it stands, and SIGKILL."""
_LATE_SECONDS = 3 * BEAT_SECONDS

RiverProcess = Callable[[Home, Path, Connection, int], None]
"""The work of the river's process: of a home, over a socket, with a keeper, after this many restarts."""

log = structlog.get_logger("touchline.server")


@contextmanager
def river_kept(home: Home, socket_file: Path, options: ServerOptions, river: RiverProcess) -> Iterator[None]:
    """Keep a river's process running until the block ends."""
    keeper = Keeper(home, socket_file, options, river)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop(options.stop_seconds)


class Keeper(threading.Thread):
    """Keeps a river's process running: one that dies or is stuck is replaced, after a delay that grows."""

    def __init__(self, home: Home, socket_file: Path, options: ServerOptions, river: RiverProcess) -> None:
        super().__init__(daemon=True)
        self._home = home
        self._socket_file = socket_file
        self._river = river
        # The processor time of a river whose engine is a server says nothing about the server.
        idle = 0.0 if home.engine_url else options.river_idle_seconds
        self._patience = Patience(options.river_silent_seconds, idle, options.river_step_seconds)
        self._is_over = threading.Event()
        self._state = RiverState()
        self._recorder = Recorder(record_of(socket_file))
        self._process: Any = None
        self._connection: Any = None
        self._changing = threading.Lock()
        self._runs = 0

    def run(self) -> None:
        """Until it is over."""
        backoff = 0.0
        while not self._is_over.is_set():
            began, self._runs, reason = time.monotonic(), 0, ""
            try:
                if not self._begin():
                    return
                reason = self._watch()
            except OSError as error:  # no memory or no descriptors for another process
                reason = f"It cannot be started: {error.strerror}."
            if self._is_over.is_set():
                return
            if self._process is not None and self._process.exitcode == COMPACTED:
                log.info("river_starts_again", reason="The engine's file was compacted.")
                continue
            was_well = self._runs > 0 and time.monotonic() - began > _CALM_SECONDS
            backoff = 0.0 if was_well else min(MOST_BACKOFF_SECONDS, 2 * backoff or 0.5)
            self._restart_after(backoff, reason)

    def _begin(self) -> bool:
        with self._changing:
            if self._is_over.is_set():
                return False
            self._connection, theirs = multiprocessing.Pipe()
            self._process = multiprocessing.Process(
                target=self._river, args=(self._home, self._socket_file, theirs, self._state.restarts),
                name="touchline-river",
            )  # fmt: skip
            self._process.start()
            theirs.close()
            return True

    def _watch(self) -> str:
        """Watch the process until it ends; returns why."""
        signs, looked_at = LifeSigns(self._patience), time.monotonic()
        while self._process.exitcode is None:
            beat = self._newest_beat()
            # A keeper that was stopped itself, with the whole machine or container, must not blame the river for it.
            elapsed = min(time.monotonic() - looked_at, 2 * BEAT_SECONDS)
            looked_at = time.monotonic()
            stuck = signs.look(elapsed, beat, usage_of(self._process.pid))
            if stuck and not self._is_over.is_set():
                self._end(stuck)
                return stuck
            self._note(beat, signs)
        return f"It ended with exit code {self._process.exitcode}."

    def _newest_beat(self) -> Beat | None:
        """The newest beat that comes within :data:`BEAT_SECONDS`, or until the process ends."""
        newest, until = None, time.monotonic() + BEAT_SECONDS
        with suppress(EOFError, OSError, msgspec.DecodeError):
            while (left := until - time.monotonic()) > 0 and self._process.exitcode is None:
                ready = wait([self._connection, self._process.sentinel], left)
                if self._connection in ready:
                    newest = msgspec.json.decode(self._connection.recv_bytes(), type=Beat)
                elif ready:
                    self._process.join()
            return newest
        self._process.join(BEAT_SECONDS)  # it let go of its end, and ends
        return newest

    def _note(self, beat: Beat | None, signs: LifeSigns) -> None:
        state = self._state
        if beat is not None:
            state.state, state.step, self._runs = beat.status, beat.step, beat.runs
            state.reason = "Its last run failed; see the log." if beat.status == "failing" else beat.reason
        elif signs.silent_for > _LATE_SECONDS:
            state.state, state.reason = "late", f"It has sent no heartbeat for {signs.silent_for:.0f} seconds."
        state.silent_seconds = signs.silent_for
        self._write()

    def _end(self, reason: str) -> None:
        self._state.state, self._state.reason = "stuck", reason
        self._state.stuck += 1
        self._write()
        log.error("river_stuck", reason=reason, step=self._state.step, process=self._process.pid)
        self._process.terminate()
        self._process.join(_TERM_SECONDS)
        while self._process.exitcode is None:  # one that waits for a disk ends when the disk answers
            self._process.kill()
            self._process.join(BEAT_SECONDS)
            self._write()

    def _restart_after(self, seconds: float, reason: str) -> None:
        state = self._state
        state.restarts += 1
        exit_code = self._process.exitcode if self._process is not None else None
        log.error(
            "river_died", exit_code=exit_code, reason=reason, restarts=state.restarts, next_in_seconds=seconds
        )  # fmt: skip
        until = time.monotonic() + seconds
        while not self._is_over.is_set() and (left := until - time.monotonic()) > 0:
            state.state, state.reason = "restarting", f"{reason} Restarting in {left:.0f} seconds."
            self._write()
            self._is_over.wait(min(left, BEAT_SECONDS))
        state.state, state.reason = "starting", reason
        self._write()

    def _write(self) -> None:
        with suppress(OSError):  # then the record grows old, and /readyz says so
            self._recorder.write(self._state)

    def stop(self, seconds: float) -> None:
        """Let the process end what it does, for so long; a transaction that is cut off leaves nothing."""
        with self._changing:
            self._is_over.set()
            if self._connection is not None:
                with suppress(OSError):
                    self._connection.send_bytes(b"end")
        self.join(seconds)  # the thread alone waits for the process: of two who wait, one learns nothing of its end
        if self.is_alive():
            log.warning("river_killed", after_seconds=seconds)
            self._process.kill()
            self.join(5)
        with suppress(OSError):
            self._recorder.close()
