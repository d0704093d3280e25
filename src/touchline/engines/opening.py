"""Which engine is meant; the driver of one that is not asked for is never imported."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import cast
from urllib.parse import urlsplit

from touchline.engines.dialect import Words, shown
from touchline.engines.duckdb import DuckDB
from touchline.engines.protocol import Engine
from touchline.errors import UsageError
from touchline.memory import Memory

_SERVERS = {"postgresql": ("PostgreSQL", "postgres"), "clickhouse": ("ClickHouse", "clickhouse")}
"""By module: the class, and the extra of the wheel that brings its driver."""

_SCHEMES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "clickhouse": "clickhouse",
    "clickhouses": "clickhouse",
    "chdb": "clickhouse",
}

NAMES = ("duckdb", *_SERVERS)
"""Every engine of this release."""


def open_engine(url: str | None, file: Path, *, memory: Memory | None = None, is_read_only: bool = False) -> Engine:
    """The engine at ``url``, or the embedded one in ``file`` where there is no URL.

    :param url: ``postgresql://…``, ``clickhouse://…``, ``clickhouses://…`` (TLS), or ``chdb://`` (in this process).
    :param memory: how much a run may hold; ``None`` leaves that to the engine.
    :param is_read_only: whether nothing is to be written.
    :raises UsageError: if no engine has such a URL, or its driver is not installed.
    :raises HomeError: if the file is no engine, or the server does not answer.
    :raises BusyError: if another process owns the file.
    """
    if url is None:
        return DuckDB(file, memory=memory, is_read_only=is_read_only)
    scheme = urlsplit(url).scheme
    if scheme not in _SCHEMES:
        raise UsageError(
            f"TOUCHLINE_ENGINE begins with {scheme!r}.", f"It begins with one of {', '.join(_SCHEMES)}, or is not set."
        )
    kind, _ = _SERVERS[_SCHEMES[scheme]]
    return cast("Engine", getattr(_module(_SCHEMES[scheme]), kind)(url, memory=memory, is_read_only=is_read_only))


def in_words_of(engine: str, select: str) -> str:
    r"""A statement of the SQL files as the engine with this name is given it.

    :raises UsageError: if there is no such engine, or its driver is not installed.

    >>> in_words_of("postgresql", "select cast(a as double) as b from t where micros(c) > 0")
    'SELECT\n  CAST(a AS DOUBLE PRECISION) AS b\nFROM t\nWHERE\n  CAST(EXTRACT(EPOCH FROM c) * 1000000 AS BIGINT) > 0'
    """
    if engine not in NAMES:
        raise UsageError(f"There is no engine {engine!r}.", f"There are: {', '.join(NAMES)}.")
    return shown(select, cast("Words", _module(engine).WORDS))


def _module(name: str) -> ModuleType:
    try:
        return import_module(f"touchline.engines.{name}")
    except ModuleNotFoundError as error:
        kind, extra = _SERVERS[name]
        raise UsageError(
            f"The driver for {kind} is not installed ({error.name}).", f'Run `pip install "touchline[{extra}]"`.'
        ) from error
