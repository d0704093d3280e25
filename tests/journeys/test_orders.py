"""Orders, refunds and milestones: small worlds whose answers were written by hand."""

from tests.journeys.journey import EURO, journey, order, page, refund, rows
from tests.oracle.world import Tables, at, event, goal

WHAT = ("conversion_id", "status", "refunded_micros", "value_micros", "is_counted")


@journey(
    [
        order("hers", "02 10:00", 80, order_id="1"),
        order("his", "05 10:00", 50, order_id="1", visitor_id="bob"),
        refund("back", "06 10:00", 20),
        order("next", "07 10:00", 30, order_id="1", visitor_id="cem"),
    ]
)
def test_refund_of_a_reused_order_id(tables: Tables) -> None:
    """Two customers have an order 1; a refund of nobody known takes back the newest order before it."""
    assert rows(tables, "conversions", *WHAT) == [
        ("s:hers", "completed", 0, 80 * EURO, True),
        ("s:his", "partially_refunded", 20 * EURO, 30 * EURO, True),
        ("s:next", "completed", 0, 30 * EURO, True),
    ]


@journey(
    [
        order("hers", "02 10:00", 80, order_id="1"),
        order("his", "05 10:00", 50, order_id="1", visitor_id="bob"),
        refund("back", "06 10:00", None, visitor_id="ann"),
    ]
)
def test_a_refund_of_somebody_known_takes_back_their_own_order_however_old(tables: Tables) -> None:
    assert rows(tables, "conversions", *WHAT) == [
        ("s:hers", "refunded", 80 * EURO, 0, False),
        ("s:his", "completed", 0, 50 * EURO, True),
    ]


@journey([refund("back", "01 10:00", 30), order("buy", "02 10:00", 80, order_id="1")])
def test_a_refund_that_comes_before_its_order_waits_for_it(tables: Tables) -> None:
    assert rows(tables, "conversions", *WHAT) == [("s:buy", "partially_refunded", 30 * EURO, 50 * EURO, True)]


@journey([order("buy", "02 10:00", 80, order_id="1"), refund("b1", "03 10:00", 50), refund("b2", "04 10:00", 50)])
def test_more_than_everything_cannot_be_taken_back(tables: Tables) -> None:
    assert rows(tables, "conversions", *WHAT) == [("s:buy", "refunded", 80 * EURO, 0, False)]


@journey(
    [
        order("buy", "02 10:00", 80, order_id="1"),
        refund("stop", "03 10:00", None, name="cancellation"),
        order("try", "04 10:00", 1, order_id="2", is_test=True),
    ]
)
def test_a_cancelled_order_and_a_test_earn_nothing(tables: Tables) -> None:
    assert rows(tables, "conversions", "conversion_id", "status", "is_counted") == [
        ("s:buy", "cancelled", False),
        ("s:try", "test", False),
    ]
    assert tables["attribution_links"] == []


@journey(
    [
        event("in", at("2026-03-02 09:00"), type="IDENTIFY", visitor_id="ann", user_id="17"),
        order("browser", "02 10:00", 80, order_id="1"),
        order("server", "02 10:00:05", 80, order_id="1", visitor_id=None, user_id="17"),
    ]
)
def test_an_order_told_by_browser_and_server_counts_once(tables: Tables) -> None:
    assert rows(tables, "conversions", "conversion_id", "event_count") == [("s:browser", 2)]


@journey(
    [
        order("s1", "02 10:00", 0, name="signup"),
        order("s2", "03 10:00", 0, name="signup"),
        order("buy", "04 10:00"),
    ],
    goals=[goal(), goal(name="signup", event_name="signup", is_milestone=True)],
)
def test_a_signup_happens_once_and_a_named_goal_comes_before_one_that_takes_any(tables: Tables) -> None:
    assert rows(tables, "conversions", "goal", "conversion_id") == [("purchase", "s:buy"), ("signup", "s:s1")]


@journey([page("p", "02 09:00"), order("eur", "02 10:00", 5), order("usd", "02 11:00", 7, currency="USD")])
def test_money_stays_in_its_own_currency(tables: Tables) -> None:
    sums = rows(
        tables, "daily_rollups", "currency", "value_micros", grain="ORGANIZATION", basis="TOUCH", model="LINEAR"
    )
    assert sums == [("EUR", 5 * EURO), ("USD", 7 * EURO)]
