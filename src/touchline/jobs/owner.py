"""The local API, from the side of those who ask: what a server's river process does for others on this machine.

A DuckDB file has one owner. While a server runs that is its river process, and everybody else on the machine, commands
and the server's own workers, asks it through a socket in the home. A message is a kind of one letter and its content;
rows travel in Arrow's own format.
"""

import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from socket import socket
from typing import Any, NoReturn

import msgspec
import pyarrow as pa

from touchline import engines, errors
from touchline.engines import Capabilities
from touchline.errors import BusyError, TouchlineError, UsageError
from touchline.jobs.ownership import connected, is_served, socket_of
from touchline.progress import Progress, ignore_progress
from touchline.settings import Home
from touchline.table import Table
from touchline.view import View

ASK, ROWS, TOLD, FAILED, PROGRESS, BEAT = b"?", b"a", b"j", b"e", b"p", b"b"
"""The kinds of messages: a question, rows in Arrow's format, a document, an error, how far a job is, a sign of life."""

PATIENCE_SECONDS = 15.0
"""How long is waited for a river process that starts, or starts again."""
BEAT_SECONDS = 1.0
"""Between the signs of life of an owner that is at work on a question."""
SILENCE_SECONDS = 15.0
"""How long an owner may send nothing at all before it counts as stuck."""
_MOST = 2**33
_HEAD = struct.Struct("!cQ")


class Question(msgspec.Struct, omit_defaults=True):
    """What the owner is asked: ``ask`` names it."""

    ask: str
    sql: str = ""
    views: dict[str, str] = {}
    parameters: dict[str, "str | int | float | bool | dict[str, str] | None"] = {}
    job: str = ""
    is_rebuild: bool = False
    seconds: float = 0.0
    """How long the asker waits; 0: as long as there are signs of life."""


class Told(msgspec.Struct):
    """An error of :mod:`touchline.errors`, on its way."""

    kind: str
    message: str
    hint: str = ""


