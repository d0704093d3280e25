"""The local API, from the side of those who ask: what a server's river process does for others on this machine.

A DuckDB file has one owner. While a server runs that is its river process, and everybody else on the machine, commands
and the server's own workers, asks it through a socket in the home. A message is a kind of one letter and its content;
rows travel in Arrow's own format.
"""

import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from socket import socket
from typing import Any, NoReturn

import msgspec
import pyarrow as pa

from touchline import errors
from touchline.engines import DuckDB
from touchline.errors import BusyError, TouchlineError, UsageError
from touchline.jobs.ownership import connected, is_served, socket_of
from touchline.settings import Home
from touchline.table import Table

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how much of how much is done."""

ASK, ROWS, TOLD, FAILED, PROGRESS = b"?", b"a", b"j", b"e", b"p"
"""The kinds of messages: a question, rows in Arrow's format, a document, an error, how far a job is."""

PATIENCE_SECONDS = 15.0
"""How long is waited for a river process that starts, or starts again."""
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


class Told(msgspec.Struct):
    """An error of :mod:`touchline.errors`, on its way."""

    kind: str
    message: str
    hint: str = ""


class Line:
    """One connection, either side of it."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection

    def send(self, kind: bytes, content: bytes) -> None:
        """One message."""
        self._connection.sendall(_HEAD.pack(kind, len(content)))
        self._connection.sendall(content)

    def receive(self) -> tuple[bytes, bytes]:
        """The next message.

        :raises EOFError: if the other side is gone.
        """
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

    :raises BusyError: if it does not answer.
    """

    def __init__(self, file: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        self._line = Line(_dialled(file, patience))

    def run(self, *, is_rebuild: bool = False, progress: Progress | None = None) -> bytes:
        """Bring the tables to what the ledger says, after whatever runs already; returns the run's report as JSON."""
        return self._asked(Question("run", is_rebuild=is_rebuild), progress)[1]

    def job(self, name: str) -> dict[str, Any]:
        """Do a job of the schedule now; ``{"skipped": true, …}`` where it is being done."""
        _, content = self._asked(Question("job", job=name))
        return msgspec.json.decode(content, type=dict[str, Any])

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

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _asked(self, question: Question, progress: Progress | None = None) -> tuple[bytes, bytes]:
        try:
            self._line.send(ASK, msgspec.json.encode(question))
            while True:
                kind, content = self._line.receive()
                if kind == FAILED:
                    _raise(content)
                if kind != PROGRESS:
                    return kind, content
                if progress:
                    progress(*msgspec.json.decode(content, type=tuple[str, int, int]))
        except (OSError, EOFError) as error:
            raise BusyError(
                "The server that owns the home has hung up.", "Run the command again; see the server's log."
            ) from error


class Borrowed:
    """The engine of a home that a server owns: it can be read, and nothing else."""

    name = DuckDB.name
    layout = DuckDB.layout

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    def select(
        self, select: str, views: Mapping[str, str] | None = None, parameters: Mapping[str, Any] | None = None
    ) -> pa.Table:
        """The rows that ``select`` yields."""
        return self._owner.select(select, views, parameters)

    def create(self, table: Table) -> None:
        """Refused, as is all that writes."""
        _refuse(table.name)

    def drop(self, *tables: Table) -> None:
        """Refused."""
        _refuse(", ".join(table.name for table in tables))

    def append(self, table: Table, rows: object) -> int:  # noqa: ARG002 - the protocol's
        """Refused."""
        _refuse(table.name)

    def replace(self, table: Table, select: str, views: Mapping[str, str], scope: str | None = None) -> int:  # noqa: ARG002
        """Refused."""
        _refuse(table.name)

    def remove(self, table: Table, scope: str | None = None) -> None:  # noqa: ARG002
        """Refused."""
        _refuse(table.name)

    def keep(self, name: str, select: str, views: Mapping[str, str] | None = None) -> int:  # noqa: ARG002
        """Refused."""
        _refuse(name)

    def narrow(self, view: str, table: Table, by: tuple[str, ...], scope: str) -> None:  # noqa: ARG002
        """Refused."""
        _refuse(view)

    def bind(self, name: str, select: str) -> None:  # noqa: ARG002
        """Refused."""
        _refuse(name)

    def define(self, name: str, select: str) -> None:  # noqa: ARG002
        """Refused."""
        _refuse(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Refused."""
        _refuse("a transaction")
        yield

    def close(self) -> None:
        """Nothing: the connection is its owner's."""


def owner_of(home: Home) -> Owner | None:
    """The process that owns the home's files, if a server does.

    :raises BusyError: if a server owns them, and its river process does not answer.
    """
    return Owner(socket_of(home)) if is_served(home) else None


def told_of(error: TouchlineError) -> bytes:
    """An error as a message's content."""
    return msgspec.json.encode(Told(type(error).__name__, error.message, error.hint))


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
    raise TypeError(f"{value!r} is no parameter of a statement.")


def _dialled(file: Path, patience: float) -> socket:
    until = time.monotonic() + patience
    while True:
        try:
            return connected(file)
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
    raise UsageError(f"The server that runs writes {what} itself.", "Ask it to run, with `touchline run`.")
