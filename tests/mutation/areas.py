"""Areas of the product: which files belong to each, and which tests judge a file. ``areas.toml`` says it."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.conftest import REPOSITORY

SOURCES = ("src/touchline", "packages/attribution-campaign-context/src/attribution_campaign_context")
KINDS = {".py", ".sql", ".js", ".csv", ".toml"}
TABLE = Path(__file__).with_name("areas.toml")


@dataclass(frozen=True)
class Row:
    """A pattern of paths, and the tests that mirror the files it matches."""

    area: str
    pattern: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Areas:
    """The table: what decides nothing, the rows in their order, and the laws of each area."""

    without_judgement: tuple[str, ...]
    rows: tuple[Row, ...]
    laws: dict[str, tuple[str, ...]]

    def row_of(self, file: str) -> Row | None:
        """The row that judges a file; None where nothing is decided in it.

        :raises LookupError: no row and no exception matches.
        """
        if any(fnmatchcase(file, pattern) for pattern in self.without_judgement):
            return None
        for row in self.rows:
            if fnmatchcase(file, row.pattern):
                return row
        raise LookupError(f"{file} belongs to no area: give it a row in {TABLE.name}, or list it as without judgement.")


def read(table: Path = TABLE) -> Areas:
    """The areas as the table says them."""
    said = tomllib.loads(table.read_text(encoding="utf-8"))
    without = tuple(said.pop("without_judgement", ()))
    rows = [Row(area, pattern, tuple(tests)) for area, what in said.items() for pattern, tests in what["tests"].items()]
    return Areas(without, tuple(rows), {area: tuple(what["laws"]) for area, what in said.items()})


def source_files(repository: Path = REPOSITORY) -> list[str]:
    """The files of both wheels that could be wrong, as paths from the repository's folder."""
    found = (file for source in SOURCES for file in (repository / source).rglob("*") if file.suffix in KINDS)
    return sorted(file.relative_to(repository).as_posix() for file in found)
