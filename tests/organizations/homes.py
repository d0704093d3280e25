"""Three homes: one with two organizations that say the same names, and one with each of them alone."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from tests.organizations.told import Told, told
from tests.outcome import Outcome
from touchline.cli import main
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

ORGANIZATIONS = ("acme", "beta")
_OF_THE_MOMENT = {
    "made_at", "key", "key_id", "created", "created_at", "revoked_at", "received_at", "home", "seconds", "sequence",
    "rejection", "claim",
}  # fmt: skip
"""Fields that differ from one making of the same to the next: times, and the numbers of the ledger's rows."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")


@dataclass(frozen=True)
class Homes:
    """``together`` holds both organizations; ``alone`` has a home for each."""

    together: Path
    alone: dict[str, Path]

    def pair(self, organization: str) -> tuple[Path, Path]:
        """The home with both, and the one with this organization alone."""
        return self.together, self.alone[organization]


def homes_in(folder: Path) -> Homes:
    """Those that were made there."""
    return Homes(folder / "together", {name: folder / name for name in ORGANIZATIONS})


def command(home: Path, *words: object) -> Outcome:
    """What a command says in a home."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        exit_code = main([*map(str, words), "--home", str(home), "--json"])
    return Outcome(exit_code, out.getvalue(), err.getvalue())


def answered(home: Path, organization: str, words: Sequence[object]) -> tuple[int, Any]:
    """What a command says of an organization, without what is of the moment and the machine."""
    outcome = command(home, *words, "--organization", organization)
    said = _TIME.sub("TIME", outcome.out.replace(str(home), "HOME"))
    said = said.replace(f" --organization {organization}", "")  # in steps of the doctor, where there are several
    return outcome.exit_code, lasting(json.loads(said))


def lasting(value: Any) -> Any:
    """A document without what is of the moment."""
    if isinstance(value, dict):
        return {name: lasting(one) for name, one in value.items() if name not in _OF_THE_MOMENT}
    return [lasting(one) for one in value] if isinstance(value, list) else value


@contextmanager
def opened(home: Path) -> Iterator[Workspace]:
    with Workspace(Home(home), is_read_only=True) as workspace:
        yield workspace


def begin(folder: Path, number: int) -> None:
    """Make the three homes, told everything in two parts with a run after each, as by a product that is in use."""
    homes = homes_in(folder)
    for home, names in ((homes.together, ORGANIZATIONS), *((homes.alone[name], (name,)) for name in ORGANIZATIONS)):
        _live(home, [(name, told(name, number)) for name in names], folder)


def _live(home: Path, organizations: Sequence[tuple[str, Told]], folder: Path) -> None:
    for place, (name, _) in enumerate(organizations):
        made = ["--domain", f"{name}.example", "--currency", "EUR", "--time-zone", "Europe/Berlin"]
        _done(home, *(["organization", "add", name] if place else ["init", "--name", name]), *made)
        of = ("--organization", name)
        _done(home, "goal", "set", "order", "--event-name", "order", *of)
        _done(home, "target", "set", "--cpa", "3" if name == "acme" else "4", *of)
        _done(home, "settings", "set", "unverified_links", "3" if name == "acme" else "100", *of)
    for part in (0, 1):
        for name, said in organizations:
            of = ("--organization", name)
            for kind, ending in (("events", "jsonl"), ("costs", "csv"), ("claims", "csv")):
                file = folder / f"{kind}.{ending}"
                file.write_text(getattr(said, kind)[part], encoding="utf-8")
                _done(home, "import", kind, file, *of)
        _done(home, "run")
    for name, _ in organizations:
        for kind in ("MARKOV", "PROCESS_LIMITS", "USUAL_CPA"):
            command(home, "fit", "make", "--kind", kind, "--window-end", "2026-02-10", "--organization", name)
    _done(home, "run")


def _done(home: Path, *words: object) -> None:
    outcome = command(home, *words)
    assert outcome.exit_code == 0, (words, outcome)
