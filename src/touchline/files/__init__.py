"""Files as rows, whatever they say: JSON lines, CSV and Parquet; all but Parquet may be gzipped.

Events, claims and costs are read by it. A file that is not what its name claims is an
:class:`~touchline.errors.InputError`, raised before the first row wherever that can be seen; one bad row is a
:class:`~touchline.files.rows.BadRow` in its place, and the rows after it go on.
"""

from touchline.files.formats import Format, format_of
from touchline.files.heads import Head, head_of, table_below, unpacked
from touchline.files.lines import MAX_LINE, Lines, json_line_chunks, json_lines, numbered_lines
from touchline.files.rows import BadRow, Cells, Rows
from touchline.files.streams import estimate_bytes, text_of, text_stream
from touchline.files.tables import open_table

__all__ = [
    "MAX_LINE", "BadRow", "Cells", "Format", "Head", "Lines", "Rows", "estimate_bytes", "format_of", "head_of",
    "json_line_chunks", "json_lines", "numbered_lines", "open_table", "table_below", "text_of", "text_stream",
    "unpacked",
]  # fmt: skip
