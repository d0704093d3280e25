"""What the workers of one server have counted: each tells the others through a file, so that any of them knows all.

A worker has an interpreter of its own, and a scrape of ``/metrics`` meets one of them. What a worker that ended has
counted stays counted; what waited in it does not.
"""

import os
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from touchline.server.watch.durations import BOUNDS

TELL_SECONDS = 1.0
"""How old what the other workers say may be."""


class Told(msgspec.Struct):
    """How long something took, as :meth:`touchline.server.watch.durations.Durations.document` tells it."""

    counts: list[int]
    sum: float


class Counts(msgspec.Struct):
    """What one worker, or several together, have counted since the server's start."""

    process_id: int = 0
    waiting: int = 0
    events: dict[str, int] = {}
    answers: dict[str, int] = {}
    """Of /api/track, by status, and by code."""
    seconds: dict[str, Told] = {}
    """How long answers took, by route."""
    others: dict[str, int] = {}
    """Answers of the other routes, by route and status."""
    process_ids: list[int] = []
    """Of the processes that counted, and still are there."""


def together(all_of_them: Iterable[Counts]) -> Counts:
    """The sums of what each has counted.

    >>> one, other = Counts(events={"accepted": 2}), Counts(events={"accepted": 3, "rejected": 1})
    >>> together([one, other]).events
    {'accepted': 5, 'rejected': 1}
    """
    events, answers, others, waiting = Counter[str](), Counter[str](), Counter[str](), 0
    seconds: dict[str, Told] = {}
    process_ids: list[int] = []
    for each in all_of_them:
        process_ids += [each.process_id] if each.process_id else []
        events.update(each.events)
        answers.update(each.answers)
        others.update(each.others)
        waiting += each.waiting
        for name, told in each.seconds.items():
            before = seconds.get(name, Told([0] * (len(BOUNDS) + 1), 0.0))
            added = [a + b for a, b in zip(before.counts, told.counts, strict=True)]
            seconds[name] = Told(added, before.sum + told.sum)
    return Counts(0, waiting, dict(events), dict(answers), seconds, dict(others), process_ids)


class Board:
    """A folder of one running server in which each worker keeps a file of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{os.getpid()}-{time.time_ns()}.json"  # a process id may come again

    def tell(self, counts: Counts) -> None:
        """Write what this worker has counted; where the disk refuses it, the others know the last that was written."""
        draft = self._own.with_suffix(".draft")
        with suppress(OSError):
            draft.write_bytes(msgspec.json.encode(counts))
            draft.replace(self._own)

    def others(self) -> list[Counts]:
        """What the other workers have last said."""
        files = [file for file in self._folder.glob("*.json") if file != self._own]
        return [_as_it_is(counts) for file in files if (counts := _read(file))]


def _read(file: Path) -> Counts | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Counts)
    except (OSError, msgspec.DecodeError):
        return None


def _as_it_is(counts: Counts) -> Counts:
    """Nothing waits any more in a worker that has ended, and it takes nothing of the machine."""
    try:
        os.kill(counts.process_id, 0)
    except OSError:
        counts.waiting = counts.process_id = 0
    return counts
