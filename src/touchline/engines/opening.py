"""Which engine is meant; the driver of one that is not asked for is never imported."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import urlsplit

from touchline.engines.protocol import Capabilities, Engine
from touchline.errors import UsageError
from touchline.memory import Memory

if TYPE_CHECKING:
    from touchline.engines.dialect import Words


class Registered(NamedTuple):
    """An engine of this release."""

    name: str
    """Of its module, and as ``touchline sql --engine`` takes it."""
    kind: str
    """Its class."""
    extra: str | None
    """The extra of the package that brings its driver; ``None``: the driver is always there."""
    schemes: tuple[str, ...]
    """With what its URLs begin; none: it is opened where no URL is named."""


ENGINES = (
    Registered("duckdb", "DuckDB", None, ()),
    Registered("postgresql", "PostgreSQL", "postgres", ("postgresql", "postgres")),
    Registered("clickhouse", "ClickHouse", "clickhouse", ("clickhouse", "clickhouses", "chdb")),
    Registered("spark", "Spark", "spark", ("sc",)),
)


def open_engine(url: str | None, file: Path, *, memory: Memory | None = None, is_read_only: bool = False) -> Engine:
    """The engine at ``url``, or the embedded one in ``file`` where there is no URL.

    :param url: ``postgresql://…``, ``clickhouse://…``, ``clickhouses://…`` (TLS), ``chdb://`` (in this process),
        or ``sc://…`` (Spark Connect).
    :param memory: how much a run may hold; ``None`` leaves that to the engine.
    :param is_read_only: whether nothing is to be written.
    :raises UsageError: if no engine has such a URL, or its driver is not installed.
    :raises HomeError: if the file is no engine, or the server does not answer.
    :raises BusyError: if another process owns the file.
    """
    if url is None:
        from touchline.engines.duckdb import DuckDB  # noqa: PLC0415 - it is as slow to import as the others

        return DuckDB(file, memory=memory, is_read_only=is_read_only)
    meant = _registered(url)
    return cast("Engine", getattr(_module(meant), meant.kind)(url, memory=memory, is_read_only=is_read_only))


def capabilities_of(url: str | None) -> Capabilities:
    """What the engine at ``url`` declares that it can do, without opening it.

    :raises UsageError: if no engine has such a URL, or its driver is not installed.
    """
    meant = ENGINES[0] if url is None else _registered(url)
    return cast("Capabilities", getattr(_module(meant), meant.kind).can)


def _registered(url: str) -> Registered:
    by_scheme = {scheme: registered for registered in ENGINES for scheme in registered.schemes}
    scheme = urlsplit(url).scheme
    if scheme not in by_scheme:
        raise UsageError(
            f"TOUCHLINE_ENGINE begins with {scheme!r}.", f"It begins with one of {', '.join(by_scheme)}, or is not set."
        )
    return by_scheme[scheme]


def in_words_of(engine: str, select: str) -> str:
    r"""A statement of the SQL files as the engine with this name is given it.

    :raises UsageError: if there is no such engine, or its driver is not installed.

    >>> in_words_of("postgresql", "select cast(a as double) as b from t where micros(c) > 0")
    'SELECT\n  CAST(a AS DOUBLE PRECISION) AS b\nFROM t\nWHERE\n  CAST(EXTRACT(EPOCH FROM c) * 1000000 AS BIGINT) > 0'
    """
    from touchline.engines.dialect import shown  # noqa: PLC0415 - it brings the parser, which most processes never need

    return shown(select, words_of(engine))


def words_of(engine: str) -> "Words":
    """How the engine with this name writes what the portable subset of SQL has no word for.

    :raises UsageError: if there is no such engine, or its driver is not installed.
    """
    by_name = {registered.name: registered for registered in ENGINES}
    if engine not in by_name:
        raise UsageError(f"There is no engine {engine!r}.", f"There are: {', '.join(by_name)}.")
    return cast("Words", _module(by_name[engine]).WORDS)


def _module(meant: Registered) -> ModuleType:
    try:
        return import_module(f"touchline.engines.{meant.name}")
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The driver for {meant.kind} is not installed ({error.name}).",
            f'Run `pip install "touchline[{meant.extra}]"`.',
        ) from error
