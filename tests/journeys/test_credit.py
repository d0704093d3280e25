"""Credit and money: small worlds whose answers were written by hand."""

from datetime import date

import pytest

from tests.journeys.journey import EURO, journey, order, page, rows, shares
from tests.oracle.world import Tables, cost

DAY = date(2026, 3, 2)
SPRING = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"}
FOUR = [
    page("ad", "02 10:00", utm_source="google", utm_medium="cpc"),
    page("mail", "09 10:00", utm_source="letter", utm_medium="email"),
    page("blog", "16 10:00", referrer_host="blog.example", referrer_domain="blog.example"),
    page("post", "23 10:00", utm_source="facebook", utm_medium="social"),
    order("buy", "23 10:00", 100),
]


@journey(FOUR)
@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("FIRST_TOUCH", {"ad": 1.0}),
        ("LAST_TOUCH", {"post": 1.0}),
        ("LINEAR", {"ad": 0.25, "mail": 0.25, "blog": 0.25, "post": 0.25}),
        ("POSITION_BASED", {"ad": 0.4, "mail": 0.1, "blog": 0.1, "post": 0.4}),
        # A week halves: 1 : 2 : 4 : 8 of 15, in billionths, which add up to one.
        ("TIME_DECAY", {"ad": 0.066666667, "mail": 0.133333333, "blog": 0.266666667, "post": 0.533333333}),
    ],
)
def test_four_touches_a_week_apart(tables: Tables, model: str, expected: dict[str, float]) -> None:
    assert shares(tables, model) == expected


@journey([page("a", "02 10:00"), page("b", "03 10:00"), order("buy", "03 10:05")])
def test_a_path_of_direct_visits_alone_gives_direct_the_credit(tables: Tables) -> None:
    assert shares(tables, "LINEAR") == {"a": 0.5, "b": 0.5}
    assert rows(tables, "health_measures", "numerator", "denominator", measure="direct_only_rate") == [(1, 1)]


AD_AND_DIRECT = [page("ad", "02 10:00", **SPRING), page("home", "03 10:00"), order("buy", "03 10:05")]


@journey(AD_AND_DIRECT)
def test_direct_leaves_the_credit_to_others(tables: Tables) -> None:
    assert shares(tables, "LINEAR") == {"ad": 1.0}


@journey(AD_AND_DIRECT, direct="include")
def test_direct_shares_the_credit_where_that_is_wanted(tables: Tables) -> None:
    assert shares(tables, "LINEAR") == {"ad": 0.5, "home": 0.5}


@journey(
    [
        *(page(source, f"0{n} 10:00", utm_source=source) for n, source in enumerate("xyz", 2)),
        order("buy", "05 10:00", 10),
    ]
)
def test_a_thousand_cents_in_three_parts_lose_none(tables: Tables) -> None:
    parts = rows(tables, "attribution_links", "touchpoint_id", "value_micros", model="LINEAR")
    assert parts == [("s:x", 3_333_333), ("s:y", 3_333_334), ("s:z", 3_333_333)]


@journey(
    [page("ad", "02 10:00", **SPRING), order("buy", "03 10:00", 100)],
    loads=[
        [
            cost(DAY, 40 * EURO, campaign_id="11", campaign_name="Spring", clicks=9),
            cost(DAY, 15 * EURO, campaign_id="12", campaign_name="Autumn"),
        ]
    ],
)
def test_spend_meets_the_credit_of_its_campaign_by_name_and_is_untagged_elsewhere(tables: Tables) -> None:
    of_day = {"grain": "CAMPAIGN", "basis": "TOUCH", "rollup_date": DAY}
    assert rows(tables, "daily_rollups", "campaign_id", "spend_micros", "clicks", model="", **of_day) == [
        ("11", 40 * EURO, 9),
        ("12", 15 * EURO, 0),
    ]
    assert rows(tables, "daily_rollups", "campaign_id", "value_micros", model="LAST_TOUCH", **of_day) == [
        ("11", 100 * EURO)
    ]
    found = rows(tables, "waste_findings", "name", "reason", "waste_micros", grain="CAMPAIGN", model="LAST_TOUCH")
    assert found == [("Autumn", "untagged", 0), ("Spring", "insufficient_data", 0)]


@journey(
    [page("ad", "02 10:00", **SPRING), order("buy", "02 10:30", 100)],
    loads=[
        [
            cost(DAY, 1 * EURO, campaign_id="another", campaign_name="Spring"),
            cost(DAY, 1 * EURO, campaign_id="spring", campaign_name="Old name"),
        ]
    ],
)
def test_a_campaign_whose_id_is_anothers_name_keeps_its_own_credit(tables: Tables) -> None:
    wanted = {"grain": "CAMPAIGN", "basis": "CONVERSION", "model": "LINEAR"}
    assert rows(tables, "daily_rollups", "campaign_id", **wanted) == [("spring",)]


@journey(
    [],
    loads=[
        [
            cost(DAY, 1 * EURO, campaign_id="a", adset_id="b/c"),
            cost(DAY, 2 * EURO, campaign_id="a/b", adset_id="c"),
            cost(DAY, 4 * EURO, campaign_id="(none)"),
            cost(DAY, 8 * EURO),
        ]
    ],
)
def test_ids_with_slashes_are_kept_apart(tables: Tables) -> None:
    """Ad set ``b/c`` of campaign ``a`` is not ad set ``c`` of campaign ``a/b``."""
    found = rows(tables, "daily_rollups", "entity_id", "spend_micros", grain="ADSET", basis="TOUCH")
    assert found == [
        ("GOOGLE_ADS/%28none)/(none)", 4 * EURO),
        ("GOOGLE_ADS/(none)/(none)", 8 * EURO),
        ("GOOGLE_ADS/a%2Fb/c", 2 * EURO),
        ("GOOGLE_ADS/a/b%2Fc", 1 * EURO),
    ]


@journey(
    [],
    loads=[
        [cost(DAY, 40 * EURO, campaign_id="11", campaign_name="Spring")],
        [cost(date(2026, 3, 3), 5 * EURO, campaign_id="11", campaign_name="Spring sale")],
        [cost(DAY, 38 * EURO, campaign_id="11", campaign_name="Spring")],
    ],
)
def test_a_restated_day_replaces_what_was_known_and_a_rename_is_for_all_days(tables: Tables) -> None:
    assert rows(tables, "ad_costs", "cost_date", "spend_micros") == [
        (DAY, 38 * EURO),
        (date(2026, 3, 3), 5 * EURO),
    ]
    assert rows(tables, "campaigns", "name") == [("Spring sale",)]
    assert rows(tables, "campaign_names", "match_key", "is_id") == [
        ("11", True),
        ("spring sale", False),
        ("spring", False),
    ]


@journey(
    [],
    loads=[
        [
            cost(
                DAY,
                EURO,
                campaign_id="11",
                platform_conversion_micros=1_500_000,
                platform_value_micros=9,
                spread_days=3,
            ),
            cost(DAY, EURO, campaign_id="11", platform_conversion_micros=500_000),
            cost(DAY, EURO, campaign_id="12", country="DE"),
            cost(DAY, EURO, campaign_id="12", country="AT"),
        ],
    ],
)
def test_what_the_platform_reports_adds_up_and_is_unknown_where_no_row_says_it(tables: Tables) -> None:
    columns = ("campaign_id", "spend_micros", "platform_conversion_micros", "platform_value_micros", "spread_days")
    assert rows(tables, "ad_costs", *columns) == [
        ("11", 2 * EURO, 2_000_000, 9, 3),
        ("12", 2 * EURO, None, None, None),
    ]
