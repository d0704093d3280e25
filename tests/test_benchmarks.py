"""Benchmarks are told what to measure, and refuse what they do not know before they begin."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY


def test_a_measure_that_is_none_is_refused_with_those_there_are(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.against", str(tmp_path), "--only", "river", "rivers"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "invalid choice: 'rivers'" in done.stderr
    named = done.stderr.partition("choose from ")[2].replace("'", "").rstrip(")\n").split(", ")
    assert named == ["river", "increment", "attribute", "collect", "capture"]
