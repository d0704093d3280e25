"""Factors of lift tests: what may be one, and that the next run shows them without computing anything else again."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from touchline.errors import UnknownError, UsageError
from touchline.jobs import setup
from touchline.jobs.channel_rules import reset_rules, use_rules
from touchline.jobs.importing import import_costs, import_events
from touchline.jobs.lifting import Lift, Subject, add_lift, remove_lift
from touchline.jobs.running import run
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.attribution import model_comparison
from touchline.settings import Home

NOW = 1_800_000_000_000_000
COSTS = "date,platform,campaign_id,campaign_name,cost\n2026-03-02,GOOGLE_ADS,7,Spring,10\n"
EVENTS = (
    '{"eventId": "p", "type": "PAGE_VIEW", "anonId": "a", "occurredAt": "2026-03-02T10:00:00Z",'
    ' "url": "https://shop.example/?utm_source=google&utm_medium=cpc&utm_id=7"}\n'
    '{"eventId": "o", "type": "CONVERSION", "anonId": "a", "occurredAt": "2026-03-02T11:00:00Z", "value": 5}\n'
)
MARCH = {"start": date(2026, 3, 1), "end": date(2026, 3, 31)}
SEARCH = Subject(channel="Paid Search")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    folder = tmp_path_factory.mktemp("lift")
    events, costs = folder / "events.jsonl", folder / "costs.csv"
    events.write_text(EVENTS)
    costs.write_text(COSTS)
    name, _, _ = setup.init(
        Home(folder / "home"), name="Shop", domain="shop.example", currency="EUR", time_zone="UTC", now=NOW
    )
    with Workspace(Home(folder / "home")) as workspace:
        import_events(workspace, [events], site_id=None, mapping=None, now=NOW)
        import_costs(workspace, [costs], organization_id=name, now=NOW)
        run(workspace)
        yield workspace, name


def found(**said: Any) -> Lift:
    return Lift(**{"factor": 0.5, "source": "A holdout", **MARCH, **said})


def shown(workspace: Workspace, name: str, by: Any = "channel") -> set[float | None]:
    assert not run(workspace).is_rebuild
    return {cell.calibrated_conversions for cell in model_comparison(workspace.engine, name, by=by).rows[0].models}


def test_a_channel_that_no_rule_names_is_refused_with_those_that_are(
    shop: tuple[Workspace, str], tmp_path: Path
) -> None:
    workspace, name = shop
    with pytest.raises(
        UnknownError, match=r"no channel 'paid search'\. Channels are: .*, Organic Social, .*Paid Search, "
    ):
        add_lift(workspace, name, Subject(channel="paid search"), found())
    rules = tmp_path / "own.toml"
    rules.write_text('[[rule]]\nid = "podcasts"\nchannel = "Podcasts"\nmedium = ["podcast"]\n')
    use_rules(workspace, rules, now=NOW)
    add_lift(workspace, name, Subject(channel="Podcasts"), found())
    remove_lift(workspace, name, Subject(channel="Podcasts"), MARCH["start"])
    reset_rules(workspace)


def test_a_factor_is_shown_by_the_next_run_until_it_is_removed(shop: tuple[Workspace, str]) -> None:
    workspace, name = shop
    assert str(add_lift(workspace, name, SEARCH, found(low=0.25, high=0.75))) == "channel Paid Search"
    campaign = add_lift(workspace, name, Subject(platform="google ads", campaign_id="7"), found(factor=2.0))
    assert campaign == Subject(platform="GOOGLE_ADS", campaign_id="7")
    assert (shown(workspace, name), shown(workspace, name, "campaign")) == ({0.5}, {2.0})
    remove_lift(workspace, name, SEARCH, MARCH["start"])
    remove_lift(workspace, name, campaign, MARCH["start"])
    assert shown(workspace, name) == {None}
    assert workspace.ledger.rows(schema.LIFT_FACTORS) == []


@pytest.mark.parametrize(
    ("subject", "said", "message"),
    [
        (Subject(), {}, "of a channel, or of a campaign and its platform"),
        (Subject(platform="META"), {}, "of a channel, or of a campaign and its platform"),
        (Subject(campaign_id="7"), {}, "of a channel, or of a campaign and its platform"),
        (Subject("Email", "GOOGLE_ADS", "7"), {}, "of a channel, or of a campaign and its platform"),
        (Subject("Email", "GOOGLE_ADS"), {}, "of a channel, or of a campaign and its platform"),
        (Subject(" "), {}, "A channel needs a character that can be seen"),
        (SEARCH, {"source": ""}, "A source needs a character that can be seen"),
        (SEARCH, {"factor": -0.1}, "factor must be a number from 0 on, not -0.1"),
        (SEARCH, {"factor": float("nan")}, "factor must be a number from 0 on, not nan"),
        (SEARCH, {"low": 0.1, "high": float("inf")}, "high must be a number from 0 on, not inf"),
        (SEARCH, {"low": 0.1}, "An interval has two ends"),
        (SEARCH, {"low": 0.6, "high": 0.7}, "not within its interval, 0.6 to 0.7"),
        (SEARCH, {"end": date(2026, 2, 1)}, "days end on 2026-02-01, before they start on 2026-03-01"),
    ],
)
def test_what_is_no_factor_is_refused(
    shop: tuple[Workspace, str], subject: Subject, said: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        add_lift(*shop, subject, found(**said))
    assert shop[0].ledger.rows(schema.LIFT_FACTORS) == []


def test_names_that_nobody_knows_are_refused(shop: tuple[Workspace, str]) -> None:
    with pytest.raises(UnknownError, match="There is no model 'BEST'"):
        add_lift(*shop, Subject("Email", model="BEST"), found())
    with pytest.raises(UnknownError, match="No cost was reported for a campaign '8' of GOOGLE_ADS"):
        add_lift(*shop, Subject(platform="GOOGLE_ADS", campaign_id="8"), found())
    with pytest.raises(UnknownError, match="no factor of channel Email under LINEAR that begins on 2026-03-01"):
        remove_lift(*shop, Subject("Email", model="LINEAR"), MARCH["start"])


@pytest.mark.parametrize(
    ("model", "first", "days", "is_refused"),
    [
        ("", "", (date(2026, 3, 31), None), True), ("", "", (date(2026, 4, 1), None), False),
        ("", "", (date(2026, 2, 1), date(2026, 2, 28)), False), ("", "", (date(2026, 2, 1), None), True),
        ("LINEAR", "", (date(2026, 3, 5), date(2026, 3, 5)), True), ("", "LINEAR", (date(2026, 3, 5), None), True),
        ("LINEAR", "LAST_TOUCH", (date(2026, 3, 5), None), False),
    ],
)  # fmt: skip
def test_no_day_of_a_model_has_two_factors(
    shop: tuple[Workspace, str], model: str, first: str, days: tuple[date, date | None], is_refused: bool
) -> None:
    workspace, name = shop
    kept, more = Subject("Email", model=first), Subject("Email", model=model)
    add_lift(workspace, name, kept, found())
    try:
        add_lift(workspace, name, Subject("Display"), found())  # another channel is another thing
        if is_refused:
            with pytest.raises(UsageError, match="for 2026-03-01 to 2026-03-31 already"):
                add_lift(workspace, name, more, found(start=days[0], end=days[1]))
        else:
            add_lift(workspace, name, more, found(start=days[0], end=days[1]))
            remove_lift(workspace, name, more, days[0])
    finally:
        remove_lift(workspace, name, kept, MARCH["start"])
        remove_lift(workspace, name, Subject("Display"), MARCH["start"])
