"""What comes late changes what stood before, and a run finds all of it.

Each case is what was known, and what came then.
"""

from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.engine import changes, fresh, rebuilt, snapshot, told
from tests.oracle.judge import disagreements
from tests.oracle.world import Row, World, at, cost, event, goal, organization, site
from touchline import pipeline


@dataclass(frozen=True)
class Late:
    """``changes`` are the tables that must not be as they were."""

    known: list[Row]
    late: list[Row]
    changes: str
    known_loads: list[list[Row]] = field(default_factory=list)
    late_loads: list[list[Row]] = field(default_factory=list)


def page(event_id: str, time: str, visitor: str = "a", **said: Any) -> Row:
    return event(event_id, at(time), visitor_id=visitor, url=f"https://shop.example/{event_id}", **said)


def order(event_id: str, time: str, visitor: str | None = "a", order_id: str | None = "1", **said: Any) -> Row:
    said = {"value_micros": 10_000_000, "order_id": order_id, "visitor_id": visitor} | said
    return event(event_id, at(time), type="CONVERSION", **said)


def refund(event_id: str, time: str, visitor: str | None = None, **said: Any) -> Row:
    return event(event_id, at(time), type="REFUND", **{"order_id": "1", "visitor_id": visitor} | said)


def login(event_id: str, time: str, visitor: str, user: str) -> Row:
    return event(event_id, at(time), type="IDENTIFY", visitor_id=visitor, user_id=user)


GOOGLE = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "spring"}
SPRING = {"campaign_id": "7", "campaign_name": "Spring"}
SUMMER = {"campaign_id": "7", "campaign_name": "Summer"}

