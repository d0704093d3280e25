"""Touches of a browser of which only a page says whose it is."""

from tests.journeys.journey import journey, order, page, rows, shares
from tests.oracle.world import Tables, at, event

CLAIMED = [
    page("own", "02 10:00", visitor_id="laptop", utm_source="letter", utm_medium="email"),
    event("in1", at("2026-03-02 10:05"), type="IDENTIFY", visitor_id="laptop", user_id="ann"),
    page("stranger", "03 10:00", visitor_id="phone", utm_source="google", utm_medium="cpc"),
    event("in2", at("2026-03-03 10:05"), type="IDENTIFY", visitor_id="phone", user_id="ann", is_verified=False),
    order("buy", "04 10:00", visitor_id=None, user_id="ann"),
    page("alone", "03 11:00", visitor_id="tv", utm_source="google", utm_medium="cpc"),
    event("in3", at("2026-03-03 11:05"), type="IDENTIFY", visitor_id="tv", user_id="cem", is_verified=False),
    order("his", "04 11:00", visitor_id="tv"),
]


@journey(CLAIMED)
def test_a_touch_has_the_tier_of_its_browser(tables: Tables) -> None:
    assert rows(tables, "touchpoints", "touchpoint_id", "identity_tier", "is_claimed") == [
        ("s:alone", "claimed_by_browser", False),  # nobody knows better of Cem
        ("s:own", "strong_id", False),
        ("s:stranger", "claimed_by_browser", True),
    ]
    assert rows(tables, "attribution_links", "conversion_id", "touchpoint_id", model="LAST_TOUCH", credit=10**9) == [
        ("s:buy", "s:stranger"),
        ("s:his", "s:alone"),
    ]
    assert rows(tables, "health_measures", "period", "numerator", "denominator", measure="claimed_visit_rate") == [
        (at("2026-03-02").date(), 0, 1),
        (at("2026-03-03").date(), 2, 2),
    ]


@journey(CLAIMED, claimed_touches="leave_out")
def test_touches_that_only_a_page_claims_can_be_left_out(tables: Tables) -> None:
    assert rows(tables, "paths", "conversion_id", "touchpoint_id") == [("s:buy", "s:own"), ("s:his", "s:alone")]
    assert shares(tables, "LINEAR") == {"own": 1.0, "alone": 1.0}
