"""The reports on a small shop: what ``--json`` says is stable, and what a terminal shows is made of the same."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.quantifiers import each
from touchline.models import MODELS


@pytest.fixture(autouse=True)
def _at_the_shop(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHLINE_HOME", str(shop))


def test_attribution_adds_up(touchline: Command) -> None:
    report = touchline("report", "attribution", "--model", "LINEAR", "--json").document
    assert report["model"] == "LINEAR"
    assert sum(row["credit"] for row in report["rows"]) == report["totals"]["credit"]
    assert sum(row["value_micros"] for row in report["rows"]) == report["totals"]["value_micros"]
    assert report["totals"]["credit"] % 1_000_000_000 == 0


def test_models_stand_side_by_side(touchline: Command) -> None:
    report = touchline("report", "models", "--by", "campaign", "--json").document
    assert [cell["model"] for cell in report["totals"]["models"]] == list(MODELS)
    assert len({cell["credit"] for cell in report["totals"]["models"]}) == 1


def test_journeys_add_up(touchline: Command) -> None:
    report = touchline("report", "journeys", "--limit", "3", "--json").document
    assert sum(row["conversions"] for row in report["rows"]) == report["conversions"]


def test_window_is_what_was_asked(touchline: Command) -> None:
    words = ("--start", "2026-08-01", "--end", "2026-08-15", "--goal", "", "--json")
    report = touchline("report", "attribution", *words).document
    assert report["window"] == {"start": "2026-08-01", "end": "2026-08-15"}
    assert report["goal"] == ""


def test_waste_is_filtered(touchline: Command) -> None:
    findings = touchline("waste", "--json").document["findings"]
    assert findings
    largest = max(finding["waste_micros"] for finding in findings)
    least = f"{largest / 1e6:.6f}"
    kept = touchline("waste", "--min-waste", least, "--json").document["findings"]
    assert [finding["waste_micros"] for finding in kept] == [largest]


@pytest.mark.parametrize("name", ["waste", "health"])
def test_an_account_is_refused_with_the_reason_where_nothing_is_of_one(touchline: Command, name: str) -> None:
    failed = touchline(name, "--account", "acme")
    assert failed.exit_code == 2
    assert "account" in failed.err
    assert "touchline report" in failed.err


def test_health_has_its_rates(touchline: Command) -> None:
    rates = {rate["measure"]: rate for rate in touchline("health", "--json").document["rates"]}
    parts = ("behavioural_coverage", "direct_only_rate", "no_touch_rate")
    assert sum(rates[name]["numerator"] for name in parts) == rates["no_touch_rate"]["denominator"]


@pytest.mark.parametrize("words", [("report", "attribution"), ("report", "models"), ("waste",), ("health",)])
def test_csv_has_a_line_for_each_row_of_the_table(touchline: Command, words: tuple[str, ...]) -> None:
    header, *lines = touchline(*words, "--csv").out.splitlines()
    document = touchline(*words, "--json").document
    rows = document.get("rows") or document.get("findings") or document["rates"]
    assert len(lines) == len(rows)
    assert {line.count(",") for line in (header, *lines) if '"' not in line} == {header.count(",")}


def test_csv_and_json_exclude_each_other(touchline: Command) -> None:
    failed = touchline("waste", "--csv", "--json")
    assert failed.exit_code == 2
    assert "as JSON or as CSV" in failed.document["error"]["message"]


def an_order(touchline: Command, shop: Path) -> str:
    """An order that counts."""
    for line in (shop / "files" / "events-2026-08.jsonl").read_text(encoding="utf-8").splitlines():
        if '"purchase"' in line and '"orderId":"' in line:
            order = line.partition('"orderId":"')[2].partition('"')[0]
            found = touchline("explain", "conversion", order, "--json")
            if found.exit_code == 0 and found.document["is_counted"] and found.document["touches"]:
                return order
    raise AssertionError("no order with a touch")


def test_conversion_is_explained(touchline: Command, shop: Path) -> None:
    order = an_order(touchline, shop)
    found = touchline("explain", "conversion", order, "--json").document
    assert found["order_id"] == order
    assert each(one["is_whole"] for one in found["sums"])
    shown = touchline("explain", "conversion", found["conversion_id"])
    assert "adds up exactly" in shown.out
    assert found["touches"][0]["channel"] in shown.out


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("report", "attribution"), "Attribution by channel: LAST_TOUCH, purchase"),
        (("report", "attribution", "--by", "campaign"), "Attribution by campaign"),
        (("report", "models"), "Conversions by channel under every model"),
        (("report", "journeys"), "Journeys: purchase"),
        (("waste",), "Waste by campaign"),
        (("health",), "behavioural_coverage"),
    ],
)
def test_people_see_tables_with_bars_and_dashes(touchline: Command, words: tuple[str, ...], title: str) -> None:
    outcome = touchline(*words)
    assert (outcome.exit_code, outcome.err) == (0, "")
    assert title in outcome.out
    if words == ("report", "attribution"):
        assert "█" in outcome.out
        assert "—" in outcome.out
