"""``--sample`` draws a few cases of each campaign: the same for the same seed, and says so."""

import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from tests.sampling import SYSTEMS, drawn

CAMPAIGNS = """
import pytest

@pytest.mark.campaign(2)
@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("engine", ["duckdb", "clickhouse"])
def test_of_each_engine(engine, number):
    pass

@pytest.mark.campaign(1, each="letter")
@pytest.mark.parametrize("number", range(9))
@pytest.mark.parametrize("letter", ["a", "b", "c"])
def test_of_each_letter(letter, number):
    pass

@pytest.mark.campaign(30)
@pytest.mark.parametrize("number", range(5))
def test_of_few(number):
    pass

@pytest.mark.parametrize("number", range(7))
def test_of_no_campaign(number):
    pass
"""


def test_the_seed_alone_decides_what_is_drawn() -> None:
    names = [f"case {number}" for number in range(100)]
    first = drawn(names, 10, 1)
    assert len(first) == 10
    assert first <= {*names}
    assert drawn(reversed(names), 10, 1) == first
    assert drawn(names, 10, 2) != first
    assert drawn(names[:3], 10, 1) == {*names[:3]}
    assert {name for seed in range(200) for name in drawn(names, 10, seed)} == {*names}


@pytest.fixture
def campaigns(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = campaign\n", encoding="utf-8")
    (tmp_path / "test_campaigns.py").write_text(CAMPAIGNS, encoding="utf-8")
    return tmp_path


def ran(folder: Path, repository: Path, *options: str) -> tuple[list[str], str]:
    """The cases that pytest runs with these options, and the end of what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "tests.sampling", *options],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(repository)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return sorted(set(re.findall(r"test_of_\w+\[[^\]]+\]", done.stdout))), "\n".join(done.stdout.splitlines()[-2:])


def test_workers_draw_the_same_of_each_engine_and_say_how_many(campaigns: Path, repository: Path) -> None:
    found, end = ran(campaigns, repository, "-n", "2", "--sample", "--randomly-seed=3")
    by_value = Counter(name.partition("-")[0] for name in found if "-" in name)
    assert by_value == {
        "test_of_each_engine[duckdb": 2, "test_of_each_engine[clickhouse": 2, "test_of_each_letter[a": 1,
        "test_of_each_letter[b": 1, "test_of_each_letter[c": 1,
    }  # fmt: skip
    assert len(found) == 4 + 3 + 5 + 7
    assert "sample of 12 of 72 cases of campaigns, by --randomly-seed=3; `make test-all` runs all" in end
    again, end = ran(campaigns, repository, "-p", "no:xdist", "--sample", "--randomly-seed=3")
    assert again == found
    assert "19 passed, 60 deselected" in end


def test_without_the_option_all_run(campaigns: Path, repository: Path) -> None:
    found, end = ran(campaigns, repository, "-p", "no:xdist")
    assert len(found) == 40 + 27 + 5 + 7
    assert "sample" not in end


def test_make_test_draws_and_the_other_runs_do_not(repository: Path) -> None:
    text = (repository / "Makefile").read_text(encoding="utf-8")
    recipes = dict(re.findall(r"^(test|test-all):.*\n((?:\t.*\n)+)", text, re.MULTILINE))
    assert "--sample" in recipes["test"]
    assert "--sample" not in recipes["test-all"]
    options = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["addopts"]
    assert "--sample" not in options


def test_every_engine_and_ledger_is_known_by_its_name() -> None:
    from tests.engines.servers import FRESH  # noqa: PLC0415 - starts nothing, and imports all engines

    assert {*FRESH, "sqlite"} <= SYSTEMS
