"""Sessions: an event of a visitor belongs to the visit before it, unless more than 30 minutes passed."""

from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.people import persons
from tests.oracle.world import DETOUR_PATTERNS, DETOURS, Row, World, aware, micros, once

_VISITING = {"PAGE_VIEW", "CONVERSION", "CUSTOM", "IDENTIFY"}
_MARKS = ("utm_source", "utm_medium", "utm_campaign", "click_id_names")
_SHOWS_A_VISIT = ("url", "user_agent", "referrer_host", *_MARKS)
_KEPT = (
    "organization_id", "site_id", "event_id", "identifier", "type", "occurred_at", "account_id", "url", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "click_id_names", "click_ids", "campaign_ref",
    "adset_ref", "ad_ref", "user_agent", "device_type", "city", "district", "tags_from",
)  # fmt: skip
_OF_CAMPAIGN = (*_MARKS, "click_ids", "utm_term", "utm_content", "utm_id", "campaign_ref", "adset_ref", "ad_ref")
_PLACE = ("city", "district")


def tolerance(world: World) -> timedelta:
    """How far the clocks of one session may be apart."""
    return timedelta(seconds=world.organization["clock_tolerance_seconds"])


def longest_pause(world: World) -> timedelta:
    """How long a session goes on without a visit."""
    return timedelta(minutes=world.organization["session_gap_minutes"])


def _began(world: World, event: Row, before: list[Row]) -> str | None:
    """Why a visit begins a session, of the visits before it; ``None`` if it begins none."""
    is_matomo = world.organization["session_policy"] == "matomo"
    return _paused(world, event, before) or (
        "campaign" if is_matomo and _is_new_campaign(world, event, before) else None
    )


def _paused(world: World, event: Row, before: list[Row]) -> str | None:
    """Why a visit begins a session whatever it shows."""
    if not before:
        return "first_visit"
    if event["occurred_at"] - before[-1]["occurred_at"] > longest_pause(world):
        return "pause"
    policy = world.organization["session_policy"]
    letters = {"ga4": 0, "matomo": 10, "seed": 7}[policy]
    if _day(world, event)[:letters] > max(_day(world, one)[:letters] for one in before):
        return "month" if policy == "seed" else "midnight"
    return None


def _is_new_campaign(world: World, event: Row, before: list[Row]) -> bool:
    """Whether a visit shows another campaign than its session, which has shown a source, and not only just now."""
    pauses = [n for n in range(len(before)) if _paused(world, before[n], before[:n])]
    known = [(one, before[:n]) for n, one in enumerate(before)]
    outside = [one for one, earlier in known if _is_from_outside(world, one, earlier)]
    clicks = [shown(one)[3] for one in outside if shown(one)[3]]
    sources = [one for one in before[pauses[-1] :] if one in outside and _shows_source(world, one)]
    campaigns = [shown(one)[:3] for one in sources if _names_somebody(one)]
    if not sources or not _names_somebody(event) or not _is_from_outside(world, event, before):
        return False
    if clicks and clicks[-1] == shown(event)[3]:
        return False
    is_at_once = event["occurred_at"] - sources[-1]["occurred_at"] <= tolerance(world)
    if not campaigns:
        return not is_at_once
    pairs = list(zip(campaigns[-1], shown(event)[:3], strict=True))
    is_part = all(one == other or not one or not other for one, other in pairs)
    return campaigns[-1] != shown(event)[:3] and not (is_at_once and is_part)


def _is_from_outside(world: World, event: Row, before: list[Row]) -> bool:
    return not is_from_the_site(world, event) and not _is_own_link(world, event, before[-1] if before else None)


def _shows_source(world: World, event: Row) -> bool:
    is_clicked = event["click_id_names"] is not None
    return _names_somebody(event) or is_clicked or _foreign_referrer(world, event) is not None


def _names_somebody(event: Row) -> bool:
    """Whether its tags say more than that nobody sent the visitor."""
    source, medium, campaign, _ = shown(event)
    return source not in {"", "(direct)", "direct"} or medium not in {"", "(none)", "none"} or bool(campaign)


def _day(world: World, event: Row) -> str:
    return str(local_date(world, event["site_id"], event["occurred_at"]))


def has_marks(event: Row) -> bool:
    """Whether it shows a click id, or tags that name somebody."""
    return event["click_id_names"] is not None or _names_somebody(event)


def shown(event: Row) -> tuple[str, str, str, str]:
    """Source, medium, campaign and the click ids, which are their names where nobody said their values."""
    clicks = event["click_ids"] or event["click_id_names"] or ""
    return event["utm_source"] or "", event["utm_medium"] or "", (event["utm_campaign"] or "").lower(), clicks


