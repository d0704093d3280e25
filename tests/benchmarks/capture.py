"""The capture middleware against 0.1.0 of the same name, in front of an app that does nothing: ratios of CPU time.

    python -m tests.benchmarks.capture [--rounds 7] [--requests 3000]

Each version lives in an environment of its own (uv builds both); one driver runs in each, the rounds alternate, and the
ratio is 0.1.0's time over ours: above 1 we are faster. Bars: compatible 1.5, sound 1.0 (geometric means).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from math import prod
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "packages" / "attribution-campaign-context"
MODES = {"compatible": 1.5, "sound": 1.0}

DRIVER = """
import asyncio, sys, time
from attribution_campaign_context.middleware import AttributionMiddleware

mode, requests = sys.argv[1], int(sys.argv[2])
names, options = ("tigrbl_vid", "sid"), {}
if mode == "sound":
    from attribution_campaign_context.policy import CapturePolicy
    names, options = ("tl_vid", "tl_sid"), {"policy": CapturePolicy()}

AGENT = b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537"
PAGE = [
    (b"host", b"shop.example"), (b"user-agent", AGENT), (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8"),
    (b"accept-language", b"de-DE,de;q=0.9"), (b"accept-encoding", b"gzip, br"), (b"upgrade-insecure-requests", b"1"),
    (b"sec-fetch-site", b"none"), (b"sec-fetch-mode", b"navigate"), (b"sec-fetch-dest", b"document"),
]
IDS = "; ".join(f"{name}=01890a5d-ac96-774b-bcce-b302099a8057" for name in names).encode()
FOREIGN = b"; ".join(b"_ga_%d=GS1.1.1700000000.%d" % (n, n) for n in range(12))
LANDING = b"utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Cj0KCQiA5NSqBhD_ARIsAGJ"
SHAPES = {
    "nothing": (b"", PAGE),
    "returning": (b"", [*PAGE, (b"cookie", IDS)]),
    "landing": (LANDING, [*PAGE, (b"referer", b"https://www.google.com/")]),
    "12_foreign_cookies": (b"", [*PAGE, (b"cookie", FOREIGN + b"; " + IDS)]),
}

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b""})

async def send(message):
    pass

async def record(touch, scope):
    return None

async def main():
    middleware = AttributionMiddleware(app, record_touch=record, **options)
    for name, (query, headers) in SHAPES.items():
        started = 0.0
        for number in range(requests + 200):
            if number == 200:  # the first ones warm up
                started = time.process_time()
            scope = {
                "type": "http", "method": "GET", "path": "/pricing", "raw_path": b"/pricing", "query_string": query,
                "headers": headers, "scheme": "https", "server": ("10.0.0.1", 80), "client": ("203.0.113.9", 5),
            }
            await middleware(scope, None, send)
        print(name, (time.process_time() - started) / requests)

asyncio.run(main())
"""


def main() -> None:
    """Print the ratios of every shape of request, their geometric mean, and the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=3_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        theirs = _environment(Path(folder, "theirs"), "attribution-campaign-context==0.1.0", "pydantic")
        ours = _environment(Path(folder, "ours"), str(PACKAGE))
        for mode, bar in MODES.items():
            _compare(mode, bar, theirs, ours, asked)


def _environment(place: Path, *wanted: str) -> Path:
    uv = str(ROOT / ".tools" / "uv") if (ROOT / ".tools" / "uv").exists() else "uv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    python = place / "bin" / "python"
    done = subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *wanted], check=False)
    if done.returncode:
        sys.exit(f"The environment with {wanted[0]} cannot be made here; the comparison needs it.")
    return python


def _compare(mode: str, bar: float, theirs: Path, ours: Path, asked: argparse.Namespace) -> None:
    ratios: dict[str, list[float]] = {}
    for number in range(asked.rounds):
        sides = [(theirs, "original"), (ours, mode)]
        found = [_measured(*side, asked.requests) for side in (sides if number % 2 else reversed(sides))]
        their, our = found if number % 2 else reversed(found)
        for shape, seconds in our.items():
            ratios.setdefault(shape, []).append(their[shape] / seconds)
    medians = {shape: statistics.median(values) for shape, values in ratios.items()}
    for shape, ratio in medians.items():
        print(f"{mode:10} {shape:20} {ratio:5.2f}  (rounds: {min(ratios[shape]):.2f} to {max(ratios[shape]):.2f})")
    mean = prod(medians.values()) ** (1 / len(medians))
    print(f"{mode:10} {'geometric mean':20} {mean:5.2f}  (bar: {bar})")


def _measured(python: Path, mode: str, requests: int) -> dict[str, float]:
    """CPU seconds for one request of each shape."""
    command = [str(python), "-c", DRIVER, mode, str(requests)]
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=alone)
    return {name: float(seconds) for name, seconds in map(str.split, done.stdout.splitlines())}


if __name__ == "__main__":
    main()
