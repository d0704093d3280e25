"""A person explained: their names, and what says so."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.oracle.engine import told
from tests.oracle.world import World, at, claim, event, goal, organization, site
from tests.quantifiers import each
from tests.reports.crowds import browser, crowd
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
    assert [(tie.tier, tie.source, tie.is_verified) for tie in found.ties] == [
        ("strong_id", "s", True), ("strong_id", "s", True), ("claimed", "b", True),
    ]  # fmt: skip
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


@pytest.mark.parametrize("named", ["42", "u:42", "019998", "p"])
def test_of_very_many_names_the_first_hundred_and_the_count(crowded: Engine, named: str) -> None:
    found = explain_person(crowded, "o", named)
    assert (found.person_id, found.identifier_count, found.tie_count) == ("p", 20_000, 19_999)
    assert found.identifiers == tuple(browser(number) for number in range(100))
    assert [tie.identifier for tie in found.ties] == [browser(number) for number in range(100)]
    assert each(tie.linked_identifier == "u:42" and len(tie.claims) == 1 for tie in found.ties)


@pytest.mark.parametrize(("ids", "shown"), [(99, 99), (100, 100), (101, 100), (102, 100)])
def test_the_count_is_of_all_however_many_are_shown(ids: int, shown: int) -> None:
    with crowd(ids) as made:
        found = explain_person(made, "o", "42")
    assert (found.identifier_count, len(found.identifiers)) == (ids, shown)
    assert (found.tie_count, len(found.ties)) == (ids - 1, min(ids - 1, 100))


def test_no_answer_reads_more_rows_into_memory_than_are_shown(crowded: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    select, most = crowded.select, 0

    def counted(*arguments: Any, **more: Any) -> Any:
        nonlocal most
        answer = select(*arguments, **more)
        most = max(most, answer.num_rows)
        return answer

    monkeypatch.setattr(crowded, "select", counted)
    explain_person(crowded, "o", "42")
    assert most == 100


@pytest.fixture(scope="module")
def crowded() -> Iterator[Engine]:
    with crowd(20_000) as made:
        yield made
