"""A file of costs, row by row: what is good is read to the last digit, what is bad is refused by name."""

import gzip
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.errors import InputError
from touchline.spend import AdCost, CostFile, RejectedCost, TooLongError, cost_files, read_costs
from touchline.spend.costs import _micros

HEADER = "date,platform,cost,campaign_id,impressions,clicks,currency"
GOOD = "2026-01-31,google ads,12.34,c1,1000,10,usd"
Read = Callable[[str], list[AdCost | RejectedCost]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def from_text(text: str) -> list[AdCost | RejectedCost]:
        file = tmp_path / "costs.csv"
        file.write_bytes(text.encode())
        return list(read_costs(CostFile.at(file), default_currency="EUR"))

    return from_text


def refusal(rows: Iterable[AdCost | RejectedCost]) -> RejectedCost:
    (row,) = rows
    assert isinstance(row, RejectedCost), row
    return row


def cost(rows: Iterable[AdCost | RejectedCost]) -> AdCost:
    (row,) = rows
    assert isinstance(row, AdCost), row
    return row


def test_a_full_row_is_read_by_the_names_of_the_header(read: Read) -> None:
    header = "ad_name,ad_id,adset_name,adset_id,campaign_name,campaign_id,account_id,clicks,impressions,cost,currency"
    row = "Ad One,a1,Set One,s1,Camp One,c1,acc,10,1000,12.34,usd"
    assert asdict(cost(read(f"{header},platform,date\n{row},Google Ads,2026-01-31"))) == {
        "cost_date": date(2026, 1, 31), "platform": "GOOGLE_ADS", "account_id": "acc", "campaign_id": "c1",
        "campaign_name": "Camp One", "adset_id": "s1", "adset_name": "Set One", "ad_id": "a1", "ad_name": "Ad One",
        "impressions": 1000, "clicks": 10, "spend_micros": 12_340_000, "currency": "USD",
        "country": "", "region": "", "platform_conversion_micros": None, "platform_value_micros": None,
        "spread_days": None, "exchange_rate": None, "reporting_micros": None, "reporting_value_micros": None,
    }  # fmt: skip


def test_what_may_be_missing_is_empty_or_zero_and_the_currency_the_organizations(read: Read) -> None:
    row = cost(read("date,platform,cost\n2026-01-31,META,5"))
    assert (row.campaign_id, row.ad_name, row.impressions, row.clicks, row.currency) == ("", "", 0, 0, "EUR")


@pytest.mark.parametrize("start", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_ways_of_saving_are_read(read: Read, start: str, end: str) -> None:
    assert (
        cost(read(f'{start}{HEADER}{end}{end}2026-01-31,"google ads"," 12.34 ",c1,,,{end}')).spend_micros == 12_340_000
    )


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("0", 0), ("0.1", 100_000), ("0.000001", 1), ("1e3", 1_000_000_000), (".5", 500_000), ("5.", 5_000_000),
        ("-12.34", -12_340_000), ("+1", 1_000_000), ("0.29", 290_000), ("1.005", 1_005_000),
        ("0.0000005", 0), ("0.0000015", 2), ("9007199254.740991", 2**53 - 1), ("-9007199254.740991", 1 - 2**53),
    ],
)  # fmt: skip
def test_costs_are_exact_and_may_be_negative(read: Read, text: str, micros: int) -> None:
    assert cost(read(f"date,platform,cost\n2026-01-31,META,{text}")).spend_micros == micros


