"""A person explained: their names, and what says so."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.oracle.engine import told
from tests.oracle.world import World, at, claim, event, goal, organization, site
from touchline import pipeline
from touchline.engines import DuckDB, Engine
from touchline.errors import UnknownError, UsageError
from touchline.reports.person import ClaimMade, explain_person

EVENTS = [
    event("1", at("2026-03-02 10:00"), visitor_id="phone"), event("2", at("2026-03-03 10:00"), visitor_id="laptop"),
    event("3", at("2026-03-03 10:01"), visitor_id="laptop", user_id="42"),
    event("4", at("2026-03-03 10:02"), visitor_id="laptop", user_id="null"),
    event("5", at("2026-03-04 10:00"), visitor_id="42"), event("6", at("2026-03-04 10:00"), visitor_id="bob"),
]  # fmt: skip
CLAIMS = [
    claim("v:s:phone", "u:42", at("2026-03-05 10:00")), claim("v:s:phone", "u:42", at("2026-03-06 10:00"), source="b"),
    claim("v:s:laptop", "u:42", at("2026-03-07 10:00")),
]  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(DuckDB()) as made:
        world = World(organization(), [site()], [goal()], events=EVENTS, claims=CLAIMS)
        pipeline.run(told([world]).feed, made)
        yield made


def test_names_and_what_ties_them(engine: Engine) -> None:
    found = explain_person(engine, "o", "laptop")
    assert found.identifiers == ("v:s:phone", "v:s:laptop", "u:42")
    assert [(tie.identifier, tie.linked_identifier, tie.event_count, tie.reason) for tie in found.ties] == [
        ("v:s:laptop", "u:42", 1, "same_event"), ("v:s:laptop", "u:null", 1, "blocked_value"),
        ("v:s:phone", "u:42", 0, "claim"),
    ]  # fmt: skip
    assert [len(tie.claims) for tie in found.ties] == [1, 0, 2]
    assert [tie.is_refused for tie in found.ties] == [False, True, False]
    assert found.ties[2].claims[1] == ClaimMade("b", datetime(2026, 3, 6, 10, tzinfo=UTC))
    assert explain_person(engine, "o", found.person_id) == explain_person(engine, "o", "u:42") == found


def test_somebody_whom_nothing_ties(engine: Engine) -> None:
    assert explain_person(engine, "o", "bob").ties == ()


def test_a_name_that_is_nobodys_or_two_peoples(engine: Engine) -> None:
    with pytest.raises(UsageError, match=r"Several people are known as '42'\. Name one of: .*u:42"):
        explain_person(engine, "o", "42")
    with pytest.raises(UnknownError, match="nobody known as 'eve'"):
        explain_person(engine, "o", "eve")
    with pytest.raises(UnknownError):
        explain_person(engine, "other", "bob")
