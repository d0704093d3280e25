"""Reports of one site: its conversions with all the touches that led to them; the sites add up to the whole."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest

from touchline.engines import Engine
from touchline.errors import UnknownError
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.reports.attribution import attribution_report, model_comparison
from touchline.reports.catalog import reports
from touchline.reports.countries import countries_report
from touchline.reports.dimensions import By
from touchline.reports.health import health_report
from touchline.reports.journeys import journeys_report
from touchline.reports.tagging import tagging_report
from touchline.settings import Home

NOW = 1_900_000_000_000_000
ORGANIZATION, SHOP, BLOG = "shop", "shop-example", "blog-example"
SITES = (SHOP, BLOG)
QUERIES = ("", "?utm_source=news&utm_medium=email", "?utm_source=google&utm_medium=cpc&gclid=Cj0KCQiA1234567890")
COSTS = "date,platform,campaign_id,cost\n2026-01-05,GOOGLE_ADS,111,30\n"
OF_SITES = sorted(reports())


def said(chance: Random, site: str, number: int) -> list[dict[str, Any]]:
    """Visits and orders of people who go to both sites, as they are signed in."""
    events: list[dict[str, Any]] = []
    for place in range(number):
        day, person = chance.randint(1, 28), chance.choice("abcdef")
        event: dict[str, Any] = {
            "eventId": f"{site}-{place}", "anonId": f"{person}-{site}", "userId": person,
            "occurredAt": f"2026-01-{day:02}T{chance.randint(0, 23):02}:00:00Z",
        }  # fmt: skip
        if chance.random() < 0.4:
            event |= {"type": "CONVERSION", "orderId": f"{site}-{place}", "value": chance.randint(1, 99)}
            event |= {"survey": chance.choice(["Google", "a friend"])} if chance.random() < 0.5 else {}
        else:
            event |= {"type": "PAGE_VIEW", "url": f"https://{site.replace('-', '.')}/{chance.choice(QUERIES)}"}
        events.append(event)
    return events


def told(folder: Path, sites: dict[str, list[dict[str, Any]]]) -> Workspace:
    home = Home(folder / "home")
    setup.init(home, name=ORGANIZATION, domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    workspace = Workspace(home)
    for site, events in sites.items():
        if site != SHOP:
            setup.add_site(workspace, ORGANIZATION, name=site, domain="blog.example", time_zone="UTC", now=NOW)
        file = folder / f"{site}.jsonl"
        file.write_text("".join(json.dumps(event) + "\n" for event in events))
        importing.import_events(workspace, [file], site_id=site, mapping=None, now=NOW)
    costs = folder / "costs.csv"
    costs.write_text(COSTS)
    importing.import_costs(workspace, [costs], organization_id=ORGANIZATION, now=NOW)
    running.run(workspace)
    return workspace


@pytest.fixture(scope="module", params=range(3))
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Two sites with customers in common."""
    chance = Random(request.param)
    with told(tmp_path_factory.mktemp("sites"), {site: said(chance, site, 60) for site in SITES}) as workspace:
        yield workspace.engine


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An organization with one site alone."""
    with told(tmp_path_factory.mktemp("site"), {SHOP: said(Random(9), SHOP, 60)}) as workspace:
        yield workspace.engine


def test_a_touch_on_one_site_leads_to_a_conversion_on_the_other(tmp_path: Path) -> None:
    visit = {
        "eventId": "v", "type": "PAGE_VIEW", "anonId": "x", "userId": "ann", "occurredAt": "2026-01-02T10:00:00Z",
        "url": f"https://blog.example/{QUERIES[1]}",
    }  # fmt: skip
    order = {
        "eventId": "o", "type": "CONVERSION", "userId": "ann", "orderId": "A-1", "value": 7,
        "occurredAt": "2026-01-03T10:00:00Z",
    }  # fmt: skip
    with told(tmp_path, {SHOP: [order], BLOG: [visit]}) as workspace:
        shop, blog = (attribution_report(workspace.engine, ORGANIZATION, site=site) for site in SITES)
    assert [(row.key, row.conversions, row.value_micros) for row in shop.rows] == [("Email", 1.0, 7_000_000)]
    assert (shop.site_id, shop.verification.conversions) == (SHOP, 1)
    assert (blog.site_id, blog.rows, blog.verification.conversions) == (BLOG, (), 0)


@pytest.mark.parametrize("by", get_args(By))
@pytest.mark.parametrize("basis", ["CONVERSION", "TOUCH"])
def test_credit_of_the_sites_adds_up_to_all(engine: Engine, by: Any, basis: Any) -> None:
    def credit(**asked: Any) -> Counter[tuple[str, str]]:
        report = attribution_report(engine, ORGANIZATION, by=by, basis=basis, model="LINEAR", **asked)
        found = Counter({(row.key, "credit"): row.credit for row in report.rows})
        found.update({(row.key, "value"): row.value_micros for row in report.rows})
        found["", "conversions"] = report.verification.conversions
        return found

    parts = [credit(site=site) for site in SITES]
    assert parts[0] + parts[1] == credit()
    assert parts[0] != credit() != parts[1]


def test_costs_of_the_sites_and_those_of_no_one_site_add_up(engine: Engine, one_site: Engine) -> None:
    whole = countries_report(engine, ORGANIZATION)
    parts = [countries_report(engine, ORGANIZATION, site=site) for site in SITES]
    (unassigned,) = {part.unassigned_spend_micros for part in parts}
    assert sum(part.spend_micros for part in parts) + unassigned == whole.spend_micros == 30_000_000
    assert (whole.unassigned_spend_micros, countries_report(one_site, ORGANIZATION, site=SHOP).spend_micros) == (
        0, 30_000_000,
    )  # fmt: skip


def test_spend_without_visits_is_of_no_one_site(engine: Engine) -> None:
    whole = tagging_report(engine, ORGANIZATION)
    assert [(row.kind, row.spend_micros) for row in whole.rows if row.spend_micros] == [("no_visits", 30_000_000)]
    for part in (tagging_report(engine, ORGANIZATION, site=site) for site in SITES):
        assert (part.spend_micros, part.unassigned_spend_micros) == (0, 30_000_000)
    visits = [sum(row.visits for row in tagging_report(engine, ORGANIZATION, site=site).rows) for site in SITES]
    assert sum(visits) == sum(row.visits for row in whole.rows) > max(visits) > 0


def test_conversions_under_every_model_add_up(engine: Engine) -> None:
    def credit(**asked: Any) -> Counter[tuple[str, str]]:
        report = model_comparison(engine, ORGANIZATION, **asked)
        return Counter({(row.key, cell.model): cell.credit for row in report.rows for cell in row.models})

    assert credit(site=SHOP) + credit(site=BLOG) == +credit()


def test_journeys_add_up(engine: Engine) -> None:
    def journeys(**asked: Any) -> Counter[object]:
        report = journeys_report(engine, ORGANIZATION, limit=1_000, **asked)
        found: Counter[object] = Counter()
        for row in report.rows:
            found[row.name], found[row.name, "value"] = row.conversions, row.value_micros
        for one in report.touches:
            found[one.touches] = one.conversions
        return found

    assert journeys(site=SHOP) + journeys(site=BLOG) == journeys()


def test_health_of_a_site_is_its_part_of_the_whole(engine: Engine) -> None:
    whole = health_report(engine, ORGANIZATION)
    parts = [health_report(engine, ORGANIZATION, site=site) for site in SITES]
    of_costs = {one.measure for one in whole.series if not one.site_id}
    assert of_costs == {"unmatched_spend_share", "spend_difference"}
    for place, rate in enumerate(whole.rates):
        if rate.measure in of_costs:  # costs name no site
            assert {part.rates[place].value for part in parts} == {None}
            continue
        assert sum(part.rates[place].numerator for part in parts) == rate.numerator
        assert sum(part.rates[place].denominator for part in parts) == rate.denominator
    for site, part in zip(SITES, parts, strict=True):
        assert part.series == tuple(one for one in whole.series if one.site_id == site)
        assert part.signals == tuple(one for one in whole.signals if one.site_id == site)
    assert sum(part.answered for part in parts) == whole.answered > 0


@pytest.mark.parametrize("name", OF_SITES)
def test_a_site_that_is_none_is_refused_with_those_there_are(engine: Engine, name: str) -> None:
    with pytest.raises(UnknownError, match="There is no site 'other'") as raised:
        reports()[name].function(engine, ORGANIZATION, site="other")
    assert raised.value.hint == "Sites are: blog-example, shop-example."


@pytest.mark.parametrize("name", OF_SITES)
def test_the_only_site_is_the_whole_with_its_costs(one_site: Engine, name: str) -> None:
    asked = {"by": "campaign"} if name in {"attribution", "models"} else {}
    whole = vars(reports()[name].function(one_site, ORGANIZATION, **asked))
    assert vars(reports()[name].function(one_site, ORGANIZATION, site=SHOP, **asked)) == {**whole, "site_id": SHOP}
    assert whole["site_id"] == ""
