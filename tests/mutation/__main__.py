"""Breaks the product on purpose, one line at a time, and says which faults no test noticed: ``make mutate``."""

import argparse
import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import Queue
from random import Random

from tests.conftest import REPOSITORY
from tests.mutation import areas, equivalents, sampling, summary
from tests.mutation.areas import Areas
from tests.mutation.copies import Copy
from tests.mutation.mutant import Mutant
from tests.mutation.summary import Trial
from tests.mutation.trials import Judges, Verdict

PER_AREA = 35
"""How many mutants of each area: 12 areas make more than 400."""


def main(arguments: Sequence[str]) -> int:
    """Draw, try, and report."""
    asked = _parsed(arguments)
    table = areas.read()
    known = equivalents.mutants_of(equivalents.read(), REPOSITORY)
    if stale := [one for one, mutant in known.items() if mutant is None]:
        print(*(f"Stale in {equivalents.LIST.name}: {one.file}: {one.line!r}" for one in stale), sep="\n")
        return 1
    print(f"seed {asked.seed}", flush=True)
    chosen = list(_chosen(asked, table))
    Random(asked.seed).shuffle(chosen)  # so that a run that is broken off says something of every area
    trials: list[Trial] = []
    try:
        trials.extend(_tried(chosen, table, asked, known))
    except KeyboardInterrupt:
        print("Broken off: what follows is of the trials until now.", flush=True)
    return _report(asked, trials, known)


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutate", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(1_000_000), help="draw the mutants of an earlier run"
    )
    parser.add_argument("--area", action="append", default=[], help="only this area; may be given again")
    parser.add_argument("--files", nargs="*", default=[], help="only these files")
    parser.add_argument("--changed", action="store_true", help="only the files that differ from main")
    parser.add_argument("--number", type=int, default=PER_AREA, help="how many mutants of each area")
    parser.add_argument("--jobs", type=int, default=2, help="how many trials at once")
    parser.add_argument("--no-laws", action="store_true", help="let the mirroring tests alone judge")
    parser.add_argument("--json", type=Path, help="write the trials into this file, too")
    return parser.parse_args(arguments)


def _chosen(asked: argparse.Namespace, table: Areas) -> Iterator[tuple[str, Mutant]]:
    """The mutants to try, with their areas."""
    files_of: dict[str, list[str]] = defaultdict(list)
    for file in _asked_files(asked):
        row = table.row_of(file)
        if row is not None and (not asked.area or row.area in asked.area):
            files_of[row.area].append(file)
    for area, files in sorted(files_of.items()):
        random = Random(f"{asked.seed} {area}")
        yield from ((area, mutant) for mutant in sampling.sample(REPOSITORY, files, asked.number, random))


def _asked_files(asked: argparse.Namespace) -> list[str]:
    everything = areas.source_files()
    if unknown := set(asked.files) - set(everything):
        raise SystemExit(f"No source file of the two wheels: {', '.join(sorted(unknown))}.")
    if unknown := set(asked.area) - set(areas.read().laws):
        raise SystemExit(f"No area: {', '.join(sorted(unknown))}. There are {', '.join(areas.read().laws)}.")
    if asked.changed:
        command = ["git", "diff", "--name-only", "--merge-base", "main"]
        differing = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
        return [file for file in everything if file in differing]
    return asked.files or everything


def _tried(
    chosen: list[tuple[str, Mutant]],
    table: Areas,
    asked: argparse.Namespace,
    known: dict[equivalents.Equivalent, Mutant | None],
) -> Iterator[Trial]:
    """Try every mutant in one of the copies, and say how far it is; those known as equivalent come last."""
    same = {(mutant.file, mutant.edit) for mutant in known.values() if mutant is not None}
    chosen = [(area, mutant) for area, mutant in chosen if (mutant.file, mutant.edit) not in same]
    again = [(_area(table, mutant), mutant) for mutant in known.values() if mutant is not None and not asked.files]
    again = [(area, mutant) for area, mutant in again if not asked.area or area in asked.area]
    begin, judges = time.monotonic(), Judges()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ThreadPoolExecutor(asked.jobs) as pool:
        copies: Queue[Copy] = Queue()
        for number in range(asked.jobs):
            copies.put(Copy(REPOSITORY, Path(folder) / str(number)))

        def attempt(area: str, mutant: Mutant, *, has_laws: bool) -> Trial:
            row, copy = table.row_of(mutant.file), copies.get()
            assert row is not None
            try:
                verdict = judges.judge(copy, mutant, row.tests, table.laws[area] if has_laws else ())
            finally:
                copies.put(copy)
            return Trial(area, mutant, verdict)

        jobs = [pool.submit(attempt, area, mutant, has_laws=not asked.no_laws) for area, mutant in chosen]
        jobs += [pool.submit(attempt, area, mutant, has_laws=False) for area, mutant in again]
        try:
            for number, job in enumerate(as_completed(jobs), 1):
                trial = job.result()
                seconds = time.monotonic() - begin
                print(f"{number:>4}/{len(jobs)} {seconds:>6.0f} s  {trial.verdict:<9}{trial.mutant.name}", flush=True)
                yield trial
        finally:  # after an error, or where somebody breaks the run off
            pool.shutdown(cancel_futures=True)


def _area(table: Areas, mutant: Mutant) -> str:
    row = table.row_of(mutant.file)
    assert row is not None
    return row.area


def _report(asked: argparse.Namespace, trials: list[Trial], known: dict[equivalents.Equivalent, Mutant | None]) -> int:
    same = {(mutant.file, mutant.edit): one for one, mutant in known.items() if mutant is not None}
    counted = [trial for trial in trials if (trial.mutant.file, trial.mutant.edit) not in same]
    counted.sort(key=lambda trial: (trial.area, trial.mutant.file, trial.mutant.edit))
    contradicted = [trial for trial in trials if trial not in counted and trial.verdict is not Verdict.SURVIVED]
    numbers = summary.tallies(counted)
    print("", summary.survivors(counted), "", f"seed {asked.seed}", summary.table(numbers), sep="\n")
    for trial in contradicted:
        print(f"{equivalents.LIST.name} calls it equivalent, but a test notices it: {trial.mutant.name}")
    if asked.json:
        asked.json.write_text(json.dumps(summary.as_json(asked.seed, counted), indent=1), encoding="utf-8")
    return 0 if summary.is_enough(numbers) and not contradicted else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
