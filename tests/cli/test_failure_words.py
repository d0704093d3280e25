"""An error as a failure: its code, its words and the process's exit code."""

import errno

import pytest

from touchline import errors
from touchline.cli.failures import failure_of

FREE = "Free some space and run the command again."
NAME = "Name another file, or fix its permissions."
BUG = "This is a bug in Touchline. Run the command again with --debug and report the output."


def of_system(code: int, name: str | None = "x.csv") -> OSError:
    return OSError(code, "It says why", name)


@pytest.mark.parametrize(
    ("error", "code", "message", "hint", "exit_code"),
    [
        (errors.TouchlineError("One."), "touchline", "One.", "", 1),
        (errors.UsageError("One.", "Two."), "usage", "One.", "Two.", 2),
        (errors.BusyError("One."), "busy", "One.", "", errors.BusyError("").exit_code),
        (KeyboardInterrupt(), "interrupted", "Interrupted.", "Nothing was half-written.", 130),
        (of_system(errno.ENOSPC), "storage", "x.csv cannot be written: It says why.", FREE, None),
        (of_system(errno.EDQUOT), "storage", "x.csv cannot be written: It says why.", FREE, None),
        (of_system(errno.EFBIG), "storage", "x.csv cannot be written: It says why.", FREE, None),
        (of_system(errno.EROFS), "storage", "x.csv cannot be written: It says why.", FREE, None),
        (of_system(errno.EIO, None), "storage", "the output cannot be written: It says why.", FREE, None),
        (of_system(errno.EACCES), "input", "x.csv cannot be used: It says why.", NAME, None),
        (of_system(errno.ENOENT), "input", "x.csv cannot be used: It says why.", NAME, None),
        (of_system(errno.EISDIR), "input", "x.csv cannot be used: It says why.", NAME, None),
        (of_system(errno.ENOTDIR), "input", "x.csv cannot be used: It says why.", NAME, None),
        (of_system(errno.EBADF), "unexpected", "Unexpected OSError: [Errno 9] It says why: 'x.csv'.", BUG, 70),
        (ValueError(), "unexpected", "Unexpected ValueError.", BUG, 70),
        (ValueError("a\n b?"), "unexpected", "Unexpected ValueError: a b?", BUG, 70),
    ],
    ids=range(16),
)
def test_an_error_is_told_in_words_with_a_code(
    error: BaseException, code: str, message: str, hint: str, exit_code: int | None
) -> None:
    found = failure_of(error)
    assert (found.code, found.message, found.hint) == (code, message, hint)
    if exit_code is None:
        exit_code = {"storage": errors.StorageError, "input": errors.InputError}[code]("").exit_code
    assert found.exit_code == exit_code
    assert str(found) == f"{message} {hint}".strip()


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.TouchlineError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_code_of_its_own(kind: type[errors.TouchlineError]) -> None:
    found = failure_of(kind("One.", "Two."))
    assert (found.message, found.hint, found.exit_code) == ("One.", "Two.", kind.exit_code)
    assert len({failure_of(other("")).code for other in KINDS}) == len(KINDS)
