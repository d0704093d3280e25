"""What people read has the decimals of the organization's currency; what programs read stays exact."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.sharing import held_open
from touchline.cli import main
from touchline.jobs.workspace import Workspace
from touchline.reports.overview import overview
from touchline.reports.page import page
from touchline.settings import Home

AMOUNT = 1234.5678
TEXTS = {"JPY": "1,235", "KWD": "1,234.568", "EUR": "1,234.57"}
HALF = {"JPY": "617", "KWD": "617.284", "EUR": "617.28"}


ZERO = {"EUR": "0.00", "JPY": "0", "KWD": "0.000"}


@pytest.fixture(scope="module", params=[*TEXTS])
def currency(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def made(currency: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A shop that earned one amount, spent as much on one campaign, and got half of it back."""
    folder = tmp_path_factory.mktemp(currency)
    at = "2026-01-05T10:00:00Z"
    ad = "https://shop.example/?utm_source=google&utm_medium=cpc&utm_id=111&gclid=Cj0KCQiA1234567890"
    events = [
        {"eventId": "e1", "type": "PAGE_VIEW", "anonId": "ann", "url": ad, "occurredAt": at},
        {"eventId": "e2", "type": "CONVERSION", "anonId": "ann", "orderId": "A-1", "value": AMOUNT, "occurredAt": at},
        {"eventId": "e3", "type": "CONVERSION", "anonId": "ann", "orderId": "A-2", "value": AMOUNT, "occurredAt": at},
        {"eventId": "e4", "type": "REFUND", "orderId": "A-2", "value": AMOUNT, "occurredAt": at},
    ]
    (folder / "e.jsonl").write_text("".join(json.dumps(one) + "\n" for one in events))
    rows = "".join(f"2026-01-05,GOOGLE_ADS,{campaign},{AMOUNT}\n" for campaign in ("111", "222"))
    (folder / "c.csv").write_text(f"date,platform,campaign_id,cost\n{rows}")
    for words in (
        ("init", "--domain", "shop.example", "--currency", currency),
        ("import", "events", folder / "e.jsonl"), ("import", "costs", folder / "c.csv"),
        ("goal", "set", "lead", "--event-name", "lead", "--default-value", AMOUNT),
        ("target", "set", "--cpa", AMOUNT / 2), ("run",),
    ):  # fmt: skip
        assert main([*map(str, words), "--home", str(folder / "home")]) == 0
    with held_open(folder / "home"):
        yield folder / "home"


@pytest.fixture
def home(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop, which every command uses and none of these changes."""
    monkeypatch.setenv("TOUCHLINE_HOME", str(made))
    return made


@pytest.mark.parametrize(
    ("words", "times"),
    [
        (("report", "attribution", "--by", "campaign"), 5), (("report", "journeys"), 1), (("waste",), 2),
        (("explain", "conversion", "A-1"), 2), (("explain", "conversion", "A-2"), 2), (("goal", "list"), 1),
    ],
)  # fmt: skip
def test_a_command_prints_amounts_with_the_decimals(
    home: Path, currency: str, touchline: Command, words: tuple[str, ...], times: int
) -> None:
    out = touchline(*words).out
    assert len(re.findall(rf"(?<![\d,.]){re.escape(TEXTS[currency])}(?![\d,.]\d)", out)) >= times, out
    others = [text for name, text in TEXTS.items() if name != currency]
    assert [text for text in others if re.search(rf"(?<![\d,.]){re.escape(text)}(?![.\d])", out)] == []


def test_a_target_is_listed_with_the_decimals(home: Path, currency: str, touchline: Command) -> None:
    assert touchline("target", "list").out.split()[-2] == HALF[currency]


def test_programs_get_exact_amounts_whatever_the_currency(home: Path, touchline: Command) -> None:
    document = touchline("report", "attribution", "--json").document
    assert document["totals"]["value_micros"] == 1_234_567_800
    assert "1234.5678" in touchline("report", "attribution", "--csv").out


@pytest.mark.slow
def test_the_page_has_amounts_with_the_decimals(home: Path, currency: str) -> None:
    with Workspace(Home(home), is_read_only=True) as workspace:
        text = page(overview(workspace.engine, "shop-example"))
    assert text.count(f">{TEXTS[currency]}<") >= 4
    assert f"{currency} {ZERO[currency]} of it is called waste" in text  # one day is too little to tell
    assert f"the target is {HALF[currency]}." in text
    others = [written for name, written in TEXTS.items() if name != currency and "." in written]  # units are whole
    assert [written for written in others if re.search(rf"(?<![\d,]){re.escape(written)}(?![.\d])", text)] == []
