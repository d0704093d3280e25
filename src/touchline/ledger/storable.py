"""What a database does not store: told from a row itself, or found by offering it ever smaller parts."""

from collections.abc import Generator, Iterator, Sequence
from typing import TypeVar

from touchline.characters import unstorable
from touchline.ledger.rows import Row

T = TypeVar("T")

INT64 = range(-(2**63), 2**63)
INDEXED_BYTES = 1_200
"""Bytes of a site's or an event's id: PostgreSQL refuses an entry of more than 2,704 bytes in the index of both."""


def faults(columns: tuple[str, ...], row: Row) -> Iterator[tuple[str, str]]:
    r"""The columns of a row that cannot be stored, each with what was expected.

    >>> list(faults(("event_id", "city", "value_micros"), ("e1", "Bur\0sa", 2**63)))
    [('city', 'Expected no NUL and no unpaired surrogate.'), ('value_micros', 'Expected an integer of 64 bits.')]
    """
    for name, value in zip(columns, row, strict=False):  # a usual row is cut after the columns that it fills
        if isinstance(value, str):
            if unstorable(value):
                yield name, "Expected no NUL and no unpaired surrogate."
            elif name in {"site_id", "event_id"} and len(value.encode()) > INDEXED_BYTES:
                yield name, f"Expected at most {INDEXED_BYTES:,} bytes."
        elif isinstance(value, int) and value not in INT64:
            yield name, "Expected an integer of 64 bits."


class UnstorableError(Exception):
    """The database refuses a value among those that it was offered; nothing was written."""


Search = Generator[Sequence[T], bool, list[T]]
"""Yields the part to offer next, is sent whether the database took it, and returns what it refuses."""


def search_refused(group: Sequence[T]) -> Search[T]:
    """Find by halving what the database refuses in a group that it has refused; everything else is offered, in order.

    One culprit costs twice the logarithm of the group in attempts. It writes nothing itself, so that writers with and
    without an event loop share it.

    >>> search = search_refused([1, 2, 13, 4])
    >>> search.send(None), search.send(True), search.send(False), search.send(False)
    ([1, 2], [13, 4], [13], [4])
    >>> try:
    ...     search.send(True)
    ... except StopIteration as end:
    ...     print(end.value)
    [13]
    """
    if len(group) <= 1:
        return list(group)
    refused, middle = [], len(group) // 2
    for part in (group[:middle], group[middle:]):
        if not (yield part):
            refused += yield from search_refused(part)
    return refused
