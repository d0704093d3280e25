"""The trust line of a report is about its own goal, site and days, whatever is broken elsewhere."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.oracle.engine import told
from tests.oracle.world import Row, World, at, event, goal, organization, site
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.reports.accounts import accounts_report
from touchline.reports.attribution import attribution_report
from touchline.reports.overview import overview
from touchline.reports.question import asked
from touchline.reports.trust import Trust, trust_of, trust_of_answer

FIRST = date(2026, 1, 5)
DAYS, STOPPED = 40, range(25, 28)
"""On these days no lead of the shop arrives."""


def _events(site_id: str, per_day: dict[str, int], *, is_tagged: bool, stops: str = "") -> Iterator[Row]:
    for day in range(DAYS):
        today = FIRST + timedelta(days=day)
        for name, many in per_day.items():
            for number in range(many):
                who = f"{site_id}-{name}-{day}-{number}"
                said: dict[str, Any] = {"visitor_id": who, "site_id": site_id}
                tags = {"utm_source": "news", "utm_medium": "email"} if is_tagged else {}
                yield event(f"v{who}", at(f"{today} 10:{number:02}"), url="https://shop.example/", **said, **tags)
                if name == stops and day in STOPPED:
                    continue
                yield event(f"o{who}", at(f"{today} 11:{number:02}"), type="CONVERSION", name=name, **said)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    sites = [site(time_zone="UTC"), site(site_id="second", domain="second.example", time_zone="UTC")]
    goals = [goal(name=name, event_name=name) for name in ("lead", "sale")]
    first = sites[0]["site_id"]
    events = [
        *_events(first, {"lead": 12, "sale": 12}, is_tagged=True, stops="lead"),
        *_events("second", {"sale": 12}, is_tagged=False),
    ]
    made = DuckDB()
    pipeline.run(told([World(organization(), sites, goals, [], events)]).feed, made)
    yield made
    made.close()


def trust(engine: DuckDB, **question: Any) -> Trust:
    return trust_of(engine, asked(engine, organization()["organization_id"], **question))


BEFORE, AFTER = FIRST + timedelta(days=24), FIRST + timedelta(days=28)
SHOP = site()["site_id"]
TRUTHS: dict[str, tuple[dict[str, Any], int, int, bool | None, str]] = {
    "all goals of all sites": ({"goal": ""}, 12 * 77 + 480, 12 * 77, False, "most of all"),
    "the goal that stopped": ({"goal": "lead", "site": SHOP}, 12 * 37, 12 * 37, False, "of conversions of lead"),
    "the goal that did not": ({"goal": "sale", "site": SHOP}, 480, 480, True, "no day of 40"),
    "before the stop": ({"goal": "lead", "site": SHOP, "end": BEFORE}, 300, 300, True, "no day of 25"),
    "after the stop": ({"goal": "lead", "site": SHOP, "start": AFTER}, 144, 144, True, "no day of 12"),
    "the site without sources": ({"goal": "sale", "site": "second"}, 480, 0, False, "No conversions of sale have"),
    "a goal that nothing reached there": ({"goal": "lead", "site": "second"}, 0, 0, None, "no counted conversions of"),
    "too few days": ({"goal": "sale", "site": SHOP, "end": FIRST - timedelta(days=1), "start": date(2025, 1, 1)},
                     0, 0, None, "no counted conversions of sale"),
}  # fmt: skip


@pytest.mark.parametrize("population", TRUTHS)
def test_it_is_about_the_report_s_own_population(engine: DuckDB, population: str) -> None:
    question, conversions, covered, is_healthy, said = TRUTHS[population]
    found = trust(engine, **question)
    assert (found.conversions, found.covered, found.is_healthy) == (conversions, covered, is_healthy)
    assert said in found.verdict
    assert bool(found.days) is (found.worst_day is not None)


def test_the_page_and_the_command_say_the_same_of_the_same_question(engine: DuckDB) -> None:
    name = organization()["organization_id"]
    for chosen in ("lead", "sale"):
        page = overview(engine, name, goal=chosen, site=SHOP)
        report = attribution_report(engine, name, goal=chosen, site=SHOP)
        assert page.trust == trust(engine, goal=chosen, site=SHOP) == trust_of_answer(engine, report)
        assert {day.day for day in page.days if day.is_signal} == set(page.trust.days) & {day.day for day in page.days}


def test_an_answer_that_counts_no_conversions_of_days_has_no_line(engine: DuckDB) -> None:
    name = organization()["organization_id"]
    assert trust_of_answer(engine, accounts_report(engine, name).rows) is None
    assert trust_of_answer(engine, object()) is None
