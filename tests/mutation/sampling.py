"""A seeded sample of faults: the same seed draws the same mutants of the same files."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.mutation import python_faults, script_faults, settings_faults, sql_faults, table_faults
from tests.mutation.mutant import Edit, Mutant

MOST_WEIGHT = 60
"""A file counts by its faults, up to this: a thousand rows of facts are not a thousand decisions."""
PATIENCE = 20
"""How many draws in a row may bring nothing new before a file, or an area, counts as used up."""


class Language(NamedTuple):
    """How faults of a kind of file are found, and which of them are faults."""

    faults: Callable[[str], list[Edit]]
    is_fault: Callable[[str, str], bool]


LANGUAGES = {
    ".py": Language(python_faults.faults, python_faults.is_fault),
    ".sql": Language(sql_faults.faults, sql_faults.is_fault),
    ".js": Language(script_faults.faults, script_faults.is_fault),
    ".csv": Language(table_faults.faults, table_faults.is_fault),
    ".toml": Language(settings_faults.faults, settings_faults.is_fault),
}


class Candidates:
    """The faults that one file can have, by operator."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.language = LANGUAGES[Path(file).suffix]
        self.by_operator: dict[str, list[Edit]] = defaultdict(list)
        for edit in self.language.faults(text):
            self.by_operator[edit.operator].append(edit)

    @property
    def weight(self) -> int:
        """How often the file is drawn beside others."""
        return min(MOST_WEIGHT, sum(map(len, self.by_operator.values())))

    def draw(self, random: Random) -> Mutant | None:
        """One mutant: an operator first, so that rare kinds of faults come up; None where the draw is no fault."""
        edits = self.by_operator[random.choice(sorted(self.by_operator))]
        edit = random.choice(edits)
        is_fault = self.language.is_fault(self.text, edit.apply(self.text))
        return Mutant(self.file, self.text, edit) if is_fault else None


def sample(repository: Path, files: Iterable[str], number: int, random: Random) -> list[Mutant]:
    """At most ``number`` different mutants of some files."""
    candidates = [Candidates(file, (repository / file).read_text(encoding="utf-8")) for file in sorted(files)]
    return list(_drawn([one for one in candidates if one.weight], number, random))


def _drawn(candidates: list[Candidates], number: int, random: Random) -> Iterator[Mutant]:
    seen: set[tuple[str, Edit]] = set()
    misses = 0
    while candidates and len(seen) < number and misses < PATIENCE * len(candidates):
        chosen = random.choices(candidates, [one.weight for one in candidates])[0]
        mutant = chosen.draw(random)
        if mutant is None or (mutant.file, mutant.edit) in seen:
            misses += 1
            continue
        misses = 0
        seen.add((mutant.file, mutant.edit))
        yield mutant


def all_of(repository: Path, file: str) -> list[Mutant]:
    """All the places where a file could have a fault, faults or not."""
    text = (repository / file).read_text(encoding="utf-8")
    return [Mutant(file, text, edit) for edit in LANGUAGES[Path(file).suffix].faults(text)]
