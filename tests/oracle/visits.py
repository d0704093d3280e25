"""Visits: an event of a visitor belongs to the visit before it, unless more than 30 minutes passed."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.oracle.people import persons
from tests.oracle.world import PAYMENT_HOSTS, Row, World, aware, micros, once

LONGEST_PAUSE = timedelta(minutes=30)
Evidence = tuple[str | None, ...]
_VISITING = {"PAGE_VIEW", "CONVERSION", "CUSTOM", "IDENTIFY"}
_KEPT = (
    "organization_id", "site_id", "event_id", "identifier", "type", "occurred_at", "account_id", "url", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "click_id_names", "campaign_ref", "adset_ref",
    "ad_ref", "user_agent", "device_type", "city", "district",
)  # fmt: skip
_OF_LANDING = ("user_agent", "device_type", "city", "district")
_SHOWN = (
    "organization_id", "site_id", "person_id", "session_id", "occurred_at", "account_id", "referrer_host",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "click_id_names",
    "campaign_ref", "adset_ref", "ad_ref", "user_agent",
)  # fmt: skip


@once
def session_events(world: World) -> list[Row]:
    """The events of every visit, in each visit's order."""
    person_of = persons(world)
    of_visitor: dict[str, list[Row]] = defaultdict(list)
    for event in sorted(world.events, key=_when):
        if event["type"] in _VISITING:
            of_visitor[event["identifier"]].append(event)
    rows = []
    for identifier, events in of_visitor.items():
        starts = [events[0]["occurred_at"]]
        for before, event in pairwise(events):
            has_paused = event["occurred_at"] - before["occurred_at"] > LONGEST_PAUSE
            starts.append(event["occurred_at"] if has_paused else starts[-1])
        rows += [
            {name: event[name] for name in _KEPT}
            | {
                "person_id": person_of[identifier],
                "session_id": f"{world.name}/{identifier}/{micros(start)}",
                "session_started_at": start,
                "referrer_host": _foreign_referrer(world, event),
            }
            for event, start in zip(events, starts, strict=True)
        ]
    return rows


def sessions(world: World) -> list[Row]:
    """One row a visit; its landing is its first page view, and its site the first by name of those it touches."""
    rows = []
    for session_id, events in _by_session(world).items():
        pages = [event for event in events if event["type"] == "PAGE_VIEW"]
        started_at, site_id = events[0]["occurred_at"], min(event["site_id"] for event in events)
        rows.append(
            {
                **{name: events[0][name] for name in ("organization_id", "person_id", "identifier")},
                "site_id": site_id,
                "session_id": session_id,
                "started_at": started_at,
                "ended_at": events[-1]["occurred_at"],
                "started_date": local_date(world, site_id, started_at),
                "event_count": len(events),
                "page_view_count": len(pages),
                "landing_url": pages[0]["url"] if pages else None,
                **{name: pages[0][name] if pages else None for name in _OF_LANDING},
            }
        )
    return rows


@once
def touchpoints(world: World) -> list[Row]:
    """Landings, and later page views with a source that the visit has not shown yet.

    ``evidence`` stands for the engine's ``evidence_id``, whose spelling means nothing.
    """
    touches: list[tuple[Row, Evidence, bool]] = []
    for events in _by_session(world).values():
        shown: set[Evidence] = set()
        pages = [event for event in events if event["type"] == "PAGE_VIEW"]
        for number, page in enumerate(pages):
            evidence: Evidence = (
                page["utm_source"], page["utm_medium"], page["utm_campaign"] and page["utm_campaign"].lower(),
                page["click_id_names"], page["referrer_host"],
            )  # fmt: skip
            if number == 0 or (any(evidence) and evidence not in shown):
                touches.append((page, evidence, number == 0))
            shown.add(evidence)
    return [_touchpoint(world, page, evidence, is_landing, touches) for page, evidence, is_landing in touches]


def _touchpoint(
    world: World,
    page: Row,
    evidence: Evidence,
    is_landing: bool,
    touches: list[tuple[Row, Evidence, bool]],
) -> Row:
    has_past_click = any(
        other["person_id"] == page["person_id"]
        and "gclid" in (other["click_id_names"] or "").split(",")
        and other["occurred_at"] < page["session_started_at"]
        for other, _, _ in touches
    )
    return {name: page[name] for name in _SHOWN} | {
        "touchpoint_id": f"{page['site_id']}:{page['event_id']}",
        "evidence": (*evidence, has_past_click),
        "touch_date": local_date(world, page["site_id"], page["occurred_at"]),
        "is_landing": is_landing,
        "has_past_click": has_past_click,
        "landing_url": page["url"],
    }


def local_date(world: World, site_id: str, time: datetime) -> object:
    """The date on a wall calendar where the site is."""
    zone = next(site["time_zone"] for site in world.sites if site["site_id"] == site_id)
    return aware(time).astimezone(ZoneInfo(zone)).date()


def _foreign_referrer(world: World, event: Row) -> str | None:
    """Who sent the visitor; coming from the site itself or back from paying is not being sent."""
    own = {event["page_domain"], *(site["domain"] for site in world.sites if site["site_id"] == event["site_id"])}
    is_own = event["referrer_domain"] is not None and event["referrer_domain"] in own
    return None if is_own or event["referrer_domain"] in PAYMENT_HOSTS else event["referrer_host"]


def _by_session(world: World) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for event in sorted(session_events(world), key=_when):
        found[event["session_id"]].append(event)
    return found


def _when(event: Row) -> tuple[datetime, str, str]:
    return event["occurred_at"], event["event_id"], event["site_id"]
