"""The demo with an outage and an untagged campaign: orders that do not arrive are no waste, and fbclids no tags."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.reports.three_engines import set_up
from touchline import demo
from touchline.demo import SITE_DOMAIN, TIME_ZONE, DemoShop
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.reports.waste import WasteReport, waste_report

START, DAYS = date(2026, 1, 5), 60
FIRST_OUT, LAST_OUT = START + timedelta(days=36), START + timedelta(days=55)
"""Nobody's orders arrive on these 20 days; the data goes on after them."""
DEMO = "fernwood-home"
ADDED, ADDED_COST = "120999", "30.00"


def has_outage(line: str) -> bool:
    """Whether a line reports an order of the days of the outage; broken lines do not."""
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return False
    if event.get("type") != "CONVERSION":
        return False
    at = datetime.fromisoformat(event["occurredAt"]).astimezone(ZoneInfo(TIME_ZONE)).date()
    return FIRST_OUT <= at <= LAST_OUT


def landing(number: int, day: date) -> dict[str, Any]:
    """A visit of the added campaign, whose links have no tags."""
    return {
        "eventId": f"added-{number:08}", "type": "PAGE_VIEW", "anonId": f"added-visitor-{number}",
        "url": f"https://{SITE_DOMAIN}/?fbclid=IwAR2{number:06}abcdefghijklmnop",
        "occurredAt": f"{day}T11:{number % 60:02}:00Z", "userAgent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
    }  # fmt: skip


def altered(shop: DemoShop) -> DemoShop:
    """The shop's files with the outage and the campaign."""
    for file in shop.event_files:
        kept = [line for line in file.read_text().splitlines() if not has_outage(line)]
        file.write_text("\n".join(kept) + "\n")
    days = [START + timedelta(days=number) for number in range(DAYS)]
    visits = [landing(3 * n + visit, day) for n, day in enumerate(days) for visit in range(3)]
    with shop.event_files[-1].open("a") as events:
        events.writelines(json.dumps(one) + "\n" for one in visits)
    with shop.cost_file.open("a") as costs:
        costs.writelines(
            f"{day},META,added,{ADDED},Spring prospecting,s1,Broad,a1,Video,900,30,{ADDED_COST},EUR\n" for day in days
        )
    return shop


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("demo")
    shop = demo.generate(folder / "files", visitors=1500, days=DAYS, start=START)
    with Workspace(set_up(folder, altered(shop))) as made:
        running.run(made)
        yield made


def asked(opened: Workspace, first: date, last: date) -> WasteReport:
    return waste_report(opened.engine, DEMO, start=first, end=last, grain="CAMPAIGN", limit=100)


def test_while_nobodys_orders_arrive_nothing_is_waste(opened: Workspace) -> None:
    report = asked(opened, START + timedelta(days=30), START + timedelta(days=DAYS - 1))
    assert {one.reason for one in report.findings} == {"tracking_break"}
    assert report.waste_micros == 0
    assert not any("ause" in step for one in report.findings for step in one.recommendations)


def test_a_campaign_whose_visits_have_nothing_but_fbclids_is_untagged(opened: Workspace) -> None:
    report = asked(opened, START, FIRST_OUT - timedelta(days=1))
    found = {one.campaign_id: one for one in report.findings}
    added = found[ADDED]
    assert (added.reason, added.waste_micros, added.spend_micros) == ("untagged", 0, 36 * 30_000_000)
    assert added.explanation["recommendation"]["action"] == "fix_tags"
    assert not any(step.startswith("Pause") for step in added.recommendations)
    assert "tracking_break" not in {one.reason for one in report.findings}
