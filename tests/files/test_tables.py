"""The same rows in every kind of file, from a disk or from memory, and how much of a file was read."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from touchline.errors import InputError
from touchline.files import BadRow, Format, estimate_bytes, format_of, open_table

ROWS = [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]


def parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(ROWS), sink)
    return bytes(sink.getvalue())


FILES = {
    "c.csv": b"a,b\n1,x\n2,y\n",
    "c.tsv": b"\xef\xbb\xbfa\tb\r\n1\tx\r\n2\ty\r\n",
    "c.csv.gz": gzip.compress(b"a,b\n1,x\n2,y\n", mtime=0),
    "c.TSV.GZ": gzip.compress(b"a\tb\n1\tx\n2\ty\n", mtime=0),
    "c.jsonl": b'{"a": "1", "b": "x"}\n\n{"a": "2", "b": "y"}\n',
    "c.parquet": parquet(),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_the_same_from_a_disk_and_from_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name])
    read: list[int] = []
    with open_table(path, format_of(path), advance=read.append) as (columns, rows):
        assert (columns, [row for _, row in rows]) == (["a", "b"], ROWS)
    assert sum(read) == estimate_bytes(path)
    with open_table(Path(name), format_of(path), content=FILES[name]) as (columns, rows):
        assert (columns, [row for _, row in rows]) == (["a", "b"], ROWS)


@pytest.mark.parametrize(
    ("name", "content", "form", "message"),
    [
        ("c.csv.gz", FILES["c.csv"], "csv", "not a whole gzip file"),
        ("c.csv.gz", FILES["c.csv.gz"][:-9], "csv", "not a whole gzip file"),
        ("c.parquet", FILES["c.parquet"][:-9], "parquet", "not a whole Parquet file"),
        ("c.csv", FILES["c.parquet"], "csv", "Parquet"),
        ("c.jsonl", FILES["c.csv"], "jsonl", "not JSON lines"),
        ("c.csv", b"", "csv", "no header"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused(name: str, content: bytes, form: Format, message: str) -> None:
    with pytest.raises(InputError, match=message), open_table(Path(name), form, content=content) as (_, rows):
        list(rows)


@pytest.mark.parametrize("name", ["c.txt", "c", "c.gz", "c.parquet.gz", "c.csv.zip"])
def test_a_name_that_says_nothing_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="does not show the format"):
        format_of(Path(name))


def test_a_bad_cell_under_a_name_that_stands_twice_costs_its_row() -> None:
    with open_table(Path("c.csv"), "csv", content=b"a,a\n\0,x\n1,2\n") as (columns, rows):
        bad, good = (row for _, row in rows)
    assert columns == ["a", "a"]
    assert isinstance(bad, BadRow)
    assert (bad.kind, bad.field) == ("malformed", "a")
    assert good == {"a": "2"}


def test_a_bad_row_says_its_column_or_its_cells() -> None:
    content = b'a,b\n1\n1,\xe9\n1,x,2\n"1,x\n3,z\n'
    with open_table(Path("c.csv"), "csv", content=content) as (_, rows):
        found = list(rows)
    bad = [(source, row.kind, row.field, dict(row.cells)) for source, row in found if isinstance(row, BadRow)]
    assert bad == [
        ("c.csv:2", "malformed", None, {"a": "1"}),
        ("c.csv:3", "malformed", "b", {"a": "1", "b": "\udce9"}),
        ("c.csv:4", "malformed", None, {"a": "1", "b": "x"}),
        ("c.csv:5", "malformed", None, {}),
    ]
    assert found[-1] == ("c.csv:6", {"a": "3", "b": "z"})
