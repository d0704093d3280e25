"""What one of several sites cost: only what is of that site alone is said to be its spend, and nothing is lost."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.reports.test_sites import BLOG, NOW, ORGANIZATION, SHOP, SITES
from tests.reports.three_engines import ENGINES, Numbers, opened
from touchline.engines import Engine
from touchline.jobs import importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.reports.attribution import AttributionRow, attribution_report, model_comparison
from touchline.reports.overview import overview
from touchline.reports.page import page
from touchline.reports.waste import Grain, WasteFinding, waste_report
from touchline.settings import Home

MARCH = date(2026, 3, 2)
GRAINS: tuple[Grain, ...] = ("PLATFORM", "CAMPAIGN", "ADSET", "AD")
BYS = tuple(grain.lower() for grain in GRAINS)
DEPTHS = {"PLATFORM": 1, "CAMPAIGN": 2, "ADSET": 3, "AD": 4}
PLATFORMS = {"google": "GOOGLE_ADS", "facebook": "META"}
ADS = [
    (source, f"c{campaign}", f"s{adset}", f"a{campaign}{adset}{ad}")
    for source in PLATFORMS for campaign in range(3) for adset in range(2) for ad in range(2)
]  # fmt: skip
Entity = tuple[str, ...]


def url(site: str, ad: Entity) -> str:
    source, campaign, adset, name = ad
    tags = f"utm_source={source}&utm_medium=cpc&utm_campaign={campaign}&utm_term={adset}&utm_content={name}"
    return f"https://{site.replace('-', '.')}/?{tags}"


def visits_and_orders(chance: Random, site: str) -> Iterator[dict[str, Any]]:
    """Signed-in people, of whom a few use both sites, through ads that mostly lead to one of them."""
    mine, people = (ADS[:8], "abcdefg") if site == SHOP else (ADS[6:14], "fghijkl")
    for number in range(36):
        event = {
            "eventId": f"{site}-{number}", "anonId": f"{site}-{number}", "userId": chance.choice(people),
            "occurredAt": f"2026-01-{chance.randint(1, 28):02}T{chance.randint(0, 23):02}:00:00Z",
        }  # fmt: skip
        if chance.random() < 0.3:
            yield event | {"type": "CONVERSION", "orderId": event["eventId"], "value": chance.randint(1, 99)}
        else:
            yield event | {"type": "PAGE_VIEW", "url": url(site, chance.choice(mine))}


def prepared(folder: Path, seed: int) -> Home:
    """Two sites of an organization whose ads lead to one of them, to both, or to none."""
    chance, home = Random(seed), Home(folder / "home")
    setup.init(home, name=ORGANIZATION, domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    with Workspace(home) as workspace:
        setup.add_site(workspace, ORGANIZATION, name=BLOG, domain="blog.example", time_zone="UTC", now=NOW)
        for site in SITES:
            events = [json.dumps(event) for event in visits_and_orders(chance, site)]
            (folder / f"{site}.jsonl").write_text("\n".join(events))
            importing.import_events(workspace, [folder / f"{site}.jsonl"], site_id=site, mapping=None, now=NOW)
        lines = ["date,platform,campaign_id,adset_id,ad_id,cost,clicks"]
        for source, *names in ADS:
            lines.append(f"2026-01-{chance.randint(1, 28):02},{PLATFORMS[source]},{','.join(names)},{number(chance)},5")
        (folder / "costs.csv").write_text("\n".join(lines))
        importing.import_costs(workspace, [folder / "costs.csv"], organization_id=None, now=NOW)
        setup.set_target(workspace, ORGANIZATION, target_cpa_micros=2_000_000)
    return home


def number(chance: Random) -> int:
    return chance.randint(1, 60)


@pytest.fixture(scope="module", params=[(name, 1) for name in ENGINES] + [("duckdb", 2)], ids=str)
def numbers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Numbers]:
    name, seed = request.param
    home = prepared(tmp_path_factory.mktemp("home"), seed)
    with opened(name, home, tmp_path_factory.mktemp("engine")) as found:
        yield found


@pytest.fixture(scope="module")
def engine(numbers: Numbers) -> Engine:
    return numbers.engine


def of_one_site(engine: Engine, depth: int) -> dict[str, str]:
    """By key, the site of each entity that no visit and no credited conversion has on another: the slow way."""
    sites: defaultdict[str, set[str]] = defaultdict(set)
    for view in ("touchpoints_seen", "links_seen"):
        for site, *names in ROWS[view](engine):
            if names[0]:
                sites["/".join(name or "(none)" for name in names[:depth])].add(site)
    return {key: min(found) for key, found in sites.items() if len(found) == 1}


def _landed(engine: Engine) -> list[tuple[str, ...]]:
    """Every touch with the ad that its URL names: the tests' own costs have those ids."""
    found = engine.select("select site_id, utm_source, utm_campaign, utm_term, utm_content from touchpoints")
    rows = [tuple(row.values()) for row in found.to_pylist()]
    return [(site, PLATFORMS.get(source, ""), *names) for site, source, *names in rows]


