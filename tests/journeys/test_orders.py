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


UNVERIFIED = {"is_verified": False}
CORRECTION = ("event_id", "reason", "is_applied", "is_verified")


@journey(
    [
        order("hers", "02 10:00", 80, order_id="1"),
        refund("stop", "03 10:00", None, name="cancellation", visitor_id="mallory", **UNVERIFIED),
        refund("all", "03 11:00", None, visitor_id="ann", **UNVERIFIED),
        refund("some", "03 12:00", 20, **UNVERIFIED),
    ]
)
def test_nobody_cancels_a_verified_order_with_a_publishable_key(tables: Tables) -> None:
    """Not even a browser that shows the buyer's own visitor id, which its cookie holds."""
    assert rows(tables, "conversions", *WHAT) == [("s:hers", "completed", 0, 80 * EURO, True)]
    assert rows(tables, "corrections", *CORRECTION) == [
        ("all", "claimed_by_browser", False, False),
        ("some", "claimed_by_browser", False, False),
        ("stop", "claimed_by_browser", False, False),
    ]
    buyer = tables["conversions"][0]["person_id"]
    assert {row["person_id"] for row in tables["corrections"]} == {buyer}  # explain shows them with the order


@journey(
    [
        order("hers", "02 10:00", 80, order_id="1", **UNVERIFIED),
        refund("stranger", "03 10:00", None, visitor_id="mallory", **UNVERIFIED),
        refund("nobody", "03 10:00", None, visitor_id="undefined", **UNVERIFIED),
        order("his", "02 10:00", 50, order_id="2", visitor_id="bob", **UNVERIFIED),
        refund("own", "03 10:00", None, order_id="2", visitor_id="bob", **UNVERIFIED),
        order("no", "02 10:00", 30, order_id="3", visitor_id="undefined", **UNVERIFIED),
        refund("same", "03 10:00", None, order_id="3", visitor_id="undefined", **UNVERIFIED),
    ]
)
def test_an_unverified_refund_changes_an_unverified_order_of_the_same_visitor(tables: Tables) -> None:
    """``undefined`` is nobody's visitor id, so two events that show it are not of one visitor."""
    assert rows(tables, "conversions", *WHAT) == [
        ("s:hers", "completed", 0, 80 * EURO, True),
        ("s:his", "refunded", 50 * EURO, 0, False),
        ("s:no", "completed", 0, 30 * EURO, True),
    ]
    assert rows(tables, "corrections", "event_id", "reason") == [
        ("nobody", "claimed_by_browser"),
        ("own", "applied"),
        ("same", "claimed_by_browser"),
        ("stranger", "claimed_by_browser"),
    ]


@journey(
    [
        event("in", at("2026-03-02 09:00"), type="IDENTIFY", visitor_id="ann", user_id="17"),
        order("hers", "02 10:00", 80, order_id="1", **UNVERIFIED),
        refund("other", "03 10:00", None, visitor_id="mallory", user_id="17", **UNVERIFIED),
    ]
)
def test_a_customer_id_on_an_unverified_refund_does_not_make_it_the_same_visitor(tables: Tables) -> None:
    assert rows(tables, "conversions", *WHAT) == [("s:hers", "completed", 0, 80 * EURO, True)]
    assert rows(tables, "corrections", "event_id", "reason") == [("other", "claimed_by_browser")]


@journey(
    [
        order("hers", "02 10:00", 80, order_id="1"),
        order("fake", "04 10:00", 1, order_id="1", visitor_id="mallory", **UNVERIFIED),
        refund("back", "06 10:00", 20),
    ]
)
def test_a_strangers_order_does_not_draw_a_refund_to_itself(tables: Tables) -> None:
    """The newest order before the refund is the fake one; a verified one comes first."""
    assert rows(tables, "conversions", *WHAT) == [
        ("s:fake", "completed", 0, 1 * EURO, True),
        ("s:hers", "partially_refunded", 20 * EURO, 60 * EURO, True),
    ]


@journey(
    [
        order("hers", "02 10:00", 80, order_id="1"),
        order("strange", "02 11:00", 0, order_id="1", visitor_id=None, user_id="17", **UNVERIFIED),
        refund("back", "03 10:00", 20, user_id="17"),
        refund("stop", "03 11:00", None, name="cancellation", visitor_id="bob"),
        order("kiosk", "01 11:00", 5, order_id="1", visitor_id="bob", **UNVERIFIED),
    ]
)
def test_a_strangers_order_in_a_customers_name_does_not_draw_the_customers_refund(tables: Tables) -> None:
    """The shop tells orders by the visitor and refunds by the customer; nothing ties the two but the order's id."""
    assert rows(tables, "conversions", *WHAT) == [
        ("s:hers", "cancelled", 80 * EURO, 0, False),
        ("s:kiosk", "completed", 0, 5 * EURO, True),
        ("s:strange", "completed", 0, 0, True),
    ]


