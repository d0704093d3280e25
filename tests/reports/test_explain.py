"""One conversion, explained."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.reports.conftest import MAIL, ORGANIZATION, PAID, event, order, workspace
from touchline.demo import DemoShop
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.jobs import running
from touchline.models import MODELS
from touchline.reports.explain import explain_conversion

CREDIT = 1_000_000_000


def test_order_of_anna(engine: Engine) -> None:
    told = explain_conversion(engine, ORGANIZATION, "A1")
    assert told == explain_conversion(engine, ORGANIZATION, told.conversion_id)
    assert (told.status, told.value_micros, told.self_reported_source) == ("completed", 100_000_000, "Your newsletter")
    assert told.occurred_at == datetime(2026, 3, 5, 10, 5, tzinfo=UTC)
    assert (told.time_zone, f"{told.local_time:%F %T}") == ("Europe/Berlin", "2026-03-05 11:05:00")
    assert [f"{touch.local_time:%F %T}" for touch in told.touches] == [
        "2026-03-01 11:00:00", "2026-03-03 11:00:00", "2026-03-05 11:00:00",
    ]  # fmt: skip
    assert [touch.channel for touch in told.touches] == ["Paid Search", "Direct", "Email"]
    assert [touch.is_eligible for touch in told.touches] == [True, False, True]
    assert told.touches[0].marks["utm_campaign"] == "Spring"
    assert told.touches[0].reason_in_words.startswith("The medium is tagged as “cpc”")
    assert "Direct" in told.touches[1].eligibility
    linear = [credit.credit for touch in told.touches for credit in touch.credits if credit.model == "LINEAR"]
    assert linear == [CREDIT // 2, CREDIT // 2]


@pytest.mark.parametrize("order", ["A1", "B1", "C1", "E1"])
def test_credit_adds_up_to_one(engine: Engine, order: str) -> None:
    told = explain_conversion(engine, ORGANIZATION, order)
    assert [total.model for total in told.sums] == list(MODELS)
    for total in told.sums:
        given = [c for touch in told.touches for c in touch.credits] + list(told.unattributed)
        assert sum(c.credit for c in given if c.model == total.model) == CREDIT == total.credit
        assert sum(c.value_micros for c in given if c.model == total.model) == told.value_micros
        assert total.is_whole


def test_order_out_of_nowhere_is_unattributed(engine: Engine) -> None:
    told = explain_conversion(engine, ORGANIZATION, "C1")
    assert told.touches == ()
    assert [credit.credit for credit in told.unattributed] == [CREDIT] * len(MODELS)
    assert told.cause == "unseen_visitor"
    assert "without a visit" in told.cause_in_words


def test_a_touch_that_is_stamped_after_its_order_says_why_it_counts(tmp_path: Path) -> None:
    """The newsletter before it, and the paid click of the thank-you page 400 milliseconds after it."""
    thanks = {"url": f"https://shop.example/{PAID}", "occurredAt": "2026-03-05T10:05:00.400Z"}
    told = [
        event("anna", "03-05T10:00", url=f"https://shop.example/{MAIL}"),
        order("anna", "03-05T10:05", "A1", 100.0),
        event("anna", "03-05T10:05", **thanks),
    ]
    with workspace(tmp_path, events=told, costs="") as opened:
        found = explain_conversion(opened.engine, ORGANIZATION, "A1")
    assert [touch.channel for touch in found.touches] == ["Email", "Paid Search"]
    assert found.touches[1].days_before == 0
    assert "stamped 0.4 seconds after the conversion" in found.touches[1].eligibility
    assert "up to 60 seconds (setting clock_tolerance_seconds)" in found.touches[1].eligibility
    assert "stamped" not in found.touches[0].eligibility


def test_what_is_no_touch_is_shown_with_its_reason(tmp_path: Path) -> None:
    """A search after an ad, a payment and a banner; of another visit, which a conversion did not follow, nothing."""
    told = [
        event("anna", "03-05T10:00", url=f"https://shop.example/{PAID}"),
        event("anna", "03-05T10:05", url="https://shop.example/two", referrer="https://www.google.com/"),
        event("anna", "03-05T10:06", url="https://shop.example/three", referrer="https://www.paypal.com/"),
        event("anna", "03-05T10:07", url=f"https://shop.example/{MAIL}", referrer="https://shop.example/"),
        order("anna", "03-05T10:08", "A1", 100.0),
        event("anna", "03-05T10:09", url="https://shop.example/four", referrer="https://www.paypal.com/"),
    ]
    with workspace(tmp_path, events=told, costs="") as opened:
        found = explain_conversion(opened.engine, ORGANIZATION, "A1")
    assert [touch.channel for touch in found.touches] == ["Paid Search"]
    assert [(one.reason, one.referrer) for one in found.uncredited] == [
        ("weaker_source", "google.com"), ("payment", "paypal.com"), ("own_link", "shop.example"),
    ]  # fmt: skip
    assert found.uncredited_count == 3
    assert found.uncredited[1].reason_in_words == "The visitor came back from a payment page."


def test_a_clock_that_was_off_is_told(tmp_path: Path) -> None:
    """By person, what was added to the clocks behind their page view and their order, and what is said of it."""
    cases: dict[str, tuple[int | None, int | None, str]] = {
        "ann": (None, None, ""),
        "eva": (None, -600, "The clock behind 1 event of this person was off: -600 seconds"),
        "ida": (-601, 3_600, "The clock behind 2 events of this person was off: between -601 and +3,600 seconds"),
        "bob": (7, None, "The clock behind 1 event of this person was off: +7 seconds"),
    }
    told = [event(who, "03-05T10:00", url=f"https://shop.example/{MAIL}") for who in cases]
    told += [order(who, "03-05T10:05", f"{who}-1", 1.0) for who in cases]
    with workspace(tmp_path, events=told, costs="") as opened:
        update = "update tracking_events set clock_corrected_seconds = ? where visitor_id = ? and type = ?"
        rows = [(said[0], who, "PAGE_VIEW") for who, said in cases.items()]
        rows += [(said[1], who, "CONVERSION") for who, said in cases.items()]
        with closing(sqlite3.connect(opened.home.ledger)) as ledger, ledger:
            ledger.executemany(update, rows)
        running.run(opened, is_rebuild=True)
        found = {who: explain_conversion(opened.engine, ORGANIZATION, f"{who}-1").corrected_clocks for who in cases}
    assert found == {who: said and f"{said} were added to what it said." for who, (_, _, said) in cases.items()}


SERVER: dict[str, object] = {"url": None, "userAgent": None}
CAUSES: tuple[tuple[str, str, dict[str, object], str], ...] = (
    ("one", "", {**SERVER, "anonId": None}, "no_identity"),
    ("two", "", SERVER, "unseen_visitor"),
    ("three", "", {**SERVER, "anonId": None, "userId": "7"}, "no_visit"),
    ("four", "03-05T10:02", SERVER, "only_afterwards"),
    ("five", "02-01T10:00", SERVER, "outside_lookback"),
    ("six", "", {}, "no_evidence"),
    ("seven", "", {"referrer": "https://www.google.com/"}, ""),
    ("eight", "", {**SERVER, "isTest": True}, "test"),
)
"""By person: when they visited, how their order came, and why nothing is behind it."""


def test_what_a_person_might_read_as_not_tracked_has_a_cause(tmp_path: Path) -> None:
    events = [event(who, visited) for who, visited, _, _ in CAUSES if visited]
    events += [order(who, "03-05T10:00", f"{who}-1", 1.0, **said) for who, _, said, _ in CAUSES]
    with workspace(tmp_path, events=events, costs="") as opened:
        found = {who: explain_conversion(opened.engine, ORGANIZATION, f"{who}-1") for who, *_ in CAUSES}
    assert {who: one.cause for who, one in found.items()} == {who: cause for who, _, _, cause in CAUSES}
    assert {who for who, one in found.items() if not one.cause_in_words} == {"seven", "eight"}


def test_direct_alone_may_get_credit(engine: Engine) -> None:
    touch = explain_conversion(engine, ORGANIZATION, "E1").touches[0]
    assert touch.is_eligible
    assert touch.eligibility.endswith("the path has nothing else.")
    assert explain_conversion(engine, ORGANIZATION, "E1").cause == "no_evidence"
    assert explain_conversion(engine, ORGANIZATION, "A1").cause == ""


def test_cancelled_order_says_so(engine: Engine) -> None:
    told = explain_conversion(engine, ORGANIZATION, "D1")
    assert (told.is_counted, told.status, told.touches, told.sums) == (False, "cancelled", (), ())
    assert told.counting == "Not counted: the order was canceled."
    assert [refund.kind for refund in told.refunds] == ["cancellation"]


def test_partial_refund_is_told(engine: Engine) -> None:
    told = explain_conversion(engine, ORGANIZATION, "E1")
    assert (told.gross_value_micros, told.refunded_micros, told.value_micros) == (40_000_000, 15_000_000, 25_000_000)
    assert [refund.refunded_micros for refund in told.refunds] == [15_000_000]


def test_unknown_order_names_what_is_close(engine: Engine) -> None:
    with pytest.raises(UnknownError, match="A1"):
        explain_conversion(engine, ORGANIZATION, "A12")
    with pytest.raises(UnknownError, match="Give a conversion id or an order id"):
        explain_conversion(engine, ORGANIZATION, "zzzzzz")


def test_order_id_of_two_people_is_asked_back(demo_engine: Engine, shop: DemoShop) -> None:
    with pytest.raises(UsageError, match="2 conversions have the order id"):
        explain_conversion(demo_engine, "fernwood-home", shop.truth.order_ids.reused[0])
