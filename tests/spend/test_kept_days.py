"""A refused row keeps its day's known spend, and a day far off is no day of costs."""

from pathlib import Path

import pytest

from tests.server.conftest import placed
from touchline.jobs import running
from touchline.jobs.importing import ImportReport, load_costs
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.spend import CostFile

NOW = 1_772_900_000_000_000  # 2026-03-07
GOOD = (
    "date,platform,account_id,campaign_id,cost\n2026-03-02,META,1,a,10\n2026-03-02,META,1,b,5\n2026-03-03,META,1,a,7\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(placed(tmp_path / "home").home)


def load(workspace: Workspace, text: str, name: str = "c.csv") -> ImportReport:
    file = CostFile(Path(name), text.encode())
    return load_costs(workspace, [file], organization_id=None, source="csv", now=NOW)


def spend(workspace: Workspace) -> dict[str, int]:
    running.run(workspace)
    select = "select cost_date, sum(spend_micros) as spend from ad_costs group by cost_date order by cost_date"
    return {
        str(row["cost_date"]): int(row["spend"]) // 1_000_000 for row in workspace.engine.select(select).to_pylist()
    }


@pytest.mark.parametrize(
    ("row", "kept"),
    [
        ("2026-03-02,META,1,b,€5", {"2026-03-02"}),
        ("2026-03-02,META,1,b,1_000", {"2026-03-02"}),
        ("2026-03-02,!!,1,b,5", {"2026-03-02"}),
        ("yesterday,META,1,b,5", {"2026-03-02", "2026-03-03"}),
        ("2026-03-03,META,1", {"2026-03-03"}),
        ("2062-03-02,META,1,b,5", set()),
        ("2026-03-02,META,2,b,€5", set()),
    ],
)
def test_a_refused_row_keeps_the_days_that_it_may_be_of(workspace: Workspace, row: str, kept: set[str]) -> None:
    with workspace:
        load(workspace, GOOD)
        report = load(workspace, GOOD.replace(",10", ",100").replace(",b,5", ",b,50").replace(",7", ",70") + row + "\n")
        whole = {"2026-03-02": (15, 150), "2026-03-03": (7, 70)}
        assert spend(workspace) == {day: old if day in kept else new for day, (old, new) in whole.items()}
        assert report.kept_days == len(kept)
        assert report.read == 4
        held = workspace.ledger.rows(schema.REJECTED_AD_COSTS, reason="day_incomplete")
        assert [one for one in held if "c.csv:5 is refused" not in one["message"]] == []
        assert bool(held) == bool(kept)


def test_json_rows_keep_their_day_too(workspace: Workspace) -> None:
    with workspace:
        load(workspace, GOOD)
        good = '{"date": "2026-03-02", "platform": "META", "account_id": 1, "campaign_id": "a", "cost": 99}'
        bad = good.replace("99", "true")
        assert load(workspace, f"{good}\n{bad}\n", "c.jsonl").kept_days == 1
        assert spend(workspace)["2026-03-02"] == 15


def test_a_day_that_nobody_knew_takes_the_good_rows(workspace: Workspace) -> None:
    with workspace:
        assert load(workspace, GOOD + "2026-03-03,META,1,b,€5\n").kept_days == 0
        assert spend(workspace) == {"2026-03-02": 15, "2026-03-03": 7}


@pytest.mark.parametrize("day", ["2062-01-01", "0001-01-01", "1970-01-01", "1999-12-31", "2026-03-09", "9999-12-31"])
def test_a_day_far_off_is_refused(workspace: Workspace, day: str) -> None:
    with workspace:
        assert load(workspace, GOOD + f"{day},META,1,a,1\n").rejected == {"out_of_range": 1}
