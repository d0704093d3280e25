"""Files that are meant to hurt, or are broken: refused, whole or row by row, in bounded time and memory."""

import gzip
import io
import time
import tracemalloc
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from touchline.errors import InputError
from touchline.files import heads
from touchline.spend import AdCost, CostFile, ReadCosts, Reading, RejectedCost, read_file

HEADER = "Day,Campaign,Currency code,Impr.,Clicks,Cost"
ROW = "2026-03-01,A,EUR,5,1,1.50"


def read(content: bytes, name: str = "c.csv") -> ReadCosts:
    return read_file(CostFile(Path(name), content), Reading("EUR"))


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("c.csv", b"0" * 10_000_000)
    return archive.getvalue()


def parquet(columns: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({f"c{number}": [1] for number in range(columns)}), out)
    return out.getvalue()


def bomb() -> bytes:
    return gzip.compress(HEADER.encode() + b"\n" + b"0" * 40_000_000)


HOSTILE = {
    "10,000 columns": (f"{HEADER},{','.join(f'c{n}' for n in range(10_000))}\n{ROW}\n".encode(), "c.csv", "columns"),
    "10,000 columns of nothing": (b"," * 10_000 + b"\n" + b"," * 10_000, "c.csv", "no header"),
    "10,000 columns of Parquet": (parquet(10_000), "c.parquet", "10,000 columns"),
    "a header of 5 MB": (b"x" * 5_000_000 + b"\n1\n", "c.csv", "4,194,304 characters"),
    "a gzip in a gzip": (gzip.compress(bomb()), "c.csv.gz", "a gzip file under this name"),
    "a zip in a gzip": (gzip.compress(zipped()), "c.csv.gz", "Excel or zip"),
    "a zip": (zipped(), "c.csv", "Excel or zip"),
    "half a gzip": (bomb()[:-9], "c.csv.gz", "whole gzip"),
    "a binary": (bytes(range(256)) * 100, "c.csv", "c.csv"),
    "half of UTF-16": (f"{HEADER}\n{ROW}\n".encode("utf-16")[:-1], "c.csv", "UTF-16"),
    "half a surrogate in UTF-16": (
        b"\xff\xfe" + f"{HEADER}\n".encode("utf-16-le") + b"\x00\xd8\n\0",
        "c.csv",
        "UTF-16",
    ),
    "UTF-32": (f"{HEADER}\n".encode("utf-32"), "c.csv", "UTF-32"),
    "Parquet that is none": (b"PAR1" + b"0" * 100 + b"PAR1", "c.parquet", "Parquet"),
    "a deep list": (b"[" * 500_000, "c.json", "JSON list"),
    "lines of nothing": (b"\n" * 1_000_000, "c.csv", "no header"),
    "many delimiters": (b"a,b;c|d\te\n" * 100_000, "c.csv", "no column of costs"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_whole_and_soon(what: str) -> None:
    content, name, said = HOSTILE[what]
    started = time.process_time()
    with pytest.raises(InputError, match=said) as caught:
        read(content, name)
    assert time.process_time() - started < 5
    assert len(caught.value.message) < 2_000
    assert caught.value.hint


def test_a_bomb_is_unpacked_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "MOST_BYTES", 1 << 20)
    content = bomb()
    tracemalloc.start()
    with pytest.raises(InputError, match="more than 1 MB of text"):
        read(content, "c.csv.gz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_a_huge_line_costs_itself_alone() -> None:
    found = read(f"{HEADER}\n{ROW}\n{'x' * 5_000_000}\n{ROW}\n".encode())
    assert [type(row) for _, row in found.rows] == [AdCost, RejectedCost, AdCost]


def test_mixed_encodings_cost_their_rows() -> None:
    lines = (
        HEADER.encode(),
        ROW.encode(),
        ROW.replace("A", "Größe").encode("latin-1"),
        ROW.replace("A", "Größe").encode(),
    )
    found = [row for _, row in read(b"\n".join(lines)).rows]
    assert [row.campaign_name if isinstance(row, AdCost) else row.field for row in found] == ["A", "Campaign", "Größe"]


@pytest.mark.parametrize("formula", ['=cmd|" /C calc"!A0', "=1+2", "@SUM(1)", "+1+2", "-2+3"])
def test_a_formula_is_a_name_and_never_an_amount(formula: str) -> None:
    quoted = '"' + formula.replace('"', '""') + '"'
    (_, named), (_, amount) = read(
        f"{HEADER}\n2026-03-01,{quoted},EUR,5,1,1.50\n2026-03-01,A,EUR,5,1,{quoted}\n".encode()
    ).rows
    assert isinstance(named, AdCost)
    assert (named.campaign_name, named.spend_micros) == (formula, 1_500_000)
    assert isinstance(amount, RejectedCost)
    assert (amount.field, amount.reason) == ("cost", "wrong_type")


def test_names_that_no_two_objects_share_are_refused_soon() -> None:
    lines = b"\n".join(b'{"c%d": 1, "cost_micros": 2}' % number for number in range(20_000))
    started = time.process_time()
    with pytest.raises(InputError, match="no column of days"):
        read(lines, "c.jsonl")
    assert time.process_time() - started < 5
