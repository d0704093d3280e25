"""Parquet as columns and rows."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from touchline.errors import InputError
from touchline.files.rows import BadRow, Rows
from touchline.progress import Advance

_BATCH_ROWS = 5_000


def parquet_rows(
    path: Path, wanted: Collection[str] | None, advance: Advance, content: bytes | None = None
) -> tuple[list[str], Rows]:
    """The columns and the rows of a Parquet file; only ``wanted`` columns are read.

    :param content: its bytes, where they lie nowhere.
    :raises InputError: if the file is cut off or is no Parquet, at once where its footer shows it.
    """
    try:
        file = pq.ParquetFile(path if content is None else pa.BufferReader(content))
        size = path.stat().st_size if content is None else len(content)
        columns = list(file.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        raise _not_parquet(path, error) from error
    read = columns if wanted is None else [name for name in columns if name in wanted]
    return columns, _batches(file, path, read, _Share(advance, size, file.metadata.num_rows))


class _Share:
    """Tells ``advance`` of a file's bytes in step with its rows."""

    def __init__(self, advance: Advance, size: int, rows: int) -> None:
        self._advance, self._size, self._rows = advance, size, rows
        self._reported = 0

    def tell(self, done: int) -> None:
        """The total number of rows read."""
        share = self._size * done // self._rows
        self._advance(share - self._reported)
        self._reported = share


def _batches(file: pq.ParquetFile, path: Path, columns: list[str], share: _Share) -> Rows:
    done = 0
    try:
        with file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns):
                for number, row in enumerate(_rows_of(_in_microseconds(batch)), done + 1):
                    yield f"{path.name}:{number}", row
                done += batch.num_rows
                share.tell(done)
    except (pa.ArrowException, OSError) as error:
        raise _not_parquet(path, error) from error


def _rows_of(batch: pa.RecordBatch) -> Iterator[dict[str, object] | BadRow]:
    """Its rows; one with a value that Python cannot hold, such as a time in the year 10000, is refused."""
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        if batch.num_rows > 1:
            half = batch.num_rows // 2
            yield from _rows_of(batch.slice(0, half))
            yield from _rows_of(batch.slice(half))
            return
        message = "Expected text in UTF-8 and times from the year 1 to 9999, but a cell of the row has something else."
        yield BadRow("malformed", message)


def _in_microseconds(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Python's datetimes know nothing finer, and converting nanoseconds to them would fail."""
    for index, column in enumerate(batch.schema):
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
            cast = batch.column(index).cast(pa.timestamp("us", column.type.tz), safe=False)
            batch = batch.set_column(index, column.name, cast)
    return batch


def _not_parquet(path: Path, error: Exception) -> InputError:
    return InputError(f"{path.name} is not a whole Parquet file: {error}.", "Download or create it again.")
