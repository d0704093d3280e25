"""``touchline --help`` does not wait for the engine and the charts."""

import subprocess
import sys

import pytest

HEAVY = ("adbc_driver_manager", "alembic", "altair", "duckdb", "numpy", "pyarrow", "scipy", "sqlalchemy", "sqlglot")


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["import", "--help"], ["report", "waste", "--nope"]])
def test_heavy_modules_are_not_loaded(words: list[str]) -> None:
    program = (
        f"import sys; from touchline.cli import main; main({words!r}); print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_module_can_be_run() -> None:
    ran = subprocess.run([sys.executable, "-m", "touchline", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().count(".") == 2
