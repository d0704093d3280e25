"""What no database of ours stores, told from a row itself: asked only where a transaction has failed."""

from collections.abc import Iterator

from touchline.characters import unstorable
from touchline.ledger.rows import Row

INT64 = range(-(2**63), 2**63)
INDEXED_BYTES = 1_200
"""Bytes of a site's or an event's id: PostgreSQL refuses an entry of more than 2,704 bytes in the index of both."""


def faults(columns: tuple[str, ...], row: Row) -> Iterator[tuple[str, str]]:
    r"""The columns of a row that cannot be stored, each with what was expected.

    >>> list(faults(("event_id", "city", "value_micros"), ("e1", "Bur\0sa", 2**63)))
    [('city', 'Expected no NUL and no half of a surrogate pair.'), ('value_micros', 'Expected an integer of 64 bits.')]
    """
    for name, value in zip(columns, row, strict=False):  # a usual row is cut after the columns that it fills
        if isinstance(value, str):
            if unstorable(value):
                yield name, "Expected no NUL and no half of a surrogate pair."
            elif name in {"site_id", "event_id"} and len(value.encode()) > INDEXED_BYTES:
                yield name, f"Expected at most {INDEXED_BYTES:,} bytes."
        elif isinstance(value, int) and value not in INT64:
            yield name, "Expected an integer of 64 bits."
