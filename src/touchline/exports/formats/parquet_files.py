"""Parquet: a file for each table, its columns with their types."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pyarrow.parquet as pq

from touchline.exports.format import Format, Place, Rows, Written
from touchline.exports.whole_files import whole_file


class _Files:
    def __init__(self, place: Place, until: ExitStack) -> None:
        self._place, self._until = place, until

    def write(self, name: str, rows: Rows) -> Written:
        """One file, compressed; parts of the rows are its row groups."""
        part = self._until.enter_context(whole_file(self._place.file_of(name)))
        count = 0
        with pq.ParquetWriter(part, rows.schema, compression="zstd") as writer:
            for batch in rows:
                writer.write_batch(batch)
                count += batch.num_rows
        return Written(name, count)


@contextmanager
def _opened(place: Place) -> Iterator[_Files]:
    with ExitStack() as until:
        yield _Files(place, until)


FORMAT = Format("parquet", "Parquet, with the columns' types", (".parquet",), (), False, _opened)
