"""What a run of mutants says: a table by area, and each survivor with its line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.mutation.equivalents import entry
from tests.mutation.mutant import Mutant
from tests.mutation.trials import Verdict

LEAST_NOTICED, LEAST_NOTICED_IN_AREA = 0.95, 0.90


@dataclass(frozen=True)
class Trial:
    """A mutant of an area, and who noticed it."""

    area: str
    mutant: Mutant
    verdict: Verdict


@dataclass(frozen=True)
class Tally:
    """How many mutants of an area were tried, and how many each judge noticed."""

    area: str
    mirror: int
    laws: int
    survived: int

    @property
    def number(self) -> int:
        """All that were tried."""
        return self.mirror + self.laws + self.survived

    @property
    def share(self) -> float:
        """The share that was noticed, from 0 to 1; 1 where none was tried."""
        return 1 - self.survived / self.number if self.number else 1.0


def tally(area: str, trials: Iterable[Trial]) -> Tally:
    """The numbers of some trials."""
    verdicts = [trial.verdict for trial in trials]
    return Tally(area, *(verdicts.count(verdict) for verdict in (Verdict.MIRROR, Verdict.LAWS, Verdict.SURVIVED)))


def tallies(trials: Sequence[Trial]) -> list[Tally]:
    """The numbers by area, then those of all."""
    areas = dict.fromkeys(trial.area for trial in trials)
    by_area = [tally(area, [trial for trial in trials if trial.area == area]) for area in areas]
    return [*by_area, tally("all", trials)]


def is_enough(numbers: Sequence[Tally]) -> bool:
    """Whether each area, and all together, notice as much as they have to."""
    return all(
        one.share >= (LEAST_NOTICED if one.area == "all" and len(numbers) > 2 else LEAST_NOTICED_IN_AREA)
        for one in numbers
    )


def table(numbers: Iterable[Tally]) -> str:
    """The numbers as text."""
    lines = [f"{'area':<10} {'mutants':>8} {'mirror':>8} {'laws':>8} {'survived':>9} {'noticed':>8}"]
    lines += [
        f"{one.area:<10} {one.number:>8} {one.mirror:>8} {one.laws:>8} {one.survived:>9} {one.share:>8.1%}"
        for one in numbers
    ]
    return "\n".join(lines)


def survivors(trials: Iterable[Trial]) -> str:
    """Each survivor: where, which fault, and the lines that differ."""
    found = [trial.mutant for trial in trials if trial.verdict is Verdict.SURVIVED]
    return "\n\n".join(f"{mutant.name}\n{mutant.diff()}" for mutant in found)


def as_json(seed: int, trials: Iterable[Trial]) -> dict[str, object]:
    """The run for a machine; an entry for the list of equivalent mutants goes with each survivor."""
    return {
        "seed": seed,
        "trials": [
            {
                "area": trial.area, "file": trial.mutant.file, "line": trial.mutant.line,
                "operator": trial.mutant.edit.operator, "diff": trial.mutant.diff(), "verdict": trial.verdict.value,
                "entry": entry(trial.mutant),
            }
            for trial in trials
        ],
    }  # fmt: skip
