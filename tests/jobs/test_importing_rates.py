"""Rates convert costs in other currencies as they come, and restate those that were there: their days and no others."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.oracle.world import Row
from tests.quantifiers import each
from touchline.engines.answers import python_rows
from touchline.errors import InputError
from touchline.jobs import importing, running, setup
from touchline.jobs.importing.rates import RatesReport, import_rates
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.checks import conservation_checks
from touchline.reports.countries import countries_report
from touchline.reports.performance import performance_report
from touchline.settings import Home
from touchline.tables import DAILY_ROLLUPS

NOW = 1_775_000_000_000_000
COSTS = (
    "date,platform,account_id,campaign_id,cost,currency\n"
    "2026-03-06,META,1,A,10.00,USD\n2026-03-06,META,1,B,1.00,EUR\n"
    "2026-03-08,META,1,A,20.00,USD\n2026-03-08,META,2,A,5.00,GBP\n2026-03-20,META,1,A,30.00,USD\n"
)
COLUMNS = "select cost_date, account_id, native_currency, currency, exchange_rate, spend_micros from ad_costs"
Spent = tuple[str, str | None, int]
"""A currency, the rate to it, and an amount in it."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    home = Home(tmp_path / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as opened:
        yield opened


def rates(workspace: Workspace, folder: Path, *rows: str) -> RatesReport:
    file = folder / "rates.csv"
    file.write_text("date,from,to,rate\n" + "".join(f"{row}\n" for row in rows))
    return import_rates(workspace, [file], organization_id=None, now=NOW + 1)


def costs(workspace: Workspace, folder: Path) -> importing.ImportReport:
    file = folder / "costs.csv"
    file.write_text(COSTS)
    return importing.import_costs(workspace, [file], organization_id=None, now=NOW)


def standing(workspace: Workspace) -> dict[tuple[int, str, str], Spent]:
    running.run(workspace)
    found = workspace.engine.select(COLUMNS).to_pylist()
    return {
        (row["cost_date"].day, row["account_id"], row["native_currency"]): (
            row["currency"], row["exchange_rate"], row["spend_micros"],
        )
        for row in found
    }  # fmt: skip


def test_a_missing_rate_is_said_and_the_spend_is_kept(workspace: Workspace, tmp_path: Path) -> None:
    report = costs(workspace, tmp_path)
    assert (report.accepted, dict(report.without_rate)) == (5, {"USD": 3, "GBP": 1})
    assert (
        "costs.csv: missing_rate: 3 rows in USD without an exchange rate to EUR (2026-03-06 to 2026-03-20)"
        in "".join(report.remarks)
    )
    kept = standing(workspace)
    assert kept[8, "2", "GBP"] == ("GBP", None, 5_000_000)
    assert {rate for _, rate, _ in kept.values()} == {None}


def test_a_rate_restates_the_days_that_it_touches(workspace: Workspace, tmp_path: Path) -> None:
    costs(workspace, tmp_path)
    standing(workspace)
    report = rates(workspace, tmp_path, "2026-03-06,USD,EUR,0.8", "2026-03-06,EUR,GBP,0.5")
    assert (report.accepted, report.unchanged, report.restated_days) == (2, 0, 3)
    assert dict(report.without_rate) == {"USD": 1}  # the 20th is two weeks later
    after = {
        (6, "1", "USD"): ("EUR", "0.8", 8_000_000), (6, "1", "EUR"): ("EUR", None, 1_000_000),
        (8, "1", "USD"): ("EUR", "0.8", 16_000_000), (8, "2", "GBP"): ("EUR", "2", 10_000_000),
        (20, "1", "USD"): ("USD", None, 30_000_000),
    }  # fmt: skip
    assert standing(workspace) == after
    (_, load) = workspace.ledger.rows(schema.AD_COST_LOADS)
    assert (load["file_name"], load["accepted"]) == ("costs.csv", 4)
    again = rates(workspace, tmp_path, "2026-03-06,USD,EUR,0.8")
    assert (again.accepted, again.unchanged, again.restated_days) == (0, 1, 0)
    later = rates(workspace, tmp_path, "2026-03-07,USD,EUR,0.9")
    assert later.restated_days == 1
    assert standing(workspace) == after | {(8, "1", "USD"): ("EUR", "0.9", 18_000_000)}
    rebuilt = workspace.engine.select(f"{COLUMNS} order by 1, 2, 3")
    running.run(workspace, is_rebuild=True)
    assert workspace.engine.select(f"{COLUMNS} order by 1, 2, 3") == rebuilt


