"""What people ask of the views without thinking twice is right; and the views are what is promised of them."""

from collections import Counter
from pathlib import Path

import pytest
import sqlglot

from tests.architecture.portable_sql import RULES
from tests.oracle.who import TIERS
from tests.reports.three_engines import SHOP, Numbers, opened
from touchline.meanings import TABLES
from touchline.reports.attribution import attribution_report
from touchline.reports.views import views
from touchline.settings import Home
from touchline.tables import ALL
from touchline.view import PUBLIC, View

PUBLIC_VIEWS = [view for view in views() if view.is_public]
CONTRACT = """
accounts organization_id account_id person_count conversion_count value_micros value touch_count first_touch_at_utc
  last_touch_at_utc first_channel last_channel order_count first_lead_at_utc first_signup_at_utc first_use_at_utc
  first_payment_at_utc
campaigns organization_id platform campaign_id campaign first_date last_date
channel_costs organization_id source account_id date platform campaign_id campaign channel currency impressions clicks
  spend_micros spend
conversions organization_id site_id conversion_id person_id session_id order_id account_id goal is_primary_goal
  signal_type date occurred_at occurred_at_utc currency gross_value_micros refunded_micros value_micros value status
  is_verified event_count self_reported_source
conversions_all organization_id site_id conversion_id person_id session_id order_id account_id goal is_primary_goal
  signal_type date occurred_at occurred_at_utc currency is_own_currency gross_value_micros refunded_micros value_micros
  value status is_counted is_verified event_count self_reported_source
devices organization_id person_id device device_type first_seen_at_utc first_session_at_utc last_session_at_utc
  session_count
costs organization_id source account_id date platform campaign_id campaign adset_id adset ad_id ad currency impressions
  clicks spend_micros spend
costs_all organization_id source account_id date platform campaign_id campaign adset_id adset ad_id ad currency
  is_own_currency impressions clicks spend_micros spend
health_limits organization_id site_id date measure channel goal numerator denominator measured center lower_limit
  upper_limit baseline_start baseline_end fit_id
links organization_id site_id conversion_id touch_id person_id model is_default_model goal is_primary_goal signal_type
  conversion_date touch_date channel source_class platform campaign_id campaign adset_id ad_id position touch_count
  credit weight conversions currency value_micros value
links_all organization_id site_id conversion_id touch_id person_id model is_default_model goal is_primary_goal
  signal_type conversion_date touch_date channel source_class platform campaign_id campaign adset_id ad_id position
  touch_count credit weight conversions currency is_own_currency value_micros value
paths organization_id site_id conversion_id touch_id person_id goal is_primary_goal conversion_date occurred_at
  occurred_at_utc channel is_eligible position touch_count days_before currency path_account_id
paths_all organization_id site_id conversion_id touch_id person_id goal is_primary_goal conversion_date occurred_at
  occurred_at_utc channel is_eligible position touch_count days_before currency is_own_currency path_account_id
persons organization_id person_id first_seen_at_utc visitor_id_count user_id_count email_count session_count
  touch_count conversion_count value_micros value is_crowded tier first_touch_at_utc last_touch_at_utc first_channel
  last_channel order_count first_lead_at_utc first_signup_at_utc first_use_at_utc first_payment_at_utc
person_clicks organization_id person_id platform site_id touch_id date occurred_at occurred_at_utc click_id_names
  click_ids is_initial fresh_days as_of_utc click_count initial_touch_id newest_touch_id
rollups organization_id site_id date basis entity_id platform campaign_id campaign adset_id adset ad_id ad goal model
  currency impressions clicks spend_micros spend credit conversions value_micros value
rollups_all organization_id site_id date basis grain entity_id platform campaign_id campaign adset_id adset ad_id ad
  goal is_primary_goal model is_default_model currency is_own_currency impressions clicks spend_micros spend credit
  conversions value_micros value
sessions organization_id site_id session_id person_id date started_at ended_at started_at_utc ended_at_utc event_count
  page_view_count landing_url device_type city district channel source_class platform
  started_because attribution_source gclid created_month
touches organization_id site_id touch_id person_id session_id date occurred_at occurred_at_utc is_landing channel
  source_class platform campaign_id campaign adset_id ad_id utm_source utm_medium utm_campaign utm_term utm_content
  click_id_names referrer_host landing_url reason rule_version device_type city district is_paid rule_id ignored
  confidence contradictions click_ids utm_id campaign_ref
AttributionLink id organizationId siteId conversionId touchPointId model goal weight credit valueMicros position
  touchPointCount channel organization_id
Campaign id organization_id platform_code external_id name first_date last_date organizationId platformCode externalId
  firstDate lastDate
DailyRollup organizationId date grain entityId platformId campaignId adsetId adId channel goal attributionModel currency
  impressions clicks spendMicros conversions conversionValueMicros cpa roas ctr cpc wasteSpendMicros wastePct
  organization_id
TouchPoint id organizationId siteId personId sessionId occurredAt landingUrl referrer utmSource utmMedium utmCampaign
  utmTerm utmContent clickIdNames platformCode sourceClass channel organization_id
attribution_link id organization_id site_id conversion_id touch_point_id model weight credit value_micros position
  touch_point_count channel
campaign id organization_id platform_code external_id name first_date last_date
daily_roll_up organization_id date grain entity_id platform_id campaign_id adset_id ad_id currency attribution_model
  impressions clicks spend_micros conversions conversion_value cpa roas ctr cpc waste_spend_micros waste_pct
daily_rollup organization_id date grain entity_id platform_id campaign_id adset_id ad_id currency attribution_model
  impressions clicks spend_micros conversions conversion_value cpa roas ctr cpc waste_spend_micros waste_pct
touch_point id organization_id site_id person_id session_id occurred_at landing_url referrer utm_source utm_medium
  utm_campaign utm_term utm_content click_id_names platform_code source_class channel reason rule_version device_type
  city district
"""
"""Columns that views have; one may be added at the end of a view, and none goes or moves."""


