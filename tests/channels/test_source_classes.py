"""``source_classes.csv`` says which source class, S1 to S5, and which ad platform a landing has, and who says so."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from touchline.channels.classify import classify
from touchline.channels.ladder import SOURCE_CLASSES

_LINES = (Path(__file__).parent / "source_classes.csv").read_text(encoding="utf-8").splitlines()
ROWS = list(csv.DictReader(line for line in _LINES if not line.startswith("# ")))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['url']} from {row['referrer']} {row['past']}")
def test_a_landing_has_the_source_class_and_platform_of_its_row(row: dict[str, str]) -> None:
    url, past = "https://shop.example.com" + row["url"], ["gclid"] if row["past"] else ()
    answer = classify(url, row["referrer"] or None, past_click_ids=past)
    assert (answer.source_class, answer.platform) == (row["source_class"], row["platform"]), answer.reason
    alone = classify(url, row["referrer"] or None, past_click_ids=past, ruleset="seed")
    assert (alone.channel, alone.source_class) == (row["source_class"], row["source_class"])


def test_every_row_is_another_and_names_its_source() -> None:
    asked = Counter((row["url"], row["referrer"], row["past"]) for row in ROWS)
    assert len(asked) == len(ROWS) >= 200
    known = ("seed S", "GA4 ", "click_ids.json ", "ai_assistants.json", "by hand: ")
    assert [row for row in ROWS if not row["source"].startswith(known)] == []


def test_the_table_has_many_rows_of_each_source_class() -> None:
    rows = Counter(row["source_class"] for row in ROWS)
    assert set(rows) == set(SOURCE_CLASSES)
    assert min(rows.values()) >= 15
