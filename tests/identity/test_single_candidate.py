"""When an e-mail address that nobody confirmed fits one known person alone: the truth table of the tier."""

from contextlib import closing
from typing import Any

import pytest

from tests.oracle.engine import ListFeed, changes, fresh, snapshot, tables_of
from tests.oracle.judge import differences
from tests.oracle.people import identities, identity_edges
from tests.oracle.world import Row, Tables, World, at, claim, event, goal, organization, reference, site
from touchline import pipeline

Said = dict[str, Any]
Case = tuple[str, tuple[Said | tuple[str, str, str], ...], Said, str]
"""What is so, what is said (events, or claims with a source), the settings, the tier of browser ``g`` with ``m``."""


def guest(**said: Any) -> Said:
    """An order of somebody who is not signed in, with the address in question."""
    return {"visitor_id": "g", "email_hash": "m", **said}


def user(name: str, browser: str | None = None, email_hash: str | None = "m", **said: Any) -> Said:
    return {"user_id": name, "visitor_id": browser, "email_hash": email_hash, **said}


CASES: tuple[Case, ...] = (
    ("nobody known has it", (guest(), guest(visitor_id="h")), {}, "email_unvalidated"),
    ("one user has it, by a server", (guest(), user("x")), {}, "single_candidate"),
    ("one user has it, on another browser", (guest(), user("x", "a")), {}, "single_candidate"),
    ("a browser of one user typed it before the login", (guest(), guest(visitor_id="a"), user("x", "a", None)), {},
     "single_candidate"),
    ("the user of this browser", (guest(), user("x", "g", None)), {}, "single_candidate"),
    ("one user has it confirmed", (guest(), user("x", "a", is_email_verified=True)), {}, "single_candidate"),
    ("a system says whose it is", (guest(), ("m:m", "u:x", "crm")), {}, "single_candidate"),
    ("the same user on many browsers", (guest(), user("x", "a"), user("x", "b"), user("x")), {}, "single_candidate"),
    ("two users have it", (guest(), user("x"), user("y")), {}, "email_unvalidated"),
    ("two users have it, one of them confirmed", (guest(), user("x", is_email_verified=True), user("y")), {},
     "email_unvalidated"),
    ("a user and a system's other user", (guest(), user("x"), ("m:m", "u:y", "crm")), {}, "email_unvalidated"),
    ("typed on a tablet of two users", (guest(), user("x", "t"), user("y", "t", None)), {}, "email_unvalidated"),
    ("somebody else is signed in on this browser", (guest(), user("x"), user("y", "g", None)), {},
     "email_unvalidated"),
    ("a page claims another user", (guest(), user("x"), user("y", "a", is_verified=False)), {}, "single_candidate"),
    ("a page alone claims a user", (guest(), user("x", "a", is_verified=False)), {}, "email_unvalidated"),
    ("a page says that the guest has it", (guest(is_verified=False), user("x")), {}, "claimed_by_browser"),
    ("this browser has it confirmed", (guest(is_email_verified=True), user("x")), {}, "email_validated"),
    ("a user id that names nobody", (guest(), user("null", "a")), {}, "email_unvalidated"),
    ("another user id that names nobody", (guest(), user("x"), user("null", "a")), {}, "single_candidate"),
    ("the second user was separated from it", (guest(), user("x"), user("y"), ("u:y", "m:m", "separated")), {},
     "single_candidate"),
    ("this browser was separated from it", (guest(), ("v:g", "m:m", "separated"), user("x")), {}, "email_unvalidated"),
    ("this browser is past its limit", (guest(), guest(email_hash="n"), guest(email_hash="o"), user("x")),
     {"verified_names": 2}, "email_unvalidated"),
    ("so many users have it that it joins none", (guest(), user("x"), user("y"), user("z")), {"verified_names": 2},
     "email_unvalidated"),
)  # fmt: skip


def _world(number: int, case: Case) -> World:
    _, said, settings, _ = case
    name = f"c{number}"
    events, claims = [], []
    for place, one in enumerate(said):
        if isinstance(one, dict):
            given: Row = {"type": "CONVERSION", **one}
            events.append(event(f"e{place}", at(f"2026-03-{place + 2:02} 10:00"), name, f"{name}s", **given))
        else:
            identifier = one[0].replace("v:", f"v:{name}s:")
            claims.append(claim(identifier, one[1], at("2026-03-20 10:00"), name, one[2]))
    return World(organization(name, **settings), [site(name, f"{name}s")], [goal(name)], [], events, [], claims)


WORLDS = [_world(number, case) for number, case in enumerate(CASES)]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return tables_of(WORLDS)


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number][0])
def test_the_tier_of_a_guests_browser(tables: Tables, number: int) -> None:
    pair = {"identifier": f"v:c{number}s:g", "linked_identifier": "m:m", "organization_id": f"c{number}"}
    (edge,) = [row for row in tables["identity_edges"] if pair.items() <= row.items()]
    assert edge["tier"] == CASES[number][3]


def test_the_definitions_say_the_same(tables: Tables) -> None:
    assert differences(tables, WORLDS, (identity_edges, identities)) == ""


@pytest.mark.parametrize("late", [1, 2])
def test_the_tiers_are_the_same_if_the_last_events_come_later(tables: Tables, late: int) -> None:
    """A pair that cannot join is in no component that a later event reaches."""
    ledger = ListFeed(reference(WORLDS))
    with closing(fresh()) as engine:
        for part in (slice(None, -late), slice(-late, None)):
            ledger.tell([one for world in WORLDS for one in world.events[part]])
            ledger.claim([one for world in WORLDS for one in world.claims] if part.stop else [])
            report = pipeline.run(ledger.feed, engine)
        assert not report.is_rebuild
        assert changes(tables, snapshot(engine)) == ""


def test_browsers_have_the_tier_of_their_best_pair(tables: Tables) -> None:
    places = [number for number, case in enumerate(CASES) if case[3] == "single_candidate"]
    tiers = {row["tier"] for row in tables["identities"] if row["identifier"] in {f"v:c{n}s:g" for n in places}}
    assert tiers == {"single_candidate", "strong_id"}  # strong where its user signs in on it
