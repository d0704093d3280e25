"""A shop from its first command on, told by its commands: each is shown with every word that it says.

The transcript is ``transcript.txt``; ``python -m tests.cli.test_transcript`` writes it again, after a change that is
meant.
"""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest

from touchline.cli import clock, main
from touchline.jobs import access_keys

TRANSCRIPT = Path(__file__).with_name("transcript.txt")
NOW = 1_773_600_000_000_000
"""2026-03-15 18:40 UTC."""
SETTINGS = {"COLUMNS": "160", "NO_COLOR": "1", "TERM": "dumb"}
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
PAID = "utm_source=google&utm_medium=cpc&utm_campaign=Spring&utm_id=c1"


def event(who: str, at: str, kind: str = "PAGE_VIEW", query: str = "", **more: object) -> dict[str, object]:
    """One event of the wire, of a day of March and a minute."""
    fields: dict[str, object] = {"url": f"https://shop.example/?{query}"} if kind in {"PAGE_VIEW", "CONVERSION"} else {}
    usual = {"eventId": f"{who}-{at}-{kind}", "anonId": who, "occurredAt": f"2026-03-{at}:00Z", "userAgent": AGENT}
    return {**usual, "type": kind, **fields, **more}


def order(who: str, at: str, number: str | None, value: object, **more: Any) -> dict[str, object]:
    return event(who, at, "CONVERSION", name="purchase", orderId=number, value=value, **{"currency": "EUR", **more})


EVENTS = [
    # Anna comes by an ad of three levels, directly, and by the newsletter, and asks for some of her money back.
    event("anna", "01T10:00", query=f"{PAID}&utm_term=Set&utm_content=Red"),
    event("anna", "02T10:00"),
    event("anna", "03T10:00", query="utm_source=newsletter&utm_medium=email"),
    event("anna", "04T09:00", query="utm_source=facebook&utm_medium=paid_social&utm_campaign=Summer&fbclid=x1"),
    order("anna", "04T10:00", "A-1", 100, survey={"question": "From where?", "answer": "newsletter"}),
    event("anna", "06T10:00", "REFUND", orderId="A-1", value=25.5, currency="EUR"),
    event("anna", "07T10:00", "REFUND", orderId="A-1", value=5, currency="USD"),
    # Ben comes by a search, signs in on two devices, and buys in dollars; then he cancels.
    event("ben", "02T09:00", referrer="https://www.google.com/"),
    event("ben", "02T09:01", "IDENTIFY", userId="42"),
    event("ben2", "03T09:00", userId="42"),
    order("ben2", "03T09:05", "B-1", 70, currency="USD", survey={"question": "From where?", "answer": "a friend"}),
    order("ben2", "05T09:05", "B-2", 20),
    event("ben2", "06T09:05", "REFUND", name="cancellation", orderId="B-2"),
    # Carl is known to the shop's server only; Dora came afterwards, Eve long before, Fay twice under one number.
    order("carl", "05T12:00", "C-1", 25.01, url=None, userAgent=None),
    order("dora", "05T12:00", "D-1", 30, url=None, userAgent=None),
    event("dora", "05T12:30"),
    event("eve", "01T12:00", query="utm_source=partner&utm_medium=referral"),
    order("eve", "12T12:00", "E-1", 10, url=None, userAgent=None),
    event("fay", "08T08:00", query=PAID),
    order("fay", "08T08:10", "F-1", 15),
    order("gus", "08T08:10", "F-1", 15),
    event("hal", "09T08:00", "CUSTOM", name="signup", url="https://shop.example/signup"),
    order("ida", "10T08:00", None, 5, isTest=True),
]
REFUSED = [
    event("bot", "01T10:00", userAgent="Mozilla/5.0 (compatible; Googlebot/2.1)"), event("x", "01T25:00"),
    event("y", "01T10:00", "PURCHASE"),
]  # fmt: skip
COSTS = """\
date,platform,account_id,campaign_id,campaign_name,adset_id,adset_name,ad_id,ad_name,impressions,clicks,cost,currency
2026-03-01,GOOGLE_ADS,a1,c1,Spring,s1,Set,d1,Red,1000,50,30.00,EUR
2026-03-02,GOOGLE_ADS,a1,c1,Spring,s1,Set,d2,Blue,500,10,12.50,EUR
2026-03-03,META,a2,c2,Summer,,,,,0,0,20.00,EUR
2026-03-04,META,a2,c3,Autumn,,,,,10,1,7.00,EUR
2026-03-05,BING_ADS,a3,c4,Winter,,,,,10,1,9.00,USD
2026-03-05,BING_ADS,a3,c4,Winter,,,,,10,1,much,USD
"""
CLAIMS = "visitor_id,user_id,claimed_at\nanna,7,2026-03-09T10:00:00Z\neve,7,2026-03-09T11:00:00Z\n,9,\n"

