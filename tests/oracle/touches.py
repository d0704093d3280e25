"""Touches: what each session shows of where its visitor came from, and from when on that counts."""

from datetime import datetime

from tests.oracle.hits import DETAILS, Hit, hits_of
from tests.oracle.orders import conversions
from tests.oracle.people import identities
from tests.oracle.visits import by_session, local_date, tolerance
from tests.oracle.world import APP_BROWSERS, Row, World, once

Evidence = tuple[str | None, ...]
_SHOWN = (
    "organization_id", "site_id", "person_id", "session_id", "occurred_at", "account_id", "referrer_host",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "click_id_names",
    "click_ids", "campaign_ref", "adset_ref", "ad_ref", "user_agent", "is_landing",
)  # fmt: skip


_OF_RICHEST = (
    "account_id", "url", "utm_source", "utm_medium", "utm_campaign", "click_id_names", "click_ids", "user_agent",
)  # fmt: skip


@once
def touchpoints(world: World) -> list[Row]:
    """Landings, and other events with tags, or without tags with a referrer, that the session has not shown yet.

    One click is one touch: its first hit, with what its richest hit says, and the others where that one is silent.
    ``evidence`` stands for the engine's ``evidence_id``, whose spelling means nothing.
    """
    touches = [_standing(hit, same) for _, hit, same, outcome in _judged(world) if outcome == "touch"]
    return [_touchpoint(world, event, evidence, touches) for event, evidence in touches]


def source_hits(world: World) -> list[Row]:
    """What became of each hit of the sessions that have several."""
    return [
        {name: hit.event[name] for name in ("organization_id", "site_id", "person_id", "session_id", "event_id")}
        | {
            "occurred_at": hit.event["occurred_at"],
            "rich_site_id": same[0].event["site_id"],
            "rich_event_id": same[0].event["event_id"],
            "referrer_host": same[0].event["referrer_host"] or hit.referrer,
            "has_marks": any(hit.click),
            "outcome": outcome,
        }
        | (_details(same) if any(hit.click) else dict.fromkeys(DETAILS))
        for hits, hit, same, outcome in _judged(world)
        if len(hits) > 1
    ]


@once
def _judged(world: World) -> list[tuple[list[Hit], Hit, list[Hit], str]]:
    """The hits of each session, each of them, those of its click, the richest first, and what becomes of it."""
    found = []
    for events in by_session(world).values():
        hits = hits_of(world, events)
        for number, hit in enumerate(hits):
            before = hits[:number]
            same = [one for one in hits if one.click == hit.click] if any(hit.click) else [hit]
            has_marks = any(hit.click)
            is_known = any(one.click == hit.click if has_marks else one.referrer == hit.referrer for one in before)
            is_weaker = any(one.strength > hit.strength for one in before)
            outcome = "shown_before" if is_known else "weaker_source" if is_weaker else "touch"
            found.append((hits, hit, _richest_first(same), "touch" if hit.event["is_landing"] else outcome))
    return found


def _richest_first(same: list[Hit]) -> list[Hit]:
    """Of the hits of one click, first those that show its tags and ids, and of these the ones with the most besides."""
    return sorted(same, key=lambda one: (one.marks != one.click, not one.is_fullest, -one.details, one.order))


def _details(same: list[Hit]) -> Row:
    """Each further parameter as the richest hit that has it says it; one that shows no mark has none of the click's."""
    return {
        name: next((one.event[name] for one in same if any(one.marks) and one.event[name] is not None), None)
        for name in DETAILS
    }


def _standing(hit: Hit, same: list[Hit]) -> tuple[Row, Evidence]:
    """A touch has the place of its first hit, and the marks of its richest one."""
    rich = same[0]
    details = _details(same) if any(hit.click) else {name: rich.event[name] for name in DETAILS}
    said = {name: rich.event[name] for name in _OF_RICHEST} | details
    if not any(hit.click):
        said |= {"utm_source": None, "utm_medium": None}
    referrer = rich.event["referrer_host"] or hit.referrer
    campaign = said["utm_campaign"] and said["utm_campaign"].lower()
    evidence = (said["utm_source"], said["utm_medium"], campaign, said["click_id_names"], referrer)
    return hit.event | said | {"referrer_host": referrer}, evidence


def _app(event: Row, evidence: Evidence) -> str | None:
    """The app that opened the page, where nothing else tells."""
    agent = event["user_agent"] or ""
    return None if any(evidence) else next((source for pattern, source in APP_BROWSERS if pattern in agent), None)


def _tiers(world: World) -> dict[str, str]:
    """By name, its tier."""
    return {row["identifier"]: row["tier"] for row in identities(world)}


@once
def _proven(world: World) -> set[str]:
    """The persons of whom something better than a page shows a name."""
    return {row["person_id"] for row in identities(world) if row["tier"] not in {"claimed_by_browser", "unresolved"}}


def _touchpoint(world: World, event: Row, evidence: Evidence, touches: list[tuple[Row, Evidence]]) -> Row:
    has_past_click = any(
        other["person_id"] == event["person_id"]
        and "gclid" in (other["click_id_names"] or "").split(",")
        and other["occurred_at"] < event["session_started_at"]
        for other, _ in touches
    )
    tier = _tiers(world)[event["identifier"]]
    return {name: event[name] for name in _SHOWN} | {
        "touchpoint_id": f"{event['site_id']}:{event['event_id']}",
        "evidence": (*evidence, has_past_click, _app(event, evidence)),
        "app": _app(event, evidence),
        "counted_at": _counted_at(world, event),
        "touch_date": local_date(world, event["site_id"], event["occurred_at"]),
        "has_past_click": has_past_click,
        "landing_url": event["url"],
        "identity_tier": tier,
        "is_claimed": tier == "claimed_by_browser" and event["person_id"] in _proven(world),
    }


def _counted_at(world: World, touch: Row) -> datetime:
    """A touch hardly later than a conversion of its session happened at the conversion's moment."""
    until: datetime = touch["occurred_at"]
    sold = [
        row["occurred_at"]
        for row in conversions(world)
        if row["session_id"] == touch["session_id"] and row["is_counted"]
    ]
    return min([time for time in sold if until - tolerance(world) <= time <= until], default=until)
