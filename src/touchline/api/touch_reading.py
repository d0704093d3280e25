"""Touches and conversions that a caller gives: checked, with money in micros and times in UTC."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.api.given import ArrowTable, arrow_of, has_zone, in_utc, require_filled
from touchline.errors import InputError
from touchline.magnitudes import DAY_MICROS

_TOUCH_COLUMNS = ("person_id", "occurred_at", "channel")
_CONVERSION_COLUMNS = ("person_id", "conversion_id", "occurred_at")
_LARGEST_MICROS = 2**53
_LIKENESS = 0.85
"""From here on, the name of a column that nobody reads is taken for a misspelled one."""
_IN_UTC = "UTC"
_REST_OF_DAY = DAY_MICROS - 1
"""Microseconds from midnight to the last moment of the day."""


@dataclass(frozen=True)
class MoreColumns:
    """Columns that an option needs."""

    touchpoints: tuple[str, ...] = ()
    conversions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadTable:
    """A checked table, with what was given for it to find its way back."""

    rows: pa.Table
    id_type: pa.DataType
    has_value: bool = False


def read_touches_and_conversions(
    touchpoints: ArrowTable,
    conversions: ArrowTable,
    time_zone: str | None,
    *,
    is_everybody: bool = False,
    more: MoreColumns | None = None,
) -> tuple[ReadTable, ReadTable]:
    """The touches of persons who converted, or of everybody, and the conversions.

    :param time_zone: of the times that have none; ``None``: UTC, if no other times have a zone.
    :param more: columns that are needed in addition.
    :raises InputError: if a column is missing, misspelled, of the wrong type, contains nulls, or the times of one table
        have a zone and those of the other have none.
    """
    more = more or MoreColumns()
    needed, of_touches = (*_CONVERSION_COLUMNS, *more.conversions), (*_TOUCH_COLUMNS, *more.touchpoints)
    bought = arrow_of("conversions", conversions, needed, ("value_micros", "value"))
    touches = arrow_of("touchpoints", touchpoints, of_touches, ("touchpoint_id",))
    _require_spelled(bought, "conversions", (*_CONVERSION_COLUMNS, "value_micros", "value"))
    _require_spelled(touches, "touchpoints", (*_TOUCH_COLUMNS, "touchpoint_id"))
    is_zoned = {"touchpoints": has_zone(touches), "conversions": has_zone(bought)}
    if time_zone is None and len(set(is_zoned.values())) > 1:
        zoned, plain = sorted(is_zoned, key=is_zoned.__getitem__, reverse=True)
        raise InputError(
            f"{zoned}.occurred_at has a time zone, and {plain}.occurred_at has none.",
            f'Say which zone the times of {plain} are in, such as time_zone="UTC" or time_zone="Europe/Berlin".',
        )
    if pa.types.is_date(bought.schema.field("occurred_at").type):
        bought = _at_end_of_day(bought)  # by the clock of the day, which may have 23 or 25 hours
    read = _conversions(in_utc(bought, "conversions", time_zone or _IN_UTC), more.conversions)
    touches = in_utc(touches, "touchpoints", time_zone or _IN_UTC)
    return _touchpoints(touches, read, more.touchpoints, is_everybody=is_everybody), read


def _at_end_of_day(bought: pa.Table) -> pa.Table:
    """A conversion of which only the day is known follows all touches of that day."""
    place = bought.column_names.index("occurred_at")
    midnights = bought["occurred_at"].cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    times = pc.add(midnights, _REST_OF_DAY).cast(pa.timestamp("us"))
    return bought.set_column(place, "occurred_at", times)


def _require_spelled(table: pa.Table, name: str, known: tuple[str, ...]) -> None:
    """Refuse a column that looks like an optional one that is not there."""
    if {"value", "value_micros"} & {*table.column_names}:
        known = tuple(column for column in known if not column.startswith("value"))
    absent = {_plain(column): column for column in known if column not in table.column_names}
    for column in table.column_names:
        close = [] if column in known else get_close_matches(_plain(column), absent, 1, _LIKENESS)
        if close:
            raise InputError(
                f"{name} has a column {column!r} that nothing reads, and no {absent[close[0]]}.",
                f"Rename it to {absent[close[0]]}, or leave it out.",
            )


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _touchpoints(rows: pa.Table, bought: ReadTable, more: tuple[str, ...], *, is_everybody: bool) -> ReadTable:
    """The touches of those who converted, or of everybody; a touch without an id is named by its row."""
    names = [name for name in (*_TOUCH_COLUMNS, *more, "touchpoint_id") if name in rows.column_names]
    rows = rows.select(names)
    require_filled(rows, "touchpoints")
    persons, converted = _alike(rows["person_id"], bought.rows["person_id"])
    is_theirs = pa.chunked_array([pa.repeat(True, rows.num_rows)]) if is_everybody else _is_among(persons, converted)
    theirs = rows.filter(is_theirs)
    if "touchpoint_id" not in names:
        theirs = theirs.append_column("touchpoint_id", pc.indices_nonzero(is_theirs).cast(pa.int64()))
    return ReadTable(theirs, theirs.schema.field("touchpoint_id").type)


def _is_among(persons: pa.ChunkedArray, converted: pa.ChunkedArray) -> pa.ChunkedArray:
    """Which of the persons converted; asked on every core, because Arrow asks on one."""
    wanted = converted.combine_chunks()
    size = max(1, -(-len(persons) // (os.cpu_count() or 1)))
    with ThreadPoolExecutor() as pool:
        parts = [persons.slice(start, size) for start in range(0, max(1, len(persons)), size)]
        answers = list(pool.map(lambda part: pc.is_in(part, value_set=wanted), parts))
    return pa.chunked_array([chunk for answer in answers for chunk in answer.chunks], pa.bool_())


def _alike(persons: pa.ChunkedArray, converted: pa.ChunkedArray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Both in one type that Arrow can compare."""
    is_number = pa.types.is_integer(persons.type)
    if persons.type == converted.type:
        return persons, converted
    kind = pa.int64() if is_number else pa.large_string()
    try:
        if is_number == pa.types.is_integer(converted.type):
            return persons.cast(kind), converted.cast(kind)
    except pa.ArrowInvalid:  # 64 bits without a sign, beyond what a sign leaves
        pass
    raise InputError(
        f"person_id is {persons.type} in touchpoints and {converted.type} in conversions.", "Give both one type."
    )


