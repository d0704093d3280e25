"""A report's table as an Arrow table, whose columns have their types whatever is in them."""

from datetime import date

import pyarrow as pa

from touchline.reports.report import ReportTable

_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32()}


def arrow_table(table: ReportTable) -> pa.Table:
    """The rows under the names of their columns; money stays micros.

    >>> arrow_table(ReportTable(("day", "spend_micros"), (date, int), [])).schema.types
    [DataType(date32[day]), DataType(int64)]
    """
    columns = zip(*table.rows, strict=True) if table.rows else ((),) * len(table.columns)
    made = [pa.array(values, _TYPES[kind]) for kind, values in zip(table.kinds, columns, strict=True)]
    return pa.table(made, names=list(table.columns))
