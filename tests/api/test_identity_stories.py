"""How other products' users say that persons went wrong, and what is right; each with where it was published."""

from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

import touchline as tl
from tests.api.published_stories import PUBLISHED
from tests.api.test_resolve_identities import START, edge, table_of
from tests.api.vendor_stories import VENDORS, Story, logins
from touchline.identity import parts

STORIES = (
    {
        "identify with null": Story(
            "PostHog/posthog #5527",
            [
                edge("visitor:v1", "user:null", 1),
                edge("visitor:v2", "user:null", 2),
                edge("visitor:v3", 'user:"null"', 3),
            ],
            {("visitor:v1", 1): "visitor:v1", ("visitor:v2", 2): "visitor:v2", ("visitor:v3", 3): "visitor:v3"},
            {"blocked_value"},
        ),
        "null-like e-mail addresses": Story(
            "segmentio/segment-docs, identity resolution: blocked values (hundreds of profiles)",
            [
                edge(f"user:u{n}", f"email:{value}", 1)
                for n, value in enumerate(("-1", "anonymous", "N/A", "0000-0000", "email"))
            ],
            {(f"user:u{n}", 1): f"user:u{n}" for n in range(5)},
            {"blocked_value"},
        ),
        "a hard-coded id on thousands of browsers": Story(
            "PostHog/posthog #5898 (2,500 distinct ids and more)",
            [edge(f"visitor:x{n}", "user:test", n / 24) for n in range(2_501)],
            {("visitor:x7", 9): "visitor:x7", ("visitor:x2500", 9): "visitor:x2500", ("user:test", 9): "user:test"},
            {"over_limit"},
        ),
        "two users of one browser, no reset on logout": Story(
            "rudderlabs/rudder-transformer #1180; PostHog/posthog #381",
            [*logins("visitor:a", "bob", "cem"), edge("visitor:b2", "user:bob", 3), edge("visitor:c2", "user:cem", 3)],
            {
                ("visitor:a", 0): "user:bob",
                ("visitor:a", 1.5): "user:bob",
                ("visitor:a", 2): "user:cem",
                ("visitor:a", 9): "user:cem",
                ("visitor:b2", 0): "user:bob",
                ("visitor:c2", 0): "user:cem",
            },
        ),
        "three users, all of whom come back": Story(
            "nexu-io/open-design #7822",
            logins("visitor:a", "ann", "bob", "cem", "ann", "bob"),
            {
                ("visitor:a", day + 0.5): f"user:{name}"
                for day, name in enumerate(("ann", "ann", "bob", "cem", "ann", "bob"))
            },
        ),
        "a second cookie survives the reset": Story(
            "segmentio/segment-docs #4651 (ga_client_id)",
            [
                edge("visitor:a1", "user:ann", 1),
                edge("visitor:a1", "ga:g", 1),
                edge("visitor:a2", "ga:g", 3),
                edge("visitor:a2", "user:bob", 4),
            ],
            {
                ("visitor:a1", 5): "user:ann",
                ("visitor:a2", 2): "user:bob",
                ("ga:g", 2): "user:ann",
                ("ga:g", 3): "user:bob",
            },
        ),
        "an alias that nobody can take back": Story(
            "PostHog/posthog #11873 ($merge_dangerously)",
            [
                edge("user:ann", "user:bob", 1, "claimed"),
                edge("visitor:a", "user:ann", 1),
                edge("visitor:b", "user:bob", 1),
            ],
            {("visitor:a", 2): "user:ann", ("visitor:b", 2): "user:bob"},
            {"two_unique_ids"},
        ),
        "the login system gave everybody a new id": Story(
            "PostHog/posthog #14093",
            [
                edge("legacy_user:17", "user:ann", 5, "claimed"),
                edge("visitor:a", "legacy_user:17", 1),
                edge("visitor:b", "user:ann", 6),
            ],
            {("visitor:a", 1): "user:ann", ("visitor:b", 6): "user:ann", ("legacy_user:17", 1): "user:ann"},
        ),
        "one person for each device": Story(
            "PostHog/posthog #23690",
            [edge("visitor:phone", "user:ann", 1), edge("visitor:laptop", "user:ann", 2)],
            {("visitor:phone", 0): "user:ann", ("visitor:laptop", 9): "user:ann"},
        ),
        "ids that nothing connects": Story(
            "graphframes/graphframes #428, #453 (millions of unconnected ids in one component)",
            [*(edge(f"visitor:z{n}", None, 1) for n in range(50)), edge("visitor:v1", "email:m1", 1)],
            {("visitor:z3", 1): "visitor:z3", ("visitor:z4", 1): "visitor:z4", ("visitor:v1", 1): "email:m1"},
        ),
        "the whole past of a cookie moves to its last user": Story(
            "Velir/dbt-ga4, snowplow/dbt-snowplow-unified: user stitching by the latest user id of a cookie",
            logins("visitor:home", "ann", "bob"),
            {("visitor:home", 1.2): "user:ann", ("visitor:home", 2.2): "user:bob"},
        ),
        "a browser that names 200 users": Story(
            "found in a trial: every page shows its key",
            [edge("visitor:x", f"user:u{n}", n / 100, "email_unvalidated") for n in range(200)],
            {("user:u1", 1): "user:u1", ("user:u199", 1): "user:u199", ("visitor:x", 1): "visitor:x"},
            {"over_limit"},
        ),
        "an address that nobody confirmed is somebody else's": Story(
            "found in a trial: emailVerified was not read",
            [edge("user:ann", "email:m1", 3, "email_validated"), edge("user:bob", "email:m1", 1, "email_unvalidated")],
            {("email:m1", 2): "user:ann", ("user:bob", 2): "user:bob"},
            {"two_unique_ids"},
        ),
        "a guess does not cut what a login shows": Story(
            "kilocode's seven tiers: strong ids before e-mail only",
            [
                edge("visitor:a", "user:ann", 1),
                edge("user:bob", "email:gift", 1),
                edge("visitor:a", "email:gift", 2, "email_unvalidated"),
            ],
            {("visitor:a", 3): "user:ann", ("email:gift", 3): "user:bob"},
            {"two_unique_ids"},
        ),
        "a changed e-mail address": Story(
            "no thread: a person gets a new address",
            [
                edge("user:ann", "email:old", 1),
                edge("user:ann", "email:new", 5),
                edge("visitor:v1", "email:old", 0),
                edge("visitor:v2", "email:new", 6),
            ],
            {("visitor:v1", 0): "user:ann", ("visitor:v2", 6): "user:ann"},
        ),
        "no login at all, one confirmed address": Story(
            "seed: single candidate before e-mail only",
            [
                edge("visitor:v1", "email:m1", 1, "email_validated"),
                edge("visitor:v2", "email:m1", 4, "single_candidate"),
            ],
            {("visitor:v1", 1): "email:m1", ("visitor:v2", 4): "email:m1"},
        ),
        "unresolved records stay alone": Story(
            "seed: unresolved per source",
            [edge("posthog:p1", "user:ann", 1, "unresolved_posthog"), edge("crm:c1", None, 1, "unresolved_crm")],
            {("posthog:p1", 1): "posthog:p1", ("crm:c1", 1): "crm:c1", ("user:ann", 1): "user:ann"},
            {"unresolved"},
        ),
        "a kiosk": Story(
            "found in a trial: A+B and A+C on one device",
            logins("visitor:kiosk", *(f"u{n}" for n in range(30))),
            {("visitor:kiosk", n + 1.1): f"user:u{n}" for n in range(30)},
        ),
        "two people on five devices over months": Story(
            "device sets with known owners",
            [
                *(
                    edge(f"visitor:{device}", "user:ann", day)
                    for device in ("ann-phone", "ann-laptop")
                    for day in (1, 40, 99)
                ),
                *(
                    edge(f"visitor:{device}", "user:bob", day)
                    for device in ("bob-phone", "bob-desk")
                    for day in (2, 50, 98)
                ),
                *(
                    edge("visitor:tablet", f"user:{name}", day)
                    for day, name in ((3, "bob"), (20, "ann"), (60, "bob"), (61, "bob"))
                ),
                edge("user:ann", "email:ann", 1, "email_validated"),
                edge("visitor:tablet", "email:ann", 30, "email_validated"),
            ],
            {
                ("visitor:ann-phone", 70): "user:ann",
                ("visitor:ann-laptop", 0): "user:ann",
                ("visitor:bob-phone", 70): "user:bob",
                ("visitor:bob-desk", 120): "user:bob",
                ("visitor:tablet", 1): "user:bob",
                ("visitor:tablet", 25): "user:ann",
                ("visitor:tablet", 59): "user:ann",
                ("visitor:tablet", 60): "user:bob",
                ("visitor:tablet", 200): "user:bob",
            },
        ),
        "a user on two devices, each used before the login": Story(
            "Mixpanel docs, identifying users (simplified): multiple devices",
            [edge("visitor:d1", "user:charlie", 2), edge("visitor:d2", "user:charlie", 5)],
            {("visitor:d1", 0): "user:charlie", ("visitor:d2", 0): "user:charlie", ("visitor:d2", 9): "user:charlie"},
        ),
        "one device, two accounts, no reset between them": Story(
            "Amplitude docs, track unique users: several users share a device; the user id is preferred",
            logins("visitor:ipad", "ann", "bob"),
            {("visitor:ipad", 0): "user:ann", ("visitor:ipad", 1): "user:ann", ("visitor:ipad", 2): "user:bob"},
        ),
        "a reset gives the next user a new anonymous id": Story(
            "PostHog docs, identify: reset on logout",
            [edge("visitor:before", "user:ann", 1), edge("visitor:after", "user:bob", 3)],
            {("visitor:before", 9): "user:ann", ("visitor:after", 0): "user:bob"},
        ),
        "an anonymous device that nobody ever signs in on stays its own": Story(
            "Amplitude docs, track unique users: anonymous users",
            [edge("visitor:quiet", None, 1), edge("visitor:loud", "user:ann", 1)],
            {("visitor:quiet", 1): "visitor:quiet", ("visitor:loud", 1): "user:ann"},
        ),
        "two known users are linked by mistake": Story(
            "Mixpanel docs: two user ids never merge; PostHog docs: identify refuses an identified user",
            [edge("visitor:a", "user:ann", 1), edge("visitor:b", "user:bob", 1), edge("user:ann", "user:bob", 2)],
            {("visitor:a", 9): "user:ann", ("visitor:b", 9): "user:bob"},
            {"two_unique_ids"},
        ),
        "a page claims what a server denies": Story(
            "an unsigned identify call with a guessed user id",
            [
                edge("visitor:mallory", "user:ann", 1, "claimed_by_browser"),
                edge("visitor:a", "user:ann", 2),
                edge("visitor:a", "user:bob", 0, "claimed_by_browser"),
                edge("visitor:b", "user:bob", 2),
            ],
            {("visitor:mallory", 1): "user:ann", ("visitor:a", 0): "user:ann", ("visitor:b", 0): "user:bob"},
            {"two_unique_ids"},
        ),
        "a page claims the addresses of two customers": Story(
            "an unsigned browser that names two confirmed addresses",
            [
                edge("visitor:a", "email:a", 1, "email_validated"),
                edge("visitor:b", "email:b", 1, "email_validated"),
                edge("visitor:x", "email:a", 2, "claimed_by_browser"),
                edge("visitor:x", "email:b", 3, "claimed_by_browser"),
            ],
            {
                ("visitor:a", 9): "email:a",
                ("visitor:b", 9): "email:b",
                ("visitor:x", 2): "email:a",
                ("visitor:x", 3): "email:b",
            },
        ),
    }
    | VENDORS
    | PUBLISHED
)