def _conversions(rows: pa.Table, more: tuple[str, ...]) -> ReadTable:
    given = [name for name in ("value_micros", "value") if name in rows.column_names]
    if len(given) > 1:
        raise InputError(
            "conversions has both value and value_micros.",
            "Keep one: value is in currency units, value_micros in micros.",
        )
    if given == ["value"]:
        rows = rows.append_column("value_micros", _micros(rows["value"]))
    if not given:
        rows = rows.append_column("value_micros", pa.array(np.zeros(rows.num_rows, np.int64)))
    rows = rows.select([*_CONVERSION_COLUMNS, *more, "value_micros"])
    require_filled(rows, "conversions")
    _require_money(rows["value_micros"])
    return ReadTable(rows, rows.schema.field("conversion_id").type, bool(given))


def _micros(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Currency units as whole micros, rounded to the nearest."""
    kind = values.type
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if not is_number:
        raise InputError(f"conversions.value is an amount in currency units, not {kind}.", "Convert it to a number.")
    if values.null_count:
        raise InputError(
            f"{values.null_count} of {values.length()} conversions have no value.", "Fill it; 0 is a value."
        )
    units = values.cast(pa.float64(), safe=False).to_numpy()
    wrong = ~((units >= 0) & (units < _LARGEST_MICROS / 1e6))
    if wrong.any():
        raise InputError(
            f"{int(wrong.sum())} of {units.size} conversions have a value such as {float(units[wrong][0])!r};"
            f" expected 0 to below {_LARGEST_MICROS / 1e6:,.0f} currency units.",
            "Subtract refunds from their orders, and use a larger unit for larger sums.",
        )
    return pa.chunked_array([pa.array(np.rint(units * 1e6).astype(np.int64))])


def _require_money(values: pa.ChunkedArray) -> None:
    if not pa.types.is_integer(values.type):
        raise InputError(
            "conversions.value_micros is money in whole micros (an integer column).",
            "Name the column value if it is in currency units.",
        )
    lowest, highest = pc.min_max(values).values()
    if len(values) and (lowest.as_py() < 0 or highest.as_py() >= _LARGEST_MICROS):
        raise InputError(
            f"conversions.value_micros lies between {lowest} and {highest}; expected 0 to below 2^53.",
            "Subtract refunds from their orders, and use a larger unit for larger sums.",
        )
