"""What each tier of evidence adds in persons and moves in credit: on the demo's known truth, and on real days.

    python -m tests.benchmarks.identity_tiers FOLDER [--people 8000] [--page docs/explanation/identity-tiers.md]

FOLDER has a shop's raw events, one CSV a day. Only totals are printed. ``--page`` writes them as a page of the
documentation.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks._real_days import home_of_days
from tests.reports.three_engines import set_up
from touchline import demo
from touchline.demo.truth import Truth
from touchline.engines import DuckDB, Engine
from touchline.engines.answers import python_rows
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.pipeline import STAGES
from touchline.scope import Rebuild
from touchline.sql import query
from touchline.table import Table
from touchline.tables import IDENTITY_PAIRS

COMMAND = "python -m tests.benchmarks.identity_tiers FOLDER --page docs/explanation/identity-tiers.md"
TIERS = ("strong_id", "email_validated", "claimed", "email_unvalidated")
"""In the order in which they are let in; the first row of each table lets none in."""
_COUNTS = """
with known as (
  select person_id, sum(case when identifier like 'v:%' then 1 else 0 end) as browsers
  from identities
  where identifier not like 'e:%'
  group by person_id
)
select
  count(*) as persons,
  count(case when browsers > 1 then 1 end) as with_several,
  (select count(*) from conversions where is_counted) as orders
from known
"""
_CREDIT = """
select model, channel, sum(credit) / 1e9 as orders
from attribution_links
where model in ('LINEAR', 'LAST_TOUCH')
group by model, channel
"""


class UpToTier(Rebuild):
    """A rebuild whose persons are joined by pairs of some tiers only."""

    def __init__(self, engine: Engine, tiers: Sequence[str]) -> None:
        super().__init__(engine, lambda _table, _rows: None)
        self._tiers = tiers

    def write(self, package: str, table: Table) -> None:
        """Write the table; of the pairs, those of these tiers."""
        if table is not IDENTITY_PAIRS:
            super().write(package, table)
            return
        among = ", ".join(f"'{tier}'" for tier in ("", *self._tiers))
        pairs = f"select * from ({query(package, table.name).text}) as made where tier in ({among})"
        self._engine.replace(table, pairs, {}, None)


@dataclass(frozen=True)
class Level:
    """What is so once a tier, and all before it, join."""

    tier: str
    persons: int
    with_several: int
    """Persons with more than one browser."""
    orders: int
    moved: float
    """Orders' worth of credit that other channels have than at the level before (LINEAR): half the sum of changes."""
    moved_last: float
    """The same of LAST_TOUCH."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write the page where one is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=8_000)
    parser.add_argument("--page", type=Path)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        truth, of_demo = of_the_demo(Path(name), asked.people)
        page = page_of(truth, of_demo, of_days(asked.folder, Path(name)))
    if asked.page:
        asked.page.write_text(page, encoding="utf-8")
    print(page)


def of_the_demo(folder: Path, people: int) -> tuple[Truth, list[Level]]:
    """The truth of a demo shop, and what each tier makes of it."""
    shop = demo.generate(folder / "files", visitors=people)
    with Workspace(set_up(folder, shop)) as workspace:
        running.run(workspace)
        return shop.truth, levels(workspace)


def of_days(days: Path, folder: Path) -> list[Level]:
    """What each tier makes of real days."""
    home, _ = home_of_days(days, folder / "days")
    with Workspace(home) as workspace:
        return levels(workspace)


def levels(workspace: Workspace) -> list[Level]:
    """No tier, and then one more at a time, on the events that the home's engine has."""
    engine, found, before = workspace.engine, list[Level](), dict[tuple[str, str], float]()
    assert isinstance(engine, DuckDB)
    for number in range(len(TIERS) + 1):
        river = UpToTier(engine, TIERS[:number])
        with engine.transaction():
            for stage in STAGES:
                stage.run(river)
        counts = {name: int(value) for name, value in python_rows(engine.select(_COUNTS))[0].items()}
        credit = {(row["model"], row["channel"]): float(row["orders"]) for row in python_rows(engine.select(_CREDIT))}
        moved = [_moved(before, credit, model) if found else 0.0 for model in ("LINEAR", "LAST_TOUCH")]
        found.append(Level(TIERS[number - 1] if number else "", **counts, moved=moved[0], moved_last=moved[1]))
        before = credit
    return found


def _moved(before: Mapping[tuple[str, str], float], now: Mapping[tuple[str, str], float], model: str) -> float:
    """Half of what all channels together have more or less: what went from one to another."""
    channels = {key for key in (*before, *now) if key[0] == model}
    return sum(abs(now.get(key, 0.0) - before.get(key, 0.0)) for key in channels) / 2


_PAGE = """# What each tier of evidence adds

Two ids are one person's by evidence of a tier: a user id (`strong_id`), an e-mail address that the site had checked
(`email_validated`), a claim of one of your systems (`claimed`), or an e-mail address that nobody checked
(`email_unvalidated`). This page lets them in one after the other, and says how many persons are left, and how much
credit goes from one channel to another because a visit is now a buyer's own. *Moved* is counted in orders.
`single_candidate` is no step of its own: it says which unconfirmed addresses fit one user alone, and joins nobody else.

## On an invented shop, whose truth is known

{people:,} people visited it with {visitors:,} browsers; {several:,} of them used more than one, and signed in on each.
People who never signed in and whose visit was not recorded are in no table.

{demo}

## On seven real days of a shop

Only these totals are public.

{days}

Tiers of which a shop sends no evidence add nothing. A program wrote this page. `FOLDER` has raw events, one CSV a day,
as `examples/puffy-events.toml` reads them:

```sh
{command}
```

The tier of a person is in the view `persons`, the tier of a pair in `touchline explain person`; see
[identity](identity.md) for the rules, and [how often it is right](identity-truth.md) for people who share browsers.
"""


def page_of(truth: Truth, of_demo: Sequence[Level], days: Sequence[Level]) -> str:
    """The page of the documentation."""
    return _PAGE.format(
        command=COMMAND, people=truth.people, visitors=truth.visitors, several=truth.people_with_several_visitors,
        demo=_table(of_demo), days=_table(days),
    )  # fmt: skip


def _table(found: Sequence[Level]) -> str:
    head = "| evidence | persons | with several browsers | orders | moved, LINEAR | moved, LAST_TOUCH |"
    rows = [
        f"| {'and `' + one.tier + '`' if one.tier else 'none'} | {one.persons:,} | {one.with_several:,} |"
        f" {one.orders:,} | {one.moved:,.1f} | {one.moved_last:,.1f} |"
        for one in found
    ]
    return "\n".join([head, "|---|---:|---:|---:|---:|---:|", *rows])


if __name__ == "__main__":
    main()
