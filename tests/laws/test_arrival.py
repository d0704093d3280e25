"""The river's tables depend on what was told, not on when or how often; and they are what the plain definitions say.

The worlds of a law go through the engine together, so that one run judges them all and also has to keep them apart.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest
from hypothesis import settings

from tests.oracle.arrival import flowed
from tests.oracle.credit import WHOLE
from tests.oracle.engine import ListFeed, changes, rebuilt, snapshot, tables_of, told, unnumbered
from tests.oracle.judge import disagreements
from tests.oracle.world import Row, Tables, World, reference
from tests.oracle.worlds import drawn
from touchline import pipeline
from touchline.engines import DuckDB
from touchline.tables import RIVER

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

SMALL_RUNS = 16 if settings().max_examples >= 1_000 else 8


def test_the_engine_says_what_the_definitions_say(worlds: list[World]) -> None:
    assert disagreements(tables_of(worlds), worlds) == ""


def test_order_repetition_and_batches_change_nothing(worlds: list[World], chance: Random) -> None:
    tables, ledger = flowed(worlds, 4, chance)
    assert changes(rebuilt(ledger), tables) == ""
    assert changes(unnumbered(tables_of(worlds)), unnumbered(tables)) == ""
    assert disagreements(tables, worlds) == ""


def test_what_is_erased_or_withdrawn_is_as_if_it_had_never_been_told(worlds: list[World], chance: Random) -> None:
    """Some events go, logins that hold a person together among them, and some claims; twice, with a run after each."""
    ledger, kept = told(worlds), worlds
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        for _ in range(2):
            kept = [_less(world, ledger, chance) for world in kept]
            assert not pipeline.run(ledger.feed, engine).is_rebuild
            tables = snapshot(engine)
            assert changes(rebuilt(ledger), tables) == ""
            assert disagreements(tables, kept) == ""


def _less(world: World, ledger: ListFeed, chance: Random) -> World:
    """The world without some of its events and claims, which go from the ledger."""
    gone = {row["event_id"] for row in world.events if chance.random() < _risk(row)}
    names = {chance.choice(("u:x", "u:y", "u:z", "m:m1"))}
    ledger.erase(*gone, owner=world.name)
    ledger.withdraw(*names, owner=world.name)
    return _without(world, gone, names)


def _risk(event: Row) -> float:
    """How likely it is that an event goes."""
    return 0.25 if event["user_id"] or event["email_hash"] else 0.06


def _without(world: World, event_ids: set[str], names: set[str]) -> World:
    events = [row for row in world.events if row["event_id"] not in event_ids]
    claims = [row for row in world.claims if not {row["identifier"], row["linked_identifier"]} & names]
    return replace(world, events=events, claims=claims)


def test_many_small_runs_are_as_good_as_one(worlds: list[World], chance: Random) -> None:
    tables, ledger = flowed(worlds, SMALL_RUNS, chance)
    assert changes(rebuilt(ledger), tables) == ""


def test_rules_that_change_on_the_way_apply_to_the_whole_past(
    worlds: list[World], others: list[World], chance: Random
) -> None:
    """Goals, settings, targets and time zones become those of other organizations between two runs."""
    ledger = told([_begun(world, chance.randint(1, 9)) for world in worlds])
    changed = [
        World(o.organization, _both_sites(w, o), o.goals, o.targets, w.events, w.loads, w.claims, o.fits, rates=w.rates)
        for w, o in zip(worlds, others, strict=True)
    ]
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        ledger.reference = reference(changed)
        pipeline.run(ledger.feed, engine)
        for world in changed:
            ledger.tell(world.events)
            ledger.claim(world.claims)
            ledger.rate(world.rates[1:])
            for load in world.loads[1:]:
                ledger.load(load)
        pipeline.run(ledger.feed, engine)
        tables = snapshot(engine)
    assert changes(rebuilt(ledger), tables) == ""
    assert disagreements(tables, changed) == ""


def _begun(world: World, events: int) -> World:
    """The world when the first of its events, its costs, its rates and its claims were told."""
    told_first = world.events[:events]
    return replace(
        world, events=told_first, loads=world.loads[:1], claims=world.claims[:1], rates=world.rates[:1], fits=[]
    )


def _both_sites(world: World, other: World) -> list[Row]:
    """The world's sites, in the other's time zones."""
    zones = [site["time_zone"] for site in other.sites] * 2
    return [site | {"time_zone": zone} for site, zone in zip(world.sites, zones, strict=False)]


def test_a_new_target_needs_no_rebuild(worlds: list[World]) -> None:
    """Targets only move the waste list."""
    ledger = told(worlds)
    with closing(DuckDB()) as engine:
        pipeline.run(ledger.feed, engine)
        changed = [replace(world, targets=_strict(world.name)) for world in worlds]
        ledger.reference = reference(changed)
        assert not pipeline.run(ledger.feed, engine).is_rebuild
        assert disagreements(snapshot(engine), changed) == ""


def _strict(owner: str) -> list[Row]:
    whole = {"organization_id": owner, "platform": "", "campaign_id": ""}
    return [whole | {"target_cpa_micros": 1_000, "target_roas": 3.5}]


def test_every_key_is_unique(worlds: list[World]) -> None:
    tables = tables_of(worlds)
    for table in RIVER:
        keys = [tuple(row[name] for name in table.key) for row in tables[table.name]]
        assert len(keys) == len(set(keys)), f"{table.name} has a key twice"


def test_the_worlds_hold_what_they_are_for() -> None:
    """A law over worlds in which nothing happens would prove nothing."""
    found: set[str] = set()
    lived = drawn(300, 2)
    tables = tables_of(lived)
    found.update(f"{name} has rows" for name, rows in tables.items() if rows)
    found.update(row["status"] for row in tables["conversions"])
    found.update(row["reason"] for row in tables["identity_edges"] + tables["waste_findings"])
    found.update(f"crowded by {kind}" for row in tables["identifiers"] for kind in row["crowded_by"])
    verified = {row["identifier"] for row in tables["identity_edges"] if row["is_verified"]}
    found.update(
        "verified beside unverified"
        for row in tables["identity_edges"]
        if row["identifier"] in verified and not row["is_verified"]
    )
    found.update(f"path of {min(row['touchpoint_count'], 4)}" for row in tables["paths"])
    found.update("somebody's refund" for row in tables["corrections"] if row["person_id"])
    found.update("nobody's refund" for row in tables["corrections"] if not row["person_id"])
    found.update(f"correction {row['reason']}" for row in tables["corrections"])
    found.update("apart" for row in tables["conversions"] if row["goal"].endswith(" (unverified)"))
    found.update("past click" for row in tables["touchpoints"] if row["has_past_click"])
    found.update("touch on the way" for row in tables["touchpoints"] if not row["is_landing"])
    found.update("touch that counts earlier" for row in tables["touchpoints"] if row["counted_at"] < row["occurred_at"])
    found.update("order without a session" for row in tables["conversions"] if row["session_id"] is None)
    found.update(_landed(tables))
    found.update("Direct left out" for row in tables["paths"] if not row["is_eligible"])
    found.update("order told twice" for row in tables["conversions"] if row["event_count"] > 1)
    found.update("credit of an ad" for row in tables["daily_rollups"] if row["ad_id"] and row["credit"])
    found.update(_cut(tables, lived))
    found.update(f"not credited: {row['uncredited_because']}" for row in tables["session_events"])
    found.update("a browser of several persons" for row in tables["identities"] if row["period_number"])
    found.update(f"source hit: {row['outcome']}" for row in tables["source_hits"])
    found.update(f"session of {row['started_because']}" for row in tables["sessions"])
    of_referrer, touched = _of_referrer(lived), _touched(tables)
    found.update("tags of a referrer" for row in of_referrer if row in touched)
    found.update("tags of a referrer left out" for row in of_referrer if row not in touched)
    links = tables["attribution_links"]
    found.update(f"weights of {row['fit_id'].split('/')[0]}" for row in links if 0 < row["credit"] < WHOLE)
    found.update("a fit without a touch" for row in links if row["fit_id"] and not row["touchpoint_id"])
    found.update("locked limits" if row["fit_id"] else "own limits" for row in tables["health_signals"])
    found.update("finding by a fit" for row in tables["waste_findings"] if row["fit_id"])
    assert found >= {
        *(f"{table.name} has rows" for table in RIVER), "own limits", "locked limits",
        "completed", "cancelled", "refunded", "partially_refunded", "test", "unverified", "apart",
        "correction applied", "correction claimed_by_browser", "correction other_currency", "correction no_order",
        "same_event", "blocked_value", "claim",
        "too_many_unverified", "two_users", "two_emails", "crowded by u", "crowded by m", "crowded by v",
        "verified beside unverified", "a browser of several persons",
        "no_conversions", "insufficient_data", "untagged", "path of 1", "path of 2", "path of 4", "somebody's refund",
        "nobody's refund", "past click", "touch on the way", "Direct left out",
        "touch that counts earlier", "order without a session", "server in a session", "landing of CONVERSION",
        "landing of CUSTOM", "landing of IDENTIFY", "late landing of PAGE_VIEW", "touch of CONVERSION",
        "order told twice",
        "cut: a long path", "cut: many touches", "cut: many conversions", "idle touches that are cut",
        *(f"not credited: {kind}" for kind in ("payment", "sign_in", "own_link", "ignored_referrer")),
        *(f"source hit: {outcome}" for outcome in ("touch", "shown_before", "weaker_source")),
        *(f"session of {reason}" for reason in ("first_visit", "pause", "midnight", "campaign", "cap")),
        "tags of a referrer", "tags of a referrer left out",
        "credit of an ad", "weights of MARKOV", "a fit without a touch", "finding by a fit",
    }  # fmt: skip


def _of_referrer(worlds: list[World]) -> set[str]:
    """The touches that events with a referrer's tags would be."""
    return {f"{row['site_id']}:{row['event_id']}" for world in worlds for row in world.events if row["tags_from"]}


