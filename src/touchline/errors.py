"""Every error that Touchline raises on purpose, and the exit code that the command line gives it.

::

    TouchlineError                1  something that the person at the keyboard can fix
    ├── UsageError                2  the command or an argument makes no sense
    ├── HomeError                 3  TOUCHLINE_HOME is missing, foreign or unreadable
    ├── BusyError                 4  another process holds the ledger or the engine file
    │   └── BlockedError         10  somebody else's transaction on the engine's server is in the way
    ├── StorageError              5  the disk is full, read-only or failing
    ├── InputError                6  a file cannot be read as what it claims to be
    │   └── MappingError          7  a mapping file is wrong, or does not fit the file
    ├── UnknownError              8  the named site, goal, conversion … does not exist
    └── MemoryLimitError          9  a run needs more memory than TOUCHLINE_MEMORY allows

Each error says what was expected, what came, and what to do: ``message`` is the first two, ``hint`` the third.
"""


class TouchlineError(Exception):
    """Something went wrong that the user can understand and fix."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(TouchlineError):
    """The command, or one of its arguments, makes no sense."""

    exit_code = 2


class HomeError(TouchlineError):
    """``TOUCHLINE_HOME`` is missing, is not ours, or cannot be read."""

    exit_code = 3


class BusyError(TouchlineError):
    """Another process holds the ledger or the engine file."""

    exit_code = 4


class BlockedError(BusyError):
    """A run waits for a lock that somebody else's transaction on the engine's server holds; the error names it."""

    exit_code = 10


def too_slow(seconds: float) -> BusyError:
    """A statement was stopped after this time."""
    return BusyError(f"The statement took longer than {seconds:g} seconds.", "Ask for less, or allow more time.")


class StorageError(TouchlineError):
    """The disk is full, read-only or failing; no partial data was written."""

    exit_code = 5


class InputError(TouchlineError):
    """A file cannot be read as what it claims to be."""

    exit_code = 6


class MappingError(InputError):
    """A mapping file is wrong, or does not fit the file it is used on."""

    exit_code = 7


class UnknownError(TouchlineError):
    """The named thing (site, goal, conversion, …) does not exist."""

    exit_code = 8


class MemoryLimitError(TouchlineError):
    """A run needs more memory than ``TOUCHLINE_MEMORY`` allows; no partial data was written."""

    exit_code = 9
