"""Whoever adds something as a how-to page says has it running: the page's files go into a copy of the package."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import REPOSITORY

PAGES = sorted((REPOSITORY / "docs" / "howto").glob("add-a*-*.md"))
_ADDITION = re.compile(
    r"^<!-- addition: (?P<file>\S+)(?: before (?P<anchor>[^\n]+))? -->\n```\w[^\n]*\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_PROOF = re.compile(
    r"^```python no-run\n(?P<code>from [^`]*?)^```$(?:\n\n```\n(?P<answer>.*?)^```$)?", re.DOTALL | re.MULTILINE
)

_TESTED = re.compile(r"^```sh\npytest (?P<asked>[^\n]+)\n```$", re.MULTILINE)
WITH_A_ROW = ("add-a-channel-rule", "add-a-cost-format", "add-a-health-measure", "add-a-model")
"""The pages whose row in the tests is put in as well, and the tests that they name are run."""


class Page(NamedTuple):
    """What a page adds, the code that shows it running, and what that prints."""

    additions: list[tuple[str, str, str]]
    proof: str
    answer: str


def read(text: str) -> Page:
    """A page as it is followed; an addition is a file, or lines before an anchor in a file."""
    proof = _PROOF.search(text)
    assert proof, "the page shows nothing running"
    additions = [(found["file"], found["anchor"] or "", found["text"]) for found in _ADDITION.finditer(text)]
    return Page(additions, proof["code"], proof["answer"] or "")


def add(folder: Path, name: str, anchor: str, text: str) -> None:
    """Make one addition in a copy of the sources."""
    file = folder / name
    if not anchor:
        assert not file.exists(), f"{name} is there already"
        file.write_text(text, encoding="utf-8")
        return
    before, found, after = file.read_text(encoding="utf-8").partition(anchor)
    assert found, f"{name} has no {anchor}"
    begin = before.rindex("\n") + 1
    file.write_text(f"{before[:begin]}{text}{before[begin:]}{found}{after}", encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_adds_runs(page: Path, tmp_path: Path) -> None:
    followed = read(page.read_text(encoding="utf-8"))
    assert followed.additions
    follow(followed, tmp_path)
    finished = run(tmp_path, followed.proof)
    assert finished.returncode == 0, finished.stderr
    assert followed.answer.strip() in finished.stdout


@pytest.mark.parametrize("name", WITH_A_ROW)
def test_the_row_in_the_tests_that_a_page_adds_passes(name: str, tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / "howto" / f"{name}.md").read_text(encoding="utf-8")
    follow(read(text), tmp_path)
    named = _TESTED.search(text)
    assert named, "the page names no tests to run"
    finished = run_tests(tmp_path, *re.sub(r"\btests/", f"{tmp_path}/tests/", named["asked"]).split())
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_engine_that_a_page_adds_keeps_the_contract(tmp_path: Path) -> None:
    follow(read((REPOSITORY / "docs" / "howto" / "add-an-engine.md").read_text(encoding="utf-8")), tmp_path)
    asked = [str(tmp_path / "tests" / "engines" / f"test_{name}.py") for name in ("contract", "workbench")]
    finished = run_tests(tmp_path, "-rs", "-k", "elsewhere", *asked)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    counted = re.search(r"^(\d+) passed, (\d+) skipped, \d+ deselected", finished.stdout, re.MULTILINE)
    assert counted, finished.stdout
    assert (int(counted[1]) > 40, int(counted[2])) == (True, finished.stdout.count("Elsewhere has no workbench"))


def follow(page: Page, folder: Path) -> None:
    """Make a copy of the repository in ``folder``, as far as pages add to it, and what the page adds."""
    for part in ("src", "tests"):
        # With what is compiled, which holds for files of the same time and size; not with what is being written.
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("*.pyc.*"))
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    (folder / "elsewhere").mkdir()
    for addition in page.additions:
        add(folder, *addition)


def run(folder: Path, code: str) -> "subprocess.CompletedProcess[str]":
    """Run the page's code with the package of ``folder``."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "HOME": str(folder), "COLUMNS": "200"}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=folder / "elsewhere", env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def run_tests(folder: Path, *asked: str) -> "subprocess.CompletedProcess[str]":
    """Run tests of ``folder`` on the package of ``folder``."""
    command = ["-p", "no:randomly", "-p", "no:cacheprovider", "-q", *asked]
    return run(folder, f"import sys, pytest; sys.path.insert(0, {str(folder)!r}); sys.exit(pytest.main({command}))")


def test_there_are_pages_to_follow() -> None:
    assert [page.stem for page in PAGES] == [
        "add-a-channel-rule",
        "add-a-cost-format",
        "add-a-health-measure",
        "add-a-model",
        "add-a-report",
        "add-an-engine",
    ]


def test_an_addition_stands_before_its_anchor(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = (\n    1,\n    2,\n)\n")
    add(tmp_path, "a.py", "2,", "    3,\n")
    assert (tmp_path / "a.py").read_text() == "x = (\n    1,\n    3,\n    2,\n)\n"
