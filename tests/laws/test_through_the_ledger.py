"""The same laws through wire, ledger and jobs on disk: in parts, against a rebuild and the definitions."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.oracle.arrival import Part, in_parts
from tests.oracle.engine import changes, snapshot
from tests.oracle.judge import disagreements
from tests.oracle.world import EPOCH, Row, Tables, World, aware, micros
from tests.oracle.worlds import worlds
from touchline.engines import DuckDB
from touchline.jobs import claiming, importing, running, setup
from touchline.jobs.workspace import Workspace
from touchline.settings import Home

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

NOW = 1_900_000_000_000_000
SOURCE = "csv"
_SAID = {
    "event_id": "eventId", "type": "type", "name": "name", "url": "url", "visitor_id": "anonId", "user_id": "userId",
    "account_id": "accountId", "order_id": "orderId", "is_test": "isTest", "user_agent": "userAgent", "city": "city",
    "district": "district",
    "currency": "currency", "utm_source": "utmSource", "utm_medium": "utmMedium", "utm_campaign": "utmCampaign",
    "utm_term": "utmTerm", "utm_content": "utmContent", "utm_id": "utmId",
}  # fmt: skip


_NOT_IN_FILES = ("spread_days", "exchange_rate", "reporting_micros", "reporting_value_micros")


def on_the_wire(row: Row) -> str:
    """An event as a line of the wire."""
    said = {name: row[column] for column, name in _SAID.items() if row[column] is not None}
    said["occurredAt"] = aware(row["occurred_at"]).isoformat()
    if row["user_agent"]:  # a phone of the worlds is an app's browser there; here the product's list says which are
        said["userAgent"] = row["user_agent"].replace("Phone", "Handset")
    if row["email_hash"]:
        said["emailHash"] = sha256(row["email_hash"].encode()).hexdigest()
    if row["value_micros"] is not None:
        said["value"] = f"{row['value_micros'] / 1e6:.6f}"
    if row["referrer_host"]:
        said["referrer"] = f"https://{row['referrer_host']}/"
    if "gclid" in (row["click_id_names"] or "").split(","):
        said["url"] += "?gclid=Cj0KCQjw1234567890abcdefghij"
    return json.dumps(said) + "\n"


def claimed(row: Row) -> str:
    """A claim as a line of JSON; an e-mail address by its hash."""
    said = {"claimed_at": aware(row["claimed_at"]).isoformat()}
    for prefix, name in (("", row["identifier"]), ("linked_", row["linked_identifier"])):
        kind, value = name[0], name.rpartition(":")[2]
        hashed = sha256(value.encode()).hexdigest() if kind == "m" else value
        said[prefix + {"v": "visitor_id", "u": "user_id", "m": "email_hash"}[kind]] = hashed
    return json.dumps(said) + "\n"


def cost_lines(rows: list[Row]) -> Iterator[str]:
    """A load of costs as a CSV file."""
    names = ["account_id", "platform", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name"]
    reported = {"platform_conversions": "platform_conversion_micros", "platform_value": "platform_value_micros"}
    yield ",".join(["date", "cost", "impressions", "clicks", *reported, "currency", *names]) + "\n"
    for row in rows:
        numbers = [row["cost_date"].isoformat(), in_units(row["spend_micros"]), row["impressions"], row["clicks"]]
        numbers += [in_units(row[name]) for name in reported.values()]
        yield ",".join(map(str, [*numbers, row["currency"], *(row[name] for name in names)])) + "\n"


def in_units(micros: int | None) -> str:
    return "" if micros is None else f"{micros / 1e6:.6f}"


def started(world: World, folder: Path) -> Workspace:
    """A home with the world's first site, its goals, targets and settings."""
    home = Home(folder / "home")
    shop, chosen = world.sites[0], world.organization
    setup.init(
        home, name="o", domain=shop["domain"], currency=chosen["currency"], time_zone=shop["time_zone"], now=NOW
    )  # fmt: skip
    workspace = Workspace(home)
    setup.remove_goal(workspace, "o", setup.DEFAULT_GOAL)
    for row in world.goals:
        setup.set_goal(workspace, "o", setup.Goal(**{field.name: row[field.name] for field in fields(setup.Goal)}))
    for name in ("lookback_days", "direct", "primary_goal", "waste_window_days"):
        if chosen[name] and (name != "primary_goal" or chosen[name] in {row["goal"] for row in world.goals}):
            setup.change_setting(workspace, "o", name, str(chosen[name]), now=NOW)
    return workspace


