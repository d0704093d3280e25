"""What waste says of whole homes: a bad campaign, one without tags, an outage, late costs; and its queries."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.quantifiers import each
from tests.reports.conftest import ORGANIZATION, event, order, workspace
from touchline.engines import Engine
from touchline.jobs import running, setup
from touchline.reports.waste import waste_report

DAYS = [date(2026, 2, 1) + timedelta(days=n) for n in range(30)]
TAGGED = "?utm_source=google&utm_medium=cpc&utm_campaign="
CAMPAIGNS = {"spring": 3, "summer": 2, "winter": 3, "garden": 2, "broad": 0}
"""How many orders each brings a day, for 50.00; a conversion may cost 40.00."""


def events(sells: Callable[[int], int]) -> Iterator[dict[str, object]]:
    """Each day, visitors of each campaign, and some of Meta whose links have nothing but an fbclid."""
    for n, day in enumerate(DAYS):
        at = f"{day:%m-%d}T1"
        for campaign, orders in CAMPAIGNS.items():
            for visitor in range(max(orders, 2)):
                who = f"{campaign}{n:02}{visitor}"
                yield event(who, f"{at}0:0{visitor}", url=f"https://shop.example/{TAGGED}{campaign}")
                if visitor < min(orders, sells(n)):
                    yield order(who, f"{at}1:0{visitor}", who, 90.0)
        for visitor in range(2):
            yield event(
                f"meta{n:02}{visitor}",
                f"{at}2:0{visitor}",
                url=f"https://shop.example/?fbclid=IwAR{n:04}{visitor}xyzxyzxyz",
            )


def costs(days: int = 30) -> str:
    rows = [
        f"{day},{platform},{campaign},{name},50.00"
        for day in DAYS[:days]
        for platform, campaign, name in (
            *(("GOOGLE_ADS", name, name) for name in CAMPAIGNS), ("META", "m1", "Autumn prospecting"),
        )
    ]  # fmt: skip
    return "\n".join(["date,platform,campaign_id,campaign_name,cost", *rows]) + "\n"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    """As usual; with an outage of 20 days through which a few orders come; with costs that end before the visits."""
    given: dict[str, tuple[Callable[[int], int], int]] = {
        "usual": (lambda _: 9, 30), "outage": (lambda n: 9 if n < 10 else int(n % 10 == 0), 30),
        "late": (lambda _: 9, 25),
    }  # fmt: skip
    made = {}
    for name, (sells, days) in given.items():
        made[name] = workspace(tmp_path_factory.mktemp(name), events=list(events(sells)), costs=costs(days))
        setup.set_target(
            made[name], ORGANIZATION, platform="", campaign_id="", target_cpa_micros=40_000_000, target_roas=None
        )
        running.run(made[name])
    yield {name: one.engine for name, one in made.items()}
    for one in made.values():
        one.close()


def found(engine: Engine, **asked: Any) -> dict[str, Any]:
    return {one.campaign_id: one for one in waste_report(engine, ORGANIZATION, **asked).findings}


@pytest.mark.parametrize("model", ["LAST_TOUCH", "LINEAR"])
def test_a_campaign_without_orders_is_waste_and_one_without_tags_is_not(homes: dict[str, Engine], model: str) -> None:
    said = found(homes["usual"], model=model)
    assert {name: (one.reason, one.severity) for name, one in said.items()} == {
        "broad": ("no_conversions", "high"), "m1": ("untagged", "low"),
    }  # fmt: skip
    assert said["broad"].waste_micros == pytest.approx(1500e6, rel=0.15)
    assert said["m1"].waste_micros == 0
    assert said["m1"].explanation["recommendation"]["action"] == "fix_tags"


def test_an_outage_through_which_a_few_orders_come_is_no_waste(homes: dict[str, Engine]) -> None:
    report = waste_report(homes["outage"], ORGANIZATION)
    assert {one.reason for one in report.findings} <= {"tracking_break", "untagged"}
    assert report.waste_micros == 0
    before = found(homes["outage"], start=DAYS[0], end=DAYS[9])
    assert before["broad"].reason == "no_conversions"


def test_costs_that_end_before_the_orders_do_are_late(homes: dict[str, Engine]) -> None:
    said = found(homes["late"])
    assert {one.reason for name, one in said.items() if name != "m1"} == {"late_costs"}
    assert sum(one.waste_micros for one in said.values()) == 0


def test_the_days_the_model_the_goal_and_the_grain_are_those_asked_for(homes: dict[str, Engine]) -> None:
    engine = homes["usual"]
    assert found(engine, start=DAYS[0], end=DAYS[-1]) == found(engine)
    half = waste_report(engine, ORGANIZATION, start=DAYS[5], end=DAYS[19], goal="")
    assert (half.window.start, half.window.end, half.goal) == (DAYS[5], DAYS[19], "")
    assert half.spend_micros == 6 * 15 * 50_000_000
    assert found(engine, start=DAYS[5], end=DAYS[19])["broad"].spend_micros == 750_000_000
    [platform] = waste_report(engine, ORGANIZATION, start=DAYS[0], end=DAYS[3], grain="PLATFORM").findings
    assert (platform.platform, platform.reason, platform.waste_micros) == ("META", "ambiguous_platform", 0)
    assert waste_report(engine, ORGANIZATION, start=DAYS[0], grain="ORGANIZATION").findings == ()


def test_the_query_of_a_finding_gives_its_numbers(homes: dict[str, Engine]) -> None:
    for one in found(homes["usual"], start=DAYS[3], end=DAYS[28]).values():
        rows = homes["usual"].select(one.explanation["evidence"]["query"]).to_pylist()
        assert sum(row["spend_micros"] for row in rows) == one.spend_micros == 26 * 50_000_000
        assert sum(row["credit"] for row in rows) == one.credit
        assert json.loads(json.dumps(one.explanation)) == one.explanation


def test_pages_hold_every_finding_once(homes: dict[str, Engine]) -> None:
    every = waste_report(homes["usual"], ORGANIZATION, mode="simple")
    assert len(every.findings) == 60
    assert each(one.day in DAYS for one in every.findings)
    pages: list[Any] = []
    cursor = ""
    while not pages or cursor:
        page = waste_report(homes["usual"], ORGANIZATION, mode="simple", limit=25, cursor=cursor)
        assert (page.count, page.waste_micros) == (60, every.waste_micros)
        pages += page.findings
        cursor = page.next_cursor
    assert tuple(pages) == every.findings


def visits(campaign: str, *, stays: int, customers: int, orders: int) -> Iterator[dict[str, object]]:
    """Four visitors a day, of whom some stay, some bought on the day before the first, and some buy now."""
    for n, day in enumerate(DAYS):
        for visitor in range(4):
            who, at = f"{campaign}{n:02}{visitor}", f"{day:%m-%d}T1"
            url = f"https://shop.example/{TAGGED}{campaign}"
            if visitor < customers:
                yield order(who, "01-31T09:00", f"{who}-before", 90.0)
            yield event(who, f"{at}0:0{visitor}", url=url)
            if visitor < stays:
                yield event(who, f"{at}0:1{visitor}", url="https://shop.example/more")
            if visitor < orders:
                yield order(who, f"{at}1:0{visitor}", who, 90.0)


def test_who_comes_and_who_stays_is_told_by_the_visits(tmp_path: Path) -> None:
    """Of 120 visits of each campaign: hardly anybody stays after one, and most of another's visitors had bought."""
    said = [
        *visits("spring", stays=3, customers=0, orders=3), *visits("summer", stays=3, customers=1, orders=2),
        *visits("taps", stays=0, customers=0, orders=0), *visits("again", stays=3, customers=4, orders=3),
    ]  # fmt: skip
    rows = [f"{day},GOOGLE_ADS,{name},50.00" for day in DAYS for name in ("spring", "summer", "taps", "again")]
    costs = "\n".join(["date,platform,campaign_id,cost", *rows]) + "\n"
    with workspace(tmp_path, events=said, costs=costs) as opened:
        setup.set_target(
            opened, ORGANIZATION, platform="", campaign_id="", target_cpa_micros=40_000_000, target_roas=None
        )
        running.run(opened)
        of_model = {one.campaign_id: one for one in waste_report(opened.engine, ORGANIZATION).findings}
        assert {name: (one.reason, one.severity) for name, one in of_model.items()} == {
            "taps": ("invalid_traffic", "high"), "again": ("already_customer", "low"),
        }  # fmt: skip
        assert of_model["again"].waste_micros == 0
        assert of_model["taps"].waste_micros == pytest.approx(1500e6, rel=0.15)
        ten_days = found(opened.engine, start=DAYS[0], end=DAYS[9])
        assert {name: one.reason for name, one in ten_days.items()} == {"taps": "no_conversions"}  # 40 visits are few
