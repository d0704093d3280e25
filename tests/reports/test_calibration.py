"""What lift tests make of credit: in columns of their own, for the days that have a factor, on every engine."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.engine import told
from tests.oracle.world import Row, World, goal, organization, site
from tests.reports.test_money_reports import COSTS, EVENTS
from touchline import pipeline
from touchline.engines import Engine
from touchline.reports.attribution import model_comparison
from touchline.reports.catalog import report_named
from touchline.reports.performance import performance_report
from touchline.reports.report import document
from touchline.reports.side_by_side import ModelCell


def lift(**said: Any) -> Row:
    of = {"organization_id": "o", "channel": "", "platform": "", "campaign_id": "", "model": "", "end_date": None}
    return {**of, "start_date": date(2026, 3, 1), "low": None, "high": None, "source": "A holdout", **said}


TENTH = date(2026, 3, 10)
LIFTS = [
    lift(channel="Paid Search", factor=0.5, end_date=date(2026, 3, 9)),
    lift(channel="Paid Search", factor=0.25, low=0.125, high=0.5, start_date=TENTH, end_date=TENTH),
    lift(channel="Display", factor=9.0, model="FIRST_TOUCH"), lift(channel="Radio", factor=1.0),
    lift(platform="GOOGLE_ADS", campaign_id="7", factor=2.0, low=1.0, high=3.0),
]  # fmt: skip


def made(name: str, lifts: list[Row]) -> Engine:
    engine = FRESH[name]()
    world = World(organization(), [site(time_zone="UTC")], [goal()], [], EVENTS, [COSTS], lifts=lifts)
    pipeline.run(told([world]).feed, engine)
    return engine


@pytest.fixture(params=["duckdb", "postgresql", "clickhouse"], scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with closing(made(request.param, LIFTS)) as opened:
        yield opened


def calibrated(cell: ModelCell) -> tuple[float | None, ...]:
    return cell.calibrated_conversions, cell.calibrated_low, cell.calibrated_high, cell.calibrated_share


def test_each_day_has_its_own_factor_and_days_without_one_are_in_no_sum(engine: Engine) -> None:
    """Search has an order on the 2nd (0.5), one on the 10th (0.25), and one on the 11th, which has no factor."""
    found = model_comparison(engine, "o")
    rows = {row.key: {cell.model: calibrated(cell) for cell in row.models} for row in (*found.rows, found.totals)}
    assert rows["Paid Search"]["LINEAR"] == pytest.approx((0.75, None, None, 2 / 3))
    assert rows["Display"]["FIRST_TOUCH"] == rows["(unattributed)"]["LINEAR"] == (None,) * 4
    assert rows[""]["LINEAR"] == pytest.approx((0.75, None, None, 2 / 4))
    of_day = model_comparison(engine, "o", start=TENTH, end=TENTH)
    (search,) = (row for row in of_day.rows if row.key == "Paid Search")
    assert calibrated(search.models[0]) == (0.25, 0.125, 0.5, 1.0)
    campaigns = {row.key: row.models for row in model_comparison(engine, "o", by="campaign").rows}
    assert calibrated(campaigns["GOOGLE_ADS/7"][0]) == pytest.approx((4.0, 2.0, 6.0, 1.0))
    table = report_named("models").table_of(found)
    assert {"LINEAR_calibrated", "LINEAR_calibrated_low", "LINEAR_calibrated_share"} < set(table.columns)


def test_weeks_have_what_the_factors_of_channels_make_of_them(engine: Engine) -> None:
    first, second = performance_report(engine, "o").rows
    assert (first.calibrated_conversions, first.calibrated_share) == (0.5, 1.0)
    assert (second.calibrated_conversions, second.calibrated_share) == pytest.approx((0.25, 1 / 3))


def test_no_other_number_knows_of_factors(engine: Engine) -> None:
    def without(answer: Any) -> Any:
        if isinstance(answer, dict):
            return {key: without(one) for key, one in answer.items() if not key.startswith("calibrated")}
        return [without(one) for one in answer] if isinstance(answer, list) else answer

    with closing(made("duckdb", [])) as plain:
        for report in (model_comparison, performance_report):
            assert without(document(report(engine, "o"))) == without(document(report(plain, "o")))
