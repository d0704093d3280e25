"""The local API, from the side of the river's process: it answers commands and the server's workers through a socket.

Only the user who runs the server can reach it (a socket of mode 0600 in a folder of mode 0700). Each connection has a
thread and, for what it reads, a connection to the engine of its own, so that a report sees one moment of the tables
however long the river ticks meanwhile.
"""

import logging
import os
import threading
import time
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIG_IGN, SIGINT, SIGTERM, signal
from socket import socket

import msgspec
import pyarrow as pa
import structlog

from touchline.engines import Engine, open_engine
from touchline.errors import BusyError, TouchlineError, UsageError
from touchline.jobs.owner import FAILED, PROGRESS, ROWS, TOLD, Line, Question, told_of, value_of
from touchline.jobs.ownership import listening
from touchline.jobs.workspace import Workspace
from touchline.server import logs
from touchline.server.ticking import JOBS, River, tick
from touchline.settings import Home

log = structlog.get_logger("touchline.river")


class _Session:
    """One connection."""

    def __init__(self, connection: socket, river: River) -> None:
        self._line = Line(connection)
        self._river = river
        self._held = ExitStack()
        self._engine: Engine | None = None

    def serve(self) -> None:
        """Answer until the other side hangs up."""
        try:
            while True:
                _, content = self._line.receive()
                kind, answer = self._answered(content)
                self._line.send(kind, answer)
        except (EOFError, OSError):
            return
        finally:
            self._let_go()
            self._line.close()

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
        if question.ask == "select":
            return ROWS, self._selected(question)
        if question.ask == "run":
            self._let_go()  # what is read afterwards is of the moment after it
            report = self._river.run(is_rebuild=question.is_rebuild, progress=self._told)
            return TOLD, msgspec.json.encode(report)
        if question.ask == "job" and question.job in JOBS:
            return TOLD, msgspec.json.encode(self._river.job(question.job))
        if question.ask == "status":
            return TOLD, msgspec.json.encode(self._river.status())
        raise UsageError(f"Nobody can ask for {question.ask} {question.job}.", "Run the server's own release.")

    def _selected(self, question: Question) -> bytes:
        engine = self._engine or self._opened()
        started = time.monotonic()
        parameters = {name: value_of(value) for name, value in question.parameters.items()}
        try:
            rows = engine.select(question.sql, question.views, parameters)
        except Exception:
            self._let_go()  # what went wrong inside a transaction may have ended it
            raise
        self._river.query_seconds.add(time.monotonic() - started)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as stream:
            stream.write_table(rows)
        return bytes(sink.getvalue())

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


def answer(listener: socket, river: River) -> None:
    """Take connections for as long as the process lives."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_Session(connection, river).serve, daemon=True).start()


def keep_river(home: Home, socket_file: Path, lifeline: Connection, restarts: int) -> None:
    """The river's process: own the engine, answer, and tick, until the server lets go of the other end of ``lifeline``.

    Signals of a terminal reach every process of its group; this one ends after the last event is in, so it waits for
    the server's word, or its death.
    """
    for name in (SIGINT, SIGTERM):
        signal(name, SIG_IGN)
    logs.configure()
    is_over = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(lifeline, is_over), daemon=True).start()
    with Workspace(home, is_owner=True) as workspace:
        river = River(workspace, restarts)
        listener = listening(socket_file)
        threading.Thread(target=answer, args=(listener, river), daemon=True).start()
        try:
            tick(river, is_over)
            _run_a_last_time(river)
        finally:
            with suppress(OSError):  # where the disk takes nothing any more: the next server replaces the name
                socket_file.unlink(missing_ok=True)
            listener.close()
    # Threads that wait for a question hold the driver's objects, and an interpreter that ends complains of them.
    logging.shutdown()
    os._exit(0)


def _run_a_last_time(river: River) -> None:
    try:
        river.run()
    except BusyError:  # another server's run takes the rest along
        return
    except TouchlineError as error:  # the next start follows whatever is committed
        log.error("last_run_failed", error=str(error))


def _wait_for_the_end(lifeline: Connection, is_over: threading.Event) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    is_over.set()
