"""One small shop through a life of chance: events, runs, crashes, rebuilds, erasures, backups, changed minds."""

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from tests.oracle.engine import changes, snapshot
from tests.oracle.world import EPOCH, Tables, aware, micros
from tests.simulation.model import CLAIMED, DAY, HOUR, SITE, Pair, Said, State, names, some_events
from touchline.engines import DuckDB
from touchline.errors import UnknownError
from touchline.jobs import claiming, erasing, importing, keeping, running, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import Erasing
from touchline.ledger.entry import Entry
from touchline.settings import Home

START = 1_772_700_000_000_000
"""2026-03-05, in microseconds since 1970: the simulation has its own clock."""
STEPS = 8
_VALUES = {
    "lookback_days": ("1", "30"), "direct": ("include", "unless_only"), "clock_tolerance_seconds": ("0", "60", "1800"),
}  # fmt: skip


class CrashError(BaseException):
    """The process ends here, as far as the product can tell."""


class Fragile(DuckDB):
    """An engine that ends the process in the middle of its ``left``-th statement."""

    left = 0

    def _run(self, statement: str) -> None:
        self._wear()
        super()._run(statement)

    def _counted(self, statement: str, **relations: Any) -> int:
        self._wear()
        return super()._counted(statement, **relations)

    def _wear(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise CrashError


class Simulation:
    """The life that ``seed`` says, in ``folder``; ``steps`` tells what happened."""

    def __init__(self, template: Path, folder: Path, seed: int) -> None:
        self._chance = Random(seed)
        self._folder = folder
        self._state = State()
        self._backups: list[tuple[Path, State]] = []
        self._said: list[Said] = []
        self._files = 0
        self._now = START
        self.steps: list[str] = []
        self._home = Home(folder / "home")
        self._home.path.mkdir(parents=True)
        shutil.copyfile(template, self._home.ledger_file)
        self._workspace = Workspace(self._home)

    def live(self) -> None:
        """Take every step, and look at what stands after each; in the end nothing may differ from a rebuild."""
        for _ in range(STEPS):
            self._now += self._chance.choice((HOUR, DAY))
            (step,) = self._chance.choices(list(_STEPS), list(_STEPS.values()))
            self.steps.append(step.__name__)
            step(self)
            self._check_ledger()
        self._check_engine()

    def close(self) -> None:
        """Let go of the files."""
        self._workspace.close()

    def ingest(self) -> None:
        """New events arrive."""
        events = some_events(self._chance, self._now, len(self._said))
        self._said += events
        self._take(events)

    def ingest_again(self) -> None:
        """What was sent before arrives again, erased or not."""
        if self._said:
            self._take(self._chance.choices(self._said, k=5))

    def crash_in_import(self) -> None:
        """The process dies after some events are written and before they are acknowledged."""
        events = some_events(self._chance, self._now, len(self._said))
        with patch.object(Entry, "add_many", side_effect=CrashError):
            self._dies(lambda: self._import(events))

    def run(self) -> None:
        """The river runs."""
        running.run(self._workspace)

    def crash_in_run(self) -> None:
        """The process dies somewhere in a run."""
        self._workspace.close()
        self._workspace = Workspace(self._home)
        engine = Fragile(self._home.engine_file)
        engine.left = self._chance.randint(1, 160)
        self.steps[-1] += f" at statement {engine.left}"
        self._workspace.__dict__["engine"] = engine
        self._dies(lambda: running.run(self._workspace), may_live=True)

    def rebuild(self) -> None:
        """Everything derived is made anew."""
        running.run(self._workspace, is_rebuild=True)

    def restart(self) -> None:
        """The process ends and another begins."""
        self._workspace.close()
        self._workspace = Workspace(self._home)

    def erase(self) -> None:
        """Somebody is erased, by one of the names they are known by."""
        name = self._somebody()
        try:
            self._erase(name)
        except UnknownError:
            assert not any(name in names(event) for event in self._state.told.values())
            assert not any(name in pair for pair in self._state.claims)
            assert name not in self._state.erased
        else:
            self._state.erase(name, self._now)

    def crash_in_erase(self) -> None:
        """The process dies before an erasure is entered; tests of their own kill it at any later moment."""
        with patch.object(Erasing, "note", side_effect=CrashError):
            self._dies(lambda: self._erase(self._somebody()))

    def outlive(self) -> None:
        """A retention period is set, and what is older goes."""
        days = self._chance.choice((2, 3))
        setup.change_setting(self._workspace, "shop", "retention_days", str(days), now=self._now)
        for report in erasing.retain(self._workspace, now=self._now):
            self._state.outlive(report.before)

    def back_up(self) -> None:
        """The ledger is copied."""
        copy = self._folder / f"backup-{len(self._backups)}"
        copied = keeping.back_up_home(self._home, copy)
        assert copied.events == len(self._state.told)
        self._backups.append((copy, deepcopy(self._state)))

    def restore(self) -> None:
        """The machine burns down; life goes on from one of the backups."""
        if self._backups:
            copy, state = self._chance.choice(self._backups)
            self._workspace.close()
            self._files += 1
            self._home = Home(self._folder / f"home-{self._files}")
            keeping.restore_home(copy, self._home)
            self._state = deepcopy(state)
            self._workspace = Workspace(self._home)

    def change_mind(self) -> None:
        """A goal, a setting or a target changes."""
        chosen = self._chance.choice(("goal", "lookback_days", "direct", "clock_tolerance_seconds", "target"))
        self.steps[-1] += f" about {chosen}"
        if chosen == "goal":
            setup.set_goal(self._workspace, "shop", setup.Goal("signup", "signup", "CONVERSION", "signup", True))
        elif chosen == "target":
            amount = self._chance.choice((5, 50)) * 1_000_000
            setup.set_target(self._workspace, "shop", target_cpa_micros=amount)
        else:
            values = _VALUES[chosen]
            setup.change_setting(self._workspace, "shop", chosen, self._chance.choice(values), now=self._now)

    def load_costs(self) -> None:
        """Ad costs come, or are restated."""
        self._files += 1
        file = self._folder / f"costs-{self._files}.csv"
        days = [EPOCH + timedelta(microseconds=self._now - self._chance.randrange(4 * DAY)) for _ in range(2)]
        name = self._chance.choice(("Spring", "Summer"))
        lines = [f"{day:%Y-%m-%d},GOOGLE_ADS,7,{name},{self._chance.randint(0, 90)}\n" for day in days]
        file.write_text("date,platform,campaign_id,campaign_name,cost\n" + "".join(lines[: 1 + (days[0] != days[1])]))
        importing.import_costs(self._workspace, [file], organization_id=None, now=self._now, overlap="replace")

    def claim(self) -> None:
        """The customer database says who is who, now or some time ago."""
        pair, at = self._chance.choice(CLAIMED), self._now - self._chance.randrange(4 * DAY)
        report = claiming.import_claims(
            self._workspace, [self._claims(pair, at)], organization_id=None, site_id=None, source="crm", now=self._now
        )
        is_refused = self._state.is_claim_refused(pair, at)
        assert report.rejected == ({"erased": 1} if is_refused else {})
        if not is_refused:
            assert report.accepted == (pair not in self._state.claims)
            self._state.claims.setdefault(pair, at)

    def withdraw(self) -> None:
        """It takes back what it said."""
        pair = self._chance.choice(CLAIMED)
        report = claiming.withdraw_claims(
            self._workspace, [self._claims(pair, self._now)], organization_id=None, site_id=None, source="crm"
        )
        assert report.withdrawn == (self._state.claims.pop(pair, None) is not None)

    def _claims(self, pair: Pair, at: int) -> Path:
        self._files += 1
        self.steps[-1] += f" {pair}"
        file = self._folder / f"claims-{self._files}.jsonl"
        said = {}
        for prefix, name in zip(("", "linked_"), pair, strict=True):
            said[prefix + ("visitor_id" if name.startswith(f"v:{SITE}:") else "user_id")] = name.rpartition(":")[2]
        file.write_text(json.dumps(said | {"claimed_at": _iso(at)}) + "\n", encoding="utf-8")
        return file

    def _take(self, events: list[Said]) -> None:
        refused = sum(self._state.is_refused(event) for event in events)
        report = self._import(events)
        assert report.rejected == ({"erased": refused} if refused else {})
        self._state.take(events)

    def _import(self, events: list[Said]) -> importing.ImportReport:
        self._files += 1
        file = self._folder / f"events-{self._files}.jsonl"
        file.write_text("".join(map(_line, events)), encoding="utf-8")
        return importing.import_events(self._workspace, [file], site_id=None, mapping=None, now=self._now)

    def _erase(self, name: str) -> None:
        kind, value = name.partition(":")[0], name.rpartition(":")[2]
        visitor, user = (value if kind == wanted else None for wanted in "vu")
        erasing.erase(self._workspace, "shop", visitor=visitor, user=user, now=self._now)

    def _somebody(self) -> str:
        name = self._chance.choice(("v:shop-example:ada", "v:shop-example:bob", "v:shop-example:cleo", "u:u1", "u:u2"))
        self.steps[-1] += f" of {name}"
        return name

    def _dies(self, act: Callable[[], object], *, may_live: bool = False) -> None:
        try:
            act()
        except CrashError:
            pass
        except UnknownError:
            return
        else:
            assert may_live, "it should have crashed"
        self.restart()

    def _check_ledger(self) -> None:
        rows = self._workspace.ledger.events_after(0).read_all().to_pylist()
        stored = sorted((row["event_id"], row["identifier"], micros(row["occurred_at"])) for row in rows)
        assert stored == self._state.stored(), f"stored: {stored}\nacknowledged: {self._state.stored()}"

    def _check_engine(self) -> None:
        running.run(self._workspace)
        stood = self._tables()
        running.run(self._workspace, is_rebuild=True)
        difference = changes(self._tables(), stood)
        assert not difference, difference
        known = {name for event in self._state.told.values() for name in names(event)}
        known |= {name for pair in self._state.claims for name in pair}
        assert {row["identifier"] for row in stood["identities"]} == known

    def _tables(self) -> Tables:
        assert isinstance(self._workspace.engine, DuckDB)
        return snapshot(self._workspace.engine)


_STEPS: dict[Callable[[Simulation], None], int] = {
    Simulation.ingest: 8, Simulation.ingest_again: 3, Simulation.crash_in_import: 1, Simulation.run: 4,
    Simulation.crash_in_run: 3, Simulation.rebuild: 1, Simulation.restart: 1, Simulation.erase: 4,
    Simulation.crash_in_erase: 1, Simulation.outlive: 1, Simulation.back_up: 2, Simulation.restore: 2,
    Simulation.change_mind: 2, Simulation.load_costs: 3, Simulation.claim: 4, Simulation.withdraw: 2,
}  # fmt: skip
"""What may happen, and how often."""


def _line(event: Said) -> str:
    said = {name: value for name, value in event.items() if name != "at"}
    return json.dumps(said | {"occurredAt": _iso(event["at"])}) + "\n"


def _iso(at: int) -> str:
    return aware(EPOCH + timedelta(microseconds=at)).isoformat()
