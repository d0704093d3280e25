"""Every line of a CSV file that could be a row is one row that is read, good or refused, whatever stands around it."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.quantifiers import each
from touchline.errors import InputError, MappingError
from touchline.ingest import Rejection
from touchline.ingest.claims import read_claims
from touchline.ingest.mapping import parse_mapping
from touchline.ingest.readers import read
from touchline.spend import AdCost, CostFile, read_costs

MAPPING = parse_mapping('[fields]\neventId = "id"\ntitle = "t"\n[constants]\ntype = "CUSTOM"')
MOST_LINES = 200

PLAIN = st.text(st.sampled_from("ab1é 'ß€;"), max_size=5)
QUOTED = st.text(st.sampled_from('ab,"\n\r é'), max_size=6).map(lambda text: '"' + text.replace('"', '""') + '"')
CELL = PLAIN | QUOTED
FAULTS = st.sampled_from(
    ['"', 'x"', '"x', 'a"b', '"a"b', '"a" ', "\0", "a\0b", '"\0"', "\udcff", "\udce9t\udce9", "\ufeff", '""', " "]
)
ROW = (
    st.tuples(CELL, CELL) | st.tuples(FAULTS, CELL) | st.tuples(CELL, FAULTS) | st.lists(CELL, max_size=4).map(tuple)
).map(",".join)
HUGE = st.sampled_from(["x" * 140_000 + ",b", '1,"' + "y" * 140_000 + '"'])
LINES = st.lists(st.one_of(*[ROW] * 8, st.sampled_from(["", "id,t"]), HUGE), max_size=16)
"""Huge lines are rare, as the slow reader takes a while for each."""


class Malformed(Exception):  # noqa: N818 — a state of the slow reader, which no one reports
    """The characters are no record."""


def cells_of(text: str) -> list[str] | None:
    """The cells of one record with its line break; ``None``: a quote is open at its end. The plainest of readers."""
    cells, cell, state = [], "", "start"
    for character in text.rstrip("\r\n") if '"' not in text else text:
        if state == "quoted":
            state, cell = ("quote", cell) if character == '"' else ("quoted", cell + character)
        elif state == "quote" and character == '"':
            state, cell = "quoted", cell + '"'
        elif character in ",\r\n":
            if character == "," or state != "ended":
                cells.append(cell)
            cell, state = "", "start" if character == "," else "ended"
        elif state == "quote":
            raise Malformed
        elif state == "start" and character == '"':
            state = "quoted"
        else:
            cell, state = cell + character, "plain"
        if len(cell) > 131_072:
            raise Malformed
    if state == "quoted":
        return None
    return cells if state == "ended" else [*cells, cell]


def expected(lines: list[str], width: int) -> Iterator[tuple[int, bool]]:
    """Each row's line and whether it is good, as the rule says it.

    From a line on, the fewest lines that close all quotes are a row if it has the header's width. Else the line alone
    is refused, and the next one is looked at.
    """
    at = 0
    while at < len(lines):
        if not lines[at].strip("\r\n"):
            at += 1
            continue
        taken = row_from(lines[at : at + MOST_LINES], width)
        text = "".join(lines[at : at + taken])
        yield at + 2, taken > 0 and "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
        at += max(taken, 1)


def row_from(lines: list[str], width: int) -> int:
    """How many of the lines make the row that begins with the first; 0: none do."""
    for count in range(1, len(lines) + 1):
        try:
            cells = cells_of("".join(lines[:count]))
        except Malformed:
            return 0
        if cells is not None:
            return count if len(cells) == width else 0
    return 0


def physical(text: str) -> list[str]:
    """The lines with their ends; a carriage return alone ends one, too."""
    return list(io.StringIO(text, newline=""))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large], deadline=None)
@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.booleans(), st.booleans())
def test_rows_read_are_the_lines_that_could_be_rows(
    tmp_path: Path, rows: list[str], end: str, has_mark: bool, is_ended: bool, is_gzipped: bool
) -> None:
    body = end.join(rows) + (end if is_ended and rows else "")
    content = (("\ufeff" if has_mark else "") + f"id,t{end}" + body).encode(errors="surrogateescape")
    path = tmp_path / ("e.csv.gz" if is_gzipped else "e.csv")
    path.write_bytes(gzip.compress(content, 1) if is_gzipped else content)
    found = [
        (int(source.rpartition(":")[2]), not isinstance(payload, Rejection)) for source, payload in read(path, MAPPING)
    ]
    wanted = list(expected(physical(body), 2))
    event(f"{min(len(wanted), 5)} rows, {'some refused' if not all(good for _, good in wanted) else 'all good'}")
    assert found == wanted


@pytest.mark.parametrize("size", [1_200_000, 5_000_000, 9_000_000])
@pytest.mark.parametrize("cell", ["{}", '"{}"', '"{}', '{}"'])
def test_a_huge_field_costs_its_row(tmp_path: Path, size: int, cell: str) -> None:
    (tmp_path / "e.csv").write_text(f"id,t\n1,a\n2,{cell.format('x' * size)}\n3,c\n4,d\n", encoding="utf-8")
    found = list(read(tmp_path / "e.csv", MAPPING))
    assert [source for source, _ in found] == [f"e.csv:{number}" for number in range(2, 6)]
    (refused,) = [payload for _, payload in found if isinstance(payload, Rejection)]
    assert found[1][1] is refused
    assert refused.reason.value == ("too_long" if size > 4 << 20 else "malformed")
    assert len(refused.payload) <= 1 << 16


def test_two_columns_of_a_mapped_name_refuse_the_file_and_of_another_name_do_not(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("id,t,id\n1,a,2\n", encoding="utf-8")
    with pytest.raises(MappingError, match="'id' twice"):
        read(tmp_path / "e.csv", MAPPING)
    (tmp_path / "e.csv").write_text("id,t,x,x\n1,a,2,3\n", encoding="utf-8")
    assert len(list(read(tmp_path / "e.csv", MAPPING))) == 1


NUL_ROWS = "{0},{1}\n{0},\0\n\0\n{0},{1}\0\n\n{0},{1}\n"


def test_nul_costs_its_row_of_events(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("id,t\n" + NUL_ROWS.format("1", "a"), encoding="utf-8")
    found = list(read(tmp_path / "e.csv", MAPPING))
    assert [(source, isinstance(row, Rejection)) for source, row in found] == [
        ("e.csv:2", False), ("e.csv:3", True), ("e.csv:4", True), ("e.csv:5", True), ("e.csv:7", False),
    ]  # fmt: skip
    assert "NUL" in str(found[1][1])


def test_nul_costs_its_row_of_claims(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("visitor_id,user_id\n" + NUL_ROWS.format("ada", "42"), encoding="utf-8")
    found = list(read_claims(tmp_path / "c.csv", site_id="s"))
    assert [isinstance(row, Rejection) for _, row in found] == [False, True, True, True, False]


@pytest.mark.parametrize("column", range(4))
def test_nul_costs_its_row_of_costs(tmp_path: Path, column: int) -> None:
    good = ["2026-03-01", "META", "5", "Spring"]
    bad = [cell + "\0" if at == column else cell for at, cell in enumerate(good)]
    rows = ["date,platform,cost,campaign_name", *map(",".join, (good, bad, good)), "\0" * 4_096]
    (tmp_path / "c.csv").write_text("\n".join(rows), encoding="utf-8")
    found = list(read_costs(CostFile.at(tmp_path / "c.csv"), default_currency="EUR", last_day=date(2026, 4, 1)))
    assert [isinstance(row, AdCost) for row in found] == [True, False, True, False]
    assert [row.source for row in found if not isinstance(row, AdCost)] == ["c.csv:3", "c.csv:5"]


def test_nul_costs_its_line_of_json(tmp_path: Path) -> None:
    line = b'{"eventId": "e1", "type": "PAGE_VIEW"}\n'
    (tmp_path / "e.jsonl").write_bytes(line + bytes(5_000) + b"\n" + line)
    assert [isinstance(row, Rejection) or b"\0" in row for _, row in read(tmp_path / "e.jsonl")] == [False, True, False]


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


TABLE = "date,platform,cost\n2026-03-01,META,5\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TABLE.encode("utf-16"), "UTF-16"), (TABLE.encode("utf-16-le"), "UTF-16"),
        (TABLE.encode("utf-16-be"), "UTF-16"),
        (TABLE.encode("utf-32"), "UTF-32"), (gzip.compress(TABLE.encode()), "a gzip file"), (zipped(), "Excel or zip"),
        (b"PAR1\x15\x04" + bytes(60), "Parquet"), (b"\xd0\xcf\x11\xe0\xa1\xb1" + bytes(60), "Excel file of before"),
    ],
    ids=["UTF-16 with a mark", "UTF-16, little end", "UTF-16, big end", "UTF-32", "gzip", "xlsx", "Parquet", "xls"],
)  # fmt: skip
def test_what_is_no_text_is_refused_whole_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "c.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as of_events:
        read(path, MAPPING)
    with pytest.raises(InputError, match=said) as of_claims:
        list(read_claims(path, site_id="s"))
    assert each(raised.value.hint for raised in (of_events, of_claims))
    if said == "UTF-16":  # spreadsheets and ad platforms write costs so
        return
    with pytest.raises(InputError, match=said) as of_costs:
        list(read_costs(CostFile.at(path), default_currency="EUR"))
    assert of_costs.value.hint
