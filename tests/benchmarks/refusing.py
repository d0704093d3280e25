"""What a refused request costs against an accepted one of the same bytes, for each way to be refused.

    python -m tests.benchmarks.refusing [--times 20] [--kind "unknown type"]

CPU seconds of one process, commit included: requests go through the whole hot path one after the other, refused and
accepted ones alternate. The worst ratio comes first; the bar is 2. The longest turn is the CPU time for which a refused
request keeps the event loop from others; the bar is 50 ms.
"""

import argparse
import asyncio
import gc
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.server.conftest import placed
from tests.server.in_process import answered, collecting
from tests.server.refusals import KINDS, Request, accepted_like
from touchline.server.collect.application import Application


async def _cost(application: Application, request: Request) -> tuple[float, int]:
    began = time.process_time()
    answer = await answered(application, request)
    return time.process_time() - began, answer.status


async def _longest_turn(application: Application, request: Request) -> float:
    task, longest, before = asyncio.ensure_future(answered(application, request)), 0.0, time.thread_time()
    while not task.done():
        await asyncio.sleep(0)
        now = time.thread_time()
        longest, before = max(longest, now - before), now
    return longest


async def measure(options: argparse.Namespace) -> None:
    """Print each kind's ratio."""
    with TemporaryDirectory() as folder:
        place = placed(Path(folder) / "home")
        async with collecting(place) as application:
            found = []
            for name, kind in KINDS.items():
                if options.kind in {None, name}:
                    found.append((*await _compared(application, place.publishable, kind, options.times), name))
    print(f"{'ratio':>6} {'refused ms':>11} {'accepted ms':>12} {'longest turn':>13} {'bytes':>9} status  kind")
    for ratio, refused, accepted, turn, size, status, name in sorted(found, reverse=True):
        figures = f"{ratio:6.2f} {1000 * refused:11.2f} {1000 * accepted:12.2f} {1000 * turn:13.2f}"
        print(f"{figures} {size:9,} {status:>6}  {name}")


async def _compared(
    application: Application, key: str, kind: Callable[[str], Request], times: int
) -> tuple[float, float, float, float, int, int]:
    spent: dict[str, list[float]] = {"refused": [], "accepted": []}
    status = size = 0
    for _ in range(times):
        request = kind(key)
        size = len(request.body)
        like = accepted_like(key, request)
        gc.collect()
        cost, status = await _cost(application, request)
        spent["refused"].append(cost)
        cost, good = await _cost(application, like)
        assert good == 200, good
        spent["accepted"].append(cost)
    refused, accepted = (sorted(spent[name])[times // 2] for name in ("refused", "accepted"))
    turn = min([await _longest_turn(application, kind(key)) for _ in range(3)])
    return refused / accepted, refused, accepted, turn, size, status


def main() -> None:
    """Measure."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--times", type=int, default=20)
    reader.add_argument("--kind")
    asyncio.run(measure(reader.parse_args()))


if __name__ == "__main__":
    main()
