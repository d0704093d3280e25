"""Files that are what they claim to be, and files that are not."""

import gzip
import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.quantifiers import each
from touchline.errors import InputError, MappingError
from touchline.files import MAX_LINE, estimate_bytes
from touchline.ingest import Payload, Rejection, accept
from touchline.ingest.mapping import load_mapping, parse_mapping
from touchline.ingest.readers import read

MAPPING = parse_mapping('[fields]\neventId = "id"\ntitle = "t"\n[constants]\ntype = "PAGE_VIEW"')
LINE = b'{"eventId": "e1", "type": "PAGE_VIEW"}'


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def shown(payloads: list[tuple[str, Payload]]) -> list[tuple[str, Any]]:
    """Sources with the event's id, or with the reason of the refusal."""
    return [
        (source, p.reason.value if isinstance(p, Rejection) else p["eventId"] if isinstance(p, dict) else p)
        for source, p in payloads
    ]


@pytest.mark.parametrize("name", ["e.jsonl", "e.ndjson", "e.jsonl.gz"])
def test_lines_of_the_wire(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, b"\xef\xbb\xbf" + LINE + b"\r\n\n" + LINE)
    assert list(read(path)) == [(f"{name}:1", LINE), (f"{name}:3", LINE)]


def test_files_that_were_joined_keep_their_marks_and_lose_no_line(tmp_path: Path) -> None:
    """``cat`` of two files that begin with a byte order mark each."""
    path = written(tmp_path, "e.jsonl", (b"\xef\xbb\xbf" + LINE + b"\n") * 2)
    assert list(read(path)) == [("e.jsonl:1", LINE), ("e.jsonl:2", LINE)]


def test_a_line_without_end_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "e.jsonl", LINE + b"\n" + b"x" * (2 * MAX_LINE) + b"\n" + LINE + b"\n")
    assert shown(list(read(path))) == [("e.jsonl:1", LINE), ("e.jsonl:2", "too_long"), ("e.jsonl:3", LINE)]


@pytest.mark.parametrize("name", ["e.csv", "e.csv.gz"])
def test_csv(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, '\ufeffid,t\r\n1,"a ""quoted"", é"\r\n2,"two\nlines"\r\n\r\n3,\r\n'.encode())
    payloads = list(read(path, MAPPING))
    assert shown(payloads) == [(f"{name}:2", "1"), (f"{name}:3", "2"), (f"{name}:6", "3")]
    assert [p["title"] for _, p in payloads if isinstance(p, dict) and "title" in p] == ['a "quoted", é', "two\nlines"]


def test_csv_with_json_in_doubled_quotes(tmp_path: Path) -> None:
    mapping = parse_mapping('[fields]\neventId = "id"\nvalue = "d:sum"\n[constants]\ntype = "CUSTOM"')
    inner = json.dumps({"sum": 245, "note": 'size 60"W'}).replace('"', '""')
    path = written(tmp_path, "e.csv", f'id,d\n1,"{inner}"\n'.encode())
    assert list(read(path, mapping)) == [("e.csv:2", {"type": "CUSTOM", "eventId": "1", "value": "245"})]


def test_other_delimiters(tmp_path: Path) -> None:
    assert shown(list(read(written(tmp_path, "e.tsv", b"id\tt\n1\ta\n"), MAPPING))) == [("e.tsv:2", "1")]
    mapping = parse_mapping('delimiter = ";"\n[fields]\neventId = "id"\n[constants]\ntype = "CUSTOM"')
    assert shown(list(read(written(tmp_path, "e.csv", b"id;t\n1;a\n"), mapping))) == [("e.csv:2", "1")]


