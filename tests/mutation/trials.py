"""A trial: the tests that mirror a file run against a mutant of it, then the laws.

Whatever fails is run again without the fault, so that a test that fails anyway is not taken for a witness.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile

from tests.mutation.copies import Copy
from tests.mutation.mutant import Mutant

MOST_SECONDS_OF_A_TEST = 120
"""A fault may make a test hang; that is noticed. A test that says a limit of its own keeps it."""
MOST_SECONDS_OF_A_TRIAL = 1_800.0
PYTEST = (
    sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "--no-header", "--tb=short",
    f"--timeout={MOST_SECONDS_OF_A_TEST}", "-m", "not benchmark and not wheel and not local_data",
)  # fmt: skip
PASSED, NOTHING_FOUND = 0, 5


class Verdict(StrEnum):
    """Who noticed a mutant."""

    MIRROR = "mirror"
    LAWS = "laws"
    SURVIVED = "survived"


class UnsoundTestsError(Exception):
    """The tests fail without a fault, or there are none: they judge nothing."""


class Judges:
    """Runs tests in copies, and remembers which of them pass where nothing is wrong."""

    def __init__(self, profile: str = "ci", laws_profile: str = "short") -> None:
        self.profile = profile
        self.laws_profile = laws_profile
        self._sound: set[tuple[str, ...]] = set()

    def judge(self, copy: Copy, mutant: Mutant, tests: Sequence[str], laws: Sequence[str]) -> Verdict:
        """The verdict on a mutant."""
        own = [mutant.file] if mutant.file.endswith(".py") and ">>>" in mutant.text else []
        if self._is_noticed(copy, mutant, (*own, *tests), self.profile):
            return Verdict.MIRROR
        if laws and self._is_noticed(copy, mutant, laws, self.laws_profile):
            return Verdict.LAWS
        return Verdict.SURVIVED

    def _is_noticed(self, copy: Copy, mutant: Mutant, tests: Sequence[str], profile: str) -> bool:
        arguments = (f"--hypothesis-profile={profile}", *tests)
        cache = copy.folder / ".witnesses"
        shutil.rmtree(cache, ignore_errors=True)
        with copy.having(mutant):
            code, said = _run(copy, (*arguments, "-o", f"cache_dir={cache}"))
        if code == NOTHING_FOUND:
            raise UnsoundTestsError(f"There are no tests in {' '.join(tests)}.")
        if code != PASSED:
            self._hold_witnesses_sound(copy, arguments, cache, said)
        return code != PASSED

    def _hold_witnesses_sound(self, copy: Copy, arguments: tuple[str, ...], cache: Path, said: str) -> None:
        """Run what failed without the fault; where no test came so far, look whether the tests can be read."""
        witnesses = _witnesses(cache)
        again = ("--last-failed", "--last-failed-no-failures=none") if witnesses else ("--collect-only",)
        key = (*arguments, *witnesses)
        if key in self._sound:
            return
        code, said_again = _run(copy, (*arguments, *again, "-o", f"cache_dir={cache}"))
        if code not in {PASSED, NOTHING_FOUND}:  # a test that only the fault brings about is not found again
            raise UnsoundTestsError(
                f"{' '.join(witnesses or arguments)} fails without a fault, too:\n{said_again}\nWith one:\n{said}"
            )
        self._sound.add(key)


def _witnesses(cache: Path) -> tuple[str, ...]:
    """The tests and modules that failed, as pytest's cache names them."""
    failed = cache / "v" / "cache" / "lastfailed"
    return tuple(sorted(json.loads(failed.read_text(encoding="utf-8")))) if failed.exists() else ()


def _run(copy: Copy, arguments: Sequence[str]) -> tuple[int, str]:
    """The exit code and the last words of the tests; a negative code where they took too long.

    They speak into a file, because a server that they leave behind would keep a pipe open.
    """
    with TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            [*PYTEST, *arguments], cwd=copy.folder, env=copy.environment(), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            code = process.wait(MOST_SECONDS_OF_A_TRIAL)
        except subprocess.TimeoutExpired:
            code = -1
            _end(process)
        _kill_group(process)
        said.seek(0)
        return code, said.read()[-4_000:]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the tests end what they started; then end them."""
    process.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(20)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever the tests left running."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