def take(workspace: Workspace, part: Part, folder: Path, number: int) -> None:
    """Import a part and run the river."""
    events, loads, claims = part
    if events:
        file = folder / f"events-{number}.jsonl"
        file.write_text("".join(map(on_the_wire, events)), encoding="utf-8")
        report = importing.import_events(workspace, [file], site_id=None, mapping=None, now=NOW)
        assert report.rejected == {}
    for place, load in enumerate(loads):
        file = folder / f"costs-{number}-{place}.csv"
        file.write_text("".join(cost_lines(load)), encoding="utf-8")
        report = importing.import_costs(
            workspace, [file], organization_id=None, source=SOURCE, now=NOW, overlap="replace"
        )
        assert not report.rejected
    if claims:
        file = folder / f"claims-{number}.jsonl"
        for source in ("crm", "login", claiming.SEPARATED):
            file.write_text("".join(claimed(row) for row in claims if row["source"] == source), encoding="utf-8")
            told = claiming.separate if source == claiming.SEPARATED else partial(claiming.import_claims, source=source)
            told(workspace, [file], organization_id=None, site_id=None, now=NOW)
    running.run(workspace)


def as_kept(workspace: Workspace, world: World) -> World:
    """The world as the ledger has it: what a judge must start from. A file with a column of days is not spread."""
    names = ("organizations", "sites", "goals", "targets")
    kept = {name: running.reference(workspace, name).to_pylist() for name in names}
    events = workspace.ledger.events_after(0).read_all().to_pylist()
    curves = {row["goal"]: row["retention_exponent"] for row in world.goals}
    goals = [row | {"retention_exponent": curves[row["goal"]]} for row in kept["goals"]]
    return World(kept["organizations"][0], kept["sites"], goals, kept["targets"], events, [
        [row | {"organization_id": "o", "source": SOURCE} | dict.fromkeys(_NOT_IN_FILES) for row in load]
        for load in world.loads
    ], workspace.ledger.claims_after(0).read_all().to_pylist())  # fmt: skip


def standing(workspace: Workspace) -> Tables:
    assert isinstance(workspace.engine, DuckDB)
    return snapshot(workspace.engine)


@settings(
    max_examples=max(3, settings().max_examples // 75),
    phases=[phase for phase in Phase if phase not in {Phase.shrink, Phase.explain}],  # no time to make them small
)
@given(worlds("o", most_events=25), st.integers(0, 9_999))
def test_what_comes_in_parts_through_the_ledger_is_what_a_rebuild_and_the_definitions_say(
    world: World, seed: int
) -> None:
    with TemporaryDirectory() as name, closing(started(world, Path(name))) as workspace:
        for number, part in enumerate(in_parts(world, 3, Random(seed))):
            take(workspace, part, Path(name), number)
        tables = standing(workspace)
        running.run(workspace)
        assert changes(tables, standing(workspace)) == ""
        running.run(workspace, is_rebuild=True)
        assert changes(tables, standing(workspace)) == ""
        kept = as_kept(workspace, world)
        assert len(kept.events) == len({event["event_id"] for event in world.events})
        assert min(micros(event["occurred_at"]) for event in kept.events) > micros(EPOCH)
        assert disagreements(tables, [kept]) == ""
