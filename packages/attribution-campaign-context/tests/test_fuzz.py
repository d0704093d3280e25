"""Whatever strangers send: no exception, nothing of it in a header, and never long.

The targets and their promises are those of ``fuzz/harness.py``. Times are the thread's CPU time, so that a busy
machine fails nothing: one call stays below 50 ms, and 99 of 100 below 1 ms.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import thread_time_ns
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

HARNESS = Path(__file__).resolve().parents[1] / "fuzz" / "harness.py"
CASES = 50 * settings().max_examples
"""50,000 in the thorough profile, 2,500 usually."""
ONE_LIMIT_NS, USUAL_LIMIT_NS = 50_000_000, 1_000_000


def _harness() -> ModuleType:
    spec = importlib.util.spec_from_file_location("capture_fuzz_harness", HARNESS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TARGETS: dict[str, Callable[[bytes], None]] = _harness().TARGETS

PIECES = st.sampled_from(
    [
        b"tl_vid=", b"tl_sid=", b"01890a5d-ac96-774b-bcce-b302099a8057", b";", b"; ", b"=", b"&", b"?", b"#", b"/",
        b"//", b":", b"@", b"%", b"%25", b"%40", b"%0d%0a", b"\r\n", b"\n", b"\x00", b"\xff", b"\xc3\xa9", b'"',
        b"\\073", b"[::1]", b"https://", b"shop.example", b":443", b"utm_source=", b"gclid=", b"aff=", b"token=",
        b"eyJ", b"ey", b".", b"a@b.c", b"{x}", b"(not set)", b"invite/", b"set-cookie: a=b", b" ", b"\t", b"x" * 17,
        b"x" * 600,
    ]
)  # fmt: skip
LONG = st.builds(lambda piece, times: (piece * times)[:16_384], PIECES, st.integers(1, 4_000))
HOSTILE = st.lists(st.one_of(PIECES, PIECES, PIECES, st.binary(max_size=12)), max_size=24).map(b"".join)
BYTES = st.one_of(HOSTILE, HOSTILE, HOSTILE, st.binary(max_size=200))


def _cpu_ns(target: Callable[[bytes], None], data: bytes) -> int:
    started = thread_time_ns()
    target(data)
    return thread_time_ns() - started


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_any_bytes(name: str) -> None:
    target, times = TARGETS[name], list[int]()

    @settings(max_examples=CASES, database=None)
    @given(BYTES)
    def run(data: bytes) -> None:
        spent = _cpu_ns(target, data)
        if spent > USUAL_LIMIT_NS:  # a collection of garbage or another thread's work: the best of three is the code's
            spent = min(spent, *(_cpu_ns(target, data) for _ in range(2)))
        times.append(spent)
        assert spent < ONE_LIMIT_NS, f"{spent / 1e6:.1f} ms"

    run()
    assert len(times) >= CASES * 9 // 10
    assert sorted(times)[len(times) * 99 // 100] < USUAL_LIMIT_NS


@pytest.mark.parametrize("name", sorted(TARGETS))
@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # the example of a failure is as long as it is
@settings(max_examples=settings().max_examples * 4, database=None)
@given(data=st.lists(LONG, min_size=1, max_size=4).map(b"".join))
def test_long_repetitions_take_no_time(name: str, data: bytes) -> None:
    assert min(_cpu_ns(TARGETS[name], data) for _ in range(2)) < ONE_LIMIT_NS


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_bytes_that_look_for_new_branches(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    command = [sys.executable, str(HARNESS), name, f"-runs={CASES}", "-seed=7"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    assert f"Done {CASES} runs" in done.stderr, done.stderr[-4_000:]