CASES = {
    "an earlier event of the order moves it to another day": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("later", "2026-03-05 10:00")],
        [order("first", "2026-03-03 10:00")],
        "conversions paths daily_rollups health_measures",
    ),
    "an earlier page of the visit takes the landing, on the day before": Late(
        [page("p", "2026-03-02 23:10", user_agent="Old/1"), order("o", "2026-03-04 10:00")],
        [page("before", "2026-03-02 22:50", user_agent="New/1", **GOOGLE)],
        "sessions touchpoints evidence_channels agents daily_rollups health_measures",
    ),
    "an event between two visits makes them one": Late(
        [page("p1", "2026-03-02 10:00"), page("p2", "2026-03-02 10:50"), order("o", "2026-03-02 10:55")],
        [event("between", at("2026-03-02 10:25"), type="CUSTOM", visitor_id="a")],
        "session_events sessions touchpoints paths health_measures",
    ),
    "a login makes two buyers of one order one": Late(
        [
            page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o1", "2026-03-03 10:00", "a"),
            page("q", "2026-03-04 10:00", "b"), order("o2", "2026-03-05 10:00", "b"),
            login("l1", "2026-03-01 10:00", "b", "x"),
        ],
        [login("l2", "2026-03-09 10:00", "a", "x")],
        "identities conversions paths daily_rollups health_measures",
    ),
    "a login joins three at once, and the eldest names them": Late(
        [page("p", "2026-03-02 10:00", "a"), page("q", "2026-03-03 10:00", "b"), order("o", "2026-03-04 10:00", "c")],
        [login(f"l{visitor}", "2026-03-05 10:00", visitor, "x") for visitor in "abc"],
        "identities touchpoints paths attribution_links health_measures",
    ),
    "an earlier event renames the person": Late(
        [page("p", "2026-03-02 10:00"), login("l", "2026-03-02 10:01", "a", "x"), order("o", "2026-03-02 10:02")],
        [event("u", at("2026-03-01 10:00"), type="IDENTIFY", user_id="x")],
        "identities sessions touchpoints conversions paths",
    ),
    "a shared computer's user id that names nobody joins nobody": Late(
        [login("l1", "2026-03-02 10:00", "a", "null"), order("o1", "2026-03-02 10:00", "a")],
        [login("l2", "2026-03-02 10:00", "b", "null"), order("o2", "2026-03-02 10:00", "b")],
        "identity_edges conversions",
    ),
    "a refund goes over to a newer order of another person": Late(
        [order("o1", "2026-03-02 10:00", "a"), refund("r", "2026-03-08 10:00")],
        [order("o2", "2026-03-05 10:00", "b")],
        "corrections conversions attribution_links daily_rollups health_measures",
    ),
    "a refund turns out to be the first buyer's own": Late(
        [
            order("o1", "2026-03-02 10:00", "a"), order("o2", "2026-03-05 10:00", "b"),
            refund("r", "2026-03-08 10:00", user_id="x"),
        ],
        [login("l", "2026-03-09 10:00", "a", "x")],
        "corrections conversions attribution_links daily_rollups health_measures",
    ),
    "a refund comes from nobody known": Late(
        [page("p", "2026-03-02 09:00", **GOOGLE), order("o", "2026-03-02 10:00")],
        [refund("r", "2026-03-08 10:00", value_micros=4_000_000)],
        "corrections conversions attribution_links daily_rollups",
    ),
    "an e-mail address joins two browsers": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE, email_hash="m"), order("o", "2026-03-03 10:00", "b")],
        [event("i", at("2026-03-04 10:00"), type="IDENTIFY", visitor_id="b", email_hash="m")],
        "identities paths attribution_links daily_rollups health_measures",
    ),
    "a day that somebody else touches keeps the credit of all": Late(
        [page("p", "2026-03-02 10:00", "a", **GOOGLE), order("o", "2026-03-08 10:00", "a")],
        [page("q", "2026-03-02 10:00", "b")],
        "touchpoints health_measures",
    ),
    "a cancellation waits for its order": Late(
        [refund("r", "2026-03-02 09:00", name="cancellation"), order("other", "2026-03-02 10:00", order_id="2")],
        [order("o", "2026-03-02 10:00")],
        "corrections conversions",
    ),
    "an order turns out to be a test": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00")],
        [order("again", "2026-03-02 12:00", is_test=True)],
        "conversions paths attribution_links daily_rollups health_measures",
    ),
    "a milestone was reached earlier": Late(
        [page("p", "2026-03-02 10:00"), order("s2", "2026-03-04 10:00", order_id=None, name="signup")],
        [order("s1", "2026-03-03 10:00", order_id=None, name="signup")],
        "conversions paths daily_rollups",
    ),
    "an ad click before makes a later search visit assisted": Late(
        [
            page("p", "2026-03-05 10:00", referrer_host="google.com", referrer_domain="google.com"),
            order("o", "2026-03-05 11:00"),
        ],
        [page("click", "2026-03-02 10:00", click_id_names="gclid")],
        "touchpoints evidence_channels paths attribution_links daily_rollups",
    ),
    "a campaign's new name fits old touches no longer": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00")],
        [],
        "ad_costs campaigns daily_rollups waste_findings",
        [[cost(date(2026, 3, 2), 5_000_000, **SPRING)]],
        [[cost(date(2026, 3, 20), 5_000_000, **SUMMER)]],
    ),
    "a restatement takes a campaign back": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-02 11:00")],
        [],
        "ad_costs campaigns daily_rollups waste_findings",
        [[cost(date(2026, 3, 2), 5_000_000, **SPRING), cost(date(2026, 3, 3), 5_000_000, **SUMMER)]],
        [[cost(date(2026, 3, 2), 4_000_000, platform="META", campaign_id="9")], [cost(date(2026, 3, 3), 0, **SUMMER)]],
    ),
    "costs come for a touch that is long past": Late(
        [page("p", "2026-03-02 10:00", **GOOGLE), order("o", "2026-03-20 11:00")],
        [],
        "ad_costs campaigns daily_rollups",
        [],
        [[cost(date(2026, 3, 2), 5_000_000, **SPRING)]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_run_finds_all_that_something_late_changes(name: str) -> None:
    case = CASES[name]
    world = _known(case)
    ledger = told([world])
    with closing(fresh()) as engine:
        pipeline.run(ledger.feed, engine)
        before = snapshot(engine)
        ledger.tell(case.late)
        for load in case.late_loads:
            ledger.load(load)
        assert not pipeline.run(ledger.feed, engine).is_rebuild
        after = snapshot(engine)
    assert changes(rebuilt(ledger), after) == ""
    assert disagreements(after, [_whole(case)]) == ""
    assert [table for table in case.changes.split() if before[table] == after[table]] == []


@pytest.mark.parametrize("engine", [name for name in FRESH if name != "duckdb"])
def test_every_engine_finds_all_of_it(engine: str) -> None:
    """All the cases at once, each in an organization of its own."""
    cases = [_moved(case, f"o{number}") for number, case in enumerate(CASES.values())]
    names = [f"o{number}" for number in range(len(cases))]
    ledger = told([_known(case, name) for case, name in zip(cases, names, strict=True)])
    with closing(FRESH[engine]()) as opened:
        pipeline.run(ledger.feed, opened)
        for case in cases:
            ledger.tell(case.late)
            for load in case.late_loads:
                ledger.load(load)
        assert not pipeline.run(ledger.feed, opened).is_rebuild
        after = snapshot(opened)
    assert changes(rebuilt(ledger), after) == ""
    assert disagreements(after, [_whole(case, name) for case, name in zip(cases, names, strict=True)]) == ""


def _known(case: Late, name: str = "o") -> World:
    goals = [goal(name), goal(name, name="signup", event_name="signup", is_milestone=True)]
    return World(organization(name), [site(name, _site(name))], goals, [], case.known, case.known_loads)


def _whole(case: Late, name: str = "o") -> World:
    return replace(_known(case, name), events=case.known + case.late, loads=case.known_loads + case.late_loads)


def _site(name: str) -> str:
    return name.replace("o", "s")


def _moved(case: Late, name: str) -> Late:
    """The case as it happens to the organization ``name``."""

    def moved(rows: list[Row]) -> list[Row]:
        owner: Row = {"organization_id": name}
        return [
            row | owner | ({"site_id": _site(name), "identifier": _at(row, name)} if "site_id" in row else {})
            for row in rows
        ]

    known, late = moved(case.known), moved(case.late)
    return Late(known, late, case.changes, [moved(load) for load in case.known_loads], [*map(moved, case.late_loads)])


def _at(row: Row, name: str) -> str:
    kind, colon, rest = row["identifier"].partition(":")
    return f"{kind}{colon}{_site(name)}{rest[1:]}" if kind in {"v", "e"} else str(row["identifier"])
