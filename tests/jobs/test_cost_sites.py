"""Costs that people map to sites: what may be mapped, which mapping decides, and what reports of one site say then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from touchline.errors import UnknownError, UsageError
from touchline.jobs import cost_sites, setup
from touchline.jobs.cost_sites import CostSite, add_cost_site, remove_cost_site
from touchline.jobs.importing import import_costs, import_events
from touchline.jobs.running import run
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.attribution import attribution_report
from touchline.reports.mix import mix_report
from touchline.reports.performance import performance_report
from touchline.reports.waste import waste_report
from touchline.settings import Home

NOW = 1_800_000_000_000_000
SHOP, BLOG = "shop-example", "blog-example"
COSTS = """date,platform,account_id,campaign_id,campaign_name,cost
2026-03-02,GOOGLE_ADS,A,1,Brand,10
2026-03-02,GOOGLE_ADS,A,2,Lamps,20
2026-03-02,GOOGLE_ADS,B,2,Lamps,40
2026-03-03,GOOGLE_ADS,B,3,Sale,80
2026-03-03,META,A,3,Sale,160
2026-03-03,META,A,4,sale,320
"""
VISITS = """{"eventId": "p", "type": "PAGE_VIEW", "anonId": "a", "occurredAt": "2026-03-02T10:00:00Z", "url": "%s1"}
{"eventId": "q", "type": "PAGE_VIEW", "anonId": "b", "occurredAt": "2026-03-02T10:00:00Z", "url": "%s3"}
{"eventId": "o", "type": "CONVERSION", "anonId": "a", "occurredAt": "2026-03-03T11:00:00Z", "value": 5}
""".replace("%s", "https://shop.example/?utm_source=google&utm_medium=cpc&utm_id=")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Workspace, str]]:
    """A shop and its blog, whose ads nobody has mapped."""
    home = Home(tmp_path / "home")
    name, _, _ = setup.init(home, name="Shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    (tmp_path / "costs.csv").write_text(COSTS)
    (tmp_path / "events.jsonl").write_text(VISITS)
    with Workspace(home) as workspace:
        setup.add_site(workspace, name, name="Blog example", domain="blog.example", time_zone="UTC", now=NOW)
        import_costs(workspace, [tmp_path / "costs.csv"], organization_id=name, now=NOW)
        import_events(workspace, [tmp_path / "events.jsonl"], site_id=SHOP, mapping=None, now=NOW)
        yield workspace, name


def spend(workspace: Workspace, name: str, site: str, by: str = "campaign") -> dict[str, int | None]:
    """The spend of each row, in whole units."""
    report = attribution_report(workspace.engine, name, by=by, site=site, goal="")  # type: ignore[arg-type]
    found = {row.key: row.spend_micros for row in report.rows if not row.key.startswith("(")}
    return {key: None if micros is None else micros // 1_000_000 for key, micros in found.items()}


def test_the_narrowest_mapping_decides_and_reports_of_one_site_follow(shop: tuple[Workspace, str]) -> None:
    workspace, name = shop
    run(workspace)
    assert spend(workspace, name, SHOP) == {"GOOGLE_ADS/1": 10, "GOOGLE_ADS/3": 80}  # by visits alone
    assert spend(workspace, name, SHOP, "platform") == {"GOOGLE_ADS": 150}
    assert spend(workspace, name, BLOG) == {}

    made = [
        add_cost_site(workspace, name, SHOP, platform="adwords", account="A"),
        add_cost_site(workspace, name, BLOG, platform="Google Ads", campaign="lamps"),
        add_cost_site(workspace, name, SHOP, platform="GOOGLE_ADS", account="B", campaign="2"),
        add_cost_site(workspace, name, BLOG, platform="GOOGLE_ADS", account="B"),
    ]
    assert made[1] == (CostSite("GOOGLE_ADS", "", "2", BLOG), "")
    run(workspace)
    # A/1 and B/2 are the shop's, A/2 and B/3 the blog's; nothing is said of META.
    assert spend(workspace, name, SHOP) == {"GOOGLE_ADS/1": 10, "GOOGLE_ADS/2": 40}
    assert spend(workspace, name, BLOG) == {"GOOGLE_ADS/2": 20, "GOOGLE_ADS/3": 80}
    assert spend(workspace, name, SHOP, "platform") == {"GOOGLE_ADS": 50}
    assert spend(workspace, name, BLOG, "platform") == {"GOOGLE_ADS": 100}
    report = attribution_report(workspace.engine, name, by="campaign", site=BLOG, goal="")
    assert report.unassigned_spend_micros == 480_000_000
    assert report.totals.spend_micros is None
    assert {row.entity_id for row in waste_report(workspace.engine, name, site=BLOG, goal="").findings} == {
        "GOOGLE_ADS/3"
    }
    assert {row.spend_micros for row in performance_report(workspace.engine, name, site=BLOG).rows} <= {None}

    add_cost_site(workspace, name, BLOG, platform="META", account="A")
    run(workspace)
    totals = {site: performance_report(workspace.engine, name, site=site, goal="").totals for site in (SHOP, BLOG)}
    assert {site: total and total.spend_micros for site, total in totals.items()} == {
        SHOP: 50_000_000, BLOG: 580_000_000,
    }  # fmt: skip
    assert attribution_report(workspace.engine, name, by="channel", site=BLOG, goal="").totals.spend_micros == 580e6
    assert sum(row.spend_micros or 0 for row in mix_report(workspace.engine, name, site=BLOG, goal="").rows) == 580e6
    assert attribution_report(workspace.engine, name, by="day", site=SHOP, goal="").totals.spend_micros == 50e6


def test_mappings_that_contradict_each_other_are_listed_with_the_one_that_decides(shop: tuple[Workspace, str]) -> None:
    workspace, name = shop
    for site, account, campaign in (
        (SHOP, "A", ""), (BLOG, "", "2"), (SHOP, "B", "2"), (BLOG, "B", ""), (SHOP, "", "3"), (BLOG, "B", "3"),
    ):  # fmt: skip
        add_cost_site(workspace, name, site, platform="GOOGLE_ADS", account=account, campaign=campaign)
    listed = {(row["account_id"], row["campaign_id"]): row for row in cost_sites.cost_sites(workspace, name)}
    assert {place: (row["site_id"], row["is_used"], row["instead_of"]) for place, row in listed.items()} == {
        ("", "2"): (BLOG, True, f"account A of GOOGLE_ADS: {SHOP}"),
        ("", "3"): (SHOP, False, ""),
        ("A", ""): (SHOP, True, ""),
        ("B", ""): (BLOG, False, ""),
        ("B", "2"): (SHOP, True, f"campaign 2 of GOOGLE_ADS: {BLOG}; account B of GOOGLE_ADS: {BLOG}"),
        ("B", "3"): (BLOG, True, f"campaign 3 of GOOGLE_ADS: {SHOP}"),
    }


def test_what_is_unknown_or_means_several_is_refused_and_a_mapping_is_taken_back(shop: tuple[Workspace, str]) -> None:
    workspace, name = shop
    refused = [
        (SHOP, {"platform": "META"}, UsageError, "mapped by account, by campaign, or by both"),
        (SHOP, {"platform": "META", "account": "C"}, UnknownError, "account 'C' of META. Accounts are: A."),
        (SHOP, {"platform": "META", "campaign": "sal"}, UnknownError, "campaign 'sal' of META. Ids are: 3, 4."),
        (SHOP, {"platform": "META", "campaign": "SALE"}, UsageError, "2 campaigns of META .* Ids: 3, 4."),
        (SHOP, {"platform": "GOOGLE_ADS", "account": "A", "campaign": "3"}, UnknownError, "Ids are: 1, 2."),
        ("shop", {"platform": "META", "account": "A"}, UnknownError, f"There are: {BLOG}, {SHOP}"),
        (SHOP, {"platform": "Fernsehen", "account": "A"}, UsageError, "Fernsehen"),
    ]  # fmt: skip
    for site, of, error, message in refused:
        with pytest.raises(error, match=message):
            add_cost_site(workspace, name, site, **of)
    assert workspace.ledger.rows(schema.COST_SITES) == []

    add_cost_site(workspace, name, SHOP, platform="META", account="A")
    again = add_cost_site(workspace, name, BLOG, platform="facebook", account="A")
    assert again == (CostSite("META", "A", "", BLOG), SHOP)
    assert [row["site_id"] for row in workspace.ledger.rows(schema.COST_SITES)] == [BLOG]
    with pytest.raises(UnknownError, match="mapped to no site"):
        remove_cost_site(workspace, name, platform="META", account="A", campaign="3")
    assert remove_cost_site(workspace, name, platform="facebook", account="A").site_id == BLOG
    assert workspace.ledger.rows(schema.COST_SITES) == []
