"""``touchline --help`` does not wait for the engine and the charts."""

import subprocess
import sys
from pathlib import Path

import pytest

from touchline.cli import commands

COMMANDS = Path(commands.__path__[0])
HEAVY = ("adbc_driver_manager", "alembic", "altair", "duckdb", "numpy", "pyarrow", "scipy", "sqlalchemy", "sqlglot")


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["import", "--help"], ["report", "waste", "--nope"]])
def test_heavy_modules_are_not_loaded(words: list[str]) -> None:
    program = (
        f"import sys; from touchline.cli import main; main({words!r}); print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_command_reads_no_other_commands_file() -> None:
    program = (
        "import sys; from touchline.cli import main; main(['backup', '--help']);"
        " print(sorted(name for name in sys.modules if name.startswith('touchline.cli.commands.')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "['touchline.cli.commands.backup']"


@pytest.mark.parametrize("words", [[], ["--help"], ["--json", "--help"]])
def test_the_list_of_commands_says_what_each_is_for(words: list[str]) -> None:
    ran = subprocess.run([sys.executable, "-m", "touchline", *words], capture_output=True, text=True, check=True)
    listed = [line.strip("│ ").split(maxsplit=1) for line in ran.stdout.splitlines() if line.startswith("│ ")]
    files = {file.stem.rstrip("_") for file in COMMANDS.glob("[a-z]*.py")}
    named = {words[0]: words[1:] for words in listed if words[0] in files}
    assert set(named) == files
    assert [name for name, text in named.items() if not text] == []


def test_module_can_be_run() -> None:
    ran = subprocess.run([sys.executable, "-m", "touchline", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().count(".") == 2