@given(st.integers(1 - 2**53, 2**53 - 1))
def test_every_amount_of_micros_is_read_back(micros: int) -> None:
    assert _micros(f"{Decimal(micros).scaleb(-6):f}", "cost") == micros


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("date", "31.01.2026", "wrong_type"), ("date", "2026-02-30", "wrong_type"), ("date", "", "wrong_type"),
        ("platform", "", "missing_field"), ("platform", "!!", "missing_field"), ("platform", "x" * 65, "missing_field"),
        ("cost", "", "wrong_type"), ("cost", "12,34", "wrong_type"), ("cost", "€5", "wrong_type"),
        ("cost", "nan", "wrong_type"), ("cost", "-inf", "wrong_type"), ("cost", "1_000", "wrong_type"),
        ("cost", "٣", "wrong_type"), ("cost", "9007199254.740992", "wrong_type"), ("cost", "1e999999", "wrong_type"),
        ("cost", "9" * 5_000, "wrong_type"),
        ("impressions", "-1", "wrong_type"), ("impressions", "1.5", "wrong_type"), ("impressions", "²", "wrong_type"),
        ("clicks", str(2**53), "wrong_type"), ("clicks", "9" * 5_000, "wrong_type"),
        ("currency", "EURO", "unknown_value"), ("currency", "€", "unknown_value"), ("currency", "EU", "unknown_value"),
        ("campaign_id", "x" * 513, "too_long"), ("campaign_id", "a\0b", "malformed"),
    ],
)  # fmt: skip
def test_a_bad_row_says_which_field_and_what_came(read: Read, field: str, value: str, reason: str) -> None:
    row = dict(zip(HEADER.split(","), GOOD.split(","), strict=True)) | {field: value}
    cells = ",".join(f'"{cell}"' for cell in row.values())
    rows = read(f"{HEADER}\n{GOOD}\n{cells}\n{GOOD}")
    assert [isinstance(row, AdCost) for row in rows] == [True, False, True]
    refused = refusal(rows[1:2])
    assert (refused.field, refused.reason, refused.source) == (field, reason, "costs.csv:3")
    assert len(refused.message) < 200
    assert field in refused.message
    assert field in refused.payload


@pytest.mark.parametrize("row", ["2026-01-31,META", "2026-01-31,META,5,c1,1,1,EUR,more"])
def test_a_row_of_another_width_is_malformed(read: Read, row: str) -> None:
    assert refusal(read(f"{HEADER}\n{row}")).reason == "malformed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no header"),
        ("date,platform\n", "lacks cost"),
        ("Date,platform,cost\n", "lacks date and has unknown Date"),
        ("date,platform,cost,spend\n", "has unknown spend"),
        ("date,platform,cost,cost\n2026-01-31,META,1,2", "repeats cost"),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused_whole(read: Read, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read(text)
    assert "costs.csv" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("row", "message"),
    [('2026-01-31,META,"1', "not closed"), ('2026-01-31,"ME"TA,1', "expected after")],
)
def test_a_bad_quote_costs_its_line_and_the_others_are_read(read: Read, row: str, message: str) -> None:
    rows = read(f"date,platform,cost\n2026-01-31,META,5\n{row}\n2026-01-31,META,6\n")
    assert [one.spend_micros if isinstance(one, AdCost) else one.source for one in rows] == [
        5_000_000, "costs.csv:3", 6_000_000
    ]  # fmt: skip
    assert message in refusal(rows[1:2]).message


GOOD_LINE = "2026-01-31,META,6,s"


@pytest.mark.parametrize(
    ("first", "last", "is_last_good"),
    [
        ('2026-01-31,META,"5,s', '2026-01-31,META,7",s', False),
        ('2026-01-31,META,5,"s', '2026-01-31,META,7,s",more', False),
        ('"2026-01-31,META,5,s', '2026-01-31",META,7,s', False),
        ('2026-01-31,"META,5,s', '2026-01-31,META",7,s', True),
    ],
    ids=["in the amount", "wider than the header", "in the date", "in the platform, of which only letters count"],
)
def test_a_stray_quote_swallows_no_lines(read: Read, first: str, last: str, is_last_good: bool) -> None:
    """Between two of them stand rows as good as any."""
    rows = read("\n".join(["date,platform,cost,campaign_name", GOOD_LINE, first, *[GOOD_LINE] * 3, last, GOOD_LINE]))
    assert [isinstance(row, AdCost) for row in rows] == [True, False, True, True, True, is_last_good, True]
    assert [row.source for row in rows if isinstance(row, RejectedCost)][:1] == ["costs.csv:3"]


def test_a_name_may_have_line_breaks(read: Read) -> None:
    rows = read(f'date,platform,cost,campaign_name\n2026-01-31,META,5,"spring\nsale"\n{GOOD_LINE}\n')
    assert [row.campaign_name for row in rows if isinstance(row, AdCost)] == ["spring\nsale", "s"]


