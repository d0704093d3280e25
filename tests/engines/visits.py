"""A small table, its rows, and how they are read back, for the tests of engines."""

import pyarrow as pa

from touchline.engines import Engine
from touchline.table import Column, Kind, Table

VISITS = Table(
    "visits",
    (
        Column("person_id", Kind.TEXT, is_nullable=False),
        Column("visit_id", Kind.TEXT, is_nullable=False),
        Column("pages", Kind.INTEGER, is_nullable=True),
    ),
    key=("visit_id",),
    unit=("person_id",),
)
NEW_VISITS = Table("new_visits", VISITS.columns, VISITS.key, VISITS.unit)
THREE = [("ada", "a1", 1), ("ada", "a2", None), ("bob", "b1", 3)]
MADE = "select person_id, visit_id, 10 * pages as pages from new_visits"
"""Rows of the visits, out of new ones."""

Visit = tuple[str, str, int | None]


def visits(rows: list[Visit]) -> pa.Table:
    """Rows of either table."""
    names = [column.name for column in VISITS.columns]
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows],
        pa.schema([("person_id", pa.string()), ("visit_id", pa.string()), ("pages", pa.int64())]),
    )


def standing(engine: Engine, relation: str = "visits") -> list[Visit]:
    """What is there, by visit."""
    rows = engine.select(f"select person_id, visit_id, pages from {relation} order by visit_id").to_pylist()
    return [(row["person_id"], row["visit_id"], row["pages"]) for row in rows]


def told(engine: Engine, rows: list[Visit]) -> None:
    """Let there be new visits to make rows of."""
    engine.create(NEW_VISITS)
    engine.append(NEW_VISITS, visits(rows))