@once
def session_events(world: World) -> list[Row]:
    """The events of every session, in each session's order."""
    person_of = persons(world)
    of_visitor: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for event in sorted(world.events, key=when):
        if event["type"] in _VISITING:
            of_visitor[event["identifier"], person_of(event)].append(event)
    rows = []
    for (identifier, person_id), events in of_visitor.items():
        visits = [event for event in events if _is_visit(event)]
        before = {key_of(e): _visit_before(visits, e) for e in events}
        began = {key_of(e): _began(world, e, visits[:n]) for n, e in enumerate(visits)}
        for (start, part), together in _parts_of(world, _sessions_of(world, events)).items():
            whole = sorted(together, key=lambda event: _place(world, start, part, event))
            first = min(event["occurred_at"] for event in together if _is_visit(event)) if part else start
            began |= {key_of(whole[0]): "cap"} if part else {}
            own_links = [e for e in together if _is_own_link(world, e, before[key_of(e)])]
            own_links += [e for n, e in enumerate(whole) if e["tags_from"] and _is_shown(world, e, whole[:n], before)]
            rows += [
                {name: event[name] for name in _KEPT}
                | (dict.fromkeys(_OF_CAMPAIGN) if event in own_links else {})
                | {
                    "is_own_link": event in own_links,
                    "is_inner": is_from_the_site(world, event),
                    "uncredited_because": _uncredited(world, event, before[key_of(event)]),
                    "person_id": person_id,
                    "session_id": f"{world.name}/{identifier}/{micros(first)}",
                    "session_started_at": first,
                    "is_visit": _is_visit(event),
                    "started_because": began.get(key_of(event)),
                    "is_landing": event is whole[0],
                    "referrer_host": _foreign_referrer(world, event),
                }
                for event in together
            ]
    return rows


def _sessions_of(world: World, events: list[Row]) -> dict[datetime, list[Row]]:
    """A visitor's sessions by their start: visits without a long pause, and what a server said meanwhile."""
    visits = [event for event in events if _is_visit(event)]
    found: dict[datetime, list[Row]] = {}
    for number, event in enumerate(visits):
        is_new = _began(world, event, visits[:number]) is not None
        found.setdefault(event["occurred_at"] if is_new else max(found), []).append(event)
    starts = sorted(found)
    for event in events:
        if not _is_visit(event):
            pause = longest_pause(world)
            going_on = [
                s for s in starts
                if when(found[s][0]) < when(event) and event["occurred_at"] <= _last_visit(found[s], event) + pause
            ]  # fmt: skip
            about_to = [s for s in starts if event["occurred_at"] <= s <= event["occurred_at"] + tolerance(world)]
            if going_on or about_to:
                found[max(going_on, default=None) or min(about_to)].append(event)
    return {start: sorted(together, key=when) for start, together in found.items()}


def _last_visit(together: list[Row], event: Row) -> datetime:
    """When somebody was there for the last time before the event, of which there is one."""
    times: list[datetime] = [v["occurred_at"] for v in together if _is_visit(v) and when(v) < when(event)]
    return max(times)


