"""What type checkers see of the package."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import attribution_campaign_context as package

TYPED = Path(__file__).with_name("typed_use.py")


@pytest.mark.slow
@pytest.mark.parametrize(
    "checker",
    [("mypy", "--strict", "--no-incremental", "--config-file="), ("pyright", "--pythonpath", sys.executable)],
    ids=["mypy", "pyright"],
)  # fmt: skip
def test_type_checkers_know_every_name(checker: tuple[str, ...], tmp_path: Path) -> None:
    """An app's use of the package is typed; with one name misspelt it is not."""
    assert [name for name in package.__all__ if name not in TYPED.read_text(encoding="utf-8")] == []
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text(TYPED.read_text(encoding="utf-8"), encoding="utf-8")
    wrong.write_text("from attribution_campaign_context import extract_atribution\n", encoding="utf-8")
    command = [sys.executable, "-m", *checker, str(right), str(wrong)]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert right.name not in answer.stdout, answer.stdout
    assert "extract_atribution" in answer.stdout
    assert re.search(r"\b1 error\b", answer.stdout), answer.stdout
