"""The house rules that can be read off the files: import direction, names, sizes, and nothing of anybody's machine."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = (REPOSITORY / "src" / "touchline", *REPOSITORY.glob("packages/*/src/*"))
MODULES = sorted(file for source in SOURCES for file in source.rglob("*.py"))
LONGEST_MODULE = 400
DRAWERS = {"utils", "util", "common", "helpers", "helper", "internals", "misc", "shared"}

# Written in pieces, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me"]) + r")/\w")
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")


def tracked_files() -> list[Path]:
    """The files that git tracks, or would if they were added."""
    if not (REPOSITORY / ".git").exists() or not shutil.which("git"):
        pytest.skip("only a git checkout knows which files are tracked")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return [file for name in listing.split("\0") if name and (file := REPOSITORY / name).is_file()]


def lines_with(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    """Where a pattern occurs, as ``file:line: text``."""
    found: list[str] = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        name = file.relative_to(REPOSITORY) if file.is_relative_to(REPOSITORY) else file
        found += [f"{name}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if pattern.search(line)]
    return found


def test_imports_keep_their_direction() -> None:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    answer = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 broken" in answer.stdout


@pytest.mark.parametrize("name", ["stage", "tables", "settings", "errors", "engines", "ledger", "ingest", "waste"])
def test_import_contract_names_the_module(name: str) -> None:
    assert re.search(rf"\b{name}\b", (REPOSITORY / ".importlinter").read_text(encoding="utf-8"))


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {file.parent for file in MODULES if file.parent.name != "versions"}  # Alembic loads those by path
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_no_module_is_a_drawer() -> None:
    assert [str(file) for file in MODULES if {file.stem, file.parent.name} & DRAWERS] == []


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_module_is_small(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_wheels_are_typed() -> None:
    assert [str(source) for source in SOURCES if not (source / "py.typed").is_file()] == []


def test_no_path_of_a_machine_is_written_down() -> None:
    assert lines_with(MACHINE_PATH, tracked_files()) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED, tracked_files()) == []


def test_search_finds_what_it_is_for(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text('open("/ho' + 'me/ada/x")\n# TO' + "DO: later\nfine('https://shop.example/ho" + "me/x')\n")
    assert [line.partition(":")[2][:1] for line in lines_with(MACHINE_PATH, [bad])] == ["1"]
    assert [line.partition(":")[2][:1] for line in lines_with(UNFINISHED, [bad])] == ["2"]


def test_every_ignored_rule_says_why() -> None:
    lines = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start = lines.index("ignore = [")
    ignored = lines[start + 1 : lines.index("]", start)]
    assert ignored
    assert [line for line in ignored if "#" not in line] == []


def test_both_wheels_need_the_same_python() -> None:
    files = [REPOSITORY / "pyproject.toml", *REPOSITORY.glob("packages/*/pyproject.toml")]
    wanted = {tomllib.loads(file.read_text(encoding="utf-8"))["project"]["requires-python"] for file in files}
    assert len(wanted) == 1