BEGINNING = """
touchline init --domain shop.example --currency eur --time-zone Europe/Berlin
touchline site add pay.example --name Pay --time-zone UTC
touchline site list
touchline site snippet --server https://t.shop.example --site shop-example
touchline key create --kind secret --scope read --scope costs --site shop-example
touchline key list
touchline goal list
touchline goal set signup --signal signup --event-type CUSTOM --event-name signup --milestone --default-value 1.5
touchline goal set purchase --signal payment --event-name purchase --unverified apart
touchline goal remove conversion
touchline goal list
touchline target set --cpa 20
touchline target set --roas 3.5 --platform META
touchline target set --cpa 7.25 --platform GOOGLE_ADS --campaign c1
touchline target list
touchline target remove --platform META
touchline target list
touchline settings set primary_goal purchase
touchline settings set touches_per_path 2
touchline settings set lookback_days 7
touchline settings list
touchline import events events.jsonl --site shop-example
touchline import events events.jsonl refused.jsonl --site shop-example --show-rejected 1
touchline import costs costs.csv
touchline import costs costs.csv --source other
touchline import claims claims.csv --source crm --site shop-example
touchline rejected --site shop-example --show 2
touchline rejected --site shop-example --reason bot
touchline run
touchline fit make --kind MARKOV --window-end 2026-03-12 --days 14
touchline fit make --kind USUAL_CPA --window-end 2026-03-12 --days 14
touchline fit list
touchline fit show MARKOV/shop-example/2026-03-12/v1
touchline run
"""
REPORTS = """
touchline report attribution
touchline report attribution --by source_class --model FIRST_TOUCH
touchline report attribution --by platform --model LINEAR --basis TOUCH
touchline report attribution --by campaign --model LINEAR
touchline report attribution --by adset --model FIRST_TOUCH
touchline report attribution --by ad --model FIRST_TOUCH
touchline report attribution --by landing_page
touchline report attribution --currency USD --by campaign
touchline report attribution --start 2026-03-04 --end 2026-03-05 --goal ''
touchline report models
touchline report models --by campaign
touchline report journeys
touchline report journeys --limit 1 --goal ''
touchline waste
touchline waste --grain AD --model LINEAR
touchline waste --severity low --min-waste 8 --limit 1
touchline health
touchline health --days 3
touchline explain conversion A-1
touchline explain conversion B-1
touchline explain conversion B-2
touchline explain conversion C-1
touchline explain conversion D-1
touchline explain conversion E-1
touchline explain conversion F-1
touchline explain conversion shop-example:ida-10T08:00-CONVERSION
touchline explain conversion A-2
touchline explain person 42
touchline explain person anna
touchline explain person nobody
"""
ENDING = """
touchline doctor
touchline doctor --json
touchline report attribution --csv
touchline report models --csv
touchline report journeys --csv
touchline waste --csv
touchline health --csv
touchline report attribution --model MARKOV
touchline claims withdraw claims.csv --source crm --site shop-example
touchline user list
touchline erase --user 42 --dry-run
touchline erase --user 42
touchline run
touchline backup copy.touchline
touchline target set --cpa -1
touchline report attribution --currency GBP
touchline report attribution --model BEST
touchline report attribution --goal fame
touchline report attribution --start 2026-03-05 --end 2026-03-04
touchline report journeys --limit 0
touchline health --days 0
touchline waste --grain CHANNEL
touchline settings set lookback_days 0
touchline fit show MARKOV/none
"""
SECRET = (
    (re.compile(r"\b(pk|sk)_[\w-]{20,}"), r"\1_…"), (re.compile(r"key_[0-9a-f]{12}"), "key_…"),
    (re.compile(r"^(\w+ +)\d+\.\d\d( +[\d—]+)$", re.MULTILINE), r"\1…\2"),
    (re.compile(r"; \d+\.\d seconds"), "; … seconds"), (re.compile(r"\b\S{10} \S{8} UTC(?=: \d+ events)"), "… UTC"),
    (re.compile(r"(\d\.\d{9})\d+"), r"\1…"),
)  # fmt: skip


def without_chance(said: str, folder: Path) -> str:
    """What was said, but for keys, folders and how long it took."""
    said = said.replace(str(folder), "FOLDER")
    for pattern, instead in SECRET:
        said = pattern.sub(instead, said)
    return "\n".join(line.rstrip() for line in said.splitlines())


def told(words: str, folder: Path) -> str:
    """The command, its exit code where it is not 0, and what it said on both sides."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(shlex.split(words)[1:])
    parts = [f"$ {words}", *([f"exit {code}"] if code else []), out.getvalue(), err.getvalue()]
    return without_chance("\n".join(part.rstrip() for part in parts if part), folder)


def scenes(folder: Path) -> Iterator[str]:
    """All commands, one after another, and the reports once more as JSON."""
    (folder / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in EVENTS), encoding="utf-8")
    (folder / "refused.jsonl").write_text("".join(json.dumps(one) + "\n" for one in REFUSED), encoding="utf-8")
    (folder / "costs.csv").write_text(COSTS, encoding="utf-8")
    (folder / "claims.csv").write_text(CLAIMS, encoding="utf-8")
    for words in BEGINNING.strip().splitlines():
        yield told(words, folder)
    for words in REPORTS.strip().splitlines():
        yield told(words, folder)
        yield told(f"{words} --json", folder)
    for words in ENDING.strip().splitlines():
        yield told(words, folder)


def whole(patch: pytest.MonkeyPatch, folder: Path) -> str:
    for name, value in {**SETTINGS, "TOUCHLINE_HOME": "home"}.items():
        patch.setenv(name, value)
    patch.setattr(clock, "time", SimpleNamespace(time_ns=lambda: NOW * 1000))
    numbers = count(1)
    chosen = {
        "token_hex": lambda size: f"{next(numbers):0{2 * size}x}",
        "token_urlsafe": lambda size: "x" * (size * 4 // 3),
    }
    patch.setattr(access_keys, "secrets", SimpleNamespace(**chosen))  # keys are listed in the order of their ids
    patch.setattr(sys, "argv", ["touchline"])
    patch.chdir(folder)
    return "\n\n".join(scenes(folder)) + "\n"


def test_every_command_says_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    came, expected = whole(monkeypatch, tmp_path), TRANSCRIPT.read_text(encoding="utf-8")
    for one, other in zip(came.split("\n\n$ "), expected.split("\n\n$ "), strict=True):
        assert one == other


if __name__ == "__main__":
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patching:
        TRANSCRIPT.write_text(whole(patching, Path(place)), encoding="utf-8")
