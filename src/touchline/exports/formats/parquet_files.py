"""Parquet: a file for each table, its columns with their types."""

from pathlib import Path

import pyarrow.parquet as pq

from touchline.exports.format import Format, Rows
from touchline.exports.whole_files import file_each


def _write(file: Path, rows: Rows) -> int:
    """A compressed file; parts of the rows are its row groups."""
    count = 0
    with pq.ParquetWriter(file, rows.schema, compression="zstd") as writer:
        for batch in rows:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


FORMAT = Format("parquet", "Parquet, with the columns' types", (".parquet",), (), False, file_each(_write))