def test_a_byte_of_another_encoding_costs_its_row_and_names_the_column(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_bytes(b"date,platform,cost\n2026-01-31,META,1\n2026-01-31,\xe9,1\n")
    good, bad = read_costs(CostFile.at(tmp_path / "costs.csv"), default_currency="EUR")
    assert isinstance(good, AdCost)
    refused = refusal([bad])
    assert (refused.source, refused.reason, refused.field) == ("costs.csv:3", "malformed", "platform")
    assert "UTF-8" in refused.message


def test_a_file_of_another_encoding_is_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_bytes("date,platform,cost\n".encode("utf-32"))
    with pytest.raises(InputError, match="UTF-8"):
        list(read_costs(CostFile.at(tmp_path / "costs.csv"), default_currency="EUR"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_spreadsheets_encodings_and_marks_are_read(encoding: str, mark: str) -> None:
    text = "date,platform,cost,campaign_name\r\n2026-01-31,META,5.5,Größe\r\n".replace(",", mark)
    row = cost(said("costs.csv", text.encode(encoding)))
    assert (row.spend_micros, row.campaign_name) == (5_500_000, "Größe")


def test_the_same_rows_are_read_from_every_kind_of_file(tmp_path: Path) -> None:
    rows = [(date(2026, 1, 31), "META", Decimal("12.34"), 10), (date(2026, 2, 1), "X", Decimal("0.29"), None)]
    table = pa.table(dict(zip(("date", "platform", "cost", "clicks"), map(list, zip(*rows, strict=True)), strict=True)))
    pq.write_table(table, tmp_path / "c.parquet")
    text = "date,platform,cost,clicks\n" + "".join(f"{d},{p},{c},{n or ''}\n" for d, p, c, n in rows)
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "c.tsv").write_text(text.replace(",", "\t"), encoding="utf-8")
    names = ("c.parquet", "c.csv.gz", "c.tsv")
    found = [list(read_costs(CostFile.at(tmp_path / name), default_currency="EUR")) for name in names]
    assert found == [said("c.csv", text)] * 3
    assert [cost([row]).spend_micros for row in found[0]] == [12_340_000, 290_000]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv"):
        list(read_costs(CostFile.at(tmp_path / "none.csv"), default_currency="EUR"))


def said(name: str, text: str | bytes) -> list[AdCost | RejectedCost]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_costs(CostFile(Path(name), content), default_currency="EUR"))


GOOD_JSON = '{"date": "2026-01-31", "platform": "google ads", "cost": 12.34, "campaign_id": 7, "clicks": null}'


def test_json_says_what_csv_says() -> None:
    wanted = said("a.csv", "date,platform,cost,campaign_id\n2026-01-31,google ads,12.34,7\n")
    assert said("a.jsonl", f"\ufeff{GOOD_JSON}\n\n") == said("a.NDJSON", GOOD_JSON) == wanted
    assert said("a.json", f"[{GOOD_JSON}]") == wanted
    assert said("a.json", "[]") == said("a.jsonl", "") == []


@given(st.decimals(-9_000_000_000, 9_000_000_000, places=6))
def test_a_number_of_json_is_read_to_the_last_digit(amount: Decimal) -> None:
    text = f'{{"date": "2026-01-31", "platform": "META", "cost": {amount:f}}}'
    assert cost(said("a.jsonl", text)).spend_micros == int(amount.scaleb(6))


@pytest.mark.parametrize(
    ("element", "reason", "field"),
    [
        ("7", "malformed", ""), ("[]", "malformed", ""), ("null", "malformed", ""),
        ("{}", "missing_field", "date"), ('{"date": "2026-01-31", "platform": "META"}', "missing_field", "cost"),
        (GOOD_JSON.replace("clicks", "Cost (EUR)"), "unknown_field", "Cost (EUR)"),
        (GOOD_JSON.replace("12.34", "true"), "wrong_type", "cost"),
        (GOOD_JSON.replace("12.34", "[1]"), "wrong_type", "cost"),
        (GOOD_JSON.replace("12.34", "null"), "wrong_type", "cost"),
        (GOOD_JSON.replace("12.34", '"12.34 EUR"'), "wrong_type", "cost"),
        (GOOD_JSON.replace("null", "1.5"), "wrong_type", "clicks"),
        (GOOD_JSON.replace("null", "9" * 5_000), "malformed", ""),
    ],
)  # fmt: skip
def test_a_bad_element_is_refused_by_name_and_the_others_are_read(element: str, reason: str, field: str) -> None:
    for name, text in (("a.json", f"[{GOOD_JSON},{element}]"), ("a.jsonl", f"{GOOD_JSON}\n{element}")):
        good, bad = said(name, text)
        assert isinstance(good, AdCost)
        refused = refusal([bad])
        assert (refused.reason, refused.field, refused.source) == (reason, field, f"{name}:2")
        assert len(refused.message) < 200


@pytest.mark.parametrize("name", ["costs.json", "costs.jsonl"])
@pytest.mark.parametrize("field", ["campaign_name", "campaign_id", "other"])
def test_half_of_a_surrogate_pair_costs_its_row(name: str, field: str) -> None:
    good = '{"date": "2026-01-31", "platform": "META", "cost": 1, "campaign_name": "\\ud83d\\ude00"}'
    bad = good.replace("campaign_name", field).replace("\\ude00", "x")
    text = f"[{good}, {bad}, {good}]" if name == "costs.json" else f"{good}\n{bad}\n{good}\n"
    rows = said(name, text)
    assert [row.campaign_name if isinstance(row, AdCost) else row.reason for row in rows] == ["😀", "malformed", "😀"]


@pytest.mark.parametrize("text", ["", GOOD_JSON, "[1", b"[\xff]", "[" * 200_000])
def test_what_is_no_json_list_is_refused_whole(text: str | bytes) -> None:
    with pytest.raises(InputError, match=r"a\.json cannot be read as a JSON list"):
        said("a.json", text)


def test_lines_of_files_that_were_joined_keep_their_marks_and_lose_no_row() -> None:
    line = b"\xef\xbb\xbf" + GOOD_JSON.encode() + b"\n"
    assert [isinstance(row, AdCost) for row in said("a.jsonl", line * 2)] == [True, True]


def test_what_is_no_json_at_all_is_refused_line_by_line() -> None:
    assert [refusal([row]).reason for row in said("a.jsonl", b'{"date\n\xff\n' + b"[" * 200_000)] == ["malformed"] * 3


@pytest.mark.parametrize(
    ("text", "most", "is_read"),
    [
        (b'[{"a": "],[", "b": [1, {"c": 2}]}, "\\",", 3]', 3, True),
        (b'[{"a": "],[", "b": [1, 2]}, "\\",", 3]', 2, False),
        (b"[0, 0, 0, 0", 3, False),
        (b'"' + b'\\"' * 300_000 + b",,,", 3, True),
    ],
)
def test_a_list_is_counted_before_anything_is_made_of_it(
    text: bytes, most: int, is_read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def elements(content: bytes) -> list[bytes]:
        read.append(content)
        return []

    monkeypatch.setattr(cost_files, "_elements", elements)
    if is_read:
        list(read_costs(CostFile(Path("a.json"), text, most_rows=most), default_currency="EUR"))
    else:
        with pytest.raises(TooLongError):
            list(read_costs(CostFile(Path("a.json"), text, most_rows=most), default_currency="EUR"))
    assert read == ([text] if is_read else [])


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.json"])
def test_more_rows_than_are_taken_at_a_time_are_refused(name: str) -> None:
    text = {"a.csv": f"{HEADER}\n{GOOD}\n{GOOD}", "a.jsonl": "{}\n{}", "a.json": "[1,2]"}[name].encode()
    assert len(list(read_costs(CostFile(Path(name), text, most_rows=2), default_currency="EUR"))) == 2
    with pytest.raises(TooLongError, match="At most 1 row is accepted per request"):
        list(read_costs(CostFile(Path(name), text, most_rows=1), default_currency="EUR"))
