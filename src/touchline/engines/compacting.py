"""A copy of a DuckDB file without the bytes of removed rows: DuckDB leaves them in free space until it needs that."""

from pathlib import Path

import duckdb


def write_compact(connection: duckdb.DuckDBPyConnection, copy: Path) -> None:
    """Write what ``connection`` has of its file to a new one, in the same order of rows."""
    for old in (copy, copy.with_name(f"{copy.name}.wal")):
        old.unlink(missing_ok=True)
    (name,) = connection.execute("select current_database()").fetchone() or ("",)
    connection.execute("set preserve_insertion_order = true")
    quoted = str(copy).replace("'", "''")
    connection.execute(f"attach '{quoted}' as compact_copy")
    try:
        connection.execute(f'copy from database "{name}" to compact_copy')
    finally:
        connection.execute("detach compact_copy")  # it writes all of it into the file
        connection.execute("set preserve_insertion_order = false")
