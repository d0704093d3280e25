"""What a run changed and why: every reason by an example, and all counts against going through the links."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.engine import ListFeed, snapshot, told
from tests.oracle.world import Row, World, at, event, goal, organization, site
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.changes import ALL_CHANNELS, REASONS, Change
from touchline.engines import DuckDB, Engine

MAIL = {"utm_source": "letter", "utm_medium": "email"}
SEARCH = {"utm_source": "google", "utm_medium": "cpc"}


def visit(event_id: str, day: int, visitor: str, **said: Any) -> Row:
    url = f"https://shop.example/{event_id}"
    return event(event_id, at(f"2026-03-{day:02} 10:00"), visitor_id=visitor, url=url, **said)


def bought(event_id: str, day: int, visitor: str, **said: Any) -> Row:
    time = at(f"2026-03-{day:02} 12:00")
    sale = {"type": "CONVERSION", "value_micros": 10_000_000, "order_id": event_id, **said}
    return event(event_id, time, visitor_id=visitor, **sale)


def after(engine: Engine, ledger: ListFeed, *events: Row) -> pipeline.RunReport:
    ledger.tell(events)
    return pipeline.run(ledger.feed, engine)


def said(changes: list[Change]) -> dict[str, Any]:
    """By reason: how many conversions, and what moved in whole conversions."""
    found: dict[str, Any] = {one.reason: [one.conversions, {}] for one in changes if one.channel == ALL_CHANNELS}
    for one in changes:
        if one.channel != ALL_CHANNELS:
            found[one.reason][1][one.channel] = (one.credit_after - one.credit_before) / 1e9
    return {reason: tuple(parts) for reason, parts in found.items()}


@pytest.fixture
def engine() -> Iterator[Engine]:
    with closing(DuckDB()) as made:
        yield made


def test_every_change_has_its_reason(engine: Engine) -> None:
    ledger = told([World(organization(), [site(time_zone="UTC")], [goal()])])
    first = after(engine, ledger, visit("a1", 2, "a", **MAIL), bought("a2", 9, "a"), visit("p1", 3, "phone", **SEARCH))
    assert (first.why, said(first.changes)) == ("first", {"first": (None, {"Email": 1.0})})
    quiet = after(engine, ledger)
    assert (quiet.why, quiet.changes) == ("", [])
    new = after(engine, ledger, bought("b1", 9, "b"))
    assert said(new.changes) == {"new": (1, {"(unattributed)": 1.0})}
    late = after(engine, ledger, visit("a3", 4, "a", **SEARCH))
    assert said(late.changes) == {"late_events": (1, {"Email": -1.0, "Paid Search": 1.0})}
    joined = after(
        engine, ledger, event("i1", at("2026-03-05 10:00"), visitor_id="phone", user_id="bea", type="IDENTIFY"),
        event("i2", at("2026-03-05 10:00"), visitor_id="b", user_id="bea", type="IDENTIFY"),
    )  # fmt: skip
    assert said(joined.changes) == {"persons": (1, {"Paid Search": 1.0, "(unattributed)": -1.0})}
    refund: Row = {"type": "REFUND", "name": "refund", "order_id": "a2", "value_micros": 4_000_000, "is_verified": True}
    refunded = after(engine, ledger, event("r1", at("2026-03-10 10:00"), visitor_id="a", **refund))
    assert said(refunded.changes) == {"restated": (1, {})}
    ledger.erase("a3")
    assert said(after(engine, ledger).changes) == {"erased": (1, {"Email": 1.0, "Paid Search": -1.0})}
    cancelled = after(
        engine, ledger, event("r2", at("2026-03-11 10:00"), visitor_id="a", **refund | {"name": "cancellation"})
    )
    assert said(cancelled.changes) == {"restated": (1, {"Email": -1.0})}
    ledger.erase("b1")
    assert said(after(engine, ledger).changes) == {"erased": (1, {"Paid Search": -1.0})}


def test_a_rebuild_says_why_and_what_moved(engine: Engine) -> None:
    ledger = told([World(organization(), [site(time_zone="UTC")], [goal()])])
    after(engine, ledger, visit("a1", 2, "a", **MAIL), bought("a2", 29, "a"))
    asked = pipeline.run(ledger.feed, engine, is_rebuild=True)
    assert (asked.why, asked.changes) == ("asked", [])
    ledger.reference["organizations"] = [organization(lookback_days=7)]
    changed = after(engine, ledger)
    assert (changed.why, said(changed.changes)) == ("rules", {"rules": (None, {"Email": -1.0, "(unattributed)": 1.0})})


@pytest.mark.parametrize("name", ["postgresql", "clickhouse"])
def test_servers_say_the_same(name: str) -> None:
    with closing(FRESH[name]()) as engine:
        ledger = told([World(organization(), [site(time_zone="UTC")], [goal()])])
        after(engine, ledger, visit("a1", 2, "a", **MAIL), bought("a2", 9, "a"))
        late = after(engine, ledger, visit("a3", 4, "a", **SEARCH), bought("b1", 9, "b"))
        assert said(late.changes) == {
            "late_events": (1, {"Email": -1.0, "Paid Search": 1.0}), "new": (1, {"(unattributed)": 1.0}),
        }  # fmt: skip


def test_an_engine_that_rebuilds_everything_says_what_moved_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("touchline.pipeline", "touchline.applied"):
        monkeypatch.setattr(f"{name}.can_increment", lambda _engine: False)
    with closing(DuckDB()) as engine:
        ledger = told([World(organization(), [site(time_zone="UTC")], [goal()])])
        after(engine, ledger, visit("a1", 2, "a", **MAIL), bought("a2", 9, "a"))
        late = after(engine, ledger, visit("a3", 4, "a", **SEARCH))
        assert (late.why, said(late.changes)) == ("always", {"always": (None, {"Email": -1.0, "Paid Search": 1.0})})


def links(engine: Engine) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in snapshot(engine)["attribution_links"]:
        found.setdefault(row["conversion_id"], []).append(row)
    return {key: sorted(rows, key=repr) for key, rows in found.items()}


COMPARED = ("person_id", "touchpoint_id", "model", "channel", "credit", "value_micros")


def test_counts_and_credit_are_those_of_comparing_all_links() -> None:
    """Worlds told in two parts, the later days first: what is said to have changed is what differs."""
    seen: Counter[str] = Counter()
    for world in drawn(4, 17):
        events = sorted(world.events, key=lambda row: (row["occurred_at"], row["event_id"]))
        middle = events[len(events) // 2]["occurred_at"] + timedelta(seconds=1) if events else None
        with closing(DuckDB()) as engine:
            ledger = told([])
            ledger.reference = told([world]).reference
            ledger.tell(row for row in events if row["occurred_at"] >= middle)
            pipeline.run(ledger.feed, engine)
            before = links(engine)
            ledger.claim(world.claims)
            report = after(engine, ledger, *events)
            expected = differing(before, links(engine), world)
        counts = {one.reason: one.conversions for one in report.changes if one.channel == ALL_CHANNELS}
        seen.update({reason: number or 0 for reason, number in counts.items()})
        assert sum(number or 0 for number in counts.values()) == expected.pop("", 0)
        moved: Counter[str] = Counter()
        for one in report.changes:
            moved[one.channel] += one.credit_after - one.credit_before
        credited = {name: credit for name, credit in moved.items() if credit and name != ALL_CHANNELS}
        assert credited == {name: credit for name, credit in expected.items() if credit}
        assert set(counts) <= set(REASONS)
    assert {reason for reason, number in seen.items() if number} >= {"new", "late_events", "persons"}


def differing(before: dict[str, list[Row]], now: dict[str, list[Row]], world: World) -> Counter[str]:
    """How many conversions differ (under no name), and by how much the credit of each channel."""
    found: Counter[str] = Counter()
    for conversion in {*before, *now}:
        old, new = ([pick(row) for row in side.get(conversion, [])] for side in (before, now))
        if old != new:
            found[""] += 1
        for sign, rows in ((-1, before), (1, now)):
            for row in rows.get(conversion, []):
                if row["model"] == world.organization["default_model"]:
                    found[row["channel"] or "(unattributed)"] += sign * row["credit"]
    return found


def pick(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in COMPARED)
