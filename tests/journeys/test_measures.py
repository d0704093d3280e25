"""Measures of health: small worlds whose numerators and denominators were written by hand."""

from typing import Any

from tests.journeys.journey import journey, order, page, rows
from tests.oracle.world import Row, Tables

GOOGLE = {"utm_source": "google", "utm_medium": "cpc"}
CLICK = {"click_ids": '{"gclid":"Cj0"}', "click_id_names": "gclid"}


def measured(tables: Tables, measure: str) -> list[tuple[Any, ...]]:
    return rows(
        tables, "health_measures", "period", "channel", "goal", "platform", "numerator", "denominator", measure=measure
    )


def by_day(tables: Tables, measure: str) -> list[tuple[int, str, int, int]]:
    """The day of March, the goal, and what was counted."""
    return [(day.day, goal, above, below) for day, _, goal, _, above, below in measured(tables, measure)]


def sold(event_id: str, time: str, visitor: str, value: float, **said: Any) -> Row:
    return order(event_id, time, visitor_id=visitor, value_micros=int(value * 1_000_000), order_id=event_id, **said)


@journey(
    [
        page("a1", "01 10:00", visitor_id="a", **GOOGLE, utm_campaign="spring", **CLICK),
        page("a2", "02 10:00", visitor_id="a"),
        page("b1", "02 11:00", visitor_id="b", **GOOGLE),
        page("c1", "02 12:00", visitor_id="c", **CLICK),
        page("d1", "02 13:00", visitor_id="d", utm_source="letter", utm_medium="email"),
    ]
)
def test_click_ids_are_counted_by_ad_platform(tables: Tables) -> None:
    captured = [row[1:] for row in measured(tables, "click_id_capture_rate")]
    assert captured == [
        ("Paid Search", "", "GOOGLE_ADS", 1, 1),  # a1
        ("Paid Search", "", "GOOGLE_ADS", 1, 2),  # c1 of b1 and c1; a visit without a source is nobody's
    ]
    named = [row[1:] for row in measured(tables, "named_click_rate")]
    assert named == [("Paid Search", "", "GOOGLE_ADS", 1, 1), ("Paid Search", "", "GOOGLE_ADS", 0, 1)]
    assert [row[1:] for row in measured(tables, "unresolved_visit_rate")] == [
        ("Paid Search", "", "", 1, 1), ("Direct", "", "", 1, 1), ("Email", "", "", 1, 1), ("Paid Search", "", "", 2, 2),
    ]  # fmt: skip


@journey(
    [
        page("a1", "01 10:00", visitor_id="a", **GOOGLE, **CLICK),
        sold("oa", "01 11:00", "a", 99.99),
        page("b1", "01 10:00", visitor_id="b"),
        sold("ob", "01 12:00", "b", 10.0),
        sold("oc", "01 13:00", "c", 0.5),
        sold("od", "01 14:00", "d", 5.0, currency="USD"),
        sold("oe", "02 09:00", "e", 7.0),
        order("oe2", "02 09:01", visitor_id="e", value_micros=7_000_000, order_id="oe"),
    ]
)
def test_value_without_a_source_and_conversions_that_come_twice(tables: Tables) -> None:
    # whole units of the organization's own currency: half a euro is none, and dollars without a rate are left out
    assert by_day(tables, "unattributed_value_share") == [(1, "purchase", 10, 109), (2, "purchase", 7, 7)]
    assert by_day(tables, "repeated_conversion_rate") == [(1, "purchase", 0, 4), (2, "purchase", 1, 1)]
    assert by_day(tables, "no_touch_rate") == [(1, "purchase", 2, 4), (2, "purchase", 1, 1)]
    assert by_day(tables, "old_click_rate") == [(1, "purchase", 0, 1)]


@journey(
    [
        page("a1", "01 10:00", visitor_id="a", **GOOGLE, **CLICK),
        sold("oa", "31 10:00", "a", 1.0),  # 30 days: neither old nor
        page("b1", "01 10:00", visitor_id="b", **GOOGLE, **CLICK),
        sold("ob", "31 10:01", "b", 1.0),  # a minute more
        page("c1", "01 10:00", visitor_id="c", **GOOGLE, **CLICK),
        page("c2", "30 10:00", visitor_id="c", **GOOGLE, **CLICK),
        sold("oc", "31 10:01", "c", 1.0),  # the newest click counts
        page("d1", "01 10:00", visitor_id="d", **GOOGLE),
        sold("od", "31 10:01", "d", 1.0),  # no click id
    ],
    lookback_days=34,
)
def test_old_clicks_and_the_edge_of_the_lookback_window(tables: Tables) -> None:
    assert by_day(tables, "old_click_rate") == [(31, "purchase", 1, 3)]
    assert by_day(tables, "lookback_edge_rate") == [(31, "purchase", 0, 4)]  # nine tenths of 34 days are 30.6


@journey(
    [
        page("a1", "01 10:00", visitor_id="a", **GOOGLE),
        sold("oa", "28 10:00", "a", 1.0),
        page("b1", "01 10:00", visitor_id="b", **GOOGLE),
        sold("ob", "28 10:01", "b", 1.0),
        sold("oc", "28 11:00", "c", 1.0),
    ],
    lookback_days=30,
)
def test_touches_in_the_last_tenth_of_the_lookback_window(tables: Tables) -> None:
    assert by_day(tables, "lookback_edge_rate") == [(28, "purchase", 1, 2)]  # 27 days are not beyond nine tenths


@journey([page("a1", "01 23:50", visitor_id="a"), page("a2", "02 00:05", visitor_id="a"), page("b1", "02 09:00")])
def test_events_are_of_the_day_on_which_their_visit_began(tables: Tables) -> None:
    found = rows(tables, "health_volumes", "period", "volume", measure="events")
    assert [(day.day, volume) for day, volume in found] == [(1, 2), (2, 1)]
