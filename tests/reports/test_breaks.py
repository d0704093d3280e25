"""What a break says: what broke, since when, by how much, what it touches, and what to check first."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest

from tests.oracle.engine import told
from tests.oracle.world import Row, World, at, event, goal, organization, site
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.health.measures import MEANINGS, VOLUMES, WORSE_SIDE
from touchline.reports.breaks import Break, breaks_of
from touchline.reports.first_checks import first_check, owner_of, touches
from touchline.reports.limits import broken_rules_by_day

FIRST = date(2026, 1, 5)
NEWS = {"utm_source": "news", "utm_medium": "email"}
BROKEN = range(20, 23)


def _events() -> Iterator[Row]:
    """30 days of 15 visits and an order of each second visitor; on three days links lose their tags."""
    for day in range(30):
        today = FIRST + timedelta(days=day)
        for number in range(15):
            name = f"{day}-{number}"
            tags: dict[str, Any] = {} if day in BROKEN or number < 2 else NEWS
            yield event(f"v{name}", at(f"{today} 10:{number:02}"), visitor_id=name, url="https://shop.example/", **tags)
            said: dict[str, Any] = {
                "value_micros": 10_000_000,
                "order_id": name,
                "visitor_id": name,
                "type": "CONVERSION",
            }
            yield event(f"o{name}", at(f"{today} 11:{number:02}"), **said)


@pytest.fixture(scope="module")
def found() -> dict[str, Break]:
    world = World(organization(), [site(time_zone="UTC")], [goal()], [], list(_events()))
    with closing(DuckDB()) as engine:
        pipeline.run(told([world]).feed, engine)
        return {one.measure: one for one in breaks_of(engine, world.name)}


def test_a_broken_source_is_one_break_of_each_measure_that_shows_it(found: dict[str, Break]) -> None:
    assert set(found) == {"behavioural_coverage", "direct_only_rate", "direct_landing_rate"}
    for one in found.values():
        assert (one.since, one.until) == (FIRST + timedelta(days=20), FIRST + timedelta(days=22))
        assert one.is_over
        assert (one.denominator, one.conversions_in_doubt, one.value_in_doubt_micros) == (45, 45, 450_000_000)


def test_its_effect_is_how_many_cases_more_or_fewer_there_were(found: dict[str, Break]) -> None:
    direct, covered = found["direct_landing_rate"], found["behavioural_coverage"]
    assert (direct.cases, direct.value, direct.direction) == (45, 1.0, "above")
    assert direct.effect == pytest.approx(45 - 45 * 2 / 15, abs=1)
    assert direct.centre == pytest.approx(2 / 15, abs=0.02)
    assert (covered.cases, covered.direction) == (0, "below")
    assert covered.effect == pytest.approx(-45 * 13 / 15, abs=1)


def test_it_is_said_in_one_sentence_with_the_denominator(found: dict[str, Break]) -> None:
    assert found["direct_landing_rate"].sentence == (
        "Direct landing rate rose to 100% from the usual 13% (45 of 45, 39 more than usual), from 25 January 2026 to"
        " 27 January 2026. Credit of these days may be with the wrong channel, or with none: 45 conversions of these"
        " days, worth 450.00 EUR."
    )
    assert "redirects and the consent banner" in found["direct_landing_rate"].first_check


@pytest.mark.parametrize("measure", [*MEANINGS, *VOLUMES, "arrival", "a_new_rate"])
def test_every_measure_has_something_to_check_first(measure: str) -> None:
    direction = WORSE_SIDE.get(measure, "below")
    assert first_check(measure, direction).startswith("Check first ")
    assert touches(measure)[-1] != "."
    assert "\n" not in owner_of(measure)


def test_points_that_break_a_rule_are_colored_and_no_others() -> None:
    def day(rate: float) -> Row:
        limits = {"center": 0.5, "lower_limit": 0.2, "upper_limit": 0.8}
        return {"numerator": round(rate * 100), "denominator": 100} | limits

    def numbers(*rates: float) -> list[tuple[int, ...]]:
        days = {FIRST + timedelta(days=place): day(one) for place, one in enumerate(rates)}
        rules = broken_rules_by_day(days)
        return [rules.get(one, ()) for one in days]

    assert numbers(0.5, 0.85, 0.5) == [(), (1,), ()]
    assert numbers(0.7, 0.5, 0.7, 0.7) == [(2,), (), (2,), (2,)]
    assert numbers(*[0.55] * 8) == [(3,)] * 8
    assert numbers(*[0.55] * 7, 0.5) == [()] * 8, "a point on the center ends a run"
    assert numbers(0.9) == [()], "one day has no neighbor"
