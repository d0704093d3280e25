"""Two worlds to report on: a dozen events with answers that one can work out by hand, and a small demo shop."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markupsafe import Markup

from tests.reports.three_engines import ENGINES, Numbers, opened, prepare, set_up
from tests.sharing import copy_of
from touchline import demo
from touchline.demo import DemoShop
from touchline.engines import Engine
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

NOW = 1_900_000_000_000_000
ORGANIZATION = "corner-shop"
HOSTILE = '"><script>alert(1)</script>'
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"
PAID = "?utm_source=google&utm_medium=cpc&utm_campaign=Spring&utm_id=c1"
MAIL = "?utm_source=newsletter&utm_medium=email&utm_campaign=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"

COSTS = """\
date,platform,account_id,campaign_id,campaign_name,impressions,clicks,cost,currency
2026-03-01,GOOGLE_ADS,a1,c1,Spring,1000,50,30.00,EUR
2026-03-02,META,a2,c2,<img src=x onerror=alert(1)>,0,0,20.00,EUR
"""


def event(who: str, at: str, **more: object) -> dict[str, object]:
    """One event of the wire; a page view unless it says otherwise."""
    kind = {"type": "PAGE_VIEW", "url": "https://shop.example/"} | more
    moment = datetime.fromisoformat(f"2026-{at}:00").replace(tzinfo=UTC).isoformat()
    name = f"{who}-{at}-{kind['type']}"
    return {"eventId": name, "anonId": who, "occurredAt": moment, "userAgent": AGENT} | kind


def order(who: str, at: str, number: str, value: float, **more: object) -> dict[str, object]:
    """One order."""
    return event(who, at, type="CONVERSION", name="purchase", orderId=number, value=value, currency="EUR", **more)


EVENTS = [
    # Anna: a paid click, a direct visit, then the newsletter that she remembers; 100.00 EUR.
    event("anna", "03-01T10:00", url=f"https://shop.example/{PAID}"),
    event("anna", "03-03T10:00"),
    event("anna", "03-05T10:00", url=f"https://shop.example/{MAIL}"),
    order("anna", "03-05T10:05", "A1", 100.0, survey={"question": "From where?", "answer": "Your newsletter"}),
    # Ben: one search; 50.00 EUR, and an answer that is meant to break the page.
    event("ben", "03-04T09:00", referrer="https://www.google.com/"),
    order("ben", "03-04T09:10", "B1", 50.0, survey={"question": "From where?", "answer": HOSTILE}),
    # Carl: an order out of nowhere, which a server sent without a visit; 25.01 EUR.
    order("carl", "03-06T12:00", "C1", 25.01, url=None, userAgent=None),
    # Dora: a paid click and an order that she cancels.
    event("dora", "03-06T08:00", url=f"https://shop.example/{PAID}"),
    order("dora", "03-06T08:30", "D1", 10.0),
    event("dora", "03-07T08:00", type="REFUND", name="cancellation", orderId="D1"),
    # Eve: a direct visit; 40.00 EUR of which 15.00 are paid back.
    event("eve", "03-07T18:00"),
    order("eve", "03-07T18:20", "E1", 40.0),
    event("eve", "03-08T18:20", type="REFUND", name="refund", orderId="E1", value=15.0, currency="EUR"),
]


def workspace(folder: Path, *, events: list[dict[str, object]], costs: str) -> Workspace:
    """A workspace of the corner shop that has run."""
    home = Home(folder / "home")
    setup.init(home, name="Corner Shop", domain="shop.example", currency="EUR", time_zone="Europe/Berlin", now=NOW)
    opened = Workspace(home)
    if events:
        (folder / "events.jsonl").write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
        report = importing.import_events(opened, [folder / "events.jsonl"], site_id=None, mapping=None, now=NOW)
        assert report.accepted == len(events)
    if costs:
        (folder / "costs.csv").write_text(costs, encoding="utf-8")
        importing.import_costs(opened, [folder / "costs.csv"], organization_id=None, now=NOW)
    running.run(opened)
    return opened


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The corner shop."""
    with workspace(tmp_path_factory.mktemp("corner"), events=EVENTS, costs=COSTS) as opened:
        yield opened.engine


@pytest.fixture
def without_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of the words of a page: drawing its charts takes most of the time."""
    monkeypatch.setattr("touchline.reports.page.svg", lambda *_chart, **_class: Markup())


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The corner shop before it opens."""
    with workspace(tmp_path_factory.mktemp("empty"), events=[], costs="") as opened:
        yield opened.engine


def shop_in(folder: Path) -> DemoShop:
    """A small demo shop's files; the same each time."""
    return demo.generate(folder / "files", visitors=800)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> DemoShop:
    """What is known of the small demo shop."""
    return shop_in(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="session")
def demo_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The small demo shop, with its goals."""

    def make(folder: Path) -> None:
        with Workspace(set_up(folder, shop_in(folder))) as opened:
            running.run(opened)

    with Workspace(Home(copy_of(tmp_path_factory, "reported-shop", make) / "home")) as opened:
        yield opened.engine


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The ledger of the small demo shop, with what makes careless queries wrong."""

    def make(folder: Path) -> None:
        prepare(folder, shop_in(folder))

    return Home(copy_of(tmp_path_factory, "prepared-shop", make) / "home")


@pytest.fixture(scope="module", params=ENGINES)
def numbers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, prepared: Home
) -> Iterator[Numbers]:
    """Its numbers on one engine after the other."""
    with opened(request.param, prepared, tmp_path_factory.mktemp(request.param)) as found:
        yield found
