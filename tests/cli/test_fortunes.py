"""More money than 64 bits hold: whoever sends it, the numbers go on, and every command says the whole sum."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, copied, event
from touchline.cli import main

MICROS = 2**53 - 1
FORTUNE = "9007199254.740991"
"""The most that one order, or one row of costs, may say; and all rows of one ad and day together 2⁶³ - 1 millionths."""
MANY, AFTERWARDS = 1_100, "2026-01-01T11:00:00Z"


@pytest.fixture(scope="module")
def rich(initialized: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which so many fortunes were earned and spent that neither sum fits."""
    folder = tmp_path_factory.mktemp("rich")
    home = copied_home(initialized, folder)
    source = {"url": "https://shop.example/?utm_source=facebook&utm_medium=cpc&utm_campaign=a", "anonId": "v"}
    order = {"type": "CONVERSION", "value": FORTUNE, "currency": "EUR", "anonId": "v", "occurredAt": AFTERWARDS}
    order["url"] = "https://shop.example/thanks"
    said = [event(0, **source), *(event(28 * n, **order) for n in range(1, MANY + 1))]
    rows = "".join(f"2026-01-01,META,{FORTUNE},{name}\n" for n in range(MANY) for name in ("a", f"b{n}"))
    (folder / "events.jsonl").write_text("".join(json.dumps(one) + "\n" for one in said), encoding="utf-8")
    (folder / "costs.csv").write_text(f"date,platform,cost,campaign_id\n{rows}", encoding="utf-8")
    for words in ("import events events.jsonl", "import costs costs.csv", "run"):
        *command, last = words.split()
        assert main([*command, str(folder / last) if "." in last else last, "--home", str(home)]) == 0
    return home


def copied_home(made: Path, folder: Path) -> Path:
    """A copy of a home."""
    with pytest.MonkeyPatch.context() as patch:
        return copied(made, folder, patch)


@pytest.fixture
def fortunes(rich: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That home, which every command uses."""
    return copied(rich, tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "words",
    [
        "report attribution", "report attribution --by platform", "report models --by campaign", "report journeys",
        "waste", "health", "explain person v", "fit make", "run", "run --rebuild", "doctor",
    ],
)  # fmt: skip
def test_every_command_goes_on(fortunes: Path, touchline: Command, words: str) -> None:
    assert touchline(*words.split()).exit_code == 0
    assert touchline(*words.split(), "--json").document


def test_the_sums_are_whole(fortunes: Path, touchline: Command) -> None:
    earned, spent = MANY * MICROS, MANY * MICROS + 2**63 - 1
    totals = touchline("report", "attribution", "--by", "platform", "--json").document["totals"]
    assert (totals["value_micros"], totals["spend_micros"]) == (earned, spent)
    waste = touchline("waste", "--json").document
    assert (waste["spend_micros"], sum(one["spend_micros"] for one in waste["summary"])) == (spent, MANY * MICROS)