def test_costs_that_come_later_take_the_rates_that_are_known(workspace: Workspace, tmp_path: Path) -> None:
    rates(workspace, tmp_path, "2026-03-06,USD,EUR,0.8")
    report = costs(workspace, tmp_path)
    assert dict(report.without_rate) == {"USD": 1, "GBP": 1}
    assert standing(workspace)[8, "1", "USD"] == ("EUR", "0.8", 16_000_000)
    found = workspace.engine.select("select sum(reporting_micros) as known from touchline.costs_all").to_pylist()
    assert found == [{"known": 8_000_000 + 16_000_000 + 1_000_000}]


AD = "https://shop.example/?utm_source=facebook&utm_medium=cpc&utm_id=A"


def bought(workspace: Workspace, folder: Path, *orders: tuple[str, str, float, str]) -> None:
    """Orders of customers who came from an ad a minute before: a name, a day, a value and a currency."""
    lines = []
    for who, day, value, currency in orders:
        said = {"anonId": who, "orderId": who, "value": value, "currency": currency, "url": "https://shop.example/ok"}
        lines += [
            {"eventId": f"{who}-1", "type": "PAGE_VIEW", "anonId": who, "url": AD, "occurredAt": f"{day}T10:00:00Z"},
            {"eventId": f"{who}-2", "type": "CONVERSION", "occurredAt": f"{day}T10:01:00Z", **said},
        ]
    file = folder / "events.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert not importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW).rejected


def rolled_up(workspace: Workspace) -> dict[tuple[object, ...], Row]:
    running.run(workspace)
    rows = python_rows(workspace.engine.select("select * from daily_rollups"))
    return {tuple(row[name] for name in DAILY_ROLLUPS.key): row for row in rows}


def test_orders_and_costs_abroad_are_in_rollups_reports_and_cac(workspace: Workspace, tmp_path: Path) -> None:
    """Ann and Bob pay dollars, Cat euros, and Dan pounds, of which nobody knows a rate."""
    costs(workspace, tmp_path)
    bought(
        workspace, tmp_path, ("ann", "2026-03-06", 100.0, "USD"), ("bob", "2026-03-20", 0.000001, "USD"),
        ("cat", "2026-03-06", 7.0, "EUR"), ("dan", "2026-03-08", 9.0, "GBP"),
    )  # fmt: skip
    rolled_up(workspace)
    before = performance_report(workspace.engine, workspace.organization(None)["organization_id"], per="month")
    assert before.totals is not None
    assert (before.other_currencies, before.totals.value_micros) == (("GBP", "USD"), 7_000_000)
    rates(workspace, tmp_path, "2026-03-06,USD,EUR,0.8", "2026-03-20,USD,EUR,0.5")
    first = rolled_up(workspace)
    report = performance_report(workspace.engine, workspace.organization(None)["organization_id"], per="month")
    totals = report.totals
    assert totals is not None
    assert report.other_currencies == ("GBP",)
    assert (totals.value_micros, totals.conversions) == (80_000_000 + 1 + 7_000_000, 3)  # half a micro is one
    assert totals.spend_micros == 8_000_000 + 1_000_000 + 16_000_000 + 15_000_000
    assert totals.cac == pytest.approx(40 / 3)
    assert (
        countries_report(workspace.engine, workspace.organization(None)["organization_id"]).spend_micros == 40_000_000
    )
    (ann,) = python_rows(workspace.engine.select("select * from touchline.conversions where order_id = 'ann'"))
    assert (ann["value"], ann["native_currency"], ann["native_value_micros"]) == (80, "USD", 100_000_000)
    assert ann["exchange_rate"] == "0.8"
    assert each(
        one.is_held for one in conservation_checks(workspace.engine, workspace.organization(None)["organization_id"])
    )
    rates(workspace, tmp_path, "2026-03-20,USD,EUR,0.6")
    second = rolled_up(workspace)
    changed = {key for key in {*first, *second} if first.get(key) != second.get(key)}
    assert {key[1] for key in changed} == {date(2026, 3, 20)}
    running.run(workspace, is_rebuild=True)
    assert rolled_up(workspace) == second


