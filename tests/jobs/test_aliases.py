"""Aliases of campaigns: what may be one, whose they are, and that the next run follows them."""

from pathlib import Path

import pytest

from touchline.errors import UnknownError, UsageError
from touchline.jobs import aliases, setup
from touchline.jobs.importing import import_costs, import_events
from touchline.jobs.running import run
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.settings import Home

NOW = 1_800_000_000_000_000
COSTS = "date,platform,campaign_id,campaign_name,cost\n2026-03-02,GOOGLE_ADS,7,Spring,10\n"
PAGE = (
    '{"eventId": "p", "type": "PAGE_VIEW", "anonId": "a", "occurredAt": "2026-03-02T10:00:00Z",'
    ' "url": "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=Fruehling"}\n'
    '{"eventId": "o", "type": "CONVERSION", "anonId": "a", "occurredAt": "2026-03-02T11:00:00Z", "value": 5}\n'
)


def earned(workspace: Workspace) -> dict[str, int]:
    run(workspace)
    found = workspace.engine.select(
        "select campaign_id, sum(value_micros) as value_micros from daily_rollups where grain = 'CAMPAIGN'"
        " and basis = 'TOUCH' and model = 'LAST_TOUCH' group by campaign_id"
    ).to_pylist()
    return {row["campaign_id"]: int(row["value_micros"]) for row in found}


def test_an_alias_moves_what_links_bring_and_its_removal_moves_it_back(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    name, _, _ = setup.init(home, name="Shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW)
    events, costs = tmp_path / "events.jsonl", tmp_path / "costs.csv"
    events.write_text(PAGE)
    costs.write_text(COSTS)
    with Workspace(home) as workspace:
        import_events(workspace, [events], site_id=None, mapping=None, now=NOW)
        import_costs(workspace, [costs], organization_id=name, now=NOW)
        assert earned(workspace) == {"fruehling": 5_000_000}

        assert aliases.add_alias(workspace, name, "FRUEHLING", platform="Google Ads", campaign_id="7") == "GOOGLE_ADS"
        assert [row["alias"] for row in workspace.ledger.rows(schema.CAMPAIGN_ALIASES)] == ["fruehling"]
        assert earned(workspace) == {"7": 5_000_000}

        with pytest.raises(UnknownError, match="No cost was reported for a campaign '8' of GOOGLE_ADS"):
            aliases.add_alias(workspace, name, "x", platform="GOOGLE_ADS", campaign_id="8")
        with pytest.raises(UsageError, match="An alias needs a character that can be seen"):
            aliases.add_alias(workspace, name, " ", platform="GOOGLE_ADS", campaign_id="7")
        with pytest.raises(UnknownError, match="There is no alias 'x' of META"):
            aliases.remove_alias(workspace, name, "x", platform="facebook")
        assert not workspace.ledger.has_campaign("another", "GOOGLE_ADS", "7")

        assert aliases.remove_alias(workspace, name, "Fruehling", platform="adwords") == "GOOGLE_ADS"
        assert earned(workspace) == {"fruehling": 5_000_000}
