"""One process of a long import: it checks chunks of payloads until its standard input ends."""

import gc
import os
import pickle
import sys

from touchline.jobs.checking.frames import Arrival, check
from touchline.jobs.checking.messages import receive, send

_NICENESS = 10
"""A server on the same machine goes first."""
_ALLOCATIONS = 10_000
"""After which cycles are looked for: rows have none, and one of a chunk is seen ten times as often otherwise."""


def main() -> None:
    """Read what the rows have in common, then answer each chunk with its frames."""
    os.nice(_NICENESS)
    gc.freeze()  # what was imported stays
    gc.set_threshold(_ALLOCATIONS)
    stream, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        arrival: Arrival = pickle.loads(receive(stream))  # noqa: S301 - from the import that started this process
        while True:
            frames = check(pickle.loads(receive(stream)), arrival)  # noqa: S301 - as above
            send(answers, pickle.dumps(frames, pickle.HIGHEST_PROTOCOL))
    except (EOFError, BrokenPipeError):  # the import ended
        os._exit(0)


if __name__ == "__main__":
    main()
