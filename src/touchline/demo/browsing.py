"""What the browsers and the crawlers send: page views, who is there, sign-ups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from touchline.demo.days import SECOND, Days, Flags, Ints
from touchline.demo.landings import landing_marks
from touchline.demo.names import event_names, hex_names, stamps
from touchline.demo.pages import ACCOUNT_PAGE, CRAWLERS, PAGES, SITE, Page
from touchline.demo.plan import SIGNUP
from touchline.demo.wire import Batch, WireEvent
from touchline.demo.world import World
from touchline.ingest.event import EventType

_SURVIVING = 0.04
"""Share of page views that are recorded on the day on which the tag fails."""


@dataclass(frozen=True)
class Visitors:
    """Who makes each visit, on the wire's words; one entry per visit, but for the queries and referrers of landings."""

    anon_ids: Sequence[str]
    session_ids: Sequence[str]
    user_agents: Sequence[str]
    user_ids: Sequence[str | None]
    email_hashes: Sequence[str | None]
    account_ids: Sequence[str | None]
    queries: Sequence[str]
    referrers: Sequence[str | None]


def visitors_of(chance: np.random.Generator, world: World) -> Visitors:
    """The words for every visit of the world."""
    people, visitor, person = world.people, world.people.visitor_of_visit.tolist(), world.visits.person.tolist()
    queries, referrers = landing_marks(chance, world.visits)
    return Visitors(
        [people.visitor_ids[number] for number in visitor],
        hex_names(chance, len(visitor), 16),
        [people.user_agents[number] for number in visitor],
        [people.user_ids[number] for number in person],
        [people.email_hashes[number] for number in person],
        [people.account_ids[number] for number in person],
        queries,
        referrers,
    )


def page_views(chance: np.random.Generator, world: World, visitors: Visitors) -> Batch:
    """The page views that are recorded.

    On the broken day that is one in twenty-five, without query and referrer.
    """
    views = world.views
    kept = np.flatnonzero(_recorded(chance, world.days, views.at))
    is_broken = world.days.is_broken(views.at[kept])
    previous = np.concatenate([[0], views.page[:-1]])
    columns = zip(
        event_names(chance, len(kept)),
        stamps(views.at[kept]),
        views.visit[kept].tolist(),
        views.position[kept].tolist(),
        views.page[kept].tolist(),
        previous[kept].tolist(),
        is_broken.tolist(),
        world.people.identifies[views.visit[kept]].tolist(),
        strict=True,
    )
    events = [
        WireEvent(
            event_id=name,
            type=EventType.PAGE_VIEW,
            url=f"{SITE}{PAGES[page].path}{visitors.queries[visit] if position == 0 and not broken else ''}",
            path=PAGES[page].path,
            referrer=None if broken else visitors.referrers[visit] if position == 0 else SITE + PAGES[before].path,
            title=PAGES[page].title,
            occurred_at=at,
            anon_id=visitors.anon_ids[visit],
            session_id=visitors.session_ids[visit],
            user_id=visitors.user_ids[visit] if identifies and position > 0 else None,
            user_agent=visitors.user_agents[visit],
        )
        for name, at, visit, position, page, before, broken, identifies in columns
    ]
    return Batch(views.at[kept], events)


def identifications(chance: np.random.Generator, world: World, visitors: Visitors) -> Batch:
    """People saying who they are, soon after the visit begins."""
    visit = np.flatnonzero(world.people.identifies)
    at = world.visits.started_at[visit] + chance.integers(2, 50, len(visit)) * SECOND
    return _on_page(chance, ACCOUNT_PAGE, visitors, EventType.IDENTIFY, None, (visit, at))


def sign_ups(chance: np.random.Generator, world: World, visitors: Visitors) -> Batch:
    """Sign-ups, at the end of their visit."""
    visit = np.flatnonzero(world.outcomes.signed_up)
    at = world.views.ended_at[visit] + chance.integers(100, 200, len(visit)) * SECOND
    return _on_page(chance, ACCOUNT_PAGE, visitors, EventType.CUSTOM, SIGNUP.event_name, (visit, at))


def _on_page(
    chance: np.random.Generator,
    page: Page,
    visitors: Visitors,
    kind: EventType,
    name: str | None,
    when: tuple[Ints, Ints],
) -> Batch:
    """Events of known people in their browser; ``when`` is visits and times."""
    visits, times = when
    columns = zip(event_names(chance, len(visits)), stamps(times), visits.tolist(), strict=True)
    events = [
        WireEvent(
            event_id=event_id,
            type=kind,
            name=name,
            url=SITE + page.path,
            path=page.path,
            title=page.title,
            occurred_at=at,
            anon_id=visitors.anon_ids[visit],
            session_id=visitors.session_ids[visit],
            user_id=visitors.user_ids[visit],
            email_hash=visitors.email_hashes[visit],
            account_id=visitors.account_ids[visit],
            user_agent=visitors.user_agents[visit],
        )
        for event_id, at, visit in columns
    ]
    return Batch(times, events)


def crawls(chance: np.random.Generator, days: Days, count: int) -> Batch:
    """About ``count`` page views of crawlers, which the broken tag does not record either."""
    times = chance.integers(days.start, days.end, count)
    times = times[_recorded(chance, days, times)]
    count = len(times)
    columns = zip(
        event_names(chance, count),
        stamps(times),
        hex_names(chance, count, 20),
        chance.integers(0, len(PAGES), count).tolist(),
        chance.integers(0, len(CRAWLERS), count).tolist(),
        strict=True,
    )
    events = [
        WireEvent(
            event_id=name,
            type=EventType.PAGE_VIEW,
            url=SITE + PAGES[page].path,
            path=PAGES[page].path,
            title=PAGES[page].title,
            occurred_at=at,
            anon_id=visitor,
            user_agent=CRAWLERS[crawler],
        )
        for name, at, visitor, page, crawler in columns
    ]
    return Batch(times, events)


def _recorded(chance: np.random.Generator, days: Days, times: Ints) -> Flags:
    """Whether a page view at each time is recorded: always, but for the day on which the tag fails."""
    return ~days.is_broken(times) | (chance.random(len(times)) < _SURVIVING)
