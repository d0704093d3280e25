"""Days on which sources or orders were lost: what would be called waste without them is not, and alarms say so."""

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from tests.oracle.engine import rebuilt, told
from tests.oracle.judge import disagreements
from tests.oracle.world import Row, World, at, cost, event, goal, organization, site
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.reports.breaks import breaks_of
from touchline.reports.waste import Grain, waste_report

FIRST = date(2026, 1, 5)
DAYS = 40
BOTH = {"good", "bad"}
TARGET: Row = {
    "organization_id": "o", "platform": "", "campaign_id": "", "target_cpa_micros": 30_000_000, "target_roas": None,
}  # fmt: skip


def _day(number: int) -> date:
    return FIRST + timedelta(days=number)


def _events(stopped: Collection[int], lost: Collection[int], place: str) -> Iterator[Row]:
    """Visits by two campaigns, of which one sells well and the other nothing, and by a search engine, which sells."""
    for day in range(DAYS):
        for number in range(20):
            name, campaign = f"{place}{day}-{number}", "good" if number % 2 else "bad"
            tags: dict[str, Any] = {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": campaign}
            if number >= 14:
                tags = {"referrer_host": "bing.com", "referrer_domain": "bing.com"}
            who = {"visitor_id": name, "site_id": place}
            url = f"https://{place}.example/"
            yield event(f"v{name}", at(f"{_day(day)} 10:{number:02}"), url=url, **who, **({} if day in lost else tags))
            if ((number % 2 and number < 10) or number >= 14) and day not in stopped:
                paid: dict[str, Any] = {"order_id": name, "value_micros": 50_000_000, "type": "CONVERSION"}
                yield event(f"o{name}", at(f"{_day(day)} 11:{number:02}"), **who, **paid)


def _world(*, stopped: Collection[int] = (), lost: Collection[int] = (), elsewhere: Collection[int] = ()) -> World:
    events = list(_events(stopped, lost, "s"))
    if elsewhere:
        small = [row for row in _events((), elsewhere, "small") if int(row["visitor_id"].split("-")[1]) >= 9]
        events += small
    costs = [
        cost(_day(day), 100_000_000, campaign_id=name, campaign_name=name, clicks=9)
        for day in range(DAYS)
        for name in sorted(BOTH)
    ]
    sites = [site(time_zone="UTC"), *([site("o", "small", "small.example", time_zone="UTC")] if elsewhere else [])]
    return World(organization(), sites, [goal()], [TARGET], events, [costs])


@contextmanager
def _engine(world: World) -> Iterator[DuckDB]:
    with closing(DuckDB()) as engine:
        pipeline.run(told([world]).feed, engine)
        yield engine


def _wasted(engine: DuckDB, first: int = 10, last: int = DAYS - 1) -> dict[str, str]:
    report = waste_report(engine, "o", grain="CAMPAIGN", start=_day(first), end=_day(last))
    return {one.name: one.reason for one in report.findings if one.waste_micros}


WORLDS: dict[str, tuple[World, dict[str, str]]] = {
    "every day is whole": (_world(), {"bad": "no_conversions"}),
    "links lose their tags for twelve days": (_world(lost=range(26, 38)), {"bad": "no_conversions"}),
    "nobody's orders arrive for six days": (_world(stopped=range(30, 36)), {}),
    "a small site loses its tags": (_world(elsewhere=range(26, 38)), {"bad": "no_conversions"}),
}


@pytest.mark.parametrize("grain", ["CAMPAIGN", "ORGANIZATION"])
def test_money_spent_before_anything_was_recorded_is_no_waste(grain: Grain) -> None:
    """Costs of three days, and a first visitor with two orders on the day after: too few for a break to show."""
    who, day = {"visitor_id": "v", "site_id": "s"}, _day(29)
    paid: dict[str, Any] = {"value_micros": 50_000_000, "type": "CONVERSION"}
    events = [
        event("v", at(f"{day} 10:00"), url="https://s.example/", **who),
        *(event(f"o{n}", at(f"{day} 11:0{n}"), order_id=f"o{n}", **who, **paid) for n in range(2)),
    ]
    costs = [cost(_day(number), 300_000_000, campaign_id="a", campaign_name="a", clicks=9) for number in (0, 1, 28)]
    world = World(organization(), [site(time_zone="UTC")], [goal()], [TARGET], events, [costs])
    with _engine(world) as engine:
        report = waste_report(engine, "o", grain=grain)
    assert (report.waste_micros, {one.severity for one in report.findings} <= {"low", "insufficient_data"}) == (0, True)
    assert not any("udget" in step or "ause" in step for one in report.findings for step in one.recommendations)


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_waste_is_said_of_whole_days_alone(name: str) -> None:
    """Without the days' signals, the campaign that sells well has paid for twelve days without a sale: ``high_cpa``."""
    world, wasted = WORLDS[name]
    with _engine(world) as engine:
        assert _wasted(engine) == wasted


def test_on_a_day_that_lost_its_sources_all_findings_are_held_back_and_the_day_is_an_alarm() -> None:
    with _engine(_world(lost=[30])) as engine:
        report = waste_report(engine, "o", grain="CAMPAIGN", start=_day(30), end=_day(30))
        assert {one.name: one.reason for one in report.findings} == dict.fromkeys(BOTH, "tracking_break")
        assert report.waste_micros == 0
        assert not any("ause" in step for one in report.findings for step in one.recommendations)
        assert {one.since for one in breaks_of(engine, "o")} == {_day(30)}
        assert _wasted(engine) == {"bad": "no_conversions"}


def test_an_alarm_counts_the_findings_that_it_holds_back() -> None:
    with _engine(_world(stopped=range(30, 36))) as engine:
        (stop,) = breaks_of(engine, "o")
    assert (stop.measure, stop.since, stop.findings_held_back) == ("conversions", _day(30), 2)
    assert stop.sentence.endswith("; 2 waste findings are held back.")


def test_the_plain_definition_leaves_the_same_days_out() -> None:
    world = _world(lost=range(26, 38))
    tables = rebuilt(told([world]))
    assert tables["health_signals"]
    assert disagreements(tables, [world]) == ""
