"""What upgrading a ledger to this release's schema would do, found out without doing it."""

import time
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text

from touchline.ledger import migrate
from touchline.ledger.opening import store_at
from touchline.ledger.steps import Step

_TIMES = 4.0
"""How long a migration takes for a row of a table that it reads or writes, in times of reading it once."""
_SAMPLE = 5_000


class PlannedStep(NamedTuple):
    """One migration that would run."""

    revision: str
    says: str
    rows: int
    """Rows of tables that it reads or writes."""
    seconds: float
    """About how long it takes on this machine; it may be ten times as long where disks are busy."""
    is_additive: bool
    """Whether a server of the release before can go on meanwhile."""


class Planned(NamedTuple):
    """All of it."""

    schema: str
    """What the ledger has."""
    known: str
    """What this release has."""
    is_ahead: bool
    """Whether a newer release upgraded the ledger; this one can go on with it."""
    steps: tuple[PlannedStep, ...]
    seconds: float
    size_bytes: int
    """What the ledger takes of its disk."""

    @property
    def is_rolling(self) -> bool:
        """Whether servers of the release before can go on while and after it is done."""
        return all(step.is_additive for step in self.steps)

    @property
    def needed_bytes(self) -> int:
        """What the upgrade and a backup before it may need of the disk: changed rows are written twice."""
        return self.size_bytes * (2 if any(step.rows for step in self.steps) else 1)


def planned(place: Path | str) -> Planned:
    """What an upgrade of the ledger at a place would do.

    :raises HomeError: if there is no ledger, or a newer release upgraded it so that this one cannot work with it.
    """
    store = store_at(place)
    try:
        with store.explained():
            store.find()
            store.check_unmoved()
            with store.engine.connect() as connection:
                standing = migrate.standing_in(connection) or ""
                is_ahead = bool(standing) and migrate.is_ahead(connection)
                steps = () if is_ahead else _planned(connection, standing)
            seconds = sum(step.seconds for step in steps)
            return Planned(standing, migrate.revisions()[-1], is_ahead, steps, seconds, store.size_bytes())
    finally:
        store.close()


def _planned(connection: Connection, standing: str) -> tuple[PlannedStep, ...]:
    missing = [step for step in migrate.steps() if step.revision > standing]
    rows = {table: _rows(connection, table) for step in missing for table in step.tables}
    return tuple(_step(step, {table: rows[table] for table in step.tables}) for step in missing)


def _step(step: Step, rows: dict[str, tuple[int, float]]) -> PlannedStep:
    seconds = sum(count * each for count, each in rows.values())
    return PlannedStep(
        step.revision, step.says, sum(count for count, _ in rows.values()), _TIMES * seconds, step.is_additive
    )  # fmt: skip


def _rows(connection: Connection, table: str) -> tuple[int, float]:
    """How many rows a table has, and how many seconds one takes to be read; none where it is not there yet."""
    if not connection.dialect.has_table(connection, table):
        return 0, 0.0
    count = int(connection.scalar(text(f"select count(*) from {table}")) or 0)
    began = time.perf_counter()
    found = connection.execute(text(f"select * from {table} limit {_SAMPLE}")).all()
    return count, (time.perf_counter() - began) / max(1, len(found))
