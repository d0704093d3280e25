"""``touchline.sessionize`` says what the river says of the same visits, in a form of the rules of its own."""

import pyarrow as pa

import touchline as tl
from tests.journeys.stories import GOOGLE, LETTER, NOBODY, SUMMER, TAGS, Story, events_of
from tests.oracle.engine import tables_of
from tests.oracle.world import Row, Tables, World, goal, organization, site
from tests.oracle.worlds import drawn


def in_the_river(tables: Tables, world: World, site_id: str) -> list[tuple[str, str, str]]:
    """Each visit of a browser on the site, its session, and why that began."""
    visits = [
        row for row in tables["session_events"]
        if row["site_id"] == site_id and row["identifier"].startswith("v:") and row["is_visit"]
    ]  # fmt: skip
    because = {row["session_id"]: row["started_because"] for row in tables["sessions"]}
    prefix = f"{world.name}/"
    return sorted(
        (row["event_id"], row["session_id"].removeprefix(prefix), because[row["session_id"]]) for row in visits
    )


def persons_of(tables: Tables, site_id: str) -> dict[str, str]:
    """By event of the site: whose it is."""
    return {row["event_id"]: row["person_id"] for row in tables["session_events"] if row["site_id"] == site_id}


def by_itself(world: World, site: Row, persons: dict[str, str]) -> list[tuple[str, str, str]]:
    """The sessions of a table; a browser of several persons is a visitor for each of them."""
    rows = [row for row in world.events if row["site_id"] == site["site_id"] and row["event_id"] in persons]
    visitors = [f"{row['identifier']} {persons[row['event_id']]}" for row in rows]
    chosen = world.organization
    answer = tl.sessionize(
        pa.table(
            {
                "visitor_id": pa.array(visitors, pa.string()),
                "event_id": pa.array([row["event_id"] for row in rows], pa.string()),
                "occurred_at": pa.array([row["occurred_at"] for row in rows], pa.timestamp("us")),
            }
        ),
        gap_minutes=chosen["session_gap_minutes"], policy=chosen["session_policy"], time_zone=site["time_zone"],
        cap_hours=chosen["session_cap_hours"],
    )  # fmt: skip
    return sorted(
        (row["event_id"], row["session_id"].replace(f" {persons[row['event_id']]}", ""), row["started_because"])
        for row in answer.to_pylist()
    )


def test_the_sessions_of_a_table_are_those_of_the_river() -> None:
    """New campaigns need links, which the worlds have none of: they are compared with a slow reading of the rules."""
    worlds = [world for world in drawn(60, 41) if world.organization["session_policy"] != "matomo"]
    tables = tables_of(worlds)
    compared, reasons = 0, set()
    for world in worlds:
        for one in world.sites:
            expected = in_the_river(tables, world, one["site_id"])
            persons = persons_of(tables, one["site_id"])
            assert by_itself(world, one, {event_id: persons[event_id] for event_id, _, _ in expected}) == expected
            compared += len(expected)
            reasons |= {reason for _, _, reason in expected}
    assert compared > 300
    assert reasons == {"first_visit", "pause", "cap"}


def test_new_campaigns_of_a_table_are_those_of_the_river() -> None:
    """Each link after each other one, some of which only say that nobody sent the visitor."""
    links = [
        "/", LETTER, TAGS, SUMMER, NOBODY, "/?utm_source=direct&utm_medium=none", "/?utm_source=Direct",
        "/?utm_medium=(none)", "/?utm_medium=none&gclid=Cj0KCQiA1", "/?utm_source=direct&utm_campaign=may",
        "/?utm_source=(direct)&utm_medium=email",
    ]  # fmt: skip
    stories = [
        Story("", [(0, first, referrer), (minute, second, None), (20, LETTER, None)], [], last=0)
        for first in links
        for second in links
        for minute, referrer in ((0.5, None), (10, None), (10, GOOGLE))
    ]
    events = [row for row in events_of(stories) if row["type"] == "PAGE_VIEW"]
    world = World(organization(session_policy="matomo"), [site()], [goal()], [], events)
    in_river = {row["event_id"]: row["session_id"] for row in tables_of([world])["session_events"]}
    names = ("visitor_id", "event_id", "occurred_at", "url")
    referrers = [view[2] for told in stories for view in told.views]
    table = pa.table({name: [row[name] for row in events] for name in names} | {"referrer": referrers})
    found = tl.sessionize(table, policy="matomo").to_pylist()
    assert {row["event_id"]: f"{world.name}/v:s:{row['session_id']}" for row in found} == in_river
    assert {"campaign"} < {row["started_because"] for row in found}
