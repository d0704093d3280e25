"""The tracker's limits, each from both sides: how much waits, how long an id or a landing counts, what is sent."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.acceptance.conftest import World, cookies, kept
from tests.acceptance.test_tracker import LANDING, bodies_of, linked, queued, refuse, views

DAY = 86_400_000
MOST_WAITING = 500
LOADED = "window.touchline.loaded"


def still_clock(context: BrowserContext, milliseconds: int) -> None:
    """Let it be that time, and stay it, in pages that the context opens: how long they take counts for nothing."""
    context.add_init_script(f"Date.now = () => {milliseconds}")


def ready(world: World, context: BrowserContext, path: str = "/") -> Page:
    """A page of the context whose tracker is at work."""
    page = context.new_page()
    page.goto(world.pages.url(path))
    page.wait_for_function(LOADED)
    return page


@pytest.mark.parametrize(("days", "is_evidence"), [(29, True), (31, False)])
def test_a_landing_is_evidence_for_thirty_days(world: World, days: int, is_evidence: bool) -> None:
    page = ready(world, world.visitor(), LANDING)
    world.wait(1)
    at = f"Date.now() - {days * DAY}"
    page.evaluate(f"localStorage.tl_touch = JSON.stringify({{...JSON.parse(localStorage.tl_touch), at: {at}}})")
    page.evaluate("touchline('conversion', {orderId: 'A1', properties: {tier: 'b'}})")
    *_, sale = world.wait(2)
    assert ("landing" in json.loads(sale["properties"])) == is_evidence


def test_marks_count_in_any_case_and_up_to_a_length(world: World) -> None:
    page = ready(world, world.visitor(), f"/?UTM_Source=News&utm_campaign={'c' * 511}&utm_term={'t' * 512}&color=red")
    marks = json.loads(kept(page)["tl_touch"])["marks"]
    assert marks == {"utm_source": "News", "utm_campaign": "c" * 511}


def test_each_new_landing_replaces_the_one_before(world: World) -> None:
    world.pages.write(world.tag({"spa": "query"}))
    page = ready(world, world.visitor(), "/?utm_source=first")
    for path in ("/?utm_source=second", "/?utm_source=second", "/?utm_source=first"):
        page.evaluate("path => history.pushState({}, '', path + '&page=' + Math.random())", path)
    found = [url.split("&")[0] for url, _ in views(world.settled(4))]
    assert [("first" in url, "second" in url) for url in found] == [
        (True, False), (False, True), (False, False), (True, False),
    ]  # fmt: skip


def test_no_more_than_five_hundred_events_wait(world: World) -> None:
    """The oldest stay: what a browser keeps is bounded, whatever a page says while no server answers."""
    context = world.visitor()
    context.route("**/api/track", lambda route: route.abort())
    page = ready(world, context)
    page.evaluate("for (let i = 0; i < 600; i++) touchline('event', 'n' + i)")
    assert len(queued(page)) == MOST_WAITING
    waiting = "".join(kept(page).values())
    assert '"n498"' in waiting
    assert '"n499"' not in waiting


def test_no_more_than_five_hundred_events_wait_for_consent(world: World) -> None:
    world.pages.write(world.tag({"consent": "required"}), path="/asked")
    page = ready(world, world.visitor(), "/asked")
    page.evaluate("for (let i = 0; i < 600; i++) touchline('event', 'n' + i)")
    page.evaluate("touchline('consent', 'granted')")
    found = world.settled(MOST_WAITING)
    assert [found[0]["type"], found[-1]["name"]] == ["PAGE_VIEW", "n498"]


def test_what_leaves_with_a_page_fits_into_requests_that_outlive_it(world: World) -> None:
    """Browsers let 64 KiB at most outlive their page, for all requests of it; each stays well below."""
    context = world.visitor(is_hurried=False)
    bodies: list[str] = []
    context.on("request", lambda request: bodies.extend(bodies_of(request)))
    page = ready(world, context)
    page.evaluate("for (let i = 0; i < 50; i++) touchline('event', 'n' + i, {text: 'x'.repeat(700)})")
    hide = "Object.defineProperty(document, 'visibilityState', {get: () => 'hidden'})"
    page.evaluate(f"{hide}; document.dispatchEvent(new Event('visibilitychange'))")
    world.wait(51)
    assert max(len(body) for body in bodies) < 22_000
    assert len(bodies) > 2


@pytest.mark.parametrize(("minutes", "is_same"), [(29, True), (31, False)])
@pytest.mark.parametrize("has_cookies", [True, False])
def test_a_visit_ends_after_half_an_hour_of_rest(world: World, minutes: int, is_same: bool, has_cookies: bool) -> None:
    """With cookies the browser ends it, which the test does here; without them the page counts itself."""
    context = world.visitor()
    if not has_cookies:
        context.add_init_script("Object.defineProperty(document, 'cookie', {get: () => '', set: () => {}})")
    page = ready(world, context)
    world.wait(1)
    if has_cookies and not is_same:
        context.clear_cookies(name="tl_sid")
    page.evaluate(f"{{const now = Date.now; Date.now = () => now() + {minutes * 60_000}}}")
    page.evaluate("touchline('event', 'back again')")
    first, second = world.wait(2)
    assert (first["session_id"] == second["session_id"]) == is_same
    assert first["visitor_id"] == second["visitor_id"]


def test_an_id_whose_cookie_was_deleted_comes_back_from_nowhere(world: World) -> None:
    context = world.visitor()
    ready(world, context)
    world.wait(1)
    context.clear_cookies()
    page = ready(world, context, "/again")
    first, second = world.wait(2)
    assert first["visitor_id"] != second["visitor_id"]
    assert first["session_id"] != second["session_id"]
    assert {cookie["value"] for cookie in cookies(context, "tl_vid")} == {second["visitor_id"]}
    assert "tl_vid" not in kept(page)


@pytest.mark.parametrize("choice", ["denied", "no", "", "GRANTED", None])
def test_every_choice_but_granted_is_a_refusal(world: World, choice: str | None) -> None:
    page = ready(world, world.visitor())
    world.wait(1)
    page.evaluate("choice => touchline('consent', choice)", choice)
    page.evaluate("touchline('event', 'unsaid')")
    world.eventually(world.rejected)
    assert (kept(page), len(world.events())) == ({}, 1)
    assert {cookie["value"] for cookie in cookies(page.context, "tl_consent")} == {"denied"}


def test_a_choice_made_before_the_script_is_there_comes_first(world: World) -> None:
    calls = "touchline('event','unsaid');touchline('consent','denied')"
    stub = "window.touchline=function(){(touchline.q=touchline.q||[]).push(arguments)};"
    world.pages.write(world.tag(), path="/early", head=f"<script>{stub}{calls}</script>")
    page = ready(world, world.visitor(), "/early")
    world.eventually(lambda: len(world.rejected()) >= 2)
    assert (world.events(), kept(page)) == ([], {})
    assert {cookie["value"] for cookie in cookies(page.context, "tl_consent")} == {"denied"}


def test_who_agrees_after_a_refusal_is_somebody_new(world: World) -> None:
    page = ready(world, world.visitor())
    world.wait(1)
    page.evaluate("touchline('consent', 'denied'); touchline('consent', 'granted'); touchline('event', 'agreed')")
    first, second = world.wait(2)
    assert (second["name"], second["consent"]) == ("agreed", "granted")
    assert first["visitor_id"] != second["visitor_id"]
    assert first["session_id"] != second["session_id"]


def test_a_refusal_travels_without_an_id(world: World) -> None:
    context = world.visitor()
    page = ready(world, context)
    # The page view leaves with its cookies: the request that is looked at has to be the next one.
    world.wait(1)
    assert cookies(context, "tl_vid")
    with page.expect_request("**/api/track") as found:
        page.evaluate("touchline('consent', 'denied'); touchline('event', 'unsaid')")
    assert found.value.all_headers()["cookie"] == "tl_consent=denied"
    events = json.loads(found.value.post_data or "")["events"]
    assert [event.keys() - {"eventId", "type", "consent"} for event in events] == [{"consentRecord"}, set()]


def test_an_address_is_never_sent_where_it_cannot_be_hashed(world: World) -> None:
    context = world.visitor()
    context.add_init_script("Object.defineProperty(crypto, 'subtle', {get: () => undefined})")
    bodies: list[str] = []
    context.on("request", lambda request: bodies.extend(bodies_of(request)))
    # No hexadecimal digit is in the name, or a random event id may hold it.
    ready(world, context).evaluate("touchline('identify', 42, {email: 'tully@example.com'})")
    *_, event = world.wait(2)
    assert (event["user_id"], event["email_hash"]) == ("42", None)
    assert "tully" not in "".join(bodies)


def test_each_failure_doubles_the_wait_and_a_success_ends_that(world: World) -> None:
    """Without ``Retry-After``; a quarter at most is added by chance."""
    context = world.visitor()
    context.add_init_script(
        "window.waits = []; {const set = setTimeout;"
        "setTimeout = (work, time, ...given) => (waits.push(time), set(work, 1, ...given))}"
    )
    statuses = [503] * 4 + [200, 503]
    context.route("**/api/track", lambda route: answer_next(route, statuses))
    page = ready(world, context)
    world.wait(1)
    world.eventually(lambda: not queued(page))
    page.evaluate("touchline('event', 'more')")
    world.wait(2)
    waits = [each for each in page.evaluate("waits") if each > 50]
    expected = [1_000, 1_000, 2_000, 4_000, 8_000, 1_000, 1_000]
    assert [least <= wait <= 1.25 * least for wait, least in zip(waits, expected, strict=True)] == [True] * 7, waits


def answer_next(route: Route, statuses: list[int]) -> None:
    """Answer with the next of the statuses, and let the server answer for 200 and once they are used up."""
    status = statuses.pop(0) if statuses else 200
    if status == 200:
        route.continue_()
    else:
        refuse(route, status)


@pytest.mark.parametrize(
    ("milliseconds", "is_taken"), [(-120_000, False), (-119_999, True), (119_999, True), (120_000, False)]
)
def test_a_link_takes_somebody_along_for_two_minutes(world: World, milliseconds: int, *, is_taken: bool) -> None:
    """Also not by a clock that is that far behind: such a token was not made now."""
    link, mine = link_of(world)
    other = world.visitor()
    still_clock(other, made_at(link) + milliseconds)
    ready_at(other, link)
    assert (visitor_of(other) == mine) == is_taken


def made_at(link: str) -> int:
    """When the token in a link was made, in milliseconds since 1970."""
    found = re.search(r"_tl=[\w-]+\.(\w+)\.", link)
    assert found, link
    return int(found[1], 36)


def link_of(world: World) -> tuple[str, Any]:
    """A decorated link to the site's other domain, and whose it is."""
    linked(world)
    page = ready(world, world.visitor())
    world.wait(1)
    page.evaluate("document.addEventListener('click', event => event.preventDefault())")
    page.click("#out")
    return page.evaluate("document.getElementById('out').href"), world.events()[0]["visitor_id"]


def ready_at(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(address)
    page.wait_for_function(LOADED)


def visitor_of(context: BrowserContext) -> str:
    return str(cookies(context, "tl_vid")[0]["value"])


@pytest.mark.parametrize("host", ["notpay.example", "pay.example.org", "shop.example"])
def test_a_link_to_no_other_domain_of_the_site_is_left_alone(world: World, host: str) -> None:
    world.pages.write(world.tag({"domains": "shop.example, pay.example"}), f'<a id="out" href="http://{host}/x">x</a>')
    page = ready(world, world.visitor())
    world.wait(1)
    page.evaluate("document.addEventListener('click', event => event.preventDefault())")
    page.click("#out")
    assert page.get_attribute("#out", "href") == f"http://{host}/x"