def whose(people: list[dict[str, Any]], name: str, at: datetime) -> list[str]:
    """The persons of an id at a time."""
    kind, _, text = name.partition(":")
    mine = [row for row in people if (row["id_type"], row["id"]) == (kind, text)]
    return [
        row["person_id"]
        for row in mine
        if (row["from"] is None or row["from"] <= at) and (row["until"] is None or at < row["until"])
    ]


@pytest.mark.parametrize("name", STORIES)
def test_story_ends_well(name: str) -> None:
    story = STORIES[name]
    answer = tl.resolve_identities(table_of(story.edges), **story.options)
    people = answer.identities.to_pylist()
    found = {(one, day): whose(people, one, START + timedelta(days=day)) for one, day in story.whose}
    assert found == {place: [person] for place, person in story.whose.items()}
    assert set(answer.refused["reason"].to_pylist()) == story.refused


OF_THE_RIVER = [
    name
    for name, story in STORIES.items()
    if not story.refused & {"blocked_value", "over_limit", "unresolved"} and not story.options
]
"""Of the others, the river leaves values and limits to the statements before the solver."""


def _in_the_river(name: str) -> str:
    """An identifier of the river; whatever is no user and no address is a browser there."""
    kind, _, text = name.partition(":")
    return {"user": f"u:{text}", "email": f"m:{text}", "phone": f"m:tel {text}"}.get(kind, f"v:{kind}:{text}")


