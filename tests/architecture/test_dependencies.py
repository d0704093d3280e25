"""Every dependency has a record that says why it is there, and who else was looked at."""

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DECISIONS = REPOSITORY / "docs" / "decisions"
PROJECTS = [
    REPOSITORY / "pyproject.toml",
    *REPOSITORY.glob("packages/*/pyproject.toml"),
    REPOSITORY / "tests" / "jobs" / "dbt" / "environment" / "pyproject.toml",
]
OWN = {"touchline", "attribution-campaign-context"}
RECORDS = dict(
    re.findall(
        r"^\| ([\w.-]+) \| \[.+\]\(([\w-]+\.md)\) \|$",
        (DECISIONS / "dependencies.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
)


def dependencies(project: str) -> set[str]:
    """The packages that a ``pyproject.toml`` names: to run, as an extra, to develop with, to build."""
    read = tomllib.loads(project)
    named = read.get("project", {})
    groups = [
        named.get("dependencies", []),
        *named.get("optional-dependencies", {}).values(),
        *read.get("dependency-groups", {}).values(),
        read.get("build-system", {}).get("requires", []),
    ]
    return {re.split(r"[^\w.-]", wanted, maxsplit=1)[0].lower() for group in groups for wanted in group}


def speaks_of(record: str, package: str) -> bool:
    """Whether a record names a package, as a word of its own; spaces may stand for its hyphens."""
    return re.search(rf"(?<![\w-]){package.replace('-', '[- ]')}(?![\w-])", record, flags=re.IGNORECASE) is not None


def test_every_dependency_has_a_record_and_no_record_is_left_over() -> None:
    named = set().union(*(dependencies(project.read_text(encoding="utf-8")) for project in PROJECTS)) - OWN
    assert named
    assert sorted(RECORDS) == sorted(named)


@pytest.mark.parametrize("package", RECORDS)
def test_the_record_speaks_of_the_package(package: str) -> None:
    record = (DECISIONS / RECORDS[package]).read_text(encoding="utf-8")
    spoken_of = "ADBC" if package.startswith("adbc-") else package.removesuffix("-python")
    assert speaks_of(record, spoken_of)
    assert "**Alternatives considered.**" in record


def test_all_kinds_of_dependencies_are_seen() -> None:
    project = """
    [project]
    dependencies = ["a>=1"]
    [project.optional-dependencies]
    x = ["b[extra]>=2,<3; python_version < '4'"]
    [dependency-groups]
    dev = ["c-d"]
    [build-system]
    requires = ["e==1"]
    """
    assert dependencies(project) == {"a", "b", "c-d", "e"}


@pytest.mark.parametrize(("record", "is_said"), [("Rich tables", True), ("enriched", False), ("rich-rst", False)])
def test_a_name_is_a_word_of_its_own(record: str, is_said: bool) -> None:
    assert speaks_of(record, "rich") is is_said
