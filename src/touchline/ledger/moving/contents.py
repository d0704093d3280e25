"""What a ledger holds, and about how long a move of it would take."""

import time
from pathlib import Path
from typing import NamedTuple

from touchline.ledger.moving.ground import Ground
from touchline.ledger.moving.opening import ground_at
from touchline.ledger.moving.rows import TABLES, Digest, count_of, slices

_TIMES = 6.0
"""How long a row takes in all (read, written, and read at both ends again), in times of reading it once."""


class Held(NamedTuple):
    """What there is to move."""

    rows: dict[str, int]
    """By table."""
    seconds: float
    """About how long it takes on this machine while nothing else does."""


def contents(ground: Ground) -> Held:
    """Count the rows, and measure how long the first ones of the largest table take."""
    with ground.view() as view:
        rows = {table.name: count_of(view, table) for table in TABLES}
        largest = max(TABLES, key=lambda table: rows[table.name])
        began, digest = time.perf_counter(), Digest()
        digest.add(next(slices(view, largest), []))
        each = (time.perf_counter() - began) / max(1, digest.rows)
    return Held(rows, _TIMES * each * sum(rows.values()))


def size_of(place: Path | str) -> int:
    """The bytes that the ledger at a place takes of its disk."""
    with ground_at(place) as ground:
        return ground.size_bytes()