def test_conversions_by_channel_of_the_last_touch_are_as_many_as_there_are(numbers: Numbers) -> None:
    counted = "select channel, count(distinct conversion_id) as n from {} where model = 'LAST_TOUCH' group by channel"
    there_are = numbers.one("select count(*) as n from touchline.conversions")
    everything = sum(n for _, n in numbers.rows(counted.format("touchline.links_all")))
    assert sum(n for _, n in numbers.rows(counted.format("touchline.links"))) == there_are < everything


def test_the_value_of_conversions_is_what_reports_say(numbers: Numbers) -> None:
    """Without test orders, cancelled ones, what was paid back, and dollars."""
    totals = attribution_report(numbers.engine, SHOP, goal="").totals
    assert numbers.one("select sum(value_micros) as micros from touchline.conversions") == totals.value_micros
    gone = {
        (row[0], float(row[1]))
        for row in numbers.rows(
            "select status, sum(gross_value_micros) / 1e6 as amount from touchline.conversions_all"
            " where order_id in ('X0', 'X1', 'X2', 'X3') group by status"
        )
    }
    assert gone == {("partially_refunded", 100.0), ("completed", 7000.0), ("test", 9000.0), ("cancelled", 40.0)}


def test_a_rollup_joined_to_campaigns_has_the_spend_of_the_campaigns(numbers: Numbers) -> None:
    joined = (
        "select sum(r.spend_micros) as micros from touchline.rollups as r"
        " join touchline.campaigns as c on c.campaign_id = r.campaign_id"
    )
    spent = attribution_report(numbers.engine, SHOP, by="platform").totals.spend_micros
    assert numbers.one(joined) == numbers.one("select sum(spend_micros) as micros from touchline.costs") == spent


def test_a_time_cast_to_a_date_is_the_date_of_the_reports(numbers: Numbers) -> None:
    """Half past midnight in Berlin, and the evening before in London."""
    cast = (
        "select cast(occurred_at as date) as day, date, cast(occurred_at_utc as date) as utc from touchline.conversions"
    )
    (row,) = numbers.rows(f"{cast} where order_id = 'X0'")
    assert [str(day) for day in row] == ["2026-08-21", "2026-08-21", "2026-08-20"]
    for view, time in (("conversions_all", "occurred_at"), ("touches", "occurred_at"), ("sessions", "started_at")):
        off = f"select count(*) as n from touchline.{view} where cast({time} as date) <> date"
        assert numbers.one(off) == 0, view
    assert numbers.one("select count(*) as n from touchline.touches where cast(occurred_at_utc as date) <> date") > 0


def test_money_in_two_currencies_is_not_added_up(numbers: Numbers) -> None:
    for view in ("conversions", "links", "paths", "rollups", "costs"):
        assert numbers.rows(f"select distinct currency from touchline.{view}") == [("EUR",)], view
        found = numbers.rows(f"select distinct currency from touchline.{view}_all")
        assert set(found) == {("EUR",), ("USD",)}, view


def test_what_is_left_out_can_be_asked_for(numbers: Numbers) -> None:
    """Every grain, basis and model of the rollups adds up to what the report says of it."""
    engine = numbers.engine
    asked = (
        "select sum(credit) as credit from touchline.rollups_all where basis = '{}' and grain = '{}'"
        " and model = 'LINEAR' and goal = 'purchase' and is_own_currency"
    )
    totals = attribution_report(engine, SHOP, model="LINEAR", goal="purchase").totals
    for basis in ("CONVERSION", "TOUCH"):
        for grain in ("ORGANIZATION", "PLATFORM", "CAMPAIGN", "ADSET", "AD"):
            assert numbers.one(asked.format(basis, grain)) == totals.credit
    sites = numbers.rows("select distinct site_id from touchline.rollups where credit > 0")
    assert sites == [("fernwood-home-example",)]


