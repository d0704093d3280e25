"""The local API, from the side of the river's process: it answers commands and the server's workers through a socket.

Only the user who runs the server can reach it (a socket of mode 0600 in a folder of mode 0700). Each connection has a
thread and, for what it reads, a connection to the engine of its own, so that a report sees one moment of the tables
however long the river ticks meanwhile.
"""

import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from math import inf
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIG_BLOCK, SIG_IGN, SIGINT, SIGTERM, pthread_sigmask, signal, sigwaitinfo
from socket import socket

import msgspec
import pyarrow as pa
import structlog

from touchline.engines import Engine, open_engine
from touchline.errors import BusyError, StorageError, TouchlineError, UsageError
from touchline.jobs.owner import BEAT, BEAT_SECONDS, FAILED, PROGRESS, ROWS, TOLD, Line, Question, told_of, value_of
from touchline.jobs.ownership import clear_away, is_served, listening
from touchline.jobs.workspace import Workspace
from touchline.ledger.moving import MovedError
from touchline.server.process.engine_file import COMPACTED, EngineCompactedError, EngineReplacedError, set_aside
from touchline.server.process.ticking import JOBS, River, tick
from touchline.server.watch import logs
from touchline.server.watch.heartbeat import BeatSource, Heart, keep_beating
from touchline.settings import Home

FAILED_EXIT, STUCK, ENGINE_LOST = 1, 70, 75
"""Exit codes of the river's process: it failed, it was stuck, or the engine's file was no longer its own."""

_LET_GO_SECONDS = 20.0
"""How long the process of a server that was killed may take to let go of the engine's file."""

_NICE = 10
"""A tenth of a worker's share of a processor that both want; the engine's threads inherit it."""

log = structlog.get_logger("touchline.river")


class _Session:
    """One connection."""

    def __init__(self, connection: socket, river: River) -> None:
        self._line = Line(connection)
        self._river = river
        self._held = ExitStack()
        self._engine: Engine | None = None
        self._until = inf
        """When nobody waits for the answer any more."""

    def serve(self) -> None:
        """Answer until the other side hangs up."""
        try:
            while True:
                _, content = self._line.receive()
                with self._signs_of_life():
                    kind, answer = self._answered(content)
                self._line.send(kind, answer)
        except (EOFError, OSError):
            return
        finally:
            self._let_go()
            self._line.close()

    @contextmanager
    def _signs_of_life(self) -> Iterator[None]:
        """Tell the asker once a second that the question is being worked on; stop working where nobody listens."""
        is_answered = threading.Event()

        def beat() -> None:
            while not is_answered.wait(BEAT_SECONDS):
                try:
                    self._line.send(BEAT, b"")
                except OSError:
                    self._interrupt()
                    return
                if time.monotonic() > self._until:
                    self._interrupt()

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_answered.set()

    def _interrupt(self) -> None:
        engine = self._engine
        if engine is not None:
            engine.interrupt()

    def _answered(self, content: bytes) -> tuple[bytes, bytes]:
        try:
            return self._asked(msgspec.json.decode(content, type=Question))
        except (EOFError, OSError):
            raise
        except TouchlineError as error:
            return FAILED, told_of(error)
        except Exception as error:
            log.exception("question_failed")
            return FAILED, told_of(TouchlineError(f"The river's process failed: {type(error).__name__}: {error}"))

    def _asked(self, question: Question) -> tuple[bytes, bytes]:
        self._until = time.monotonic() + question.seconds if question.seconds else inf
        if question.ask == "select":
            return ROWS, self._selected(question)
        if question.ask == "read":
            self._send_parts(question)
            return TOLD, b"null"
        if question.ask == "run":
            self._let_go()  # what is read afterwards is of the moment after it
            report = self._river.run(is_rebuild=question.is_rebuild, progress=self._told)
            return TOLD, msgspec.json.encode(report)
        if question.ask == "job" and question.job in JOBS:
            return TOLD, msgspec.json.encode(self._river.job(question.job))
        if question.ask == "compact":
            self._let_go()
            self._river.compact()
            return TOLD, b"null"
        if question.ask == "status":
            return TOLD, msgspec.json.encode({**self._river.status(), "processId": os.getpid()})
        raise UsageError(f"Unknown request: {question.ask} {question.job}.", "Use the same release as the server.")

    def _selected(self, question: Question) -> bytes:
        parameters = {name: value_of(value) for name, value in question.parameters.items()}
        with self._reading() as engine:
            return _in_arrow(engine.select(question.sql, question.views, parameters))

    def _send_parts(self, question: Question) -> None:
        """Send the rows as they come: first none, for their columns."""
        with self._reading() as engine, engine.reader(question.sql) as rows:
            self._line.send(ROWS, _in_arrow(rows.schema.empty_table()))
            for part in rows:
                self._line.send(ROWS, _in_arrow(pa.Table.from_batches([part])))

    @contextmanager
    def _reading(self) -> Iterator[Engine]:
        self._river.check_numbers()
        engine = self._engine or self._opened()
        started = time.monotonic()
        try:
            yield engine
        except Exception:
            self._let_go()  # what went wrong inside a transaction may have ended it
            raise
        self._river.query_seconds.add(time.monotonic() - started)

    def _opened(self) -> Engine:
        home = self._river.workspace.home
        engine = open_engine(home.engine_url, home.engine_file, memory=home.memory)
        self._held.callback(engine.close)
        self._held.enter_context(engine.transaction())
        self._engine = engine
        return engine

    def _let_go(self) -> None:
        self._engine = None
        with suppress(Exception):
            self._held.close()

    def _told(self, doing: str, done: int, total: int) -> None:
        self._line.send(PROGRESS, msgspec.json.encode((doing, done, total)))


