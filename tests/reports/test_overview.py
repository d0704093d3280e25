"""The overview agrees with itself, and its checks can fail."""

from typing import Any

import msgspec
import pyarrow as pa

from tests.reports.conftest import ORGANIZATION
from touchline.demo import DemoShop
from touchline.engines import DuckDB, Engine
from touchline.reports.overview import conservation_checks, overview
from touchline.tables import ALL


def test_checks_of_both_worlds_hold(engine: Engine, demo_engine: Engine) -> None:
    for world, organization in ((engine, ORGANIZATION), (demo_engine, "fernwood-home")):
        checks = conservation_checks(world, organization)
        assert [check for check in checks if not check.is_held] == []
        assert len({check.name for check in checks}) == len(checks) == 31


def test_parts_agree(demo_engine: Engine, shop: DemoShop) -> None:
    report = overview(demo_engine, "fernwood-home")
    assert report.goal == "purchase"
    counted = shop.truth.orders.counted
    assert report.channels.totals.conversions == report.campaigns.totals.conversions == counted
    assert report.journeys.conversions == sum(day.conversions for day in report.days) == counted
    assert report.channels.totals.value_micros == shop.truth.orders.counted_value_micros
    assert report.campaigns.totals.spend_micros == shop.truth.costs.total_micros
    assert sum(day.spend_micros or 0 for day in report.days) == shop.truth.costs.total_micros
    assert report.is_conserved


def test_overview_is_json(engine: Engine) -> None:
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(overview(engine, ORGANIZATION)))
    assert data["days"][1] == {
        "day": "2026-03-02", "conversions": 0, "value_micros": 0, "spend_micros": 20_000_000, "is_signal": False,
    }  # fmt: skip


def test_lost_link_is_noticed(engine: Engine) -> None:
    broken = DuckDB()
    names = (
        "conversions",
        "attribution_links",
        "daily_rollups",
        "account_rollups",
        "ad_costs",
        "channel_spend",
        "health_measures",
        "models",
    )
    for name in names:
        rows: pa.Table = engine.select(f"select * from {name}")
        broken.create(ALL[name])
        broken.append(
            ALL[name], rows.slice(1) if name in {"attribution_links", "ad_costs", "account_rollups"} else rows
        )
    failing = {check.name for check in conservation_checks(broken, ORGANIZATION) if not check.is_held}
    assert any("credit of all links" in name for name in failing)
    assert {"Spend of all campaigns (EUR)", "Credit of all accounts under every model (EUR)"} <= failing
    broken.close()