def test_rates_of_an_earlier_release_convert_orders_once_a_file_is_imported(
    workspace: Workspace, tmp_path: Path
) -> None:
    with workspace.ledger.transaction() as entry:
        entry.put(
            schema.EXCHANGE_RATES, organization_id=workspace.organization(None)["organization_id"], loaded_at=NOW,
            rate_date=date(2026, 3, 6), base="USD", quote="EUR", rate="0.8",
        )  # fmt: skip
    bought(workspace, tmp_path, ("ann", "2026-03-07", 100.0, "USD"))
    assert {row["currency"] for row in rolled_up(workspace).values()} == {"USD"}
    assert rates(workspace, tmp_path, "2026-03-06,USD,EUR,0.8").accepted == 0
    assert {row["currency"] for row in rolled_up(workspace).values()} == {"EUR"}


def test_a_file_without_a_rate_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rates\.csv:2: rate is a number above 0"):
        rates(workspace, tmp_path, "2026-03-06,USD,EUR,none")
    assert workspace.ledger.rows(schema.EXCHANGE_RATES) == []
    assert date(2026, 3, 6) not in {row["rate_date"] for row in workspace.ledger.rows(schema.EXCHANGE_RATES)}


def test_costs_that_come_meanwhile_stay(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process loads a day anew after the days to restate were looked up, and before they are."""
    costs(workspace, tmp_path)
    looked_up, calls = workspace.ledger.days_in_other_currencies, []

    def and_then_another_loads(organization_id: str, currency: str) -> dict[int, set[tuple[str, str, date]]]:
        found = looked_up(organization_id, currency)
        calls.append(found)
        if len(calls) == 1:
            file = tmp_path / "later.csv"
            file.write_text(COSTS.splitlines()[0] + "\n2026-03-06,META,1,A,99.00,USD\n")
            report = importing.import_costs(workspace, [file], organization_id=None, now=NOW, overlap="replace")
            assert report.accepted == 1
        return found

    monkeypatch.setattr(workspace.ledger, "days_in_other_currencies", and_then_another_loads)
    rates(workspace, tmp_path, "2026-03-06,USD,EUR,0.5")
    assert standing(workspace)[6, "1", "USD"] == ("EUR", "0.5", 49_500_000)
    assert len(calls) == 2


def test_days_are_looked_up_once_for_all_loads(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        file = tmp_path / f"costs{n}.csv"
        file.write_text(f"date,platform,account_id,campaign_id,cost,currency\n2026-03-0{n + 5},META,{n},A,10.00,USD\n")
        importing.import_costs(workspace, [file], organization_id=None, now=NOW)
    looked_up, calls = workspace.ledger.days_in_other_currencies, []

    def counted(organization_id: str, currency: str) -> dict[int, set[tuple[str, str, date]]]:
        calls.append(currency)
        return looked_up(organization_id, currency)

    monkeypatch.setattr(workspace.ledger, "days_in_other_currencies", counted)
    assert rates(workspace, tmp_path, "2026-03-05,USD,EUR,0.5").restated_days == 4
    assert calls == ["EUR", "EUR"]
