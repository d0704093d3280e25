"""The mutants that are judged to do the same as the product; what is written of them has to stay true."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutant import Mutant
from tests.mutation.sampling import all_of

LIST = Path(__file__).with_name("equivalents.toml")


@dataclass(frozen=True)
class Equivalent:
    """An entry of the list."""

    file: str
    line: str
    becomes: str
    operator: str
    reason: str

    def fits(self, mutant: Mutant) -> bool:
        """Whether the entry speaks of this mutant."""
        of_mutant = (mutant.file, mutant.source_line, _mutated_line(mutant), mutant.edit.operator)
        return of_mutant == (self.file, self.line, self.becomes, self.operator)


def _mutated_line(mutant: Mutant) -> str:
    return [*mutant.mutated.splitlines(), ""][mutant.line - 1].strip()


def entry(mutant: Mutant) -> str:
    """What to write into the list for a mutant; the reason is left to whoever knows it."""
    said = {
        "file": mutant.file, "line": mutant.source_line, "becomes": _mutated_line(mutant),
        "operator": mutant.edit.operator,
    }  # fmt: skip
    return "\n".join(["[[mutant]]", *(f"{name} = '''{text}'''" for name, text in said.items()), "reason = ''"])


def read(file: Path = LIST) -> list[Equivalent]:
    """The list.

    :raises ValueError: an entry gives no reason.
    """
    entries = [Equivalent(**said) for said in tomllib.loads(file.read_text(encoding="utf-8")).get("mutant", [])]
    for one in entries:
        if not one.reason.strip():
            raise ValueError(f"{file.name}: the entry for {one.file}, {one.line!r}, gives no reason.")
    return entries


def mutants_of(entries: Iterable[Equivalent], repository: Path) -> dict[Equivalent, Mutant | None]:
    """The mutant that each entry speaks of; None where there is none: the entry is stale."""
    found: dict[Equivalent, Mutant | None] = {}
    for one in entries:
        is_there = (repository / one.file).is_file()
        fitting = (mutant for mutant in all_of(repository, one.file) if one.fits(mutant)) if is_there else iter(())
        found[one] = next(fitting, None)
    return found
