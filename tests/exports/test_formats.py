"""Every format keeps what it is given: days, money with its digits, ids as text, nothing as nothing."""

import csv
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engines.servers import postgresql_url
from touchline.errors import StorageError, UsageError
from touchline.exports import Written, place_of, typed
from touchline.exports.formats import formats, xlsx_workbook
from touchline.exports.typed import money_of

AT = datetime(2026, 3, 1, 12, 3, 4, 5)  # noqa: DTZ001 - as engines give times: UTC without a zone
HEADER = ["ad_id", "clicks", "spend_micros", "spend", "share", "day", "at", "is_paid"]
ROWS = [
    ("0012", 1, 12_345_678, 12.345678, 0.5, date(2026, 3, 1), AT, True),
    ("=1+1", -3, -5, -0.000005, None, None, None, False),
    (None, 2**60, None, None, None, date(1899, 1, 1), None, None),
    ("schön\n\x01", 0, 2_500_000, 2.5, 1e-300, None, None, None),
]
MONEY = [Decimal("12.345678"), Decimal("-0.000005"), None, Decimal("2.500000")]
TYPED = [(*row[:3], money, *row[4:]) for row, money in zip(ROWS, MONEY, strict=True)]


def table() -> pa.Table:
    return pa.table(dict(zip(HEADER, map(list, zip(*ROWS, strict=True)), strict=True)))


def write(address: str, *, prefix: str = "", rows: pa.Table | None = None, name: str = "ads") -> Written:
    place = place_of(address, prefix=prefix)
    with place.form.opened(place) as sink:
        return sink.write(name, typed((table() if rows is None else rows).to_reader(max_chunksize=3)))


def of_csv(folder: Path) -> list[tuple[Any, ...]]:
    with (folder / "ads.csv").open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    assert header == HEADER
    return [tuple(row) for row in rows]


def of_parquet(folder: Path) -> list[tuple[Any, ...]]:
    found = pq.read_table(folder / "ads.parquet")
    assert found.column_names == HEADER
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))


def of_duckdb(folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "ads.duckdb"), read_only=True) as connection:
        return connection.execute("select * from ads").fetchall()


def of_sqlite(folder: Path) -> list[tuple[Any, ...]]:
    with sqlite3.connect(folder / "ads.sqlite") as connection:
        return connection.execute("select * from ads").fetchall()


