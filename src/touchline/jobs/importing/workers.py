"""Processes that check the payloads of a long import, one for each processor.

Each is ``python -m touchline.jobs.checking.worker``, which takes chunks on its standard input and gives their frames
on its standard output, and ends when its input does: when the import ends, however that happens. They are no
processes of :mod:`multiprocessing`: those import a caller's main module again, which in a notebook or a script is
somebody else's.
"""

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from fcntl import F_SETPIPE_SZ, fcntl
from pathlib import Path
from queue import SimpleQueue

import touchline
from touchline.errors import StorageError
from touchline.ingest import Payload
from touchline.ingest.readers import Chunk, in_chunks
from touchline.jobs.checking.frames import Arrival, Frame, check
from touchline.jobs.checking.messages import receive, send

CHUNK_ROWS = 1_000
"""Payloads that a process gets at a time."""
ALONE_CHUNKS = 20
"""Chunks that an import checks itself: to start the processes takes as long."""

_PIPE_BYTES = 1 << 20
"""So that a chunk is passed on at once, and not in turns."""

_Worker = subprocess.Popen[bytes]


def chunked(payloads: Iterable[tuple[str, Payload]]) -> Iterator[Chunk]:
    """Payloads as :class:`Checkers` take them."""
    return in_chunks(payloads, CHUNK_ROWS)


class Checkers:
    """Checks what an import reads: itself at first, and by a process on each processor from where it becomes long."""

    def __init__(self, arrival: Arrival) -> None:
        self._arrival = arrival
        self._alone = ALONE_CHUNKS
        self._workers: _Workers | None = None

    def check_all(self, chunks: Iterable[Chunk]) -> Iterator[Frame]:
        """The payloads of the chunks as frames, in their order.

        :raises StorageError: if a process is killed.
        """
        count = len(os.sched_getaffinity(0))
        waiting = deque["Future[list[Frame]]"]()
        for chunk in chunks:
            if self._alone:
                self._alone -= 1
                yield from check(chunk, self._arrival)
                continue
            if self._workers is None:
                self._workers = _Workers(self._arrival, count)
            waiting.append(self._workers.check(chunk))
            if len(waiting) > 2 * count:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()

    def close(self) -> None:
        """End the processes."""
        if self._workers is not None:
            self._workers.close()


class _Workers:
    """The processes, each with one chunk at a time."""

    def __init__(self, arrival: Arrival, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, "import")
        self._idle = SimpleQueue[_Worker]()
        self._all = [_started(arrival) for _ in range(count)]
        for worker in self._all:
            self._idle.put(worker)

    def check(self, chunk: Chunk) -> "Future[list[Frame]]":
        """Have a chunk checked by the next process that has none."""
        return self._threads.submit(self._asked, pickle.dumps(chunk, pickle.HIGHEST_PROTOCOL))

    def close(self) -> None:
        """End them; what was not checked yet is not."""
        self._threads.shutdown(cancel_futures=True)
        for worker in self._all:
            for stream in (worker.stdin, worker.stdout):
                if stream is not None:
                    with suppress(BrokenPipeError):  # it was killed, and what it was sent is in the buffer
                        stream.close()
            worker.wait()

    def _asked(self, content: bytes) -> list[Frame]:
        worker = self._idle.get()
        try:
            assert worker.stdin is not None and worker.stdout is not None  # noqa: S101, PT018 - both are pipes
            send(worker.stdin, content)
            frames: list[Frame] = pickle.loads(receive(worker.stdout))  # noqa: S301 - from a process of ours
        except (OSError, EOFError) as error:
            raise StorageError(
                f"A process that checks the rows ended with exit code {worker.wait()}.",
                "It was killed, perhaps for want of memory. Run the command again; nothing was stored.",
            ) from error
        finally:
            self._idle.put(worker)
        return frames


def _started(arrival: Arrival) -> _Worker:
    package = str(Path(touchline.__file__).parent.parent)
    paths = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "touchline.jobs.checking.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert worker.stdin is not None and worker.stdout is not None  # noqa: S101, PT018 - both are pipes
    for pipe in (worker.stdin, worker.stdout):
        with suppress(OSError):  # more than this system allows
            fcntl(pipe, F_SETPIPE_SZ, _PIPE_BYTES)
    send(worker.stdin, pickle.dumps(arrival, pickle.HIGHEST_PROTOCOL))
    return worker