def _parts_of(world: World, wholes: dict[datetime, list[Row]]) -> dict[tuple[datetime, int], list[Row]]:
    """Sessions cut by the cap: whenever its hours are over since the whole began, the next visit begins a part."""
    cap = timedelta(hours=world.organization["session_cap_hours"])
    found: dict[tuple[datetime, int], list[Row]] = defaultdict(list)
    for start, together in wholes.items():
        for event in together:
            visits = [one for one in together if _is_visit(one) and when(one) <= when(event)]
            age = max([visits[-1]["occurred_at"] - start, timedelta(0)]) if visits else timedelta(0)
            found[start, -(-age // cap) - 1 if cap and age else 0].append(event)
    return found


def _place(world: World, start: datetime, part: int, event: Row) -> tuple[int, tuple[datetime, str, str]]:
    """The landing is the first: a page view stamped hardly later than the first event, else the first event."""
    is_early = event["type"] == "PAGE_VIEW" and event["occurred_at"] <= start + tolerance(world)
    return (2 if not _is_visit(event) else 0 if is_early and not part else 1), when(event)


def _visit_before(visits: list[Row], event: Row) -> Row | None:
    """The visitor's last visit before the event."""
    return next((one for one in reversed(visits) if when(one) < when(event)), None)


def _is_shown(world: World, event: Row, before: list[Row], visit_before: dict[tuple[str, str], Row | None]) -> bool:
    """Whether tags that a referrer's address names need not be believed.

    The page that had them was recorded, or the session has shown other tags before.
    """
    tagged = [one for one in before if has_marks(one) and not one["tags_from"]]
    recorded = [
        one for one in world.events
        if one["identifier"] == event["identifier"] and not one["tags_from"] and shown(one) == shown(event)
        and one["occurred_at"] <= event["occurred_at"]
    ]  # fmt: skip
    return bool(recorded or [one for one in tagged if not _is_own_link(world, one, visit_before[key_of(one)])])


def _uncredited(world: World, event: Row, visit_before: Row | None) -> str | None:
    """Why what an event shows brings nobody."""
    if not _is_visit(event):
        return None
    if is_from_the_site(world, event):
        return "own_link" if _is_own_link(world, event, visit_before) and has_marks(event) else None
    return _detour(world, event)


def _detour(world: World, event: Row) -> str | None:
    named = {event["referrer_domain"], event["referrer_host"]}
    if named & {*world.ignored.get(event["site_id"], ())}:
        return "ignored_referrer"
    called, host, domain = _called_as(event), event["referrer_host"], event["referrer_domain"]
    if host != domain and host in DETOURS:
        return DETOURS[host]
    return None if called == "none" else DETOURS.get(domain) or called


def _called_as(event: Row) -> str | None:
    """The kind of detour that the referrer's host is called as; ``none`` where it says that it is no detour."""
    host, domain = event["referrer_host"], event["referrer_domain"]
    if host is None or domain is None:
        return None
    labels = host.removesuffix(domain).split(".")
    kinds = {kind for kind, label, end in DETOUR_PATTERNS if label in labels and domain.endswith(end)}
    return "none" if "none" in kinds else min(kinds, default=None)


def _is_visit(event: Row) -> bool:
    """Whether somebody was there: a server says what it knows without a page, a browser and where it came from."""
    is_silent = all(event[name] is None for name in _SHOWS_A_VISIT)
    return event["type"] == "PAGE_VIEW" or not event["is_verified"] or not is_silent


def sessions(world: World) -> list[Row]:
    """One row a session; its site is the first by name of those it touches."""
    rows = []
    for session_id, events in by_session(world).items():
        landing = next(event for event in events if event["is_landing"])
        started_at, site_id = landing["session_started_at"], min(event["site_id"] for event in events)
        rows.append(
            {
                **{name: landing[name] for name in ("organization_id", "person_id", "identifier", "user_agent")},
                **_first_said(events, landing),
                "site_id": site_id,
                "session_id": session_id,
                "started_at": started_at,
                "ended_at": events[-1]["occurred_at"],
                "started_date": local_date(world, site_id, started_at),
                "event_count": len(events),
                "page_view_count": sum(event["type"] == "PAGE_VIEW" for event in events),
                "landing_url": landing["url"],
                "started_because": min(e["started_because"] for e in events if e["started_because"]),
            }
        )
    return rows


def _first_said(events: list[Row], landing: Row) -> Row:
    """The device and the place as the landing says them, else as the first event of the session that does.

    A browser's name says the device, too: only an event of the session's first moment is believed more.
    """
    others = [event for event in events if event is not landing]
    is_named = landing["user_agent"] is not None
    early = [e for e in others if not is_named or e["occurred_at"] == landing["session_started_at"]]
    placed = [e for e in [landing, *others] if any(e[name] is not None for name in _PLACE)]
    devices = (e["device_type"] for e in [landing, *early] if e["device_type"] is not None)
    return {"device_type": next(devices, None), **{name: (placed or [landing])[0][name] for name in _PLACE}}


def local_date(world: World, site_id: str, time: datetime) -> object:
    """The date on a wall calendar where the site is."""
    zone = next(site["time_zone"] for site in world.sites if site["site_id"] == site_id)
    return aware(time).astimezone(ZoneInfo(zone)).date()


def _foreign_referrer(world: World, event: Row) -> str | None:
    """Who sent the visitor; coming from the site itself, or back from paying or signing in, is not being sent."""
    is_detour = _detour(world, event) is not None
    return None if is_from_the_site(world, event) or is_detour else event["referrer_host"]


def is_from_the_site(world: World, event: Row) -> bool:
    """Whether the referrer is a page of the site's own."""
    own = {event["page_domain"], *(site["domain"] for site in world.sites if site["site_id"] == event["site_id"])}
    return event["referrer_domain"] is not None and event["referrer_domain"] in own


def _is_own_link(world: World, event: Row, visit_before: Row | None) -> bool:
    """Whether somebody followed a link of the site's own, or came back from paying or signing in: nobody brought them.

    The first that is known of a visitor may be the second page of a landing that nobody recorded, a click id is no
    link of the site's own, and a page that pays may send visitors as well, if they were not on the site just before.
    """
    if visit_before is None or event["click_id_names"] is not None:
        return False
    if is_from_the_site(world, event):
        return event["tags_from"] is None
    is_going_on = event["occurred_at"] - visit_before["occurred_at"] <= longest_pause(world)
    return is_going_on and _detour(world, event) is not None


def key_of(event: Row) -> tuple[str, str]:
    """By what an event is known."""
    return event["site_id"], event["event_id"]


def by_session(world: World) -> dict[str, list[Row]]:
    """The events of each session, in order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for event in sorted(session_events(world), key=when):
        found[event["session_id"]].append(event)
    return found


def when(event: Row) -> tuple[datetime, str, str]:
    """By what events are put into order."""
    return event["occurred_at"], event["event_id"], event["site_id"]