@pytest.mark.parametrize("name", OF_THE_RIVER)
def test_story_ends_well_in_a_run_too(name: str) -> None:
    story = STORIES[name]
    pairs = [
        sorted((_in_the_river(":".join(e.a)), _in_the_river(":".join(e.b or e.a))), key=_rank) for e in story.edges
    ]
    columns = {
        "organization_id": ["o"] * len(pairs), "identifier": [one for one, _ in pairs],
        "linked_identifier": [other for _, other in pairs], "observed_at": [e.at for e in story.edges],
        "tier": [e.tier for e in story.edges], "largest_group": [10_000] * len(pairs),
    }  # fmt: skip
    rows = parts(pa.table({column: pa.chunked_array([values]) for column, values in columns.items()}))[0].to_pylist()
    for (one, day), person in story.whose.items():
        at = START + timedelta(days=day)
        assert _part(rows, _in_the_river(one), at) == _part(rows, _in_the_river(person), at), (one, day)
    people = {person for person in story.whose.values() if person.startswith("user:")}
    assert len({_part(rows, _in_the_river(person), START) for person in people}) == len(people)


def _rank(identifier: str) -> tuple[int, str]:
    return "vum".index(identifier[0]), identifier


def _part(rows: list[dict[str, Any]], name: str, at: datetime) -> str:
    [part] = [
        row["part"]
        for row in rows
        if row["identifier"] == name
        and (row["valid_from"] is None or row["valid_from"] <= at)
        and (row["valid_until"] is None or at < row["valid_until"])
    ]
    return str(part)


def test_persons_keep_their_names_from_run_to_run() -> None:
    """zinggAI/zingg: the id of a cluster changes with every run."""
    edges = [edge("visitor:v1", "user:ann", 1), edge("visitor:v2", "user:bob", 1)]
    more = [edge("visitor:a0", "user:ann", 0), edge("visitor:z9", "email:m9", 0), *reversed(edges)]
    before = tl.resolve_identities(table_of(edges)).identities.to_pylist()
    after = tl.resolve_identities(table_of(more)).identities.to_pylist()
    assert [row for row in before if row not in after] == []
