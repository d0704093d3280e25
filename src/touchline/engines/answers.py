"""What a statement selects, as Python's own values."""

from typing import Any

import pyarrow as pa


def python_rows(answer: pa.Table) -> list[dict[str, Any]]:
    """The rows of ``answer`` by column name; its sums are integers, however wide.

    >>> python_rows(pa.table({"day": ["mon"], "micros": pa.array([2**64], pa.decimal128(38, 0))}))
    [{'day': 'mon', 'micros': 18446744073709551616}]
    """
    rows: list[dict[str, Any]] = answer.to_pylist()
    for name in (field.name for field in answer.schema if pa.types.is_decimal(field.type)):
        for row in rows:
            row[name] = None if row[name] is None else int(row[name])
    return rows
