"""Stories of visits, whose answers were written first: the river on every engine, and ``touchline.sessionize``."""

import pyarrow as pa
import pytest

import touchline as tl
from tests.journeys.journey import journey, rows, shares
from tests.journeys.reported_stories import REPORTED, REPORTED_WITHIN
from tests.journeys.stories import ALWAYS, SPLIT, WITHIN, Story, events_of
from tests.oracle.world import Tables


def differing(tables: Tables, stories: list[Story]) -> list[tuple[Story, Story]]:
    """The stories of which the tables say something else than what is right, with that."""
    last = shares(tables, "LAST_TOUCH")
    touched = {row["touchpoint_id"].removeprefix("s:") for row in tables["touchpoints"]}
    reasons = {row["event_id"]: row["uncredited_because"] for row in tables["session_events"]}
    reasons |= dict(rows(tables, "source_hits", "event_id", "outcome", outcome="weaker_source"))
    found = []
    for number, told in enumerate(stories):
        ids = [f"v{number:02}-{place}" for place in range(len(told.views))]
        came = told._replace(
            touches=[place for place, event_id in enumerate(ids) if event_id in touched],
            last=next(place for place, event_id in enumerate(ids) if last.get(event_id)),
            sessions=len(rows(tables, "sessions", "session_id", identifier=f"v:s:v{number:02}")),
            uncredited=tuple(reasons[event_id] for event_id in ids if reasons[event_id]),
        )
        if came != told:
            found.append((told, came))
    return found


@journey(events_of([*ALWAYS, *WITHIN]))
def test_what_a_person_expects_is_what_the_river_says(tables: Tables) -> None:
    assert differing(tables, [*ALWAYS, *WITHIN]) == []


@journey(events_of([*ALWAYS, *WITHIN]), session_policy="seed")
def test_months_change_nothing_of_it(tables: Tables) -> None:
    assert differing(tables, [*ALWAYS, *WITHIN]) == []


@journey(events_of([*ALWAYS, *SPLIT]), session_policy="matomo")
def test_a_new_campaign_is_protected_from_nothing_where_it_begins_a_session(tables: Tables) -> None:
    assert differing(tables, [*ALWAYS, *SPLIT]) == []


@journey(events_of([*REPORTED, *REPORTED_WITHIN]))
def test_what_users_of_other_products_expect_is_what_the_river_says(tables: Tables) -> None:
    assert differing(tables, [*REPORTED, *REPORTED_WITHIN]) == []


@journey(events_of(REPORTED), session_policy="matomo")
def test_new_campaigns_change_nothing_of_it(tables: Tables) -> None:
    assert differing(tables, REPORTED) == []


@pytest.mark.parametrize(
    ("policy", "stories"),
    [
        ("ga4", [*ALWAYS, *WITHIN]),
        ("seed", [*ALWAYS, *WITHIN]),
        ("matomo", [*ALWAYS, *SPLIT]),
        ("ga4", [*REPORTED, *REPORTED_WITHIN]),
        ("matomo", REPORTED),
    ],
)
def test_a_table_of_the_same_views_has_the_same_sessions(policy: str, stories: list[Story]) -> None:
    views = [row for row in events_of(stories) if row["type"] == "PAGE_VIEW"]
    names = ("visitor_id", "event_id", "occurred_at", "url")
    referrers = [view[2] for told in stories for view in told.views]
    table = pa.table({name: [row[name] for row in views] for name in names} | {"referrer": referrers})
    found = tl.sessionize(table, policy=policy).to_pylist()
    numbers = {row["event_id"].partition("-")[0]: row["session_number"] for row in found}
    assert [told for told, number in zip(stories, numbers.values(), strict=True) if told.sessions != number] == []
