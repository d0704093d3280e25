"""What a server of Spark Connect says is wrong, in words that help."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from touchline.engines.spark_client import PySparkException
from touchline.errors import HomeError, MemoryLimitError, StorageError, too_slow

MARK = "touchline_session"
"""A view that stands in a session for as long as the server knows the session."""
_LOST = ("INVALID_HANDLE", "NO_ACTIVE_SESSION", MARK)
_MISSING = ("PATH_NOT_FOUND", "not found", "No such file", "does not exist")
_NO_TABLE = "TABLE_OR_VIEW_NOT_FOUND"
_SILENT = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "failed to connect", "Connection refused")
_REFUSED = ("UNAUTHENTICATED", "PERMISSION_DENIED")
_STOPPED = ("OPERATION_CANCELED", "CANCELLED", "interrupt", "cancel")
_FULL = ("No space left", "Read-only file system", "AccessDenied")
_MEMORY = ("Resources exhausted", "OutOfMemoryError", "Failed to allocate")


def is_missing(error: BaseException) -> bool:
    """Whether a folder is not there that was to be read."""
    return isinstance(error, HomeError | PySparkException) and _says(str(error), _MISSING)


def is_lost(error: BaseException) -> bool:
    """Whether the server does not know the session: it was started again, or nothing was asked of it for too long."""
    return isinstance(error, HomeError | PySparkException) and _says(str(error), _LOST)


@contextmanager
def explained(seconds: float | None = None) -> Iterator[None]:
    """Turn driver errors that a person can fix into clear messages; all others pass unchanged.

    :param seconds: after which a statement is stopped, if it is.
    """
    try:
        with warnings.catch_warnings():  # that it gave up is in the error, too
            warnings.simplefilter("ignore", UserWarning)
            yield
    except PySparkException as error:
        text = str(error)
        line = _line_of(text) or type(error).__name__
        if seconds is not None and _says(text, _STOPPED):
            raise too_slow(seconds) from error
        if _says(text, _SILENT):
            raise HomeError(f"The engine's server does not answer: {line}.", "Check TOUCHLINE_ENGINE.") from error
        if _says(text, _LOST):
            raise HomeError(
                f"The engine's server does not know the session: {line}.", "Run the command again."
            ) from error
        if _NO_TABLE in text:
            raise HomeError(
                f"There are no numbers on the engine's server yet: {line}.", "Run `touchline run`."
            ) from error
        if _says(text, _REFUSED):
            raise HomeError(f"The engine's server refuses: {line}.", "Check the token in TOUCHLINE_ENGINE.") from error
        if _says(text, _MEMORY):
            raise MemoryLimitError(
                f"A statement on the engine's server needs more memory than it may have: {line}.",
                "Give its executors more, and run the command again.",
            ) from error
        if _says(text, _FULL):
            raise StorageError(f"The engine's server cannot write: {line}.", "Free some space there.") from error
        raise


def _line_of(text: str) -> str:
    """What a text says first, without the frame that gRPC puts around it."""
    found = re.search(r'details = "(.+?)"', text)
    return found[1] if found else text.strip().partition("\n")[0]


def _says(text: str, parts: tuple[str, ...]) -> bool:
    return any(part in text for part in parts)
