"""What went wrong, in one line; and the exit code for it."""

import difflib
import errno
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cyclopts import CycloptsError, UnknownCommandError

from touchline.errors import InputError, StorageError, TouchlineError, UsageError

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""
PIPE_CLOSED = 141
"""128 + SIGPIPE: nobody reads on."""
UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h: a fault of Touchline's own."""

_MOST_NAMES = 8
"""Of commands that are named to who mistyped one."""
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


@dataclass(frozen=True)
class Failure:
    """``code`` is the error's name in words that stay, such as ``busy``; ``exit_code`` is the process's."""

    code: str
    message: str
    hint: str
    exit_code: int

    def __str__(self) -> str:
        return " ".join(f"{self.message} {self.hint}".split())


def failure_of(error: BaseException) -> Failure:
    """An error as a failure.

    >>> str(failure_of(UsageError("There is no setting 'x'.", "Settings are: y.")))
    "There is no setting 'x'. Settings are: y."
    >>> failure_of(KeyError("x")).exit_code
    70
    """
    known = _known(error)
    if known is not None:
        return Failure(_code(type(known)), known.message, known.hint, known.exit_code)
    if isinstance(error, KeyboardInterrupt):
        return Failure("interrupted", "Interrupted.", "Nothing was half-written.", INTERRUPTED)
    message = _sentence(f"Unexpected {type(error).__name__}: {error}".removesuffix(": "))
    return Failure(
        "unexpected", message, "This is a bug in Touchline. Run the command again with --debug and report the output.",
        UNEXPECTED,
    )  # fmt: skip


def _known(error: BaseException) -> TouchlineError | None:
    if isinstance(error, TouchlineError):
        return error
    if isinstance(error, UnknownCommandError) and error.app is not None and error.unused_tokens:
        return UsageError(_unknown_command(error.unused_tokens[0], error.app), "See --help.")
    if isinstance(error, CycloptsError):
        return UsageError(_sentence(str(error)), "See --help.")
    if isinstance(error, OSError):
        return _of_system(error)
    return None


def _unknown_command(word: str, app: Iterable[str]) -> str:
    """Cyclopts' own words would load every command, and the engines with those of the reports."""
    names = [name for name in app if not name.startswith("-")]
    close = difflib.get_close_matches(word, names, n=1)
    meant = f' Did you mean "{close[0]}"?' if close else ""
    more = ", …" if len(names) > _MOST_NAMES else ""
    return f'Unknown command "{word}".{meant} Available commands: {", ".join(names[:_MOST_NAMES])}{more}.'


def _of_system(error: OSError) -> TouchlineError | None:
    """An operating system's refusal that no deeper layer has put into words."""
    where, what = error.filename or "the output", error.strerror
    if error.errno in _DISK:
        return StorageError(f"{where} cannot be written: {what}.", "Free some space and run the command again.")
    if isinstance(error, (PermissionError, FileNotFoundError, IsADirectoryError, NotADirectoryError)):
        return InputError(f"{where} cannot be used: {what}.", "Name another file, or fix its permissions.")
    return None


def _code(kind: type[TouchlineError]) -> str:
    """``HomeError`` → ``home``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__.removesuffix("Error")).lower() or "error"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "?", "!")) else f"{text}."
