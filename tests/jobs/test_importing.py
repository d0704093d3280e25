"""What an import of costs keeps, column by column, and of which days there can be costs."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.jobs.conftest import NOW
from touchline.errors import InputError, UsageError
from touchline.jobs.importing import import_costs, import_events, load_costs
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.settings import Home
from touchline.spend import CostFile

HEADER = (
    "date,platform,account_id,campaign_id,campaign_name,adset_id,adset_name,ad_id,ad_name,impressions,clicks,cost,"
    "currency"
)
ROW = "2026-03-02,META,acc,c1,Spring,s1,Set,a1,Ad,1000,20,12.34,USD"


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home with its ledger in each of the databases: what a driver takes differs."""
    made = Home(tmp_path / "home")
    return made if request.param == "sqlite" else replace(made, database_url=request.getfixturevalue("database_url"))


def cost_rows(workspace: Workspace) -> list[dict[str, object]]:
    return [dict(row) for row in workspace.ledger.rows(schema.AD_COST_ROWS)]


def test_each_column_of_a_row_is_kept_as_it_was_said(workspace: Workspace) -> None:
    file = CostFile(Path("in/march.csv"), f"{HEADER}\n{ROW}\n2026-03-02,META,,,,,,,,,,x,\n".encode())
    report = load_costs(workspace, [file], organization_id=None, source="crm", now=NOW)
    (kept,) = cost_rows(workspace)
    assert date.fromisoformat(str(kept.pop("cost_date"))) == date(2026, 3, 2)
    assert {name: value for name, value in kept.items() if name not in {"row_number", "load_number"}} == {
        "platform": "META", "account_id": "acc", "campaign_id": "c1", "campaign_name": "Spring", "adset_id": "s1",
        "adset_name": "Set", "ad_id": "a1", "ad_name": "Ad", "impressions": 1000, "clicks": 20,
        "spend_micros": 12_340_000, "currency": "USD", "country": "", "region": "",
        "platform_conversion_micros": None, "platform_value_micros": None, "spread_days": None,
        "exchange_rate": None, "reporting_micros": None, "reporting_value_micros": None,
    }  # fmt: skip
    (refused,) = workspace.ledger.rows(schema.REJECTED_AD_COSTS)
    assert (refused["source"], refused["reason"], refused["field"]) == ("march.csv:3", "wrong_type", "cost")
    assert "'x'" in refused["message"]
    assert "META" in refused["payload"]
    (load,) = workspace.ledger.rows(schema.AD_COST_LOADS)
    assert (load["source"], load["file_name"], load["loaded_at"]) == ("crm", "march.csv", NOW)
    assert (load["accepted"], load["rejected"], report.accepted, report.rejected) == (1, 1, 1, {"wrong_type": 1})
    assert {kept["load_number"], refused["load_number"]} == {load["load_number"]} == set(report.load_numbers)


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        (NOW, "2026-03-08"), (NOW - NOW % DAY_MICROS, "2026-03-08"), (NOW - NOW % DAY_MICROS - 1, "2026-03-07"),
    ],
)  # fmt: skip
def test_there_can_be_costs_of_tomorrow_and_of_no_later_day(workspace: Workspace, now: int, newest: str) -> None:
    later = date.fromisoformat(newest) + timedelta(days=1)
    file = CostFile(Path("c.csv"), f"date,platform,cost\n{newest},META,1\n{later},META,1\n".encode())
    report = load_costs(workspace, [file], organization_id=None, source="csv", now=now)
    assert (report.accepted, report.rejected.total()) == (1, 1)
    assert [str(row["cost_date"]) for row in cost_rows(workspace)] == [newest]


def test_no_file_and_a_missing_one_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    here, missing = tmp_path / "here.csv", tmp_path / "missing.csv"
    here.write_text("date,platform,cost\n2026-03-02,META,1\n")
    for files, error, said in (
        ([], UsageError, "No file is named"), ([here, missing], InputError, r"There is no file .*missing\.csv"),
    ):  # fmt: skip
        with pytest.raises(error, match=said):
            import_costs(workspace, files, organization_id=None, now=NOW)
        with pytest.raises(error, match=said):
            import_events(workspace, files, site_id=None, mapping=None, now=NOW)
    assert workspace.ledger.rows(schema.AD_COST_LOADS) == []
