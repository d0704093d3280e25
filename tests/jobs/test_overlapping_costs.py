"""Loads that state the same money twice are named and refused, whichever way they came, unless that is meant."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from touchline.errors import InputError
from touchline.jobs import importing, setup
from touchline.jobs.importing import ImportReport, Overlap, OverlapError
from touchline.jobs.importing.overlaps import gaps
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home
from touchline.spend.options import options_of

NOW = 1_773_000_000_000_000
CAMPAIGNS = "Day,Campaign,Currency code,Customer ID,Cost\n"
KEYWORDS = "Day,Keyword,Ad group,Currency code,Customer ID,Cost\n"
CONNECTOR = "date,customer_id,campaign_id,currency_code,cost_micros\n"
OWN = "date,platform,account_id,campaign_id,cost\n"


class Loads:
    """Imports of texts into one home."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self._folder = folder

    def __call__(
        self, text: str, name: str = "c.csv", source: str = "csv", overlap: Overlap = "refuse", **said: Any
    ) -> ImportReport:
        file = self._folder / name
        file.write_text(text)
        return importing.import_costs(
            self.workspace, [file], organization_id=None, source=source, now=NOW, overlap=overlap,
            options=options_of((), **said),
        )  # fmt: skip

    def refused(self, text: str, name: str = "c.csv", source: str = "csv", **said: Any) -> str:
        before = self.workspace.ledger.rows(schema.AD_COST_LOADS)
        with pytest.raises(OverlapError) as caught:
            self(text, name, source, **said)
        assert self.workspace.ledger.rows(schema.AD_COST_LOADS) == before
        return f"{caught.value.message} {caught.value.hint}"


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Loads]:
    home = Home(tmp_path / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        yield Loads(workspace, tmp_path)


def test_the_same_report_again_replaces(load: Loads) -> None:
    text = f"{CAMPAIGNS}2026-03-01,A,EUR,9,1.00\n2026-03-02,A,EUR,9,1.00\n"
    load(text)
    assert load(text.replace("1.00", "1.10")).replaced_days == 2
    assert load(f"{CAMPAIGNS}2026-03-02,A,EUR,9,2.00\n2026-03-03,A,EUR,9,1.00\n").replaced_days == 1


def test_the_same_days_from_another_source_are_refused_with_the_load(load: Loads) -> None:
    load(f"{CAMPAIGNS}2026-03-01,A,EUR,9,1.00\n2026-03-02,A,EUR,9,1.00\n", "screen.csv", "screen")
    text = f"{CONNECTOR}2026-03-02,9,1,EUR,1000000\n2026-03-03,9,1,EUR,1000000\n"
    said = load.refused(text, "table.csv", "connector")
    assert "table.csv has 2026-03-02 of GOOGLE_ADS, which load 1 (screen.csv, 2026-03-08) already has" in said
    assert "under source screen and account 9: the money would count twice" in said
    assert "import with --source screen and --account 9; if it is other money, give --overlap add" in said
    assert load.refused(text, "table.csv", "connector", overlap="replace") == said
    assert load(text, "table.csv", "connector", "add").accepted == 2
    assert load(text.replace(",9,", ",10,"), "other.csv", "connector").accepted == 2


def test_an_account_that_is_not_named_may_be_any(load: Loads) -> None:
    load(f"{CONNECTOR}2026-03-01,9,1,EUR,1000000\n")
    text = "Day,Campaign,Currency code,Cost\n2026-03-01,A,EUR,1.00\n"
    assert "already has under source csv and account 9" in load.refused(text)
    assert "which load 1 (c.csv, 2026-03-08) states by campaign (Google Ads, a connector's table)" in load.refused(
        text, account="9"
    )
    assert load(text, overlap="replace", account="9").replaced_days == 1
    load(f"{OWN}2026-03-05,META,,c,1\n")
    assert load(f"{OWN}2026-03-05,META,act_9,c,1\n").accepted == 1


def test_keywords_do_not_replace_campaigns(load: Loads) -> None:
    load(f"{CAMPAIGNS}2026-03-01,A,EUR,9,1.00\n2026-03-02,A,EUR,9,1.00\n", "campaigns.csv")
    text = f"{KEYWORDS}2026-03-02,lamp,G,EUR,9,0.90\n"
    said = load.refused(text, "keywords.csv")
    assert "keywords.csv states 2026-03-02 by keyword (Google Ads, a report from the screen), which load 1" in said
    assert "(campaigns.csv, 2026-03-08) states by campaign" in said
    assert "give --overlap replace" in said
    assert load(text, "keywords.csv", overlap="replace").replaced_days == 1


def test_parts_of_a_total_are_replaced_together(load: Loads) -> None:
    text = "Campaign,Currency code,Cost\nA,EUR,3.00\n"
    load(text, spread="2026-03-01..2026-03-03")
    said = load.refused(text, spread="2026-03-03..2026-03-05")
    assert "overlaps with 2026-03-03 of load 1 (c.csv, 2026-03-08)" in said
    assert "parts of a total of 2026-03-01 to 2026-03-03; its own" in said
    assert "its own are parts of a total of 2026-03-03 to 2026-03-05" in said
    assert "its own are costs by day" in load.refused("Day,Campaign,Currency code,Cost\n2026-03-02,A,EUR,1\n")
    assert load(text, spread="2026-03-01..2026-03-03").replaced_days == 3
    assert load(text, spread="2026-03-03..2026-03-05", overlap="replace").replaced_days == 1


def test_another_currency_and_another_unit_are_refused(load: Loads) -> None:
    load(f"{OWN}2026-03-01,META,9,c,12.50\n2026-03-02,META,9,c,7.00\n")
    assert "has 2026-03-01 in USD, which are known in EUR. Give --currency EUR" in load.refused(
        "date,platform,account_id,campaign_id,cost,currency\n2026-03-01,META,9,c,12,USD\n"
    )
    micros = f"{OWN}2026-03-01,META,9,c,12500000\n2026-03-02,META,9,c,7000000\n"
    assert "1e+06 times the spend that is known of 2026-03-01, 2026-03-02: micros and units" in load.refused(micros)
    assert load(micros, overlap="replace").replaced_days == 2
    assert "1e-06 times the spend" in load.refused(f"{OWN}2026-03-01,META,9,c,12.50\n2026-03-02,META,9,c,7.00\n")


def test_files_of_one_command_are_compared_too(load: Loads, tmp_path: Path) -> None:
    files = [tmp_path / "campaigns.csv", tmp_path / "keywords.csv"]
    files[0].write_text(f"{CAMPAIGNS}2026-03-01,A,EUR,9,1.00\n")
    files[1].write_text(f"{KEYWORDS}2026-03-01,lamp,G,EUR,9,0.90\n")
    with pytest.raises(OverlapError, match=r"keywords\.csv states .* which campaigns\.csv of this"):
        importing.import_costs(load.workspace, files, organization_id=None, now=NOW)
    assert load.workspace.ledger.rows(schema.AD_COST_LOADS) == []


def test_what_is_to_be_said_of_a_file_is_said_and_kept(load: Loads) -> None:
    text = (
        "Campaign report\n1 March 2026 - 2 March 2026\nCampaign,Currency code,Cost\nA,EUR,3.00\nTotal: Account,,3.00\n"
    )
    report = load(text, spread="2026-03-01..2026-03-02", time_zone="Europe/Berlin")
    assert report.remarks == [
        "c.csv: read as Google Ads, a report from the screen, by campaign",
        "c.csv: totals of 2026-03-01 to 2026-03-02, spread evenly over 2 days; each row of the file makes 2",
        "c.csv: 1 row of totals or remarks left out; the totals agree with the rows, 3.00",
    ]
    (kept,) = load.workspace.ledger.rows(schema.AD_COST_LOADS)
    assert (kept["format"], kept["level"]) == ("Google Ads, a report from the screen", "campaign")
    assert (kept["spread_start"], kept["spread_end"], kept["time_zone"]) == (
        date(2026, 3, 1), date(2026, 3, 2), "Europe/Berlin",
    )  # fmt: skip
    assert [row["spread_days"] for row in load.workspace.ledger.rows(schema.AD_COST_ROWS)] == [2, 2]


def test_days_that_a_file_lacks_are_named(load: Loads) -> None:
    days = (1, 2, 5, 7, 9, 11, 13)
    report = load(OWN + "".join(f"2026-03-{day:02},META,9,c,1\n" for day in days if day < 9))
    assert report.remarks == ["c.csv: no costs on 2026-03-03 to 2026-03-04, 2026-03-06"]
    report = load(OWN + "".join(f"2026-02-{day:02},META,9,c,1\n" for day in days))
    assert report.remarks[0].endswith("2026-02-08 and 2 more")


class Warehouse:
    """A source in Python, as of a query or an interface."""

    name = "warehouse"

    def __init__(self, *rows: dict[str, object]) -> None:
        self._rows = rows

    def rows(self) -> Iterator[dict[str, object]]:
        return iter(self._rows)


def test_costs_of_a_python_source_are_judged_as_those_of_a_file(load: Loads) -> None:
    row = {
        "date": date(2026, 3, 1),
        "platform": "meta",
        "account_id": 9,
        "campaign_id": "A",
        "cost": Decimal("1.250001"),
    }
    source = Warehouse(row, {**row, "campaign_id": "B", "cost": "x"})
    report = importing.import_from(load.workspace, source, organization_id=None, now=NOW)
    assert (report.accepted, report.rejected) == (1, {"wrong_type": 1})
    (kept,) = load.workspace.ledger.rows(schema.AD_COST_ROWS)
    assert (kept["platform"], kept["account_id"], kept["spend_micros"]) == ("META", "9", 1_250_001)
    (known,) = load.workspace.ledger.rows(schema.AD_COST_LOADS)
    assert (known["source"], known["file_name"]) == ("warehouse", "warehouse.jsonl")
    assert "under source warehouse" in load.refused(f"{OWN}2026-03-01,META,9,A,1.00\n")
    export = {
        "date": "2026-03-02",
        "customer_id": 9,
        "campaign_id": 1,
        "currency_code": "EUR",
        "cost_micros": 1_000_000,
    }
    report = importing.import_from(load.workspace, Warehouse(export), organization_id=None, now=NOW)
    assert report.remarks == ["warehouse.jsonl: read as Google Ads, a connector's table, by campaign"]
    with pytest.raises(InputError, match="warehouse: row 1 cannot be read"):
        importing.import_from(load.workspace, Warehouse({"date": object()}), organization_id=None, now=NOW)


def test_gaps_are_what_lies_between() -> None:
    first = date(2026, 1, 1)
    told = {first + timedelta(days=number) for number in (0, 1, 4, 9)}
    between = {start + timedelta(days=n) for start, end in gaps(told) for n in range((end - start).days + 1)}
    assert between == {first + timedelta(days=number) for number in range(10)} - told
    assert list(gaps([])) == list(gaps([first])) == []


def test_a_day_is_not_replaced_by_a_part_of_it_unless_that_is_meant(load: Loads) -> None:
    load(f"{CAMPAIGNS}2026-03-01,A,EUR,9,10.00\n2026-03-01,B,EUR,9,2.50\n2026-03-01,C,EUR,9,0.00\n")
    said = load.refused(f"{CAMPAIGNS}2026-03-01,A,EUR,9,10.00\n", "filtered.csv")
    assert "filtered.csv has 2026-03-01 of GOOGLE_ADS without 1 campaign that load 1 (c.csv, 2026-03-08)" in said
    assert "has there, 2.50 EUR: B." in said
    assert "give --overlap replace" in said
    said = load.refused(f"{CAMPAIGNS}2026-03-01,A,EUR,9,4.00\n2026-03-01,B,EUR,9,2.00\n", "partial.csv")
    assert "partial.csv has 6.00 EUR on 2026-03-01 of GOOGLE_ADS, where load 1 (c.csv, 2026-03-08) has 12.50" in said
    text = f"{CAMPAIGNS}2026-03-01,A,EUR,9,4.25\n2026-03-01,B,EUR,9,2.00\n2026-03-01,D,EUR,9,1.00\n"
    assert load(text).replaced_days == 1  # campaigns without spend may go, new ones come, and half may be taken back
    assert load(f"{CAMPAIGNS}2026-03-01,A,EUR,9,10.00\n", overlap="replace").replaced_days == 1


def test_files_of_one_command_do_not_replace_each_other_in_part(load: Loads, tmp_path: Path) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    files[0].write_text(f"{OWN}2026-03-01,META,1,A,1.00\n2026-03-01,META,1,B,1.00\n")
    files[1].write_text(f"{OWN}2026-03-01,META,1,A,1.00\n")
    with pytest.raises(OverlapError, match=r"without 1 campaign that a\.csv of this command has there"):
        importing.import_costs(load.workspace, files, organization_id=None, now=NOW)
