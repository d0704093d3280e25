"""Tables of aggregated paths that a caller gives, as arrays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.amounts import counted
from touchline.api.given import ArrowTable, arrow_of, is_text
from touchline.attribution.path_table import Floats, PathTable, without_direct
from touchline.errors import InputError, UsageError
from touchline.settings import Direct

_NAME = "paths"
_LARGEST = 2.0**53


@dataclass(frozen=True)
class PathColumns:
    """Where a table of paths has what: names of columns, and how the text of a path is read."""

    path: str = "path"
    separator: str = " > "
    conversions: str = "conversions"
    value: str | None = None
    nulls: str | None = None
    direct: Direct = "include"


def read_paths(given: ArrowTable, columns: PathColumns) -> PathTable:
    """The paths of a table, checked.

    :raises InputError: if a column is missing, is of a type or holds a number that cannot be meant, or the text of a
        path cannot be split safely.
    :raises UsageError: if an argument makes no sense.
    """
    numbers = [name for name in (columns.conversions, columns.value, columns.nulls) if name is not None]
    _check(columns, [columns.path, *numbers])
    table = arrow_of(_NAME, given, [columns.path, *numbers])
    touches = _touches(table[columns.path], columns)
    channels, steps = _numbered(touches.flatten())
    lengths = pc.list_value_length(touches).to_numpy(zero_copy_only=False)
    paths = PathTable(
        channels=channels,
        steps=steps,
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        conversions=_amounts(table, columns.conversions),
        nulls=_amounts(table, columns.nulls) if columns.nulls else np.zeros(table.num_rows),
        value=_amounts(table, columns.value) if columns.value else None,
    )
    _require_value_of_conversions(paths, columns)
    return without_direct(paths) if columns.direct == "unless_only" else paths


def _check(columns: PathColumns, names: Sequence[object]) -> None:
    separator: object = columns.separator
    if not {*map(type, names)} <= {str} or "" in names or len({*names}) != len(names):
        raise UsageError(f"path, conversions, value and nulls name different columns, not {list(names)!r}.")
    if not isinstance(separator, str) or not separator.strip():
        raise UsageError(f"separator is a text with a visible character, not {separator!r}.")
    if columns.direct not in {"unless_only", "include"}:
        raise UsageError(f"direct is one of unless_only, include, not {columns.direct!r}.")


def _touches(column: pa.ChunkedArray, columns: PathColumns) -> pa.ListArray:
    """For each path the names of its channels, in order."""
    if column.null_count:
        raise InputError(
            f"{column.null_count} of {len(column)} {_NAME} have no {columns.path}.",
            "Write an empty text for conversions without a touch.",
        )
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        lists = column.cast(pa.large_list(pa.large_string())) if is_text(kind.value_type) else None
        if lists is None:
            raise InputError(f"{_NAME}.{columns.path} holds lists of {kind.value_type}, not of text.", "Convert it.")
        return _one_piece(lists)
    if not is_text(kind):
        raise InputError(f"{_NAME}.{columns.path} is text or a list of text, not {kind}.", "Convert it.")
    return _split(column.cast(pa.large_string()), columns)


def _split(texts: pa.ChunkedArray, columns: PathColumns) -> pa.ListArray:
    """Each text cut at the separator; a text of nothing but spaces is a path without a touch."""
    trimmed = pc.utf8_trim_whitespace(texts)
    lists = _one_piece(pc.split_pattern(trimmed, columns.separator))
    names = pc.utf8_trim_whitespace(lists.values)
    mark = columns.separator.strip()
    unsplit = pc.unique(names.filter(pc.match_substring(names, mark)))
    if len(unsplit):
        raise InputError(
            f"{counted(len(unsplit), 'channel')} in {_NAME}.{columns.path} with {mark!r} in the name, such as"
            f" {unsplit[0].as_py()!r}; paths are split at {columns.separator!r}.",
            f"Give separator={mark!r} if it separates channels there, too; otherwise rename the channels.",
        )
    lengths = pc.if_else(pc.equal(trimmed, ""), 0, pc.list_value_length(lists)).to_numpy(zero_copy_only=False)
    is_touch = np.repeat(lengths > 0, np.diff(lists.offsets.to_numpy()))
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), names.filter(pa.array(is_touch)))


def _one_piece(lists: pa.ChunkedArray) -> pa.LargeListArray:
    whole = lists.combine_chunks().cast(pa.large_list(pa.large_string()))
    joined = pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    lengths = np.diff(joined.offsets.to_numpy())
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int64())
    return pa.LargeListArray.from_arrays(offsets, joined.flatten())  # a slice keeps what is outside of it


def _numbered(names: pa.Array) -> tuple[tuple[str, ...], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The distinct channels, sorted, and for each touch the place of its channel."""
    if names.null_count or pc.any(pc.equal(names, "")).as_py():
        raise InputError(
            f"A path in {_NAME} has a touch without a channel: an empty name between two separators, or a null.",
            "Name the channel, or take the touch out.",
        )
    encoded = names.dictionary_encode()
    found = encoded.dictionary.to_pylist()
    order = sorted(range(len(found)), key=found.__getitem__)
    places = np.empty(len(found), np.int64)
    places[order] = np.arange(len(found))
    return tuple(found[place] for place in order), places[encoded.indices.to_numpy(zero_copy_only=False)]


def _amounts(table: pa.Table, name: str) -> Floats:
    """A column of numbers from 0 up."""
    column, kind = table[name], table.schema.field(name).type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise InputError(f"{_NAME}.{name} is a number, not {kind}.", "Convert it.")
    if column.null_count:
        raise InputError(f"{column.null_count} of {len(column)} {_NAME} have no {name}.", "Fill it; 0 is a number.")
    amounts: Floats = column.cast(pa.float64(), safe=False).to_numpy()
    wrong = ~(np.isfinite(amounts) & (amounts >= 0))
    if wrong.any():
        raise InputError(
            f"{int(wrong.sum())} of {len(amounts)} {_NAME} have a {name} that is negative or not finite, such as"
            f" {float(amounts[wrong][0])!r}.",
            "Give numbers from 0 up; subtract refunds from their path.",
        )
    if math.fsum(amounts) >= _LARGEST:
        raise InputError(
            f"{_NAME}.{name} adds up to {math.fsum(amounts):g}; expected below 2^53.", "Use a larger unit."
        )
    return amounts


def _require_value_of_conversions(paths: PathTable, columns: PathColumns) -> None:
    if paths.value is None:
        return
    stray = int(((paths.value > 0) & (paths.conversions == 0)).sum())
    if stray:
        raise InputError(
            f"{stray} of {len(paths.value)} {_NAME} have {columns.value} but no {columns.conversions}.",
            f"{columns.value} is the total of a path's conversions; give it where there are some.",
        )