def _in_arrow(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue())


def answer(listener: socket, river: River) -> None:
    """Take connections for as long as the process lives."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_Session(connection, river).serve, daemon=True).start()


def keep_river(home: Home, socket_file: Path, keeper: Connection, restarts: int) -> None:
    """The river's process: own the engine, answer, and tick, until the keeper says that it is over, or is gone.

    Signals of a terminal reach every process of its group; this one ends after the last event is in, so it waits for
    the keeper's word, or its death. The keeper's own SIGTERM means that it is stuck.
    """
    pthread_sigmask(SIG_BLOCK, {SIGTERM})  # before there are threads: each of them inherits it
    _yield_to_collection()
    signal(SIGINT, SIG_IGN)
    logs.configure()
    is_over, heart, parent = threading.Event(), Heart(), os.getppid()
    threading.Thread(target=_wait_for_the_end, args=(keeper, is_over), daemon=True).start()
    threading.Thread(target=_wait_for_sigterm, args=(parent,), daemon=True).start()
    beats = BeatSource(heart)
    keep_beating(keeper, beats)
    try:
        with Workspace(home, is_owner=True) as workspace:
            river = _opened(workspace, restarts, heart)
            river.beats = beats
            exit_code = _ticked(river, socket_file, is_over)
    except TouchlineError as error:  # such as a server that is away: it is known what is wrong, and where
        log.error("river_failed", error=str(error))
        exit_code = FAILED_EXIT
    except Exception:  # the keeper starts another; the log is JSON to its last line
        log.exception("river_failed")
        exit_code = FAILED_EXIT
    if os.getppid() != parent and not is_served(home):  # the server was killed, and nobody else is left to do it
        clear_away(socket_file)
    # Threads that wait for a question hold the driver's objects, and an interpreter that ends complains of them.
    logging.shutdown()
    os._exit(exit_code)


def _yield_to_collection() -> None:
    """Let the workers go first where processors are short: somebody waits for their answers."""
    with suppress(OSError):
        os.nice(_NICE)


def _ticked(river: River, socket_file: Path, is_over: threading.Event) -> int:
    """Answer and tick until it is over; returns the exit code."""
    listener = listening(socket_file)
    threading.Thread(target=answer, args=(listener, river), daemon=True).start()
    try:
        tick(river, is_over)
        _run_a_last_time(river)
    except EngineCompactedError:
        log.info("engine_compacted")
        logging.shutdown()
        os._exit(COMPACTED)  # as below
    except EngineReplacedError as error:
        log.error("engine_file_lost", error=error.message, next_step="The numbers are rebuilt from the ledger.")
        set_aside(river.workspace.home.engine_file)
        # Closing the engine would write to the file that is gone, and to the log of the next one.
        logging.shutdown()
        os._exit(ENGINE_LOST)
    finally:
        with suppress(OSError):  # where the disk takes nothing any more: the next server replaces the name
            socket_file.unlink(missing_ok=True)
        listener.close()
    return 0


def _opened(workspace: Workspace, restarts: int, heart: Heart) -> River:
    """The river over the home's engine; a file that is no engine is set aside, since all of it is derived."""
    file, until = workspace.home.engine_file, time.monotonic() + _LET_GO_SECONDS
    try:
        while True:
            try:
                return River(workspace, restarts, heart)
            except BusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(BEAT_SECONDS / 4)
    except (BusyError, StorageError):
        raise
    except Exception as error:
        if workspace.home.engine_url or not file.exists():
            raise
        log.error("engine_file_unreadable", error=str(error), kept_as=f"{file}.aside")
        set_aside(file)
        return River(workspace, restarts, heart)


def _run_a_last_time(river: River) -> None:
    try:
        river.run()
    except BusyError:  # another server's run takes the rest along
        return
    except MovedError as error:  # the server that is started with the new place follows the rest
        log.info("last_run_left_out", reason=error.message)
    except TouchlineError as error:  # the next start follows whatever is committed
        log.error("last_run_failed", error=str(error))


def _wait_for_the_end(lifeline: Connection, is_over: threading.Event) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    is_over.set()


def _wait_for_sigterm(keeper_pid: int) -> None:
    """End on the keeper's SIGTERM, and log where each thread stands; any other is for the whole group."""
    while True:
        caught = sigwaitinfo({SIGTERM})
        if caught.si_pid == keeper_pid:
            frames = sys._current_frames().values()  # noqa: SLF001 - the documented way to them
            stacks = ["".join(traceback.format_stack(frame, limit=12)) for frame in frames]
            log.error("river_ends_stuck", stacks=stacks)
            logging.shutdown()
            os._exit(STUCK)
