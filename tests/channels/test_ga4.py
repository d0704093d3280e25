"""Under ``ruleset="ga4"`` the answers are those of Google's written rules, one row of ``ga4.csv`` each."""

import csv
from pathlib import Path

import pytest

from touchline.channels.classify import classify
from touchline.channels.ladder import PAID_CHANNELS, ruleset
from touchline.channels.reference import google_category_rows, source_rows

_LINES = (Path(__file__).parent / "ga4.csv").read_text(encoding="utf-8").splitlines()
ROWS = list(csv.DictReader(line for line in _LINES if not line.startswith("# ")))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row.values()))
def test_source_medium_and_campaign_are_answered_as_google_writes(row: dict[str, str]) -> None:
    url = f"https://shop.example/?{'&'.join(f'utm_{name}={row[name]}' for name in ('source', 'medium', 'campaign'))}"
    for answer in (
        classify(source=row["source"], medium=row["medium"], campaign=row["campaign"], ruleset="ga4"),
        classify(url.replace(" ", "%20"), ruleset="ga4"),
    ):
        assert answer.channel == row["channel"], answer.rule_id
        assert answer.is_paid == (row["channel"] in PAID_CHANNELS)


def test_every_rule_of_google_decides_a_row() -> None:
    decided = {
        classify(source=r["source"], medium=r["medium"], campaign=r["campaign"], ruleset="ga4").rule_id for r in ROWS
    }
    assert {rule.rule_id for rule in ruleset("ga4").rules} == decided


def test_the_category_of_a_source_is_that_of_googles_list_and_of_no_other() -> None:
    listed: dict[str, str] = {row[0]: row[1] for row in google_category_rows()}
    sources = listed.keys() | {source for source, _, _ in source_rows()}
    answered = {source: classify(source=source, medium="cpc", ruleset="ga4").channel for source in sources}
    wrong = {
        source: channel
        for source, channel in answered.items()
        if channel != (f"Paid {listed[source].title()}" if source in listed else "Paid Other")
    }
    assert wrong == {}
    assert len(listed) == 819


@pytest.mark.parametrize(
    ("url", "referrer", "channel"),
    [
        ("/?gclid=Cj0", "", "Paid Search"),
        ("/?gclid=Cj0&utm_source=acme&utm_medium=email", "", "Paid Search"),
        ("/?gbraid=0AA", "", "Paid Search"),
        ("/?dclid=abc", "", "Display"),
        ("/?msclkid=abc", "", "Direct"),
        ("/?fbclid=abc", "https://l.facebook.com/", "Organic Social"),
        ("/", "https://www.google.com/", "Organic Search"),
        ("/", "https://m.youtube.com/", "Organic Video"),
        ("/", "https://www.amazon.de/", "Organic Shopping"),
        ("/", "https://www.google.de/", "Organic Search"),
        ("/", "https://search.yahoo.com/", "Organic Search"),
        ("/", "https://mail.google.com/", "Referral"),
        ("/", "https://www.threads.net/", "Referral"),
        ("/", "https://www.abacho.de/", "Referral"),
        ("/", "https://chatgpt.com/", "AI Assistant"),
        ("/", "https://blog.example.org/", "Referral"),
        ("/?utm_source=acme", "https://www.google.com/", "Unassigned"),
    ],
)
def test_links_are_read_as_google_reads_them(url: str, referrer: str, channel: str) -> None:
    assert classify("https://shop.example" + url, referrer, ruleset="ga4").channel == channel
