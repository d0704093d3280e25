"""The queries of the system's first design run as they are written, and add up neither goals nor models unawares."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.engine import told
from tests.oracle.world import Row, World, alias, at, cost, event, goal, organization, site
from touchline import pipeline
from touchline.engines import Engine
from touchline.models import MODELS
from touchline.reports.sql_answers import answer_query
from touchline.reports.views import define_views, views

PERFORMANCE = """
-- Compare attribution models
SELECT 
  attributionModel,
  SUM(conversions) as total_conversions,
  SUM(spendMicros) / 1000000 as total_spend,
  AVG(cpa) as avg_cpa,
  AVG(roas) as avg_roas
FROM "DailyRollup"
WHERE 
  organizationId = 'org_123'
  AND date >= '2024-01-01'
  AND grain = 'ORGANIZATION'
GROUP BY attributionModel;
"""  # noqa: W291 - as it is written there
TOP_WASTE = """
-- Top 10 campaigns by waste spend
SELECT 
  c.name as campaign_name,
  SUM(dr.wasteSpendMicros) / 1000000 as total_waste,
  AVG(dr.wastePct) as avg_waste_pct,
  SUM(dr.conversions) as total_conversions
FROM "DailyRollup" dr
JOIN "Campaign" c ON dr.campaignId = c.id
WHERE 
  dr.organizationId = 'org_123'
  AND dr.date >= '2024-01-01'
  AND dr.grain = 'CAMPAIGN'
  AND dr.wasteSpendMicros > 0
GROUP BY c.id, c.name
ORDER BY total_waste DESC
LIMIT 10;
"""  # noqa: W291
JOURNEYS = """
-- Analyze conversion journeys
SELECT 
  al.model,
  al.position,
  tp.platformCode,
  COUNT(*) as touchpoint_count,
  AVG(al.weight) as avg_weight