@journey(
    [
        order("b1", "02 10:00", 50, order_id="1", visitor_id="bob", user_id="bob"),
        order("a1", "04 10:00", 80, order_id="1", user_id="ann"),
        order("fake", "01 10:00", 0, order_id="1", visitor_id=None, user_id="ann", **UNVERIFIED),
        refund("back", "06 10:00", 20),
    ]
)
def test_a_backdated_report_does_not_move_an_order_away_from_its_refund(tables: Tables) -> None:
    assert rows(tables, "conversions", *WHAT) == [
        ("s:a1", "partially_refunded", 20 * EURO, 60 * EURO, True),
        ("s:b1", "completed", 0, 50 * EURO, True),
    ]


@journey(
    [
        event("in", at("2026-03-02 08:00"), type="IDENTIFY", visitor_id="ann", user_id="17"),
        order(
            "fake", "02 09:00", 0, order_id="1", account_id="evil", survey_answer="a lie", currency="JPY",
            is_test=True, **UNVERIFIED,
        ),
        order(
            "server", "02 10:00", 80, order_id="1", visitor_id=None, user_id="17", account_id="acme",
            survey_answer="a friend", currency="USD",
        ),
    ]
)  # fmt: skip
def test_a_verified_report_sets_the_facts_of_an_order_though_an_unverified_one_is_earlier(tables: Tables) -> None:
    names = ("conversion_id", "value_micros", "currency", "occurred_at", "account_id", "self_reported_source")
    assert rows(tables, "conversions", *names, "status", "is_verified", "event_count") == [
        ("s:server", 80 * EURO, "USD", at("2026-03-02 10:00"), "acme", "a friend", "completed", True, 2)
    ]


@journey(
    [
        order("tried", "02 10:00", 80, order_id="1", is_test=True, **UNVERIFIED),
        order("meant", "02 11:00", 80, order_id="1", **UNVERIFIED),
        order("checked", "02 12:00", 80, order_id="2", is_test=True),
        order("claimed", "02 11:00", 80, order_id="2", **UNVERIFIED),
    ]
)
def test_a_test_is_one_within_its_own_trust(tables: Tables) -> None:
    assert rows(tables, "conversions", "conversion_id", "status") == [("s:checked", "test"), ("s:tried", "test")]


@journey(
    [
        order("claimed", "02 10:00", 0, order_id=None, name="signup", **UNVERIFIED),
        order("known", "04 10:00", 0, order_id=None, name="signup"),
    ],
    goals=[goal(name="signup", event_name="signup", is_milestone=True)],
)
def test_a_verified_reach_of_a_milestone_comes_before_an_unverified_one(tables: Tables) -> None:
    assert rows(tables, "conversions", "conversion_id", "is_verified") == [("s:known", True)]


@journey(
    [
        order("first", "02 10:00", 80, order_id=None, name="use", currency="USD"),
        order("again", "02 15:00", 80, order_id=None, name="use"),
        order("next", "03 10:00", 80, order_id=None, name="use"),
        order("tried", "04 10:00", 80, order_id=None, name="use", is_test=True),
        order("late", "05 10:00", 80, order_id=None, name="use"),
        order("early", "01 10:00", 80, order_id=None, name="use", is_test=True),
    ],
    goals=[goal(name="active", event_name="use", default_value_micros=10 * EURO, retention_exponent=-0.5)],
)
def test_each_active_day_is_worth_what_the_curve_of_days_says(tables: Tables) -> None:
    """Of two events on a day one counts; a test is no start, and a day without an event has no row."""
    assert rows(tables, "conversions", "conversion_id", "currency", "value_micros", "is_counted") == [
        ("s:early", "EUR", 0, False),
        ("s:first", "EUR", 10_000_000, True),
        ("s:late", "EUR", 5_000_000, True),
        ("s:next", "EUR", 7_071_068, True),
        ("s:tried", "EUR", 5_773_503, False),
    ]


