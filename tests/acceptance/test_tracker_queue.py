"""The tracker's queue beside a plain model of it: whatever servers answer, each event arrives once, or never again."""

import json
from dataclasses import dataclass, field
from random import Random

import pytest
from playwright.sync_api import Page, Route

from tests.acceptance.conftest import World, kept
from tests.acceptance.test_tracker import refuse

KEPT, DROPPED = (0, 429, 500, 503), (400, 403)
"""Answers after which an event is sent again, of which 0 is none at all, and answers after which it is not."""


@dataclass
class Queue:
    """The model: what was said, and what became of it."""

    said: int = 0
    arrived: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    status: int = 200
    asked: int = 0

    @property
    def waiting(self) -> int:
        """How many events are still to arrive."""
        return self.said - len(self.arrived) - len(self.dropped)

    def answer(self, route: Route) -> None:
        """Answers a request as the server that the test plays, and notes what that means for its events."""
        self.asked += 1
        names = {event["eventId"] for event in json.loads(route.request.post_data or "")["events"]}
        if self.status == 200:
            self.arrived |= names
            route.continue_()
        elif self.status:
            self.dropped |= (names - self.arrived) if self.status in DROPPED else set()
            refuse(route, self.status)
        else:
            route.abort()


def queued(page: Page) -> set[str]:
    return {name.removeprefix("tl_q") for name in kept(page) if name.startswith("tl_q")}


def say(page: Page, queue: Queue, count: int) -> None:
    queue.said += count
    page.evaluate("count => { for (let i = 0; i < count; i++) touchline('event', 'said') }", count)


def settle(world: World, page: Page, queue: Queue) -> None:
    """Let the page send once at least if anything waits, and what is answered be heeded."""
    asked, waited = queue.asked, queue.waiting
    if waited:
        page.evaluate("window.dispatchEvent(new Event('online'))")
        world.eventually(lambda: queue.asked > asked)
    is_final = queue.status not in KEPT
    world.eventually(lambda: len(queued(page)) == queue.waiting and not (is_final and queue.waiting))
    assert not queued(page) & (queue.arrived | queue.dropped)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_each_event_arrives_once_unless_it_was_refused_for_good(world: World, seed: int) -> None:
    chance, queue = Random(seed), Queue()
    context = world.visitor()
    context.route("**/api/track", queue.answer)
    page = world.opened_in(context)
    page.wait_for_function("window.touchline.loaded")
    queue.said += 1
    settle(world, page, queue)
    for status in chance.sample([*KEPT, *DROPPED, 200], 4):
        queue.status = status
        say(page, queue, chance.randrange(1, 4))
        settle(world, page, queue)
        # What a page sends when it goes, the browser does not show to the test: it goes where nothing waits.
        if not queue.waiting and chance.random() < 0.5:
            page.goto(world.pages.url(f"/{status}"))
            page.wait_for_function("window.touchline.loaded")
            queue.said += 1
            settle(world, page, queue)
    queue.status = 200
    settle(world, page, queue)
    assert queue.arrived & queue.dropped == set()
    found = world.settled(len(queue.arrived))
    assert {event["event_id"] for event in found} == queue.arrived
    assert len(queue.arrived) + len(queue.dropped) == queue.said


@pytest.mark.slow
@pytest.mark.parametrize("status", KEPT)
def test_nothing_that_waits_goes_out_once_its_visitor_refused(world: World, status: int) -> None:
    """What failed before is on its way to be sent again when somebody refuses; a view of the refusal may follow."""
    queue = Queue()
    context = world.visitor()
    context.route("**/api/track", queue.answer)
    page = world.opened_in(context)
    world.wait(1)
    world.eventually(lambda: not queued(page))
    bodies: list[str] = []
    queue.status = status
    say(page, queue, 3)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    world.eventually(lambda: queue.asked >= 2)
    assert len(queued(page)) == 3
    page.evaluate("touchline('consent', 'denied')")
    assert kept(page) == {}
    context.on("request", lambda request: bodies.append(request.post_data or ""))
    queue.status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    world.rest(2.5)
    page.goto(world.pages.url("/next"))
    world.eventually(world.rejected)
    assert [body for body in bodies if '"said"' in body] == []
    assert len(world.events()) == 1