def _credited(engine: Engine) -> list[tuple[str, ...]]:
    """Every touch that a model gives credit, with the site of the conversion."""
    found = engine.select(
        "select distinct c.site_id as site_id, t.utm_source as source, t.utm_campaign as campaign, t.utm_term as adset,"
        " t.utm_content as ad from attribution_links as l join conversions as c on c.conversion_id = l.conversion_id"
        " join touchpoints as t on t.touchpoint_id = l.touchpoint_id where l.credit > 0"
    )
    rows = [tuple(row.values()) for row in found.to_pylist()]
    return [(site, PLATFORMS.get(source, ""), *names) for site, source, *names in rows]


ROWS = {"touchpoints_seen": _landed, "links_seen": _credited}


def attributed(engine: Engine, by: Any, site: str | None = None) -> dict[str, AttributionRow]:
    report = attribution_report(engine, ORGANIZATION, by=by, model="LINEAR", goal="", site=site)
    return {row.key: row for row in report.rows}


def without_share(row: AttributionRow) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "share"}


@pytest.mark.slow
@pytest.mark.campaign(2)
@pytest.mark.parametrize("by", BYS)
def test_a_row_has_spend_where_all_its_visits_and_conversions_are_on_the_site(engine: Engine, by: str) -> None:
    every, home_of = attributed(engine, by), of_one_site(engine, DEPTHS[by.upper()])
    cost = {key for key, row in every.items() if row.spend_micros is not None}
    for site in SITES:
        rows = attributed(engine, by, site)
        known = {key for key, row in rows.items() if row.spend_micros is not None}
        assert known == {key for key in cost if home_of.get(key) == site}
        for key in known:
            assert without_share(rows[key]) == without_share(every[key])
        for key in rows.keys() - known:
            assert (rows[key].cpa, rows[key].roas, rows[key].ctr, rows[key].cpc) == (None, None, None, None)


def test_the_world_has_ads_of_each_kind(engine: Engine) -> None:
    """Else the tests here would say nothing."""
    every, home_of = attributed(engine, "ad"), of_one_site(engine, 4)
    cost = {key for key, row in every.items() if row.spend_micros is not None}
    kinds = Counter(home_of.get(key, "none or several") for key in cost)
    assert kinds.keys() == {SHOP, BLOG, "none or several"}
    wasted = waste_report(engine, ORGANIZATION, grain="AD").findings
    assert {home_of.get(finding.entity_id, "") for finding in wasted} >= {SHOP, BLOG}


@pytest.mark.campaign(2)
@pytest.mark.parametrize("by", BYS)
def test_credit_and_spend_of_the_sites_add_up_to_all(engine: Engine, by: Any) -> None:
    def sums(report: Any) -> Counter[tuple[str, str]]:
        found: Counter[tuple[str, str]] = Counter()
        for row in report.rows:
            found["spend", ""] += row.spend_micros or 0
            for cell in row.models:
                found[row.key, cell.model] += cell.credit
        return found

    whole = model_comparison(engine, ORGANIZATION, by=by, goal="")
    parts = [model_comparison(engine, ORGANIZATION, by=by, goal="", site=site) for site in SITES]
    unassigned = {part.unassigned_spend_micros for part in parts}
    assert len(unassigned) == 1
    assert +(sums(parts[0]) + sums(parts[1]) + Counter({("spend", ""): min(unassigned)})) == +sums(whole)
    assert whole.unassigned_spend_micros == 0