def test_bad_rows_of_csv_are_refused_one_by_one(tmp_path: Path) -> None:
    content = b'id,t\n1,a\n2\n3,b,c\n4,\xff\n5,"stray\n6,d\n7,"fine"\n8,"open\n9,e\n'
    payloads = list(read(written(tmp_path, "e.csv", content), MAPPING))
    assert shown(payloads) == [
        ("e.csv:2", "1"), ("e.csv:3", "malformed"), ("e.csv:4", "malformed"), ("e.csv:5", "malformed"),
        ("e.csv:6", "malformed"), ("e.csv:7", "6"), ("e.csv:8", "7"), ("e.csv:9", "malformed"), ("e.csv:10", "9"),
    ]  # fmt: skip


def test_a_quote_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    content = b'id,t\n1,a\n"2,b\n3,c\n4,d\n'
    payloads = list(read(written(tmp_path, "e.csv", content), MAPPING))
    assert shown(payloads) == [("e.csv:2", "1"), ("e.csv:3", "malformed"), ("e.csv:4", "3"), ("e.csv:5", "4")]
    refused = payloads[1][1]
    assert isinstance(refused, Rejection)
    assert refused.payload == '"2,b'


def test_a_cell_beyond_reason_costs_one_row(tmp_path: Path) -> None:
    content = b"id,t\n1," + b"x" * 200_000 + b"\n2,b\n"
    assert shown(list(read(written(tmp_path, "e.csv", content), MAPPING))) == [
        ("e.csv:2", "malformed"),
        ("e.csv:3", "2"),
    ]


def test_json_lines_of_any_shape(tmp_path: Path) -> None:
    content = b'{"id": 1, "t": "a"}\n[1]\n{"id": 2}\nnonsense\n'
    payloads = list(read(written(tmp_path, "e.jsonl", content), MAPPING))
    assert shown(payloads) == [
        ("e.jsonl:1", "1"),
        ("e.jsonl:2", "malformed"),
        ("e.jsonl:3", "2"),
        ("e.jsonl:4", "malformed"),
    ]