FROM "AttributionLink" al
JOIN "TouchPoint" tp ON al.touchPointId = tp.id
WHERE al.weight > 0
GROUP BY al.model, al.position, tp.platformCode
ORDER BY al.model, al.position;
"""  # noqa: W291
OWN = "org_123"
GOOGLE = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "Brand"}
META = {"utm_source": "facebook", "utm_medium": "paid_social", "utm_campaign": "Prospecting"}


def page(event_id: str, time: str, visitor: str, **said: Any) -> Row:
    return event(event_id, at(time), OWN, visitor_id=visitor, url=f"https://shop.example/{event_id}", **said)


def order(event_id: str, time: str, visitor: str, value: int, **said: Any) -> Row:
    bought: Row = {"type": "CONVERSION", "value_micros": value * 1_000_000, "visitor_id": visitor}
    return event(event_id, at(time), OWN, **bought | said)


def spent(day: date, amount: int, platform: str, campaign_id: str, name: str, **said: Any) -> Row:
    place: Row = {"platform": platform, "campaign_id": campaign_id, "campaign_name": name}
    return cost(day, amount * 1_000_000, OWN, **{**place, "impressions": 10, "clicks": 3} | said)


EVENTS = [
    page("a1", "2024-01-02 10:00", "ada", **GOOGLE), page("a2", "2024-01-05 10:00", "ada", **META),
    order("a3", "2024-01-09 12:00", "ada", 90),
    page("b1", "2024-01-10 10:00", "bob", **GOOGLE), order("b2", "2024-01-10 11:00", "bob", 30),
    order("c1", "2024-01-11 12:00", "cyd", 60), order("b3", "2024-01-10 11:05", "bob", 0, name="signup"),
    page("d1", "2023-12-30 10:00", "dan", **GOOGLE), order("d2", "2023-12-30 11:00", "dan", 10),
]  # fmt: skip
COSTS = [
    spent(date(2023, 12, 30), 5, "GOOGLE_ADS", "c1", "Brand"), spent(date(2024, 1, 9), 20, "GOOGLE_ADS", "c1", "Brand"),
    spent(date(2024, 1, 10), 30, "GOOGLE_ADS", "c1", "Brand"), spent(date(2024, 1, 9), 40, "META", "c2", "Prospecting"),
    spent(date(2024, 1, 20), 15, "TIKTOK", "c3", "Never"), spent(date(2024, 1, 21), 5, "TIKTOK", "c3", "Never"),
    spent(date(2024, 1, 21), 900, "TIKTOK", "c3", "Never", currency="USD"),
]  # fmt: skip
WORLDS = [
    World(
        organization(OWN, primary_goal="sale"), [site(OWN, "s", time_zone="UTC")],
        [goal(OWN, "sale"), goal(OWN, "signup", "signup")], events=EVENTS, loads=[COSTS],
    ),
    World(
        organization("other"), [site("other", "t")], [goal("other", "sale")],
        events=[event("x1", at("2024-01-09 10:00"), "other", "t", visitor_id="eve", type="CONVERSION")],
        loads=[[cost(date(2024, 1, 9), 7_000_000, "other", campaign_id="c1", campaign_name="Brand")]],
    ),
]  # fmt: skip


@pytest.fixture(params=["duckdb", "postgresql", "clickhouse"], scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with closing(FRESH[request.param]()) as made:
        pipeline.run(told(WORLDS).feed, made, views=views())
        define_views(made)
        yield made


def rows_of(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    """The rows, numbers as such: the server of PostgreSQL gives a sum of integers as text."""
    found = engine.select(statement.strip().removesuffix(";"))
    columns = [column.to_pylist() for column in found.columns]
    return [tuple(map(_number, row)) for row in zip(*columns, strict=True)]


def _number(value: Any) -> Any:
    is_number = isinstance(value, Decimal) or (isinstance(value, str) and value.replace(".", "").isdecimal())
    return float(value) if is_number else value


def test_models_are_compared_over_the_primary_goal_and_the_same_spend(engine: Engine) -> None:
    """Three sales and 110 under each model, the signup left out. CPA by day with costs and sales: 60 and 30."""
    found = {row[0]: row[1:] for row in rows_of(engine, PERFORMANCE)}
    assert found == {model: pytest.approx((3.0, 110.0, 45.0, 0.625)) for model in MODELS}


def test_top_waste_is_of_the_default_model_alone(engine: Engine) -> None:
    """Under last touch: Google on the 9th, of whom Meta took the sale; TikTok on both days; not the dollars."""
    assert sorted(rows_of(engine, TOP_WASTE)) == [("Brand", 20.0, 100.0, 0.0), ("Never", 20.0, 100.0, 0.0)]


def test_journeys_are_of_the_primary_goal(engine: Engine) -> None:
    found = {row[:3]: (row[3], round(row[4], 6)) for row in rows_of(engine, JOURNEYS)}
    assert found["LAST_TOUCH", 1, "GOOGLE_ADS"] == (2, 1.0)
    assert found["LAST_TOUCH", 2, "META"] == (1, 1.0)
    assert found["LINEAR", 1, "GOOGLE_ADS"] == (3, round((0.5 + 2) / 3, 6))


@pytest.mark.parametrize("grain", ["ORGANIZATION", "CHANNEL", "PLATFORM", "CAMPAIGN", "ADSET", "AD"])
def test_every_grain_adds_up_to_the_same(engine: Engine, grain: str) -> None:
    found = rows_of(
        engine,
        "select attributionModel, sum(spendMicros) as spent, sum(conversions) as won,"
        " sum(conversionValueMicros) as worth, min(goal) as first_goal, max(goal) as last_goal"
        f" from \"DailyRollup\" where organizationId = '{OWN}' and grain = '{grain}' group by attributionModel",
    )
    assert sorted(found) == [
        (model, 115e6, pytest.approx(4.0), 190e6, "sale", "sale") for model in sorted(MODELS)
    ]  # fmt: skip


def test_a_rate_without_a_cost_is_null(engine: Engine) -> None:
    found = rows_of(
        engine,
        "select cpa, roas, ctr, cpc, wastePct from \"DailyRollup\" where date = '2024-01-11' and grain = 'ORGANIZATION'"
        f" and organizationId = '{OWN}'",
    )
    assert set(found) == {(None,) * 5}


def test_costs_are_those_of_the_channels_of_their_clicks(engine: Engine) -> None:
    found = rows_of(
        engine,
        'select channel, sum(spendMicros) as spent, sum(clicks) as clicked from "DailyRollup"'
        f" where grain = 'CHANNEL' and spendMicros > 0 and organizationId = '{OWN}' and attributionModel = 'LINEAR'"
        " group by channel order by channel",
    )
    assert found == [("(no visit)", 80e6, 12.0), ("Paid Search", 35e6, 6.0)]


def test_a_question_over_the_interface_may_be_one_of_them(engine: Engine) -> None:
    assert len(answer_query(engine, OWN, PERFORMANCE).rows) == len(MODELS)
    assert answer_query(engine, OWN, 'select count(*) as n from "Campaign"').rows == ((3,),)


def renamed(**said: Any) -> World:
    """An ad set of a campaign that was renamed, whose links say the first name; another one shares the second name."""
    day = date(2024, 1, 9)
    loads = [
        [spent(day, 10, "GOOGLE_ADS", "111", "spring")],
        [
            spent(date(2024, 1, 10), 10, "GOOGLE_ADS", "111", "spring-v2"),
            spent(date(2024, 1, 10), 5, "GOOGLE_ADS", "222", "spring-v2"),
        ],
    ]
    tags = {"utm_source": "google", "utm_medium": "cpc"}
    events = [
        page("p1", "2024-01-09 10:00", "ada", **tags, utm_campaign="Spring"),
        order("o1", "2024-01-09 11:00", "ada", 10),
        page("p2", "2024-01-10 10:00", "bob", **tags, utm_campaign="spring"),
        order("o2", "2024-01-10 11:00", "bob", 20),
        page("p3", "2024-01-10 10:00", "cyd", **tags, utm_campaign="spring-v2"),
        order("o3", "2024-01-10 11:00", "cyd", 40),
        page("p4", "2024-01-10 10:00", "dan", **tags, utm_campaign="spring-v"),
        order("o4", "2024-01-10 11:00", "dan", 80),
    ]  # fmt: skip
    return World(organization(OWN), [site(OWN, time_zone="UTC")], [goal(OWN, "sale")], [], events, loads, **said)


def credited(world: World) -> dict[str, int]:
    with closing(FRESH["duckdb"]()) as engine:
        pipeline.run(told([world]).feed, engine)
        found = engine.select(
            "select campaign_id, sum(value_micros) / 1000000 as value from daily_rollups where grain = 'CAMPAIGN'"
            " and basis = 'CONVERSION' and model = 'LAST_TOUCH' group by campaign_id"
        ).to_pylist()
    return {row["campaign_id"]: int(row["value"]) for row in found}


def test_a_renamed_campaign_keeps_its_orders_and_a_shared_name_is_a_tie() -> None:
    """Neither campaign has the orders of a name that both had, nor any has those of a name that begins alike."""
    assert credited(renamed()) == {"111": 30, "spring-v2": 40, "spring-v": 80}


def test_an_alias_decides_for_a_shared_name_and_for_an_unknown_one() -> None:
    aliases = [alias("spring-v2", "222", OWN), alias("spring-v", "111", OWN), alias("spring", "222", OWN)]
    assert credited(renamed(aliases=aliases)) == {"111": 110, "222": 40}


def test_an_alias_of_another_organization_or_platform_decides_nothing() -> None:
    aliases = [alias("spring-v", "111", "other"), alias("spring-v", "111", OWN, "META")]
    assert credited(renamed(aliases=aliases)) == {"111": 30, "spring-v2": 40, "spring-v": 80}
