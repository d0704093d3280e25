"""The core needs pydantic alone, and the parsing nothing at all: its own tests pass where nothing else is installed.

The core's tests are those that lie in the package's ``tests`` folder itself; ``tests/extras`` is for the extras. They
run in a copy, so that neither the repository nor its other packages can be found by accident.
"""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.wheel.programs import REPOSITORY, run, uv_program

pytestmark = [pytest.mark.wheel, pytest.mark.slow, pytest.mark.timeout(900)]

PACKAGE = REPOSITORY / "packages" / "attribution-campaign-context"
TOOLS = [f"{name}=={version(name)}" for name in ("atheris", "hypothesis", "pytest", "pytest-timeout")]
PYDANTIC = f"pydantic=={version('pydantic')}"
OF_PYDANTIC = {"annotated-types", "pydantic", "pydantic-core", "typing-extensions", "typing-inspection"}
OF_TOOLS = {
    "atheris",
    "hypothesis",
    "iniconfig",
    "packaging",
    "pluggy",
    "pygments",
    "pytest",
    "pytest-timeout",
    "sortedcontainers",
}
EXTRAS = ("sqlalchemy", "httpx", "starlette", "litestar", "django", "tigrbl")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(uv_program(), "build", "--package", PACKAGE.name, "--wheel", "--out-dir", folder, folder=REPOSITORY)
    return next(folder.glob("*.whl"))


def environment(folder: Path, *requirements: str | Path, without: tuple[str, ...] = ()) -> Path:
    """The Python of a new environment, of the version that runs this."""
    python = folder / "venv" / "bin" / "python"
    run(uv_program(), "venv", "--no-project", "--python", sys.executable, folder / "venv", folder=folder)
    for packages in (requirements, without):
        options = ["--no-deps"] if packages is without else []
        if packages:
            run(uv_program(), "pip", "install", *options, "--python", python, *packages, folder=folder)
    return python


@pytest.fixture(scope="module")
def with_pydantic(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("pydantic"), wheel, PYDANTIC, *TOOLS)


@pytest.fixture(scope="module")
def with_nothing(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("nothing"), *TOOLS, without=(str(wheel),))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The core's tests and what they read, far from the repository, under the same rules."""
    (tmp_path / "tests").mkdir()
    for file in (*(PACKAGE / "tests").glob("*.py"), *(PACKAGE / "tests").glob("*.csv")):
        shutil.copy(file, tmp_path / "tests")
    shutil.copytree(PACKAGE / "fuzz", tmp_path / "fuzz")
    shutil.copy(REPOSITORY / "conftest.py", tmp_path)
    shutil.copy(REPOSITORY / "tests" / "sampling.py", tmp_path / "tests")  # the plugin that it names
    rules = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    markers = "\n".join(f"  {marker}" for marker in rules["markers"])
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\naddopts = --import-mode=importlib\nfilterwarnings = error\nmarkers =\n{markers}\n", encoding="utf-8"
    )
    return tmp_path


def installed(python: Path) -> set[str]:
    """The names of the distributions in an environment, ours aside."""
    program = "from importlib.metadata import distributions; print(*(found.name for found in distributions()))"
    names = run(python, "-c", program, folder=Path("/")).lower().replace("_", "-").split()
    return set(names) - {PACKAGE.name}


def outcome(python: Path, folder: Path, *words: str) -> dict[str, int]:
    """How many tests passed, were skipped, ….

    >>> _counted("= 3 passed, 1 skipped in 0.2s =")
    {'passed': 3, 'skipped': 1}
    """
    options = ("-q", "-p", "no:cacheprovider", "--hypothesis-profile=short")
    return _counted(run(python, "-m", "pytest", *options, *words, folder=folder).splitlines()[-1])


def _counted(last_line: str) -> dict[str, int]:
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|xfailed|error)", last_line)}


def collected_here(*files: Path) -> int:
    """How many tests the repository's own environment finds in these files."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *map(str, files)]
    listing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return sum("::" in line for line in listing.splitlines())


def test_environments_hold_what_they_are_to_hold(with_pydantic: Path, with_nothing: Path) -> None:
    assert installed(with_pydantic) <= OF_PYDANTIC | OF_TOOLS
    assert "pydantic" in installed(with_pydantic)
    assert installed(with_nothing) <= OF_TOOLS


def test_whole_core_suite_passes_with_pydantic_only(with_pydantic: Path, copied: Path) -> None:
    files = sorted((PACKAGE / "tests").glob("test_*.py"))
    passed = outcome(with_pydantic, copied, "tests")
    assert passed == {"passed": collected_here(*files)}
    assert passed["passed"] > 500


def test_no_test_of_the_core_needs_an_extra() -> None:
    for file in (PACKAGE / "tests").glob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert [name for name in EXTRAS if re.search(rf"^\s*(?:from|import) {name}\b", text, re.MULTILINE)] == [], file


def test_every_public_name_is_there_with_pydantic_only(with_pydantic: Path) -> None:
    program = "import attribution_campaign_context as a; print(*(n for n in a.__all__ if getattr(a, n) is None))"
    assert run(with_pydantic, "-W", "error", "-c", program, folder=Path("/")).strip() == ""


def test_parsing_is_imported_and_tested_with_nothing(with_nothing: Path, copied: Path) -> None:
    program = "import attribution_campaign_context.parsing as p; print(p.__file__)"
    assert "site-packages" in run(with_nothing, "-c", program, folder=Path("/"))
    file = PACKAGE / "tests" / "test_parsing.py"
    assert outcome(with_nothing, copied, "tests/test_parsing.py") == {"passed": collected_here(file)}
    missing = (
        "import attribution_campaign_context as a\ntry: a.AttributionTouch\nexcept ImportError as e: print(e.name)"
    )
    assert run(with_nothing, "-c", missing, folder=Path("/")).strip() == "pydantic"


def test_wheel_says_that_it_is_typed(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        assert "attribution_campaign_context/py.typed" in held.namelist()
