"""Costs that come from Python: an interface, a query, or a pipeline's resource, in place of a file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from touchline.errors import InputError
from touchline.files.heads import MOST_BYTES
from touchline.spend.cost_files import CostFile
from touchline.spend.options import CostOptions


class CostSource(Protocol):
    """Where daily ad costs come from.

    ``rows`` are mappings with our own columns, or those of an export that is known; what an interface returns can be
    handed on as it is. An iterable of mappings, such as a resource of dlt, needs no more than a name.
    """

    name: str
    """Letters, digits, ``_``, ``.`` and ``-``: what it says of a day replaces what it said of that day before."""

    def rows(self) -> Iterable[Mapping[str, object]]:
        """Every row, once."""


def cost_file_of(source: CostSource, options: CostOptions | None = None) -> CostFile:
    r"""The rows of a source as a file, so that they are read, judged and refused as those of one.

    :raises InputError: if a row holds what is no text, number or date, or there are too many rows.

    >>> class Query:
    ...     name = "warehouse"
    ...
    ...     def rows(self):
    ...         yield {"date": "2026-03-02", "platform": "META", "cost": 1.5}
    >>> cost_file_of(Query()).content
    b'{"date":"2026-03-02","platform":"META","cost":1.5}\n'
    """
    content = bytearray()
    for number, row in enumerate(source.rows(), 1):
        try:
            content += msgspec.json.encode(dict(row)) + b"\n"
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"{source.name}: row {number} cannot be read: {error}.",
                "Expected texts, numbers and dates by name.",
            ) from error
        if len(content) > MOST_BYTES:
            raise InputError(f"{source.name} has more than {MOST_BYTES >> 20} MB.", "Give fewer days at a time.")
    return CostFile(Path(f"{source.name}.jsonl"), bytes(content), options=options or CostOptions())
