"""Which loads stand: the newest of each source, account and day; and what the advertised things are called."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tests.oracle.world import organization
from touchline.engines import DuckDB
from touchline.scope import Rebuild
from touchline.spend import STAGE
from touchline.tables import ALL, COST_ROWS, ORGANIZATIONS

ROW = {
    "organization_id": "o", "source": "csv", "account_id": "a", "cost_date": "2026-01-01", "platform": "META",
    "campaign_id": "c", "campaign_name": "C", "adset_id": "", "adset_name": "", "ad_id": "", "ad_name": "",
    "currency": "EUR", "impressions": 10, "clicks": 1, "spend_micros": 100, "load_number": 1,
    "country": "", "region": "", "platform_conversion_micros": None, "platform_value_micros": None,
    "spread_days": None, "exchange_rate": None, "reporting_micros": None, "reporting_value_micros": None,
}  # fmt: skip


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with closing(DuckDB()) as opened:
        for table in ALL.values():
            opened.create(table)
        opened.append(ORGANIZATIONS, ORGANIZATIONS.arrow(organization(name) for name in "op"))
        yield opened


def made(engine: DuckDB, *rows: dict[str, Any]) -> None:
    full = [{**ROW, **row} for row in rows]
    dated = [{**row, "cost_date": date.fromisoformat(str(row["cost_date"]))} for row in full]
    engine.append(COST_ROWS, pa.Table.from_pylist(dated, COST_ROWS.arrow_schema))
    STAGE.run(Rebuild(engine, lambda _table, _rows: None))


def costs(engine: DuckDB, *columns: str) -> list[tuple[Any, ...]]:
    rows = engine.select(f"select {', '.join(columns)} from ad_costs").to_pylist()
    return sorted(tuple(str(v) if isinstance(v, date) else v for v in row.values()) for row in rows)


def campaigns(engine: DuckDB) -> dict[tuple[str, ...], str]:
    return {
        (row["grain"], row["campaign_id"], row["adset_id"], row["ad_id"]): row["name"]
        for row in engine.select("select * from campaigns").to_pylist()
    }


def names(engine: DuckDB) -> set[tuple[str, str]]:
    found = engine.select("select campaign_id, match_key from campaign_names where grain = 'CAMPAIGN' and not is_id")
    return {(row["campaign_id"], row["match_key"]) for row in found.to_pylist()}


def test_the_newest_load_of_a_day_stands_whole(engine: DuckDB) -> None:
    made(
        engine,
        {"ad_id": "x", "spend_micros": 1}, {"ad_id": "y", "spend_micros": 2},
        {"ad_id": "x", "spend_micros": 30, "load_number": 2},
        {"cost_date": "2026-01-02", "spend_micros": 4},
    )  # fmt: skip
    assert costs(engine, "cost_date", "ad_id", "spend_micros", "load_number") == [
        ("2026-01-01", "x", 30, 2),  # y is not in the newest load of that day, so it cost nothing
        ("2026-01-02", "", 4, 1),
    ]


@pytest.mark.parametrize(
    "other", [{"source": "api"}, {"platform": "BING"}, {"account_id": "b"}, {"organization_id": "p"}]
)
def test_a_load_replaces_nothing_of_another_source_platform_account_or_organization(
    engine: DuckDB, other: dict[str, Any]
) -> None:
    made(engine, {"spend_micros": 1}, {"spend_micros": 2, "load_number": 2, **other})
    assert costs(engine, "spend_micros") == [(1,), (2,)]


def test_a_load_replaces_a_day_across_currencies(engine: DuckDB) -> None:
    made(engine, {"currency": "USD"}, {"spend_micros": 7, "load_number": 2})
    assert costs(engine, "currency", "spend_micros") == [("EUR", 7)]


def test_rows_of_one_ad_and_day_in_one_load_are_added_up(engine: DuckDB) -> None:
    made(engine, {}, {"spend_micros": -30, "clicks": 2, "campaign_name": "C again"}, {"currency": "USD"})
    assert costs(engine, "currency", "impressions", "clicks", "spend_micros") == [
        ("EUR", 20, 3, 70),
        ("USD", 10, 1, 100),
    ]


def test_an_ad_counts_in_the_organizations_currency_where_each_row_has_a_rate(engine: DuckDB) -> None:
    known = {"currency": "USD", "exchange_rate": "0.5", "reporting_micros": 50}
    valued = {"platform_value_micros": 8, "reporting_value_micros": 4}
    made(
        engine,
        {**known, **valued}, {**known, "spend_micros": 3, "reporting_micros": 2},  # rounded row by row
        {**known, "ad_id": "old", "platform_value_micros": 8},  # loaded before values were converted
        {**known, "ad_id": "half", **valued}, {"currency": "USD", "ad_id": "half"},
    )  # fmt: skip
    assert costs(
        engine, "ad_id", "currency", "spend_micros", "platform_value_micros", "native_currency", "native_spend_micros",
        "exchange_rate",
    ) == [
        ("", "EUR", 52, 4, "USD", 103, "0.5"),
        ("half", "USD", 200, 8, "USD", 200, None),
        ("old", "EUR", 50, None, "USD", 100, "0.5"),
    ]  # fmt: skip


def test_the_same_load_read_twice_changes_nothing(engine: DuckDB) -> None:
    made(engine, {}, {"load_number": 2})
    assert costs(engine, "impressions", "clicks", "spend_micros") == [(10, 1, 100)]


def test_a_campaign_is_called_what_it_was_called_on_its_newest_day(engine: DuckDB) -> None:
    made(
        engine,
        {"cost_date": "2026-01-03", "campaign_name": "New"},
        {"cost_date": "2026-01-01", "campaign_name": "Old", "load_number": 2},
    )
    assert campaigns(engine) == {("CAMPAIGN", "c", "", ""): "New"}
    assert names(engine) == {("c", "new"), ("c", "old")}


def test_a_name_from_a_replaced_load_is_not_shown_and_still_known(engine: DuckDB) -> None:
    made(engine, {"campaign_name": "Wrong"}, {"campaign_name": "Right", "load_number": 2})
    assert campaigns(engine) == {("CAMPAIGN", "c", "", ""): "Right"}
    assert names(engine) == {("c", "right"), ("c", "wrong")}


def test_of_two_accounts_on_one_day_the_newer_load_names(engine: DuckDB) -> None:
    made(
        engine,
        {"account_id": "b", "campaign_name": "Z newer", "load_number": 2},
        {"account_id": "a", "campaign_name": "A older"},
    )
    assert campaigns(engine)["CAMPAIGN", "c", "", ""] == "Z newer"


def test_every_level_that_has_an_id_is_named(engine: DuckDB) -> None:
    made(engine, {"adset_id": "s", "adset_name": "S", "ad_id": "x", "ad_name": "X"}, {"campaign_id": ""})
    assert campaigns(engine) == {
        ("CAMPAIGN", "c", "", ""): "C",
        ("ADSET", "c", "s", ""): "S",
        ("AD", "c", "s", "x"): "X",
    }