def _touched(tables: Tables) -> set[str]:
    """The touches that show tags or click ids."""
    shown = (row for row in tables["touchpoints"] if row["utm_source"] or row["click_id_names"])
    return {row["touchpoint_id"] for row in shown}


def _landed(tables: Tables) -> Iterator[str]:
    """By what types of events visits were begun and interrupted."""
    touched = {row["touchpoint_id"] for row in tables["touchpoints"]}
    for row in tables["session_events"]:
        is_late = "late " if row["occurred_at"] > row["session_started_at"] else ""
        if row["is_landing"]:
            yield f"{is_late}landing of {row['type']}"
        elif f"{row['site_id']}:{row['event_id']}" in touched:
            yield f"touch of {row['type']}"
        if not row["is_visit"]:
            yield "server in a session"


def _cut(tables: Tables, worlds: list[World]) -> set[str]:
    """Which kinds of cut paths there are."""
    chosen = {world.name: world.organization for world in worlds}
    touches = Counter(row["person_id"] for row in tables["touchpoints"])
    bought = Counter(row["person_id"] for row in tables["conversions"] if row["is_counted"])
    idle = Counter(row["conversion_id"] for row in tables["paths"] if not row["is_eligible"])
    found = {
        "idle touches that are cut" for row in tables["paths"] if 0 < idle[row["conversion_id"]] < row["idle_count"]
    }
    for row in tables["paths"]:
        if row["touchpoint_count"] < row["eligible_count"]:
            limits = chosen[row["organization_id"]]
            by_touches = touches[row["person_id"]] > limits["crowded_touches"]
            by_conversions = bought[row["person_id"]] > limits["crowded_conversions"]
            found.add(
                {(True, False): "cut: many touches", (False, True): "cut: many conversions"}.get(
                    (by_touches, by_conversions), "cut: a long path"
                )
            )
    return found
