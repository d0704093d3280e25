"""Files of every format as columns and rows."""

import io
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from touchline.files.csv_rows import csv_rows
from touchline.files.formats import Format, suffix_of
from touchline.files.lines import json_objects
from touchline.files.rows import Rows
from touchline.files.streams import text_of, text_stream
from touchline.progress import Advance, ignore_advance


@contextmanager
def open_table(
    path: Path,
    form: Format,
    *,
    content: bytes | None = None,
    wanted: Collection[str] | None = None,
    delimiter: str | None = None,
    may_break: Callable[[str], bool] = lambda _column: True,
    advance: Advance = ignore_advance,
) -> Iterator[tuple[list[str], Rows]]:
    r"""The columns of a file and its rows.

    :param form: how it is read; :func:`touchline.files.format_of` tells what its name claims.
    :param content: the file's bytes, where they lie nowhere; ``path`` is then a name only.
    :param wanted: the columns that are read of Parquet; ``None``: all.
    :param delimiter: between the cells of CSV; ``None``: a tab if the name says ``.tsv``, else a comma.
    :param may_break: whether the cells of a column of CSV may have line breaks; where not, a break shows a stray quote.
    :param advance: called with the number of bytes of the file that were used up.
    :raises InputError: if the file is not what ``form`` says.

    >>> with open_table(Path("c.csv"), "csv", content=b"a,b\n1,2\n") as (columns, rows):
    ...     columns, list(rows)
    (['a', 'b'], [('c.csv:2', {'a': '1', 'b': '2'})])
    """
    if form == "parquet":
        from touchline.files.parquet_rows import parquet_rows  # noqa: PLC0415 - half of what `touchline.ingest` imports

        yield parquet_rows(path, wanted, advance, content)
        return
    opened = text_stream(path, advance) if content is None else text_of(io.BytesIO(content), path)
    with opened as stream:
        if form == "csv":
            yield csv_rows(stream, path.name, delimiter or ("\t" if suffix_of(path) == ".tsv" else ","), may_break)
        else:
            yield json_objects(stream, path.name)
