"""Rows that are ordered by series, as one slice for each series."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def series_of(rows: pa.Table, by: Sequence[str]) -> list[slice]:
    """Where each series stands: rows in a row that are equal in the columns ``by``.

    >>> series_of(pa.table({"site_id": ["a", "a", "b"]}), ["site_id"])
    [slice(0, 2, None), slice(2, 3, None)]
    """
    if not len(rows):
        return []
    columns = [rows[name].combine_chunks() for name in by]
    differs = [pc.not_equal(one.slice(1), one.slice(0, len(one) - 1)).to_numpy(zero_copy_only=False) for one in columns]
    starts = [0, *(np.flatnonzero(np.any(differs, axis=0)) + 1).tolist()]
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], len(rows)], strict=True)]


def keys_of(rows: pa.Table, by: Sequence[str], series: Sequence[slice]) -> list[tuple[str, ...]]:
    """By series, what its rows are equal in.

    >>> keys_of(pa.table({"site_id": ["a", "a", "b"]}), ["site_id"], [slice(0, 2), slice(2, 3)])
    [('a',), ('b',)]
    """
    firsts = rows.select(list(by)).take(pa.array([one.start for one in series], pa.int64()))
    return list(zip(*(map(str, firsts[name].to_pylist()) for name in by), strict=True))
