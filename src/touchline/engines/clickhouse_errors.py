"""What ClickHouse says is wrong, in words that help."""

from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError

from touchline.errors import HomeError, MemoryLimitError, StorageError, too_slow
from touchline.memory import VARIABLE

_UNKNOWN_TABLE, _UNKNOWN_DATABASE, _NO_SPACE, _READ_ONLY = "Code: 60.", "Code: 81.", "Code: 243.", "Code: 164."
_NO_MEMORY, _DENIED, _TOO_SLOW = "Code: 241.", "Code: 497.", "Code: 159."


@contextmanager
def explained(seconds: float | None = None) -> Iterator[None]:
    """Turn driver errors that a person can fix into clear messages; all others pass unchanged."""
    try:
        yield
    except ClickHouseError as error:
        text = str(error).splitlines()[0]
        if seconds is not None and _TOO_SLOW in text:
            raise too_slow(seconds) from error
        if isinstance(error, OperationalError) or "Code: 516." in text:
            raise HomeError(f"The engine's server does not answer: {text}.", "Check TOUCHLINE_ENGINE.") from error
        if _UNKNOWN_TABLE in text or _UNKNOWN_DATABASE in text:
            raise HomeError(
                f"There are no numbers on the engine's server yet: {text}.", "Run `touchline run`."
            ) from error
        if _DENIED in text:
            raise HomeError(
                f"The engine's server refuses: {text}.",
                "Grant its user what docs/howto/run-on-postgresql-or-clickhouse.md lists.",
            ) from error
        if _NO_MEMORY in text:
            raise MemoryLimitError(
                f"A statement on the engine's server needs more memory than it may have: {text}.",
                f"Set {VARIABLE} to more, or give the server more, and run the command again.",
            ) from error
        if _NO_SPACE in text or _READ_ONLY in text:
            raise StorageError(f"The engine's server cannot write: {text}.", "Free some space there.") from error
        raise