@pytest.mark.campaign(2)
@pytest.mark.parametrize("by", BYS)
def test_a_total_without_all_its_spend_has_none(engine: Engine, by: Any) -> None:
    for site in SITES:
        report = attribution_report(engine, ORGANIZATION, by=by, goal="", site=site)
        assert report.unassigned_spend_micros > 0
        totals = report.totals
        assert (totals.spend_micros, totals.clicks, totals.cpa, totals.roas) == (None, None, None, None)
        assert totals.credit == sum(row.credit for row in report.rows) > 0


def test_a_total_with_all_its_spend_has_it(tmp_path: Path) -> None:
    home = prepared(tmp_path, 4)
    visit = {"eventId": "v", "type": "PAGE_VIEW", "anonId": "z", "occurredAt": "2026-03-02T10:00:00Z"}
    (tmp_path / "one.jsonl").write_text(json.dumps(visit | {"url": url(BLOG, ADS[-1])}))
    (tmp_path / "one.csv").write_text("date,platform,campaign_id,adset_id,ad_id,cost\n2026-03-02,META,c2,s1,a211,9\n")
    with Workspace(home) as workspace:
        importing.import_events(workspace, [tmp_path / "one.jsonl"], site_id=BLOG, mapping=None, now=NOW)
        importing.import_costs(workspace, [tmp_path / "one.csv"], organization_id=None, now=NOW)
        running.run(workspace)
        march = workspace.engine, ORGANIZATION
        found = {
            site: attribution_report(*march, by="ad", start=MARCH, end=MARCH, goal="", site=site) for site in SITES
        }
    assert found[BLOG].totals.spend_micros == 9_000_000
    assert found[SHOP].totals.spend_micros is None
    assert found[SHOP].unassigned_spend_micros == found[BLOG].unassigned_spend_micros == 0


@pytest.mark.campaign(2)
@pytest.mark.parametrize("grain", GRAINS)
def test_findings_of_a_site_are_those_of_what_is_of_it_alone(engine: Engine, grain: Grain) -> None:
    def found(site: str | None = None) -> tuple[WasteFinding, ...]:
        return waste_report(engine, ORGANIZATION, grain=grain, site=site).findings

    home_of = of_one_site(engine, DEPTHS[grain])
    every = waste_report(engine, ORGANIZATION, grain=grain)
    for site in SITES:
        report = waste_report(engine, ORGANIZATION, grain=grain, site=site)
        assert report.findings == tuple(one for one in every.findings if home_of.get(one.entity_id) == site)
        assert report.waste_micros == sum(one.waste_micros for one in report.findings) <= report.spend_micros
        assert report.site_id == site
    parts = [waste_report(engine, ORGANIZATION, grain=grain, site=site) for site in SITES]
    assert sum(part.spend_micros for part in parts) + parts[0].unassigned_spend_micros == every.spend_micros
    assert every.unassigned_spend_micros == 0


@pytest.mark.usefixtures("without_charts")
@pytest.mark.parametrize("numbers", [("duckdb", 2)], indirect=True)
def test_the_page_of_a_site_says_what_it_leaves_out(engine: Engine) -> None:
    report = overview(engine, ORGANIZATION, site=SHOP)
    text = page(report)
    assert f"site {SHOP}" in text
    assert "spent on campaigns with visits or conversions on several sites, or with none." in text
    assert {day.spend_micros for day in report.days} == {None}
    assert sum(day.conversions for day in report.days) == report.channels.totals.conversions
    assert page(overview(engine, ORGANIZATION)).count("Not included") == 0