def of_xlsx(folder: Path) -> list[tuple[Any, ...]]:
    """The cells of the first sheet, each with its type: ``s`` is text, ``n`` a number, ``b`` a boolean."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(folder / "ads.xlsx") as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    found = []
    for row in list(sheet.iter(f"{main}row"))[1:]:
        cells = {cell.get("r", "")[:1]: cell for cell in row}
        values = [cells.get(letter) for letter in "ABCDEFGH"]
        assert not [one for one in values if one is not None and one.find(f"{main}f") is not None]
        found.append(tuple(None if one is None else (one.get("t", "n"), "".join(one.itertext())) for one in values))
    return found


AS_CSV = [
    ("0012", "1", "12345678", "12.345678", "0.5", "2026-03-01", "2026-03-01 12:03:04.000005", "true"),
    ("'=1+1", "-3", "-5", "-0.000005", "", "", "", "false"),
    ("", str(2**60), "", "", "", "1899-01-01", "", ""),
    ("schön\n\x01", "0", "2500000", "2.50", "1e-300", "", "", ""),
]
AS_SQLITE = [
    ("0012", 1, 12_345_678, 12.345678, 0.5, "2026-03-01", "2026-03-01T12:03:04.000005", 1),
    ("=1+1", -3, -5, -0.000005, None, None, None, 0),
    (None, 2**60, None, None, None, "1899-01-01", None, None),
    ("schön\n\x01", 0, 2_500_000, 2.5, 1e-300, None, None, None),
]
AS_XLSX = [
    (("inlineStr", "0012"), ("n", "1"), ("n", "12345678"), ("n", "12.345678"), ("n", "0.5"), ("n", "46082"),
     ("n", "46082.50212962969"), ("b", "1")),
    (("inlineStr", "=1+1"), ("n", "-3"), ("n", "-5"), ("n", "-0.000005"), None, None, None, ("b", "0")),
    (None, ("inlineStr", str(2**60)), None, None, None, ("inlineStr", "1899-01-01"), None, None),
    (("inlineStr", "schön\n_x0001_"), ("n", "0"), ("n", "2500000"), ("n", "2.500000"), ("n", "1E-300"), None, None,
     None),
]  # fmt: skip

READ: dict[str, tuple[Callable[[Path], list[tuple[Any, ...]]], list[tuple[Any, ...]]]] = {
    "csv": (of_csv, AS_CSV),
    "parquet": (of_parquet, TYPED),
    "duckdb": (of_duckdb, TYPED),
    "sqlite": (of_sqlite, AS_SQLITE),
    "xlsx": (of_xlsx, AS_XLSX),
}
"""By format, how a file is read by others, and what is in it."""


def test_no_format_is_forgotten() -> None:
    assert {*READ, "postgresql"} == {*formats()}


@pytest.mark.parametrize("name", READ)
def test_a_file_keeps_what_it_is_given_and_is_replaced_whole(name: str, tmp_path: Path) -> None:
    read, expected = READ[name]
    address = str(tmp_path / f"ads.{name}")
    write(address, rows=table().slice(0, 1))
    assert write(address) == Written("ads", len(ROWS))
    assert read(tmp_path) == expected
    assert [file.name for file in tmp_path.iterdir()] == [f"ads.{name}"]
    write(address, rows=table().slice(0, 0))
    assert read(tmp_path) == []


@pytest.mark.parametrize("name", READ)
def test_an_export_that_fails_leaves_what_was_there(name: str, tmp_path: Path) -> None:
    address = str(tmp_path / f"ads.{name}")
    write(address)
    before = READ[name][0](tmp_path)

    def broken() -> Iterator[pa.RecordBatch]:
        yield table().to_batches()[0]
        raise StorageError("gone")

    place = place_of(address)
    with pytest.raises(StorageError), place.form.opened(place) as sink:
        sink.write("ads", typed(pa.RecordBatchReader.from_batches(table().schema, broken())))
    assert READ[name][0](tmp_path) == before
    assert [file.name for file in tmp_path.iterdir()] == [f"ads.{name}"]


def test_postgresql_keeps_types_grants_and_tables_of_others() -> None:
    address = postgresql_url()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("drop table if exists mine_ads, ads, touchline_exports cascade")
        write(address, prefix="mine_")
        connection.execute("create view over_ads as select * from mine_ads")
        assert write(address, prefix="mine_") == Written("mine_ads", len(ROWS))
        assert connection.execute("select * from over_ads").fetchall() == TYPED
        connection.execute("create table ads (ad_id text)")
        with pytest.raises(UsageError, match="no export made"):
            write(address)
        with pytest.raises(StorageError, match="over_ads"):
            write(address, prefix="mine_", rows=table().drop(["share"]))
        assert connection.execute("select count(*) from mine_ads").fetchone() == (len(ROWS),)
        wrong = urlsplit(address)._replace(netloc="touchline:secret@", path="/nothing-here").geturl()
        with pytest.raises(StorageError) as refused:
            write(wrong)
        assert "secret" not in str(refused.value)
        connection.execute("drop table mine_ads, ads, touchline_exports cascade")


@pytest.mark.parametrize("name", ["duckdb", "sqlite"])
def test_a_table_that_no_export_made_is_left_alone(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"ads.{name}"
    with duckdb.connect(str(file)) if name == "duckdb" else sqlite3.connect(file) as connection:
        connection.execute("create table ads (ad_id varchar)")
        connection.execute("insert into ads values ('theirs')")
    with pytest.raises(UsageError, match="no export made"):
        write(str(file))
    assert READ[name][0](tmp_path) == [("theirs",)]
    write(str(file), prefix="my_")
    write(str(file), prefix="my_", rows=table().drop(["share"]))  # other columns than before
    with duckdb.connect(str(file)) if name == "duckdb" else sqlite3.connect(file) as connection:
        assert len(connection.execute("select * from my_ads").fetchall()[0]) == len(HEADER) - 1


def test_money_is_made_of_micros_to_the_last_digit() -> None:
    micros = [0, 1, -1, 10**6, 2**63 - 1, -(2**63), 123_456_789_012_345_678, None]
    expected = [None if one is None else Decimal(one).scaleb(-6) for one in micros]
    assert money_of(pa.array(micros, pa.int64())).to_pylist() == expected


def test_a_sheet_that_is_full_goes_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_workbook, "MOST_ROWS", 3)
    monkeypatch.setattr(xlsx_workbook, "MOST_LETTERS", 4)
    said = write(str(tmp_path / "ads.xlsx"), name="a name of thirty-one characters")
    assert said.notes == ("1 cell cut after 4 characters", "on 2 sheets: one holds 3 rows")
    with zipfile.ZipFile(tmp_path / "ads.xlsx") as book:
        assert b'name="a name of thirty-one characte 2"'[:30] in book.read("xl/workbook.xml")


@pytest.mark.parametrize(
    ("address", "form", "said"),
    [
        ("ads.pdf", None, "does not show a format"),
        ("mysql://u:p@h/db", None, "Nothing is exported to mysql"),
        ("ads.csv", "word", "There is no format 'word'"),
        ("folder", "xlsx", "is no place for xlsx"),
    ],
)
def test_places_that_are_none(address: str, form: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        place_of(address, form=form)


def test_a_url_names_a_file_as_others_write_it_and_no_password_is_shown() -> None:
    assert place_of("sqlite:///a/b.db").path == Path("a/b.db")
    assert place_of("duckdb:////a/b").path == Path("/a/b")
    place = place_of("postgresql://bo:secret@db.example:5433/shop?sslmode=require")
    assert (place.shown, place.path) == ("postgresql://…@db.example/shop", None)