def test_persons_have_the_best_tier_of_their_ids(numbers: Numbers) -> None:
    engine, best = numbers.engine, dict[str, int]()
    person = {row["identifier"]: row["person_id"] for row in engine.select("select * from identities").to_pylist()}
    for row in engine.select("select * from identity_edges").to_pylist():
        if not row["is_refused"]:
            owner = person[row["identifier"]]
            best[owner] = min(TIERS.index(row["tier"]), best.get(owner, len(TIERS)))
    bought = {row["person_id"] for row in engine.select("select * from conversions").to_pylist() if row["is_counted"]}
    known = {owner for identifier, owner in person.items() if identifier[0] in "vum"}
    expected = Counter(TIERS[best[owner]] if owner in best else "unresolved" for owner in known | bought)
    assert expected["strong_id"] > 0 < expected["unresolved"]
    assert dict(numbers.rows("select tier, count(*) as n from touchline.persons group by tier")) == expected


def test_ids_are_unique(numbers: Numbers) -> None:
    keys = {
        "conversions_all": "conversion_id", "touches": "touch_id", "sessions": "session_id", "persons": "person_id",
        "campaigns": "platform, campaign_id", "links": "conversion_id, coalesce(touch_id, ''), model",
        "paths_all": "conversion_id, touch_id", "devices": "organization_id, device",
        "person_clicks": "person_id, platform",
    }  # fmt: skip
    for view, key in keys.items():
        grouped = f"select count(*) as n from (select {key} from touchline.{view} group by {key}) as keys"
        assert numbers.one(grouped) == numbers.one(f"select count(*) as n from touchline.{view}") > 0, view


def test_a_missing_value_is_null_for_a_client_with_settings_of_its_own(numbers: Numbers) -> None:
    assert numbers.one("select count(*) as n from touchline.links where touch_id is null and platform is null") > 0
    assert numbers.one("select count(*) as n from touchline.costs where adset is null or campaign is null") == 0


IN_CATALOG = {
    "duckdb": (
        (
            "select comment from (select schema_name as s, view_name as n, comment from duckdb_views() union all"
            " select schema_name, table_name, comment from duckdb_tables()) as c where s = '{}' and n = '{}'"
        ),
        "select comment from duckdb_columns() where schema_name = '{}' and table_name = '{}' and column_name = '{}'",
    ),
    "postgresql": (
        "select obj_description(oid) from pg_class where relnamespace = '{}'::regnamespace and relname = '{}'",
        (
            "select col_description((table_schema || '.' || table_name)::regclass, ordinal_position) from"
            " information_schema.columns where table_schema = '{}' and table_name = '{}' and column_name = '{}'"
        ),
    ),
    "clickhouse": (
        "select comment from system.tables where database = '{}' and name = '{}'",
        "select comment from system.columns where database = '{}' and table = '{}' and name = '{}'",
    ),
}
"""Where each engine says what a table or view is, and what a column."""


def test_the_catalog_says_what_tables_views_and_columns_are(numbers: Numbers) -> None:
    of_relation, of_column = IN_CATALOG[numbers.name]
    for view in PUBLIC_VIEWS:
        assert numbers.one(of_relation.format(PUBLIC, view.name)) == view.meaning
        for name, meaning in view.columns.items():
            assert numbers.one(of_column.format(PUBLIC, view.name, name)) == meaning, (view.name, name)
    for name in ALL:
        assert numbers.one(of_relation.format("river", name)) == TABLES[name]
    assert numbers.one(of_column.format("river", "attribution_links", "credit")) == "Billionths of a conversion."


def test_a_schema_shows_a_table_once(tmp_path: Path, prepared: Home) -> None:
    with opened("duckdb", prepared, tmp_path) as numbers:
        shown = "select table_schema, table_name from information_schema.tables where table_schema <> 'touchline'"
        found = numbers.rows(shown)
    older = {view.name.lower() for view in views() if not view.is_public}  # "Campaign" is `campaign` to DuckDB
    assert sorted(name.lower() for _, name in found) == sorted([*ALL, *older])


def _columns(statement: str) -> list[str]:
    tree = sqlglot.parse_one(statement, read="duckdb")
    assert isinstance(tree, sqlglot.exp.Query)
    return list(tree.named_selects)


@pytest.mark.parametrize("view", views(), ids=lambda view: view.name)
def test_a_views_columns_are_a_contract(view: View) -> None:
    promised = {
        words[0]: words[1:] for words in (line.split() for line in CONTRACT.replace("\n  ", " ").split("\n") if line)
    }
    columns = _columns(view.select)
    if columns == ["*"]:  # the same as another view
        columns = _columns(view.select.partition("as (\n")[2].rpartition("\n)")[0])
    assert columns[: len(promised[view.name])] == promised[view.name]


@pytest.mark.parametrize("view", PUBLIC_VIEWS, ids=lambda view: view.name)
def test_a_view_is_portable_and_explains_each_of_its_columns(view: View) -> None:
    tree = sqlglot.parse_one(view.select, read="duckdb")
    assert isinstance(tree, sqlglot.exp.Query)
    assert [found for rule in RULES for found in rule(tree)] == []
    assert list(view.columns) == tree.named_selects
    assert view.meaning.startswith("One row is one ")