@journey(
    [
        order("usd", "02 10:00", 80, order_id="1", currency="USD"),
        refund("yen", "03 10:00", 9_000, currency="JPY"),
        refund("ten", "04 10:00", 10),
        refund("five", "05 10:00", 5, currency="USD"),
    ]
)
def test_a_refund_in_another_currency_is_kept_and_not_applied(tables: Tables) -> None:
    """One that names no currency is in its order's, whatever the organization's is."""
    assert rows(tables, "conversions", *WHAT) == [("s:usd", "partially_refunded", 15 * EURO, 65 * EURO, True)]
    assert rows(tables, "corrections", "event_id", "currency", "refunded_micros", "reason") == [
        ("five", "USD", 5 * EURO, "applied"),
        ("ten", "USD", 10 * EURO, "applied"),
        ("yen", "JPY", 9_000 * EURO, "other_currency"),
    ]


@journey(
    [
        order("o1", "02 10:00", 80, order_id="1", currency="USD"),
        refund("all", "03 10:00", None, currency="JPY"),
        order("o2", "02 10:00", 50, order_id="2", currency="USD"),
        refund("stop", "03 10:00", 7, order_id="2", name="cancellation", currency="JPY"),
    ]
)
def test_all_of_an_order_can_be_taken_back_in_any_currency(tables: Tables) -> None:
    """There is no amount to convert."""
    assert rows(tables, "conversions", "conversion_id", "status", "value_micros") == [
        ("s:o1", "refunded", 0),
        ("s:o2", "cancelled", 0),
    ]


@journey(
    [
        order("eur", "02 10:00", 80, order_id="1", currency="EUR"),
        order("usd", "02 11:00", 90, order_id="1", currency="USD"),
        refund("r1", "03 10:00", 10, currency="USD"),
        refund("r2", "03 11:00", 10, currency="EUR"),
    ]
)
def test_an_order_in_several_currencies_is_in_that_of_its_first_report(tables: Tables) -> None:
    assert rows(tables, "conversions", "conversion_id", "currency", "value_micros") == [("s:eur", "EUR", 70 * EURO)]
    assert rows(tables, "corrections", "event_id", "reason") == [("r1", "other_currency"), ("r2", "applied")]


@journey([refund("lost", "03 10:00", 10), refund("claimed", "03 10:00", None, **UNVERIFIED)])
def test_a_refund_without_an_order_says_so(tables: Tables) -> None:
    assert rows(tables, "corrections", "event_id", "person_id", "reason", "is_applied") == [
        ("claimed", "", "no_order", False),
        ("lost", "", "no_order", False),
    ]


_BOTH = [
    page("p", "02 09:00"),
    order("told", "02 10:00", 80, order_id="1", **UNVERIFIED),
    order("sure", "03 10:00", 50, order_id="2"),
]


@journey(_BOTH, goals=[goal(unverified_handling="count")])
def test_unverified_conversions_count_as_any_other(tables: Tables) -> None:
    assert rows(tables, "conversions", "goal", "conversion_id", "status", "is_verified") == [
        ("purchase", "s:sure", "completed", True),
        ("purchase", "s:told", "completed", False),
    ]


@journey(_BOTH, goals=[goal(unverified_handling="apart")])
def test_unverified_conversions_are_reported_apart(tables: Tables) -> None:
    assert rows(tables, "conversions", "goal", "conversion_id", "is_counted") == [
        ("purchase (unverified)", "s:told", True),
        ("purchase", "s:sure", True),
    ]
    sums = rows(tables, "daily_rollups", "goal", "value_micros", grain="ORGANIZATION", basis="TOUCH", model="LINEAR")
    assert sums == [("purchase (unverified)", 80 * EURO), ("purchase", 50 * EURO)]


@journey(_BOTH, goals=[goal(unverified_handling="leave_out")])
def test_unverified_conversions_are_left_out(tables: Tables) -> None:
    assert rows(tables, "conversions", "goal", "conversion_id", "status", "value_micros", "is_counted") == [
        ("purchase", "s:sure", "completed", 50 * EURO, True),
        ("purchase", "s:told", "unverified", 80 * EURO, False),
    ]
    assert {row["conversion_id"] for row in tables["attribution_links"]} == {"s:sure"}


@journey(
    [
        order("claimed", "02 10:00", 0, order_id=None, name="signup", **UNVERIFIED),
        order("known", "04 10:00", 0, order_id=None, name="signup"),
        order("only", "04 10:00", 0, order_id=None, name="signup", visitor_id="bob", **UNVERIFIED),
    ],
    goals=[goal(name="signup", event_name="signup", is_milestone=True, unverified_handling="apart")],
)
def test_a_milestone_that_somebody_verified_is_not_reported_apart_again(tables: Tables) -> None:
    assert rows(tables, "conversions", "goal", "conversion_id") == [
        ("signup (unverified)", "s:only"),
        ("signup", "s:known"),
    ]