class Line:
    """One connection, either side of it."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._sending = threading.Lock()

    def send(self, kind: bytes, content: bytes) -> None:
        """One message, whole, whichever threads send at the same time."""
        with self._sending:
            self._connection.sendall(_HEAD.pack(kind, len(content)))
            self._connection.sendall(content)

    def receive(self, seconds: float | None = None) -> tuple[bytes, bytes]:
        """The next message.

        :param seconds: how long to wait for it, and for each part of it; ``None``: without end.
        :raises EOFError: if the other side is gone.
        :raises TimeoutError: if nothing came in time.
        """
        self._connection.settimeout(seconds)
        kind, size = _HEAD.unpack(self._exactly(_HEAD.size))
        if size > _MOST:
            raise EOFError
        return kind, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        content = bytearray(size)
        view = memoryview(content)
        while view:
            came = self._connection.recv_into(view)
            if not came:
                raise EOFError
            view = view[came:]
        return bytes(content)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Owner:
    """The owner of a home's engine, asked over one connection; what is read over it is of one moment.

    :param patience: seconds to wait for a connection.
    :param seconds: how long all questions together may take; ``None``: as long as there are signs of life.
    :raises BusyError: if it does not answer.
    """

    def __init__(self, file: Path, *, patience: float = PATIENCE_SECONDS, seconds: float | None = None) -> None:
        self._until = None if seconds is None else time.monotonic() + seconds
        self._line = Line(_dialled(file, patience if seconds is None else min(patience, seconds)))

    def run(self, *, is_rebuild: bool = False, progress: Progress = ignore_progress) -> bytes:
        """Bring the tables to what the ledger says, after whatever runs already; returns the run's report as JSON."""
        return self._asked(Question("run", is_rebuild=is_rebuild), progress)[1]

    def job(self, name: str) -> dict[str, Any]:
        """Do a job of the schedule now; ``{"skipped": true, …}`` where it is being done."""
        _, content = self._asked(Question("job", job=name))
        return msgspec.json.decode(content, type=dict[str, Any])

    def compact(self) -> None:
        """Have the engine's file replaced by a copy without the bytes of removed rows; its process starts again."""
        self._asked(Question("compact"))

    def status(self) -> dict[str, Any]:
        """How the river is."""
        _, content = self._asked(Question("status"))
        return msgspec.json.decode(content, type=dict[str, Any])

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields, as :meth:`touchline.engines.Engine.select` gives them."""
        told = {name: _spelled(value) for name, value in (parameters or {}).items()}
        _, content = self._asked(Question("select", sql=select, views=dict(views or {}), parameters=told))
        return pa.ipc.open_stream(pa.py_buffer(content)).read_all()

    def parts(self, select: str) -> Iterator[pa.Table]:
        """As :meth:`select`, a part of the rows at a time; the first has the columns, and may have no rows."""
        kind, content = self._asked(Question("read", sql=select))
        while kind == ROWS:
            yield pa.ipc.open_stream(pa.py_buffer(content)).read_all()
            kind, content = self._asked(None)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _asked(self, question: Question | None, progress: Progress = ignore_progress) -> tuple[bytes, bytes]:
        """The next message that is an answer.

        :param question: what is asked first; ``None``: the next part of the last question's answer is awaited.
        """
        try:
            if question is not None:
                question.seconds = self._left() or 0.0
                self._line.send(ASK, msgspec.json.encode(question))
            while True:
                kind, content = self._line.receive(min(SILENCE_SECONDS, self._left() or SILENCE_SECONDS))
                if kind == FAILED:
                    _raise(content)
                if kind not in {PROGRESS, BEAT}:
                    return kind, content
                if kind == PROGRESS:
                    progress(*msgspec.json.decode(content, type=tuple[str, int, int]))
        except TimeoutError as error:
            self._line.close()  # an answer that came later would be taken for that of the next question
            raise BusyError(
                "The server's river process does not answer.",
                "It is restarted if it is stuck: try again in a minute, and see /readyz and the server's log.",
            ) from error
        except (OSError, EOFError) as error:
            raise BusyError(
                "The server that owns the home closed the connection.", "Run the command again; see the server's log."
            ) from error

    def _left(self) -> float | None:
        """Seconds that are left.

        :raises TimeoutError: if none are.
        """
        if self._until is None:
            return None
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Borrowed:
    """The engine of a home that a server owns: it can be read, and nothing else."""

    can = Capabilities(increment=False, transactions=False)

    def __init__(self, owner: Owner) -> None:
        self.layout = engines.DuckDB.layout
        self._owner = owner

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields."""
        return self._owner.select(select, views, parameters)

    @contextmanager
    def reader(self, select: str) -> Iterator[pa.RecordBatchReader]:
        """The rows that ``select`` yields, a part at a time."""
        parts = self._owner.parts(select)
        head = next(parts)
        batches = (batch for part in chain([head], parts) for batch in part.to_batches())
        yield pa.RecordBatchReader.from_batches(head.schema, batches)

    def create(self, table: Table) -> None:
        """Refused, as is all that writes."""
        _refuse(table.name)

    def reshape(self, tables: Sequence[Table], views: Iterable[View]) -> None:  # noqa: ARG002 - the protocol's
        """Refused."""
        _refuse(", ".join(table.name for table in tables))

    def describe(self, table: Table, meaning: str, columns: Mapping[str, str]) -> None:  # noqa: ARG002
        """Refused."""
        _refuse(table.name)

    def append(self, table: Table, rows: object) -> int:  # noqa: ARG002
        """Refused."""
        _refuse(table.name)

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:  # noqa: ARG002
        """Refused."""
        _refuse(table.name)

    def remove(self, table: Table, scope: str | None = None) -> None:  # noqa: ARG002
        """Refused."""
        _refuse(table.name)

    def define(self, view: View) -> None:
        """Refused."""
        _refuse(view.name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Refused."""
        _refuse("a transaction")
        yield

    def compact(self, copy: Path) -> bool:  # noqa: ARG002
        """Refused: its owner does it itself."""
        _refuse("its file")

    def stop_after(self, seconds: float) -> None:
        """Nothing: its owner is told with each question how long it may take."""

    def size_bytes(self) -> int:
        """As its owner last said."""
        return int(self._owner.status()["engineBytes"])

    def interrupt(self) -> None:
        """Nothing: its owner interrupts what nobody waits for any more."""

    def close(self) -> None:
        """Nothing: the connection is its owner's."""


def owner_of(home: Home, seconds: float | None = None) -> Owner | None:
    """The process that owns the home's files, if a server does.

    :param seconds: how long all questions to it together may take; ``None``: as long as there are signs of life.
    :raises BusyError: if a server owns them, and its river process does not answer.
    """
    return Owner(socket_of(home), seconds=seconds) if is_served(home) else None


def told_of(error: TouchlineError) -> bytes:
    """An error as a message's content."""
    known = next(kind.__name__ for kind in type(error).__mro__ if hasattr(errors, kind.__name__))
    return msgspec.json.encode(Told(known, error.message, error.hint))


def value_of(spelled: "str | float | bool | dict[str, str] | None") -> Any:
    """A parameter as it was before it was spelled.

    >>> value_of({"date": "2026-01-31"}), value_of(7)
    (datetime.date(2026, 1, 31), 7)
    """
    return date.fromisoformat(spelled["date"]) if isinstance(spelled, dict) else spelled


def _spelled(value: Any) -> "str | int | float | bool | dict[str, str] | None":
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"{value!r} is not a valid statement parameter.")


def _dialled(file: Path, patience: float) -> socket:
    until = time.monotonic() + patience
    while True:
        try:
            return connected(file, max(0.1, until - time.monotonic()))
        except OSError as error:
            if time.monotonic() > until:
                raise BusyError(
                    "A server owns the home, and its river process does not answer.",
                    "See its log, or /readyz; stop the server to work without it.",
                ) from error
            time.sleep(0.1)


def _raise(content: bytes) -> NoReturn:
    told = msgspec.json.decode(content, type=Told)
    kind: Callable[[str, str], Exception] = getattr(errors, told.kind, TouchlineError)
    raise kind(told.message, told.hint)


def _refuse(what: str) -> NoReturn:
    raise UsageError(f"The running server writes {what} itself.", "Ask it to run, with `touchline run`.")
