"""One code for each ad platform, whatever it is called; what is unknown is refused, or made known by the user."""

from pathlib import Path

import pytest

from touchline.ad_platforms import is_platform_code, known_platforms, nearest_platforms, platform_key, platform_of
from touchline.data_rows import data_rows
from touchline.errors import UnknownError, UsageError
from touchline.jobs import importing, platforms, setup
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home
from touchline.spend import AdCost, CostFile, RejectedCost, read_costs

NOW = 1_773_000_000_000_000


def read(platform: str) -> AdCost | RejectedCost:
    file = CostFile(Path("c.csv"), f"date,platform,cost\n2026-03-02,{platform},1\n".encode())
    (row,) = read_costs(file, default_currency="EUR")
    return row


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("adwords", "GOOGLE_ADS"), ("google", "GOOGLE_ADS"), ("Google Ads", "GOOGLE_ADS"), ("YouTube", "GOOGLE_ADS"),
        ("bing", "MICROSOFT_ADS"), ("Facebook Ads", "META"), ("facebook_ads", "META"), ("FB", "META"),
        ("Twitter", "X"), ("snap", "SNAPCHAT"), ("ChatGPT Ads", "OPENAI"), ("apple search ads", "APPLE_SEARCH_ADS"),
        ("LinkedIn Ads", "LINKEDIN"), ("tiktok", "TIKTOK"), (" Reddit-Ads ", "REDDIT"), ("amazon", "AMAZON_ADS"),
        ("Yahoo! Japan", "YAHOO_JAPAN"), ("DV360", "GOOGLE_MARKETING_PLATFORM"),
    ],
)  # fmt: skip
def test_a_platform_is_read_by_any_of_its_names(name: str, code: str) -> None:
    row = read(name)
    assert isinstance(row, AdCost), row
    assert row.platform == platform_of(name) == code


def test_every_name_in_the_data_means_one_platform() -> None:
    rows = data_rows("ad_platforms.csv")
    codes = {row["platform"] for row in rows}
    assert [code for code in codes if not is_platform_code(code) or platform_of(code) != code] == []
    keys: dict[str, str] = {}
    for row in rows:
        assert keys.setdefault(platform_key(row["name"]), row["platform"]) == row["platform"], row
    assert known_platforms().keys() == codes


@pytest.mark.parametrize(
    ("name", "hint"),
    [("Googel Ads", "did you mean GOOGLE_ADS"), ("Podcasts", "`touchline platform add PODCASTS` makes it known")],
)
def test_an_unknown_platform_is_refused_with_the_nearest(name: str, hint: str) -> None:
    row = read(name)
    assert isinstance(row, RejectedCost)
    assert (row.reason, row.field, row.place[0]) == ("unknown_value", "platform", None)
    assert name in row.message
    assert hint in row.message


def test_nothing_is_near_what_is_like_nothing() -> None:
    assert nearest_platforms("Billboards of Berlin") == []
    assert nearest_platforms("PODCASTZ", ["PODCASTS"]) == ["PODCASTS"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    home = Home(tmp_path / "home")
    setup.init(home, name="shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    return Workspace(home)


def test_a_platform_that_was_added_is_known_to_costs_and_targets_of_its_organization(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "c.csv"
    file.write_text("date,platform,cost\n2026-03-02,podcasts,1\n")
    with workspace:
        assert importing.import_costs(workspace, [file], organization_id=None, now=NOW).rejected == {"unknown_value": 1}
        platforms.add_platform(workspace, "shop", "PODCASTS")
        assert importing.import_costs(workspace, [file], organization_id=None, now=NOW).accepted == 1
        assert [row["platform"] for row in workspace.ledger.rows(schema.AD_COST_ROWS)] == ["PODCASTS"]
        assert platforms.platform_named(workspace, "shop", "Podcasts") == "PODCASTS"
        assert platforms.platforms(workspace, "shop")[-1] == {"platform": "PODCASTS", "names": [], "is_added": True}
        with pytest.raises(UsageError, match="no ad platform 'Podcasts'"):
            platforms.platform_named(workspace, "other", "Podcasts")
        platforms.remove_platform(workspace, "shop", "PODCASTS")
        assert importing.import_costs(workspace, [file], organization_id=None, now=NOW).accepted == 0
        with pytest.raises(UnknownError, match="PODCASTS"):
            platforms.remove_platform(workspace, "shop", "PODCASTS")


@pytest.mark.parametrize("code", ["", "podcasts", "A B", "X" * 65, "_A"])
def test_what_is_no_code_cannot_be_added(workspace: Workspace, code: str) -> None:
    with workspace, pytest.raises(UsageError, match="capitals, digits and underscores"):
        platforms.add_platform(workspace, "shop", code)


def test_a_name_of_a_known_platform_cannot_be_added(workspace: Workspace) -> None:
    with workspace, pytest.raises(UsageError, match="already a name of the platform META"):
        platforms.add_platform(workspace, "shop", "FACEBOOK")
