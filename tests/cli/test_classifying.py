"""``touchline classify`` over files, without a home."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from touchline.cli import main
from touchline.jobs import classifying

VISITS = [
    {"page_url": "https://shop.example/?gclid=Cj0", "referrer": "", "note": "=1+1"},
    {"page_url": "https://shop.example/?fbclid=x", "referrer": "", "note": ""},
    {"page_url": "https://shop.example/?awc=1_2&gclid=x", "referrer": "https://shop.example/", "note": ""},
    {"page_url": "https://shop.example/", "referrer": "https://www.bing.com/", "note": ""},
    {"page_url": "https://shop.example/", "referrer": "https://blog.example/", "note": ""},
]
CHANNELS = {"Affiliates": (1, 0, 0, 1), "Organic Search": (1, 0, 0, 0), "Organic Social": (1, 0, 1, 0),
            "Paid Search": (1, 1, 0, 0), "Referral": (1, 0, 0, 0)}  # fmt: skip


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def visits(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    file = tmp_path / f"visits.{request.param}"
    if request.param == "parquet":
        pq.write_table(pa.Table.from_pylist(VISITS), file)
    elif request.param == "jsonl":
        file.write_text("".join(json.dumps(visit) + "\n" for visit in VISITS))
    else:
        with file.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, VISITS[0])
            writer.writeheader()
            writer.writerows(VISITS)
    return file


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["classify", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_rows_of_a_file_are_counted_by_channel(visits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = said(capsys, str(visits), "--column", "url=page_url")
    names = ("rows", "paid", "maybe_paid", "contradicting")
    assert {one["channel"]: tuple(one[name] for name in names) for one in answer["channels"]} == CHANNELS
    assert (answer["rows"], answer["unread"]) == (5, 0)


def test_the_output_has_a_line_for_each_row_however_many_are_read_at_once(
    visits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifying, "_ROWS_AT_ONCE", 2)
    output = tmp_path / "answers.csv"
    said(capsys, str(visits), str(visits), "--column", "url=page_url", "--output", str(output))
    with output.open(newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["channel"] for line in lines] == [
        "Paid Search", "Organic Social", "Affiliates", "Organic Search", "Referral",
    ] * 2  # fmt: skip
    assert [line["url"] for line in lines[:5]] == [visit["page_url"] for visit in VISITS]
    assert (lines[2]["ignored"], lines[2]["contradictions"]) == ("click_id:gclid", "ad_click_and_affiliate")
    assert lines[0]["row"].startswith(visits.name)


def test_hosts_of_ones_own_and_rules_of_ones_own_count(
    visits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nid = "bing"\nchannel = "Bing"\nreferrer = ["bing.com"]\n')
    words = ("--column", "url=page_url", "--own-host", "blog.example", "--rules", str(rules))
    channels = {one["channel"]: one["rows"] for one in said(capsys, str(visits), *words)["channels"]}
    assert channels == {"Affiliates": 1, "Bing": 1, "Direct": 1, "Organic Social": 1, "Paid Search": 1}


def test_rows_that_cannot_be_read_are_counted_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "visits.jsonl"
    file.write_text('{"url": "/?gclid=Cj0"}\nno json\n{"url": "/"}\n')
    answer = said(capsys, str(file))
    assert (answer["rows"], answer["unread"]) == (2, 1)
    assert answer["first_unread"][0]["place"] == "visits.jsonl:2"
    assert main(["classify", str(file)]) == 0
    assert "1 row could not be read, first visits.jsonl:2:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Expected one or more files."),
        (("$FILE",), "expected a column for url, referrer"),
        (("$FILE", "--column", "page_url"), "expected a name such as url=page_url"),
        (
            ("$FILE", "--column", "url=pgae_url", "--column", "referrer=ref"),
            "visits.csv: there is no column pgae_url (for url), ref (for referrer); there are: page_url, x.",
        ),
        (("$FILE", "--column", "url=page_url", "--column", "medium=m"), "there is no column m (for medium)"),
        (("$FILE", "--column", "uri=page_url"), "There is no column 'uri' to name."),
        (("$FILE", "--column", "url=page_url", "--ruleset", "ga5"), "There is no ruleset 'ga5'."),
        (("$FILE", "--column", "url=page_url", "--rules", "$FILE"), "is not a TOML file"),
    ],
)
def test_what_cannot_be_done_is_refused(
    words: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "visits.csv"
    file.write_text("page_url,x\n/,1\n")
    assert main(["classify", *(word.replace("$FILE", str(file)) for word in words)]) != 0
    assert message in " ".join(capsys.readouterr().err.split())
