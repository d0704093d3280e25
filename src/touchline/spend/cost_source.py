"""Costs that come from Python: an interface, a query, or a pipeline's resource, in place of a file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import pyarrow as pa

from touchline.errors import InputError
from touchline.files.heads import MOST_BYTES
from touchline.spend.cost_files import CostFile
from touchline.spend.options import CostOptions

_NO_TIME, _NOTHING = "NaT", "<NA>"
"""How the missing values of NumPy and pandas print."""


class CostSource(Protocol):
    """Where daily ad costs come from.

    ``rows`` are mappings with our own columns, or those of an export that is known; what an interface returns can be
    handed on as it is. :func:`costs_from_rows` makes one of any iterable, such as a resource or a source of dlt.
    """

    @property
    def name(self) -> str:
        """Letters, digits, ``_``, ``.`` and ``-``: what it says of a day replaces what it said of that day before."""

    def rows(self) -> Iterable[Mapping[str, object]]:
        """Every row, once."""


@dataclass(frozen=True)
class _CostRows:
    """Rows that are there, under a name."""

    name: str
    given: object

    def rows(self) -> Iterator[Mapping[str, object]]:
        """Each row; those of a table as Arrow reads them."""
        yield from _rows_in(self.given, self.name)


def costs_from_rows(rows: object, *, name: str) -> CostSource:
    """A source of costs from rows in any shape that Python libraries give them.

    :param rows: a table (Arrow, pandas, polars, DuckDB), or an iterable of mappings, lists of mappings, and tables:
        what a resource or a source of dlt yields. It is read once.
    :param name: what it is called: what it says of a day replaces what the same name said of that day before.
    :raises InputError: when it is read, if something in it is neither a row nor a table.

    >>> import pyarrow as pa
    >>> batches = [{"cost": 1}, [{"cost": 2}], pa.table({"cost": [3, 4]})]
    >>> [row["cost"] for row in costs_from_rows(batches, name="ads").rows()]
    [1, 2, 3, 4]
    """
    return _CostRows(name, rows)


def _rows_in(given: object, name: str) -> Iterator[Mapping[str, object]]:
    if isinstance(given, Mapping):
        yield given
    elif hasattr(given, "__arrow_c_stream__"):
        for batch in pa.RecordBatchReader.from_stream(given):
            yield from batch.to_pylist()
    elif hasattr(given, "__arrow_c_array__"):
        yield from pa.record_batch(given).to_pylist()
    elif isinstance(given, Iterable) and not isinstance(given, str | bytes):
        for one in given:
            yield from _rows_in(one, name)
    else:
        raise InputError(
            f"{name}: expected rows as mappings, or tables, not {type(given).__name__} {given!r:.80}.",
            "Give dicts with columns by name, or an Arrow, pandas or polars table.",
        )


def _plain(value: object) -> object:
    """A value whose class is not Python's own, as one that is: days of pandas and pendulum, numbers of NumPy.

    :raises TypeError: if it is no text, number or date.
    """
    if isinstance(value, date | np.datetime64):
        text = str(value) if isinstance(value, np.datetime64) else value.isoformat()
        return None if text == _NO_TIME else text
    if isinstance(value, np.generic):
        return value.item()
    for kind in (str, int, float, Decimal):
        if isinstance(value, kind):
            return kind(value)
    if repr(value) == _NOTHING:
        return None
    raise TypeError(f"{value!r:.80} is of type {type(value).__name__}")


def _fault(row: Mapping[str, object]) -> str | None:
    """The first column of a row that cannot be encoded, and why; ``None`` if each can be alone."""
    for name, value in row.items():
        try:
            msgspec.json.encode({name: value}, enc_hook=_plain)
        except (TypeError, ValueError, OverflowError) as error:
            return f"{name}: {error}"
    return None


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
            content += msgspec.json.encode(dict(row), enc_hook=_plain) + b"\n"
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"{source.name}: row {number} cannot be read: {_fault(row) or error}.",
                "Expected texts, numbers and dates by name.",
            ) from error
        if len(content) > MOST_BYTES:
            raise InputError(f"{source.name} has more than {MOST_BYTES >> 20} MB.", "Give fewer days at a time.")
    return CostFile(Path(f"{source.name}.jsonl"), bytes(content), options=options or CostOptions())
