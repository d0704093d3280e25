"""Columns of few types, the same whichever engine the rows come from."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from touchline.exports.format import Rows

MONEY = pa.decimal128(38, 6)
WHOLE = pa.decimal128(38, 0)
_MICROS = "_micros"
_MICRO = pa.scalar(Decimal("0.000001"), pa.decimal128(7, 6))
_Cell = Callable[[pa.RecordBatch], pa.Array]


def typed(rows: Rows) -> Rows:
    """Rows whose columns are text, whole numbers, decimals, floating-point numbers, booleans, days or UTC times.

    A floating-point column next to one of the same name that ends in ``_micros`` is money: it becomes a decimal with
    six places, made of the micros, so that it has the digits that were kept.
    """
    columns = [(field.name, *_column(field, rows.schema)) for field in rows.schema]
    schema = pa.schema([(name, kind) for name, kind, _ in columns])

    def made() -> Iterator[pa.RecordBatch]:
        for part in rows:
            yield pa.RecordBatch.from_arrays([cell(part) for _, _, cell in columns], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, made())


def money_of(micros: pa.Array) -> pa.Array:
    """Micros as units of the currency, exactly.

    >>> money_of(pa.array([12_345_678, None])).to_pylist()
    [Decimal('12.345678'), None]
    """
    return pc.multiply(micros.cast(pa.decimal128(28, 0)), _MICRO).cast(MONEY)


def _column(field: pa.Field, schema: pa.Schema) -> tuple[pa.DataType, _Cell]:
    name, micros = field.name, field.name + _MICROS
    if pa.types.is_floating(field.type) and schema.get_field_index(micros) >= 0:
        return MONEY, lambda part: money_of(part.column(micros))
    kind = _kind(field.type)
    return kind, lambda part: part.column(name).cast(kind)


def _kind(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(kind):
        return WHOLE if kind == pa.uint64() else pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_decimal(kind):
        return MONEY if kind.scale else WHOLE
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    if pa.types.is_date(kind):
        return pa.date32()
    return kind if pa.types.is_boolean(kind) else pa.string()
