"""The documented queries run on the views as they stand, but for the case of names, and give the right numbers."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from touchline.engines import Engine
from touchline.jobs.importing import import_costs, import_events
from touchline.jobs.running import run
from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.models import MODELS
from touchline.settings import Home

NOW = 1_710_000_000_000_000  # 2024-03-09
ORGANIZATIONS = {"org_123": "shop.example", "org_999": "other.example"}
SHOP = "https://shop.example/"
GOOGLE = f"{SHOP}?utm_source=google&utm_medium=cpc&utm_campaign=Brand&gclid=EAIaIQobChMI0_abcdefghijklmnopqrstuvwxyz"
META = f"{SHOP}?utm_source=facebook&utm_medium=paid_social&utm_campaign=Prospecting"
EMAIL = f"{SHOP}?utm_source=newsletter&utm_medium=email"

# Ada comes by Google, Meta and e-mail, three days (the half-life) apart; Bob by Google; Cyd by nothing; Dan in 2023.
EVENTS: tuple[tuple[str, str, str | float], ...] = (
    ("ada", "2024-01-02T10:00:00Z", GOOGLE), ("ada", "2024-01-05T10:00:00Z", META),
    ("ada", "2024-01-08T10:00:00Z", EMAIL), ("ada", "2024-01-09T12:00:00Z", 90.0),
    ("bob", "2024-01-10T10:00:00Z", GOOGLE), ("bob", "2024-01-10T11:00:00Z", 30.0),
    ("cyd", "2024-01-11T12:00:00Z", 60.0),
    ("dan", "2023-12-30T10:00:00Z", GOOGLE), ("dan", "2023-12-30T11:00:00Z", 10.0),
)  # fmt: skip
COSTS = """date,platform,campaign_id,campaign_name,cost
2023-12-30,GOOGLE_ADS,c1,Brand,5
2024-01-09,GOOGLE_ADS,c1,Brand,20
2024-01-10,GOOGLE_ADS,c1,Brand,30
2024-01-09,META,c2,Prospecting,40
2024-01-20,TIKTOK,c3,Never,15
2024-01-21,TIKTOK,c3,Never,5
"""


def _event(number: int, person: str, at: str, said: str | float) -> dict[str, Any]:
    what = {"type": "PAGE_VIEW", "url": said} if isinstance(said, str) else {"type": "CONVERSION", "value": said}
    return {"eventId": f"e{number}", "anonId": person, "occurredAt": at, **what}


def _write_ledger(file: Path) -> None:
    ledger = Ledger.create(file)
    with ledger.transaction() as entry:
        for organization, site in ORGANIZATIONS.items():
            here = {"organization_id": organization}
            entry.add(schema.ORGANIZATIONS, **here, name=organization, currency="EUR", created_at=0)
            entry.add(schema.SITES, site_id=site, **here, name=site, domain=site, time_zone="UTC", created_at=0)
            entry.add(
                schema.GOALS, **here, goal="sale", signal_type="payment", event_type="CONVERSION", event_name="",
                is_milestone=False, default_value_micros=0,
            )  # fmt: skip
            entry.add(schema.SETTINGS, **here, name="half_life_days", value="3", changed_at=0)
    ledger.close()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A home whose organization is the one that the documented queries name; another one must not disturb it."""
    folder = tmp_path_factory.mktemp("home")
    home = Home(folder)
    _write_ledger(home.ledger_file)
    events, sale, costs = folder / "events.jsonl", folder / "sale.jsonl", folder / "costs.csv"
    events.write_text("\n".join(json.dumps(_event(n, *said)) for n, said in enumerate(EVENTS)))
    sale.write_text(json.dumps(_event(0, "eve", "2024-01-09T12:00:00Z", 7.0)))
    costs.write_text(COSTS)
    with Workspace(home) as workspace:
        for (organization, site), file in zip(ORGANIZATIONS.items(), (events, sale), strict=True):
            read = import_events(workspace, [file], site_id=site, mapping=None, now=NOW)
            assert not read.rejected
            import_costs(workspace, [costs], organization_id=organization, now=NOW)
        run(workspace)
        yield workspace.engine


def snake_case(statement: str) -> str:
    """The statement with ``"camelCase"`` names as ``camel_case``; what stands in single quotes is left alone."""
    code_and_text = re.split(r"('[^']*')", statement)
    plain = [re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code.replace('"', "")).lower() for code in code_and_text[::2]]
    return "".join(part for pair in zip(plain, [*code_and_text[1::2], ""], strict=True) for part in pair)


def test_only_names_are_rewritten() -> None:
    said = """SELECT dr.wastePct, 'inCase' FROM "DailyRollup" dr JOIN "TouchPoint" tp ON tp.id = dr.touchPointId"""
    assert snake_case(said) == (
        "select dr.waste_pct, 'inCase' from daily_rollup dr join touch_point tp on tp.id = dr.touch_point_id"
    )


@pytest.fixture
def documented(shared: Path) -> Mapping[str, str]:
    """The queries of the section "Query Examples", by their headings."""
    text = (shared.parent / "seeds" / "attribution-tracking-system.md").read_text(encoding="utf-8")
    section = text.partition("\n## Query Examples\n")[2].partition("\n## ")[0]
    found = dict(re.findall(r"### (.+?)\n+```sql\n(.+?)```", section, flags=re.DOTALL))
    return {heading: snake_case(statement.rstrip().removesuffix(";")) for heading, statement in found.items()}


