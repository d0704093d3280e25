"""What people see of one conversion: refunds, touches with their credit, fits, and what is left out."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.cli.test_terminal import printed
from touchline.cli.run_shown import run_line, run_table
from touchline.cli.shown import conversion as shown_conversion
from touchline.cli.shown import waste as shown_waste
from touchline.pipeline import RunReport
from touchline.reports.explain import ConversionExplanation, Credit, ModelSum, Refund, Touch
from touchline.reports.question import Window
from touchline.reports.uncredited import Uncredited
from touchline.reports.waste import WasteReport

AT = datetime(2026, 3, 2, 10, 5, 7, tzinfo=UTC)
LOCAL = datetime(2026, 3, 2, 21, 5, 7)  # noqa: DTZ001 - the clock of a site


def refund(**said: Any) -> Refund:
    given = {
        "event_id": "r1",
        "kind": "refund",
        "occurred_at": AT,
        "local_time": LOCAL,
        "refunded_micros": 5_000_000,
        "currency": "EUR",
    }
    return Refund(
        **{
            **given,
            "is_verified": True,
            "is_applied": True,
            "reason": "applied",
            "reason_in_words": "Taken back.",
            **said,
        }
    )


def credit(model: str, weight: float, fit_id: str = "") -> Credit:
    return Credit(model, int(weight * 10**9), weight, int(weight * 10**6), fit_id)


def touch(*given: Credit, channel: str = "Email") -> Touch:
    return Touch(
        "t1", "p", AT, LOCAL, 1.0, channel, "Organic", "", {}, None, "medium:email", "The medium says email.", "v",
        "email-medium", False, (), 0.75, (),
        bool(given), "Eligible for credit." if given else "No credit.", 1, given,
    )  # fmt: skip


def conversion(**said: Any) -> str:
    given: dict[str, Any] = {
        "organization_id": "shop", "site_id": "s", "conversion_id": "s:o1", "order_id": None, "goal": "purchase",
        "signal_type": "payment", "occurred_at": AT, "local_time": LOCAL, "time_zone": "UTC",
        "status": "completed", "is_counted": True, "counting": "Yes.",
        "currency": "EUR", "gross_value_micros": 10_000_000, "refunded_micros": 0, "value_micros": 7_500_000,
        "native_currency": "EUR", "native_value_micros": 7_500_000, "exchange_rate": None,
        "is_verified": True, "event_count": 1, "self_reported_source": None, "refunds": (), "refund_count": 0,
        "account_id": None, "person_id": "p1", "identifiers": ("v:s:ada", "u:ada"), "corrected_clocks": "",
        "lookback_days": 30, "touches": (), "uncredited": (), "uncredited_count": 0,
        "credited_count": 0, "eligible_count": 0, "idle_count": 0, "cut": "", "outside_lookback": 0,
        "cause": "", "cause_in_words": "",
        "unattributed": (), "without_fit": (), "sums": (),
    }  # fmt: skip
    return printed(shown_conversion(ConversionExplanation(**given | said)))


def row_of(text: str, word: str) -> list[str]:
    """The cells of the one row in which a word stands."""
    (line,) = [line for line in text.splitlines() if word in line]
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_times_are_by_the_sites_clock_and_in_utc() -> None:
    said = conversion(
        time_zone="Australia/Sydney", refunds=(refund(),), refund_count=1, touches=(touch(credit("LINEAR", 1.0)),),
        credited_count=1, eligible_count=1,
    )  # fmt: skip
    there, utc = "2026-03-02 21:05:07", "2026-03-02 10:05:07"
    assert row_of(said, "when  ") == ["when", f"{there} Australia/Sydney = {utc} UTC"]
    assert said.count("when (Australia/Sydney)") == said.count("when (UTC)") == 2
    assert row_of(said, "r1")[:2] == [there, utc]
    assert row_of(said, "Email")[:2] == [there, utc]


def test_the_facts_of_a_conversion() -> None:
    said = conversion()
    assert row_of(said, "when") == ["when", "2026-03-02 10:05:07 UTC"]
    assert row_of(said, "order ") == ["order", "—"]
    assert row_of(said, "value") == ["value", "7.50 EUR of 10.00"]
    assert row_of(said, "person") == ["person", "p1, known by v:s:ada, u:ada"]
    assert [
        word
        for word in ("Unverified", "Refunds", "first", "Touches", "Weights", "unattributed", "touches lie", "✓", "✗")
        if word in said
    ] == []
    assert "clock" not in said
    assert "only a publishable key" in conversion(is_verified=False)
    assert row_of(conversion(corrected_clocks="It was off."), "clock") == ["clock", "It was off."]


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ({}, "refund: 5.00 EUR"), ({"refunded_micros": None}, "refund: all of it"),
        ({"refunded_micros": 0}, "refund: 0.00 EUR"), ({"currency": None}, "refund: 5.00"),
        ({"kind": "cancellation"}, "cancellation: all of it"),
        ({"kind": "cancellation", "refunded_micros": None}, "cancellation: all of it"),
    ],
)  # fmt: skip
def test_a_refund_says_how_much_and_a_cancellation_takes_all(said: dict[str, Any], amount: str) -> None:
    text = conversion(refunds=(refund(**said),), refund_count=1)
    assert row_of(text, "r1") == ["2026-03-02 10:05:07", amount, "r1", "Taken back."]
    assert "These are the first" not in text


def test_of_many_refunds_the_first_and_the_count_are_said() -> None:
    assert "These are the first 1 of 1,200." in conversion(refunds=(refund(),), refund_count=1_200)


def test_touches_have_a_column_of_each_model_and_dashes_where_they_get_nothing() -> None:
    fitted = touch(
        credit("LAST_TOUCH", 1.0), credit("MARKOV", 0.25, "MARKOV/shop/2026-03-01/v1"), channel="Paid Search"
    )
    text = conversion(touches=(touch(channel="Direct"), fitted))
    assert row_of(text, "why this channel")[-3:] == ["credit", "LAST_TOUCH", "MARKOV"]
    assert row_of(text, "Direct")[-3:] == ["No credit.", "—", "—"]
    assert row_of(text, "Paid Search")[-3:] == ["Eligible for credit.", "100.0 %", "25.0 %"]
    assert "Weights of MARKOV/shop/2026-03-01/v1: see `touchline fit show`." in text


def test_visits_that_are_no_touches_have_a_reason() -> None:
    visit = Uncredited("e1", "p2", AT, LOCAL, "https://shop.example/two", None, "weaker_source", "It is weaker.")
    text = conversion(uncredited=(visit,), uncredited_count=1)
    assert row_of(text, "It is weaker.")[1:] == ["https://shop.example/two", "—", "It is weaker."]
    theirs = row_of(conversion(uncredited=(visit,), uncredited_count=1, account_id="acme"), "It is weaker.")
    assert theirs[1:] == ["p2", "https://shop.example/two", "—", "It is weaker."]
    assert "These are the newest" not in text
    assert "These are the newest 1 of 1,200." in conversion(uncredited=(visit,), uncredited_count=1_200)


def test_each_fit_is_named_once_and_models_without_one_name_none() -> None:
    both = touch(credit("MARKOV", 0.5, "b"), credit("OTHER", 0.5, "a"))
    assert "Weights of a, b: see" in conversion(touches=(both, both))
    assert "Weights of" not in conversion(touches=(touch(credit("LINEAR", 1.0)),))


def test_touches_that_nobody_credits_have_no_model() -> None:
    text = conversion(touches=(touch(),))
    assert row_of(text, "why this channel")[-1] == "credit"


def test_what_is_left_out_is_said() -> None:
    text = conversion(cut="2 of 5 share.", unattributed=(credit("LINEAR", 1.0),), outside_lookback=1_200)
    assert "2 of 5 share." in text
    assert "its credit is unattributed under every model" in text
    assert "1,200 touches lie more than 30 days before it." in text


@pytest.mark.parametrize(
    ("whole", "said"), [((True, True), "✓ Credit adds up exactly"), ((True, False), "✗ Credit is lost.")]
)
def test_sums_are_whole_or_credit_is_lost(whole: tuple[bool, ...], said: str) -> None:
    assert said in conversion(sums=tuple(ModelSum(f"M{n}", 1, 1, one) for n, one in enumerate(whole)))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1 new event and 1 new cost row; 1 new claim; 1 claim withdrawn; 1 erased event removed; "),
        (2, "2 new events and 2 new cost rows; 2 new claims; 2 claims withdrawn; 2 erased events removed; "),
    ],
)
def test_what_a_run_had_is_one_where_it_is_one(count: int, said: str) -> None:
    report = RunReport(events=count, cost_rows=count, claims=count, withdrawn=count, erased=count)
    assert run_line(report) == f"{said}0.0 seconds."


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("always", "Rebuilt from scratch: an engine that rebuilds everything."),
        ("first", "Rebuilt from scratch: the first run, or one after an interrupted run."),
        ("rules", "Rebuilt from scratch: a changed rule, "),
    ],
)
def test_a_rebuild_gives_its_reason(why: str, reason: str) -> None:
    report = RunReport(is_rebuild=True, why=why)
    assert reason in printed(run_table(report, is_asked=False))
    assert reason not in printed(run_table(report, is_asked=True))


@pytest.mark.parametrize(("count", "said"), [(1, "1 touch lies more than"), (2, "2 touches lie more than")])
def test_touches_outside_the_lookback_are_counted(count: int, said: str) -> None:
    assert said in conversion(outside_lookback=count)


def test_a_report_of_one_site_says_what_it_leaves_out() -> None:
    window = Window(date(2026, 3, 1), date(2026, 3, 7))
    found = WasteReport(
        "shop", "LINEAR", "CAMPAIGN", "", "blog-example", "EUR", (), window, 0, 20_000_000, 0, None, 0, "", (), ()
    )
    said = " ".join(printed(shown_waste(found)).split())
    assert said == (
        "Waste by campaign: LINEAR, site blog-example, 2026-03-01 to 2026-03-07, 7 days: 0.00 EUR of 0.00 EUR (—)."
        " Nothing was found. Not included: 20.00 EUR spent on campaigns with visits or conversions on several sites,"
        " or with none."
    )
