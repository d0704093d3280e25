"""The click that answers for a person on a platform: as its definition says, on every engine, however a run comes."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.engines.servers import FRESH
from tests.oracle.clicks import chosen_clicks
from tests.oracle.engine import ListFeed, snapshot, told
from tests.oracle.world import FRESH_DAYS, Row, World, at, event, goal, organization, reference, site
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.click_freshness import click_freshness_of
from touchline.engines import DuckDB, Engine
from touchline.engines.answers import python_rows
from touchline.errors import UsageError
from touchline.reports.person import explain_person
from touchline.reports.queries import rows
from touchline.reports.views import views

START = at("2026-01-01 10:00")
PLATFORMS = {"gclid": "GOOGLE_ADS", "fbclid": "META", "msclkid": "MICROSOFT_ADS"}
SPANS = (0, 1, 28, 90, 91)


def clicking(persons: int, chance: Random) -> World:
    """People who click on three platforms, and come back after just as long as a click is fresh, or a moment longer."""
    events = []
    for number in range(persons):
        when = START + timedelta(minutes=number)
        for step in range(chance.randrange(1, 6)):
            said: Row = {"click_id_names": chance.choice(list(PLATFORMS))} if chance.random() < 0.7 else {}
            kind: Row = {"type": "CONVERSION", "value_micros": 5} if chance.random() < 0.2 else {}
            events.append(event(f"e{number}-{step}", when, "k", "ks", visitor_id=f"p{number}", **said, **kind))
            moment = timedelta(microseconds=chance.choice((0, 0, 1)))
            when += timedelta(days=chance.choice(SPANS)) + moment
    return World(organization("k"), [site("k", "ks")], [goal("k")], [], events)


def named(rows_found: list[Row]) -> list[Row]:
    return sorted(rows_found, key=lambda row: (row["person_id"], row["platform"]))


def shown(engine: Engine) -> list[Row]:
    """What the view says, under the names of the definition."""
    view = next(view for view in views() if view.name == "person_clicks")
    names = {
        "touchpoint_id": "touch_id", "occurred_at": "occurred_at_utc", "as_of": "as_of_utc",
        "initial_touchpoint_id": "initial_touch_id", "newest_touchpoint_id": "newest_touch_id",
    }  # fmt: skip
    same = (
        "organization_id", "person_id", "platform", "click_id_names", "click_ids", "is_initial", "fresh_days",
        "click_count",
    )  # fmt: skip
    chosen = {**{name: name for name in same}, **names}
    return named([
        {name: row[column] for name, column in chosen.items()} for row in python_rows(engine.select(view.select))
    ])  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("engine", FRESH)
def test_runs_in_parts_say_what_the_definition_says_on_every_engine(engine: str) -> None:
    lived = [*drawn(6, 31), clicking(60, Random(7))]
    ledger = ListFeed(reference(lived))
    with closing(FRESH[engine]()) as growing:
        for part in range(3):
            for world in lived:
                ledger.tell(world.events[part::3])
            pipeline.run(ledger.feed, growing)
            expected = named(chosen_clicks(snapshot(growing), FRESH_DAYS))
            assert shown(growing) == expected
        assert {row["is_initial"] for row in expected if row["click_count"] > 1} == {True, False}
        with closing(DuckDB()) as rebuilt:
            pipeline.run(ledger.feed, rebuilt)
            assert shown(rebuilt) == expected


@pytest.fixture(scope="module")
def lived() -> Iterator[Engine]:
    """Ada clicks on Google twice, 90 days apart, and once on Meta; Bob clicks again an instant after 90 days."""
    later = {"ada": timedelta(days=90), "bob": timedelta(days=90, microseconds=1)}
    events = []
    for who, span in later.items():
        events.append(event(f"{who}1", START, visitor_id=who, click_id_names="gclid"))
        events.append(event(f"{who}2", START + span, visitor_id=who, click_id_names="gclid"))
    events.append(event("ada3", START - timedelta(days=1), visitor_id="ada", click_id_names="fbclid"))
    with closing(DuckDB()) as engine:
        pipeline.run(told([World(organization(), [site()], [goal()], [], events)]).feed, engine)
        yield engine


def test_a_first_click_answers_as_long_as_it_is_fresh(lived: Engine) -> None:
    answers = {(row["platform"], row["touchpoint_id"]): row["is_initial"] for row in shown(lived)}
    assert answers == {("GOOGLE_ADS", "s:ada1"): True, ("META", "s:ada3"): False, ("GOOGLE_ADS", "s:bob2"): False}


def test_a_person_is_explained_with_the_clicks_that_answer(lived: Engine) -> None:
    google, meta = explain_person(lived, "o", "ada").clicks
    assert google.choice_in_words == "the first click, within 90 days of 2026-04-01"
    assert meta.choice_in_words == "the only click"
    explained = explain_person(lived, "o", "bob")
    (bob,) = explained.clicks
    assert bob.choice_in_words == "the newest click: the first one is not within 90 days of 2026-04-01"
    assert bob.click_ids == '{"gclid":"gclid-of-bob2"}'
    assert rows(lived, "clicks_of_person", organization_id="other", person_id=explained.person_id) == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("90", {"": 90}), (" 1 , meta=3650 ", {"": 1, "META": 3650}), ("7, A=1, A=1", {"": 7, "A": 1}),
        ("90, FACEBOOK=28, google ads=7", {"": 90, "META": 28, "GOOGLE_ADS": 7}),
    ],
)  # fmt: skip
def test_days_are_read(text: str, days: dict[str, int]) -> None:
    assert click_freshness_of(text) == days


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is no number of days from 1 to 3650"), ("0", "'0' is no number"), ("3651", "'3651' is no number"),
        ("META=28", "'META=28' is no number"), ("90, META", "'' is no number"), ("90, =3", "'' is not the code"),
        ("90, my ads=3", "'my ads' is not the code of an ad platform"), ("90, A=1, a=2", "A has two numbers of days"),
        ("90, META=1, Facebook Ads=2", "META has two numbers of days"),
        (", ".join(["9", *(f"P{number}=1" for number in range(40))]), "More than 39 platforms"),
    ],
)  # fmt: skip
def test_what_says_no_days_is_refused_with_an_example(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        click_freshness_of(text)
    assert said in str(caught.value)
    assert "META" in caught.value.hint or "Leave one" in caught.value.hint


def test_forty_kinds_of_days_are_read() -> None:
    days: Any = click_freshness_of(", ".join(["9", *(f"P{number}=1" for number in range(39))]))
    assert len(days) == 40