def rows_of(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in engine.select(statement).to_pylist()]


@pytest.mark.local_data
def test_there_are_three_documented_queries(documented: Mapping[str, str]) -> None:
    assert list(documented) == [
        "Get Attribution Performance", "Find Top Waste Campaigns", "Attribution Journey Analysis",
    ]  # fmt: skip


@pytest.mark.local_data
def test_models_are_compared_over_the_same_conversions_and_the_same_spend(
    documented: Mapping[str, str], engine: Engine
) -> None:
    """Three conversions and 110 under each model. CPA of days with costs: 60 and 30; ROAS: 90/60, 30/30, twice 0."""
    found = {row[0]: row[1:] for row in rows_of(engine, documented["Get Attribution Performance"])}
    assert found == {model: pytest.approx((3.0, 110.0, 45.0, 0.625)) for model in MODELS}


@pytest.mark.local_data
def test_top_waste_is_what_campaigns_spent_on_days_without_credit(
    documented: Mapping[str, str], engine: Engine
) -> None:
    """Under the default model, the last touch: Meta's 40, TikTok's 20, and Google's 20 of a day that e-mail won."""
    found = rows_of(engine, documented["Find Top Waste Campaigns"])
    assert [row[1] for row in found] == [40.0, 20.0, 20.0]
    assert set(found) == {
        ("Prospecting", 40.0, 100.0, 0.0), ("Never", 20.0, 100.0, 0.0), ("Brand", 20.0, 100.0, 0.0),
    }  # fmt: skip


@pytest.mark.local_data
def test_journeys_show_who_stands_where_with_what_weight(documented: Mapping[str, str], engine: Engine) -> None:
    """Google opens three journeys, of which two have nothing else; one seventh is two half-lives before the newest."""
    found = rows_of(engine, documented["Attribution Journey Analysis"])
    assert [(row[0], row[1]) for row in found] == sorted((row[0], row[1]) for row in found)
    assert {row[:3]: (row[3], round(row[4], 6)) for row in found} == {
        ("FIRST_TOUCH", 1, "GOOGLE_ADS"): (3, 1.0),
        ("LAST_TOUCH", 1, "GOOGLE_ADS"): (2, 1.0),
        ("LAST_TOUCH", 3, None): (1, 1.0),
        ("LINEAR", 1, "GOOGLE_ADS"): (3, round((1 / 3 + 2) / 3, 6)),
        ("LINEAR", 2, "META"): (1, 0.333333),
        ("LINEAR", 3, None): (1, 0.333333),
        ("POSITION_BASED", 1, "GOOGLE_ADS"): (3, 0.8),
        ("POSITION_BASED", 2, "META"): (1, 0.2),
        ("POSITION_BASED", 3, None): (1, 0.4),
        ("TIME_DECAY", 1, "GOOGLE_ADS"): (3, round((1 / 7 + 2) / 3, 6)),
        ("TIME_DECAY", 2, "META"): (1, 0.285714),
        ("TIME_DECAY", 3, None): (1, 0.571429),
    }


@pytest.mark.parametrize("grain", ["ORGANIZATION", "PLATFORM", "CAMPAIGN", "ADSET", "AD"])
def test_every_grain_of_the_view_adds_up_to_the_same_totals(engine: Engine, grain: str) -> None:
    """Under each model: 115 spent, and four conversions of 190 euros; rates are of the same row."""
    found = engine.select(
        "select attribution_model, sum(spend_micros) / 1e6 as spend, sum(conversions) as conversions,"
        " sum(conversion_value) / 1e6 as value, sum(waste_spend_micros) / 1e6 as waste,"
        " max(abs(cpa * conversions - spend_micros / 1e6)) as cpa_off,"
        " max(abs(roas * spend_micros - conversion_value)) as roas_off"
        " from daily_rollup where organization_id = 'org_123' and grain = $grain group by attribution_model",
        parameters={"grain": grain},
    ).to_pylist()
    assert {row["attribution_model"] for row in found} == set(MODELS)
    for row in found:
        assert (row["spend"], row["conversions"], row["value"]) == pytest.approx((115, 4, 190))
        assert (row["cpa_off"], row["roas_off"]) == pytest.approx((0, 0), abs=1e-6)


def test_a_conversion_without_a_touch_has_links_without_one(engine: Engine) -> None:
    found = engine.select(
        "select model, touch_point_id, channel, weight from attribution_link where conversion_id = 'shop.example:e6'"
    ).to_pylist()
    assert [(row["touch_point_id"], row["channel"], row["weight"]) for row in found] == [(None, None, 1.0)] * len(
        MODELS
    )


@pytest.mark.parametrize("view", ["attribution_link", "touch_point", "daily_roll_up", "campaign"])
def test_every_row_of_a_view_says_whose_it_is(engine: Engine, view: str) -> None:
    found = engine.select(f"select distinct organization_id from {view}")["organization_id"].to_pylist()
    assert set(found) <= set(ORGANIZATIONS)
    assert "org_123" in found


@pytest.mark.parametrize("view", ["attribution_link", "touch_point", "campaign"])
def test_ids_are_unique(engine: Engine, view: str) -> None:
    counted = engine.select(f"select count(*) as n, count(distinct id) as d from {view}").to_pylist()[0]
    assert counted["n"] == counted["d"] > 0