def test_parquet(tmp_path: Path) -> None:
    mapping = parse_mapping(
        '[fields]\neventId = "id"\noccurredAt = "at"\nvalue = "d:sum"\norderId = { column = "o", optional = true }\n'
        '[constants]\ntype = "CONVERSION"'
    )
    at = pa.array([1_740_268_801_750_000_001, None], pa.timestamp("ns", "UTC"))
    path = tmp_path / "e.parquet"
    pq.write_table(pa.table({"id": [1, 2], "at": at, "d": [{"sum": 1.5}, None], "unused": ["x", "y"]}), path)
    assert list(read(path, mapping)) == [
        (
            "e.parquet:1",
            {
                "type": "CONVERSION", "eventId": "1", "value": "1.5",
                "occurredAt": datetime(2025, 2, 23, 0, 0, 1, 750_000, UTC),
            },
        ),
        ("e.parquet:2", {"type": "CONVERSION", "eventId": "2"}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.csv", b""), ("e.csv", b"\n"), ("e.csv", b"id,\xff\n1,2\n"), ("e.csv", "id,t\n1,2\n".encode("utf-16")),
        ("e.csv", b"PAR1\x00\x00"), ("e.jsonl", b"id,t\n1,2\n"), ("e.jsonl", b"\x1f\x8b\x00\x01"),
        ("e.parquet", b"id,t\n1,2\n"), ("e.parquet", b"PAR1" + bytes(50)), ("e.parquet", b""),
        ("e.xlsx", b"PK"), ("events", b""), ("e.parquet.gz", b""),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_it_claims_raises_before_the_first_row(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=name):
        read(path, MAPPING)


@pytest.mark.parametrize("kept", [0.2, 0.9])
def test_truncated_files_raise(tmp_path: Path, kept: float) -> None:
    rows = b"".join(b'{"eventId": "%d", "type": "PAGE_VIEW"}\n' % n for n in range(5_000))
    whole = written(tmp_path, "e.jsonl.gz", rows).read_bytes()
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(InputError, match=r"cut\.jsonl\.gz is not a whole gzip file"):
        list(read(cut))
    table = tmp_path / "e.parquet"
    pq.write_table(pa.table({"id": list(range(5_000))}), table)
    content = table.read_bytes()
    table.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(InputError, match="not a whole Parquet"):
        read(table, MAPPING)


def test_a_missing_file_and_a_missing_column_raise(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        read(tmp_path / "no.csv", MAPPING)
    with pytest.raises(MappingError, match="Its columns are: a, b"):
        read(written(tmp_path, "e.csv", b"a,b\n1,2\n"), MAPPING)


@pytest.mark.parametrize(
    "column", [pa.array([10**7, 1], pa.date32()), pa.array([1, 2], pa.timestamp("us", "Mars/Olympus"))]
)
def test_a_column_that_nobody_reads_costs_no_row(tmp_path: Path, column: "pa.Array[Any]") -> None:
    """Python has neither the year 29349 nor a time zone of Mars."""
    table = {"eventId": ["a", "b"], "type": ["PAGE_VIEW"] * 2, "delivered": column}
    pq.write_table(pa.table(table), tmp_path / "e.parquet")
    assert shown(list(read(tmp_path / "e.parquet"))) == [("e.parquet:1", "a"), ("e.parquet:2", "b")]


@pytest.mark.parametrize("name", ["e.csv", "e.csv.gz", "e.parquet"])
def test_progress_adds_up_to_the_size_of_the_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "e.parquet":
        pq.write_table(pa.table({"id": list(range(12_000)), "t": ["x"] * 12_000}), path)
    else:
        written(tmp_path, name, b"id,t\n" + b"1,2\n" * 50_000)
    told: list[int] = []
    rows = sum(1 for _ in read(path, MAPPING, told.append))
    assert (rows, sum(told)) == (12_000 if name == "e.parquet" else 50_000, estimate_bytes(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary()
    | st.lists(st.sampled_from([b"id,t\n", b"1,a\n", b'"', b",", b"\n", b"\xff", b"{}"])).map(b"".join)
)
@pytest.mark.parametrize("name", ["e.csv", "e.jsonl", "e.parquet", "e.csv.gz"])
def test_any_bytes_give_rows_or_an_input_error(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with suppress(InputError):
        sources = [source for source, _ in read(path, MAPPING)]
        assert [source for source in sources if not source.startswith(name + ":")] == []


@pytest.mark.local_data
def test_every_row_of_the_shops_files_is_accounted_for(shared: Path, repository: Path) -> None:
    mapping = load_mapping(repository / "examples" / "puffy-events.toml")
    accepted, reasons = [], Counter[str]()
    for path in sorted((shared / "puffy_events").glob("*.csv")):
        for batch in accept(
            read(path, mapping), site_id="s", received_at=1_800_000_000_000_000, default_currency="EUR"
        ):
            accepted += batch.accepted
            reasons.update(refused.reason for refused in batch.rejected)
    assert set(reasons) == {"bot"}
    assert len(accepted) + reasons.total() == 24_631  # counted by csv.DictReader over the seven files
    assert 3_000 < reasons["bot"] < 3_300  # the list of bots grows with its package
    purchases = [event for event in accepted if event.name == "purchase"]
    assert len(purchases) == 147
    assert each(event.order_id and event.email_hash and event.currency == "USD" for event in purchases)
    assert sum(event.value_micros or 0 for event in purchases) == 148_037_600_000
    assert any(event.visitor_id is None for event in accepted)


@pytest.mark.local_data
def test_importing_the_shops_files_again_gives_the_same_ids(shared: Path, repository: Path) -> None:
    mapping = load_mapping(repository / "examples" / "puffy-events.toml")
    path = shared / "puffy_events" / "events_20250227.csv"
    first, second = ([p["eventId"] for _, p in read(path, mapping) if isinstance(p, dict)] for _ in range(2))
    assert first == second
    assert len(first) == 3_393
