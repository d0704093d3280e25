"""The command line: each command parses, calls one function, and answers; what it says is made here.

A command gives back an :class:`Answer`. With ``--json`` its document is printed, else what it shows to people. Errors
are one line on standard error (with ``--json`` a document on standard output), and the exit code says which kind.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from io import TextIOWrapper

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import Answer
from touchline.cli.failures import PIPE_CLOSED, Failure, failure_of
from touchline.cli.reading import add_reports
from touchline.cli.registration import add_commands, read_commands
from touchline.cli.terminal import console, visible, write_csv, write_json
from touchline.cli.terminal import shown as lines
from touchline.settings import wants_traceback

__all__ = ["app", "main"]


def _version() -> str:
    from importlib.metadata import version

    return version("touchline")


app = App(
    name="touchline",
    help="Which marketing led to which conversions, what it cost, and which money was wasted.",
    version=_version,
    version_flags=["--version"],
    help_format="plaintext",
    version_format="plaintext",
    suppress_keyboard_interrupt=False,
)
add_commands(app)
add_reports(app, is_alone=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old terminal shows a question mark for a bar, and no traceback
    try:
        return _answered(words)
    except BrokenPipeError:
        _drop_output()
        return PIPE_CLOSED


def _answered(words: list[str]) -> int:
    is_json = _has(words, "--json")
    try:
        if not words or (words[0].startswith("-") and words[0] not in app.version_flags):
            read_commands(app)
        answer = app(words, exit_on_error=False, print_error=False, result_action="return_value")
        exit_code = _told(answer, is_json=is_json) if isinstance(answer, Answer) else 0
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 — the outermost place: every error becomes a line
        if _has(words, "--debug") or wants_traceback():
            console(is_error=True).print(lines("".join(traceback.format_exception(error))), soft_wrap=True)
        return _failed(failure_of(error), is_json=is_json)
    return exit_code


def _has(words: list[str], flag: str) -> bool:
    return flag in (words[: words.index("--")] if "--" in words else words)


def _told(answer: Answer, *, is_json: bool) -> int:
    if is_json:
        write_json(answer.document)
    elif answer.csv is not None:
        write_csv(answer.csv)
        if answer.csv_note:
            console(is_error=True).print(Text(visible(answer.csv_note)), soft_wrap=True)
    else:
        console().print(answer.shown())
    return answer.exit_code


def _failed(failure: Failure, *, is_json: bool) -> int:
    document = {"error": {"code": failure.code, "message": failure.message, "hint": failure.hint}}
    if not (is_json and _could(lambda: write_json(document))):
        line = Text.assemble(("error: ", "bold red"), visible(str(failure)))
        _could(lambda: console(is_error=True).print(line, soft_wrap=True))
    return failure.exit_code


def _could(tell: Callable[[], None]) -> bool:
    """Whether it could be told; a stream on a full disk must not change the exit code."""
    try:
        tell()
        sys.stdout.flush()
    except OSError:
        _drop_output()
        return False
    return True


def _drop_output() -> None:
    """Nobody takes what is left to be written; Python would complain of it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
