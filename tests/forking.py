"""Processes of a test's own, forked off one that has read their modules already: that is nearly all a start takes."""

import multiprocessing
import os
import resource
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection

from tests.outcome import Outcome
from touchline.cli import main

FORKING = multiprocessing.get_context("forkserver")
"""The one way to fork: what its server has read is said here once, for all tests of a process."""
FORKING.set_forkserver_preload(
    [
        "__main__", "granian.server", "touchline.server.whole", "touchline.ledger.postgres_intake", "touchline.demo",
        "touchline.jobs.erasing", "touchline.reports.overview", "tests.forking",
    ]
)  # fmt: skip


def in_process(*words: object, longest_file: int | None = None) -> Outcome:
    """A command of Touchline in a process of its own, which may write no file longer than so many bytes."""
    pipes = [FORKING.Pipe(duplex=False) for _ in ("out", "err")]
    writers = [writer for _, writer in pipes]
    process = FORKING.Process(target=_command, args=(list(map(str, words)), dict(os.environ), longest_file, *writers))
    process.start()
    for writer in writers:
        writer.close()
    out, err = (_all_of(reader) for reader, _ in pipes)
    process.join()
    assert process.exitcode is not None
    return Outcome(process.exitcode, out, err)


def _command(
    words: list[str], environment: Mapping[str, str], longest_file: int | None, out: Connection, err: Connection
) -> None:
    """What a fork does: what ``python -m touchline`` does."""
    for standard, pipe in ((1, out), (2, err)):
        os.dup2(pipe.fileno(), standard)
        pipe.close()
    sys.stdout, sys.stderr = (os.fdopen(standard, "w", encoding="utf-8", closefd=False) for standard in (1, 2))
    os.environ.clear()
    os.environ.update(environment)
    if longest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (longest_file, longest_file))
    sys.exit(main(words))


def _all_of(pipe: Connection) -> str:
    with os.fdopen(os.dup(pipe.fileno()), "rb") as read:
        pipe.close()
        return read.read().decode()
