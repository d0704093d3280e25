"""The tracker in a real browser against a real server: what people do, and what stands in the ledger."""

import json
import re
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route

from tests.acceptance.conftest import World, cookies, kept
from tests.keyed import keyed

UUID_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
LANDING = "/?utm_source=Newsletter&utm_medium=email&gclid=Cj0_x"


def views(events: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """The pages that were seen: path with query, and referrer, without hosts."""
    short = re.compile(r"\Ahttp://[^/]+")
    return [(short.sub("", e["url"]), e["referrer"] and short.sub("", e["referrer"])) for e in events]


def bodies_of(request: Request) -> list[str]:
    return [request.post_data] if request.post_data else []


def queued(page: Page) -> list[str]:
    return [name for name in kept(page) if name.startswith("tl_q")]


def test_a_landing_arrives_with_its_marks_and_ids(world: World) -> None:
    page = world.opened(LANDING)
    (event,) = world.wait(1)
    assert (event["type"], event["title"], event["is_verified"]) == ("PAGE_VIEW", "Page /", False)
    assert (event["utm_source"], event["utm_medium"]) == ("newsletter", "email")
    assert json.loads(event["click_ids"]) == {"gclid": "Cj0_x"}
    assert UUID_7.fullmatch(event["event_id"])
    assert UUID_7.fullmatch(event["visitor_id"])
    assert UUID_7.fullmatch(event["session_id"])
    assert abs(event["occurred_at"] - event["received_at"]) < 60_000_000
    world.eventually(lambda: not queued(page))


def test_the_server_sets_the_visitors_cookie_for_thirteen_months(world: World) -> None:
    page = world.opened()
    (event,) = world.wait(1)
    found = world.eventually(lambda: [c for c in cookies(page.context, "tl_vid") if c["domain"] == ".shop.example"])
    assert {c["value"] for c in cookies(page.context, "tl_vid")} == {event["visitor_id"]}
    assert abs(found[0]["expires"] - time.time() - 395 * 86_400) < 60
    assert (found[0]["sameSite"], found[0]["httpOnly"]) == ("Lax", False)
    (session,) = cookies(page.context, "tl_sid")
    assert abs(session["expires"] - time.time() - 1_800) < 60
    # The next page finds the cookie, and the one below another host name of the site's, too.
    page.goto(world.pages.url("/next", "m.shop.example"))
    assert {e["visitor_id"] for e in world.wait(2)} == {event["visitor_id"]}


def test_an_id_that_came_first_is_taken_up_and_one_that_is_none_replaced(world: World) -> None:
    mine = "0f8fad5b-d9cb-469f-a165-70867728950e"  # not of version 7: some server's own
    context = world.visitor()
    context.add_cookies([{"name": "tl_vid", "value": mine, "url": world.pages.url()}])
    context.new_page().goto(world.pages.url())
    assert [e["visitor_id"] for e in world.wait(1)] == [mine]
    other = world.visitor()
    other.add_cookies([{"name": "tl_vid", "value": "7", "url": world.pages.url()}])
    other.new_page().goto(world.pages.url())
    assert UUID_7.fullmatch(world.wait(2)[1]["visitor_id"])


def test_an_id_older_than_thirteen_months_ends(world: World) -> None:
    old = f"{int((time.time() - 396 * 86_400) * 1000):012x}"
    old_id = f"{old[:8]}-{old[8:]}-7000-8000-000000000000"
    context = world.visitor()
    context.add_init_script(f"try {{ localStorage.setItem('tl_vid', '{old_id}') }} catch {{}}")
    context.new_page().goto(world.pages.url())
    assert world.wait(1)[0]["visitor_id"] != old_id


def test_pages_that_a_script_shows(world: World) -> None:
    page = world.opened("/?utm_source=news")
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("history.pushState({}, '', '/list?utm_source=news')")
    page.evaluate("history.replaceState({}, '', '/list?utm_source=news#below')")
    page.evaluate("history.replaceState({}, '', '/item')")
    page.evaluate("history.back()")
    # The campaign's marks come once: a page that keeps them in its address does not bring them again.
    expected = [
        ("/?utm_source=news", None), ("/list", "/?utm_source=news"), ("/item", "/list?utm_source=news"),
        ("/", "/item"),
    ]  # fmt: skip
    assert views(world.settled(4)) == expected


def test_the_hash_can_be_a_page_and_nothing_can(world: World) -> None:
    world.pages.write(world.tag({"spa": "hash"}), path="/hash")
    world.pages.write(world.tag({"spa": "off"}), path="/off")
    page = world.opened("/hash")
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("location.hash = 'two'")
    page.goto(world.pages.url("/off"))
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("history.pushState({}, '', '/nowhere')")
    page.evaluate("touchline('page')")
    shown = [url for url, _ in views(world.settled(4))]
    assert shown == ["/hash", "/hash#two", "/off", "/nowhere"]


def test_loading_again_and_coming_back_are_views_without_marks(world: World) -> None:
    page = world.opened(LANDING)
    world.wait(1)
    page.reload()
    world.wait(2)
    page.evaluate("window.isTheSame = true")
    page.goto(world.pages.url("/next"))
    world.wait(3)
    page.go_back(wait_until="commit")
    found = world.settled(4)
    assert page.evaluate("window.isTheSame"), "the page did not come out of the back-forward cache"
    assert [url for url, _ in views(found)] == [LANDING, "/", "/next", "/"]
    assert [e["click_id_names"] for e in found] == ["gclid", None, None, None]
    assert {e["visitor_id"] for e in found} == {found[0]["visitor_id"]}


@pytest.mark.parametrize("how", ["closed", "left"])
def test_what_waits_is_sent_when_the_page_goes(world: World, how: str) -> None:
    page = world.opened(is_hurried=False)
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("touchline('event', 'last', {kind: 'words'})")
    if how == "closed":  # far sooner than a batch waits
        page.close()
    else:
        page.goto("about:blank")
    found = world.wait(2)
    assert [(e["type"], e["name"]) for e in found] == [("PAGE_VIEW", None), ("CUSTOM", "last")]


def test_what_waits_is_sent_when_the_page_is_hidden_and_as_a_beacon_where_it_must(world: World) -> None:
    context = world.visitor()
    context.add_init_script(
        "delete Request.prototype.keepalive; setTimeout = () => 1;"
        "Object.defineProperty(document, 'visibilityState', {get: () => window.isHidden ? 'hidden' : 'visible'})"
    )
    page = context.new_page()
    page.goto(world.pages.url())
    page.wait_for_function("window.touchline.loaded")
    assert world.events() == []
    with page.expect_request("**/api/track") as sent:
        page.evaluate("window.isHidden = true; document.dispatchEvent(new Event('visibilitychange'))")
    assert sent.value.resource_type == "ping"
    assert len(world.wait(1)) == 1


def test_without_network_events_wait_and_arrive_once(world: World) -> None:
    page = world.opened()
    world.wait(1)
    page.context.set_offline(True)
    page.evaluate("touchline('conversion', {value: 9.5, currency: 'usd', orderId: 7})")
    page.evaluate("touchline('event', 'while away')")
    world.rest(2.5)  # it tries, and fails
    assert len(world.events()) == 1
    assert len(queued(page)) == 2
    page.context.set_offline(False)
    found = world.settled(3)
    assert (found[1]["value_micros"], found[1]["currency"], found[1]["order_id"]) == (9_500_000, "USD", "7")
    world.eventually(lambda: not queued(page))


def test_what_a_page_could_not_send_the_next_one_sends(world: World) -> None:
    page = world.opened()
    world.wait(1)
    world.eventually(lambda: not queued(page))
    page.context.set_offline(True)
    page.evaluate("touchline('event', 'left behind')")
    (waiting,) = queued(page)
    page.close()
    page.context.set_offline(False)
    page.context.new_page().goto(world.pages.url("/later"))
    found = world.settled(3)
    assert [e["name"] for e in found] == [None, "left behind", None]
    assert found[1]["event_id"] == waiting.removeprefix("tl_q")
    assert found[1]["occurred_at"] < found[2]["occurred_at"]


SLOW_CLOCK = "{const now = Date.now, began = now(); Date.now = () => began + Math.floor((now() - began) * 0.9)}"


@pytest.mark.parametrize("when", ["under way", "afterwards", "afterwards, by a slow clock"])
def test_an_answer_that_is_lost_counts_nothing_twice(world: World, when: str) -> None:
    """What is said while the request is under way, or before it may be repeated, waits with it and is not forgotten."""
    seen: list[tuple[float, str]] = []
    lost: list[Route] = []

    def lose_the_first(route: Route) -> None:
        seen.append((time.monotonic(), route.request.post_data or ""))
        if len(seen) > 1:
            route.continue_()
            return
        body = (route.request.post_data or "").encode()
        sent = world.server.send(body, origin=route.request.headers["origin"], content_type="text/plain")
        assert sent.status == 200
        lost.append(route)

    context = world.visitor(is_hurried=False)
    if when.endswith("slow clock"):  # a timer ends before the time has passed that it was set for
        context.add_init_script(SLOW_CLOCK)
    context.route("**/api/track", lose_the_first)
    page = context.new_page()
    page.goto(world.pages.url())
    (route,) = world.eventually(lambda: lost)
    if when == "under way":
        page.evaluate("touchline('event', 'meanwhile')")
    with page.expect_response("**/api/track"):
        unavailable(route, retry_after=2)
    if when != "under way":
        page.evaluate("touchline('event', 'meanwhile')")
    found = world.settled(2)
    assert len({e["event_id"] for e in found}) == 2
    assert seen[1][0] - seen[0][0] >= 1.9  # as Retry-After says
    first, second = (json.loads(body)["events"] for _, body in seen[:2])
    assert second[0] == first[0]
    world.eventually(lambda: not queued(page))


def unavailable(route: Route, retry_after: int) -> None:
    """Answer as a server that cannot take anything now."""
    refuse(route, 503, {"retry-after": str(retry_after)})


def refuse(route: Route, status: int, headers: Mapping[str, str] | None = None) -> None:
    """Answer with a status, in a way that the page may read."""
    route.fulfill(
        status=status,
        headers={
            **(headers or {}),
            "access-control-allow-origin": route.request.headers["origin"],
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": "Retry-After",
        },
    )


def test_no_more_than_a_hundred_travel_together(world: World) -> None:
    sizes: list[int] = []
    context = world.visitor()
    context.on("request", lambda request: sizes.extend(len(json.loads(body)["events"]) for body in bodies_of(request)))
    page = context.new_page()
    page.goto(world.pages.url())
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("for (let i = 0; i < 250; i++) touchline('event', 'n' + i)")
    found = world.wait(251)
    assert max(sizes) <= 100
    assert [e["name"] for e in found] == [None, *(f"n{i}" for i in range(250))]  # in their order


def test_a_conversion_says_which_landing_it_knows_of_and_is_no_touch_itself(world: World) -> None:
    page = world.opened(LANDING)
    world.wait(1)
    page.goto(world.pages.url("/thanks"))
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("touchline('conversion', {value: '99.99', currency: 'EUR', orderId: 'A1', properties: {tier: 'b'}})")
    *_, sale = world.wait(3)
    assert (sale["type"], sale["value_micros"], sale["order_id"]) == ("CONVERSION", 99_990_000, "A1")
    said = json.loads(sale["properties"])
    assert said["landing"]["marks"] == {"utm_source": "Newsletter", "utm_medium": "email", "gclid": "Cj0_x"}
    assert said["tier"] == "b"
    assert (sale["utm_source"], sale["click_ids"]) == (None, None)


def test_commands_before_the_script_is_there_are_obeyed(world: World) -> None:
    head = f"<script>{STUB_CALLS}</script>"
    world.pages.write(world.tag(), path="/early", head=head)
    world.opened("/early")
    found = world.settled(3)
    assert [(e["type"], e["name"]) for e in found] == [("PAGE_VIEW", None), ("CUSTOM", "first"), ("CUSTOM", "survey")]
    assert found[2]["survey_answer"] == "a friend"


STUB_CALLS = (
    "window.touchline=function(){(touchline.q=touchline.q||[]).push(arguments)};"
    "touchline('event','first');touchline('survey','a friend','How did you hear of us?')"
)


def test_identify_hashes_the_address_in_the_browser(world: World) -> None:
    page = world.opened()
    page.wait_for_function("window.touchline.loaded")
    bodies: list[str] = []
    page.on("request", lambda request: bodies.extend(bodies_of(request)))
    page.evaluate("touchline('identify', 42, {email: ' Ada@Example.com ', accountId: 'acme'})")
    *_, event = world.wait(2)
    assert (event["type"], event["user_id"], event["account_id"]) == ("IDENTIFY", "42", "acme")
    assert event["email_hash"] == keyed(sha256(b"ada@example.com").hexdigest())
    world.eventually(lambda: "IDENTIFY" in "".join(bodies))
    assert "example.com" not in "".join(bodies).lower().replace("shop.example", "")


def test_before_consent_nothing_is_stored_or_sent(world: World) -> None:
    world.pages.write(world.tag({"consent": "required"}), path="/asked")
    page = world.opened("/asked?gclid=abc")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("touchline('event', 'curious')")
    world.rest(1.5)
    assert (asked, kept(page), page.context.cookies()) == ([], {}, [])
    page.evaluate("touchline('consent', 'granted')")
    found = world.settled(2)
    assert {e["consent"] for e in found} == {"granted"}
    assert found[0]["click_id_names"] == "gclid"
    page.goto(world.pages.url("/asked"))
    assert len(world.settled(3)) == 3  # it is remembered


def test_who_refuses_is_counted_and_forgotten(world: World) -> None:
    page = world.opened(LANDING)
    world.wait(1)
    world.eventually(lambda: len(cookies(page.context, "tl_vid")) == 2)
    page.evaluate("touchline('consent', 'denied')")
    assert (kept(page), refusal(page)) == ({}, {".shop.example"})
    page.goto(world.pages.url("/next?gclid=abc"))
    (refused,) = world.eventually(world.rejected)
    assert (refused["reason"], refused["event_id"], refused["payload"]) == ("consent_denied", None, "")
    world.rest(1.2)
    assert (len(world.events()), kept(page), refusal(page)) == (1, {}, {".shop.example"})


def refusal(page: Page) -> set[str]:
    """For which domains the browser keeps a refusal, which is the only cookie that it has then."""
    found = page.context.cookies()
    assert {(cookie["name"], cookie["value"]) for cookie in found} == {("tl_consent", "denied")}
    return {cookie["domain"] for cookie in found}


def test_what_waits_when_somebody_refuses_is_never_sent(world: World) -> None:
    page = world.opened()
    world.wait(1)
    world.eventually(lambda: not queued(page))
    bodies: list[str] = []
    page.on("request", lambda request: bodies.extend(bodies_of(request)))
    page.evaluate("touchline('event', 'unsaid'); touchline('conversion', {value: 9}); touchline('consent', 'denied')")
    world.rest(2.5)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.goto(world.pages.url("/next"))
    world.eventually(world.rejected)
    world.rest(1.2)
    assert len(world.events()) == 1
    assert not [body for body in bodies if "unsaid" in body]
    assert (kept(page), refusal(page)) == ({}, {".shop.example"})


@pytest.mark.parametrize("status", [0, 408, 429, 500, 502, 503, 504, 599])
def test_what_no_server_took_is_sent_again(world: World, status: int) -> None:
    """``0``: no answer at all."""
    statuses = answered_first(world, status)
    page = world.opened_in(statuses.context)
    found = world.wait(1)
    assert len(statuses.bodies) >= 2
    first, second = (json.loads(body)["events"][0]["eventId"] for body in statuses.bodies[:2])
    assert {first, second} == {found[0]["event_id"]}
    world.eventually(lambda: not queued(page))


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422])
def test_what_a_server_refused_for_good_is_not_sent_again(world: World, status: int) -> None:
    statuses = answered_first(world, status)
    page = world.opened_in(statuses.context)
    world.eventually(lambda: statuses.bodies)
    world.eventually(lambda: not queued(page))
    world.rest(2.5)
    assert (len(statuses.bodies), world.events()) == (1, [])


class AnsweredFirst:
    """A browser whose first request to the collector is answered with a status of the test's own."""

    def __init__(self, context: BrowserContext, status: int) -> None:
        self.context = context
        self.status = status
        self.bodies: list[str] = []

    def answer(self, route: Route) -> None:
        self.bodies += bodies_of(route.request)
        if len(self.bodies) > 1:
            route.continue_()
        elif self.status:
            refuse(route, self.status)
        else:
            route.abort()


def answered_first(world: World, status: int) -> AnsweredFirst:
    made = AnsweredFirst(world.visitor(), status)
    made.context.route("**/api/track", made.answer)
    return made


def test_the_wish_not_to_be_followed_is_a_refusal(world: World) -> None:
    context = world.visitor()
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})")
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.goto(world.pages.url("/secret?gclid=abc"))
    world.eventually(world.rejected)
    world.rest(1.2)
    assert (world.events(), context.cookies(), kept(page)) == ([], [], {})
    assert json.loads("".join(sent))["events"][0].keys() == {"eventId", "type", "consent"}
    page.evaluate("touchline('consent', 'granted')")  # asked, and agreed: the browser's word goes before it
    page.evaluate("touchline('event', 'agreed')")
    world.rest(1.2)
    assert (world.events(), kept(page), cookies(context, "tl_vid")) == ([], {}, [])


def linked(world: World) -> None:
    tag = world.tag({"domains": "shop.example, pay.example"})
    there = world.pages.url("/pay?order=a%20b#part", "pay.example")
    world.pages.write(tag, f'<a id="out" href="{there}">pay</a>')


def test_a_link_to_another_domain_takes_the_visitor_along(world: World) -> None:
    linked(world)
    page = world.opened()
    world.wait(1)
    page.click("#out")
    page.wait_for_url("**/pay?order=a%20b#part")
    first, second = world.settled(2)
    assert second["visitor_id"] == first["visitor_id"]
    assert views([second])[0][0] == "/pay?order=a%20b#part"
    assert page.url == world.pages.url("/pay?order=a%20b#part", "pay.example")
    # The tracker's server is not of that page's domain: there the script sets the cookie.
    (cookie,) = [c for c in cookies(page.context, "tl_vid") if "pay.example" in c["domain"]]
    assert (cookie["value"], cookie["domain"]) == (first["visitor_id"], ".pay.example")


@pytest.mark.parametrize(
    ("method", "address"), [("get", "/pay?order=7&via="), ("post", "/pay?shop=1#part"), ("POST", "/pay?shop=1#part")]
)
def test_a_form_to_another_domain_takes_the_visitor_along(world: World, method: str, address: str) -> None:
    there = world.pages.url("/pay?shop=1#part", "pay.example")
    fields = '<input name="order" value="7"><input type="hidden" name="via">'
    form = f'<form method="{method}" action="{there}">{fields}</form>'
    world.pages.write(world.tag({"domains": "shop.example, pay.example"}), form)
    page = world.opened()
    world.wait(1)
    page.press("input[name=order]", "Enter")
    page.wait_for_url(f"**{address}*")
    first, second = world.settled(2)
    assert second["visitor_id"] == first["visitor_id"]
    assert views([second])[0][0].startswith(address)
    assert "_tl" not in page.url + second["url"]


def test_a_form_of_the_same_domain_or_of_strangers_is_left_alone(world: World) -> None:
    world.pages.write(
        world.tag({"domains": "shop.example, pay.example"}),
        f'<form method="post" action="{world.pages.url("/next", "m.shop.example")}"><input name="a"></form>'
        '<form action="http://stranger.example/"><input name="b"></form><form><input name="c"></form>',
    )
    page = world.opened()
    world.wait(1)
    page.evaluate("document.addEventListener('submit', event => event.preventDefault())")
    for name in "abc":
        page.press(f"input[name={name}]", "Enter")
    told = page.evaluate("[...document.forms].map(form => form.outerHTML + [...new FormData(form).keys()])")
    assert not [form for form in told if "_tl" in form]


@pytest.mark.parametrize("how", ["late", "another browser", "changed"])
def test_a_link_that_is_passed_on_takes_nobody_along(world: World, how: str) -> None:
    linked(world)
    page = world.opened()
    world.wait(1)
    page.evaluate("document.addEventListener('click', event => event.preventDefault())")
    page.click("#out")
    link = page.evaluate("document.getElementById('out').href")
    mine = world.events()[0]["visitor_id"]
    assert f"_tl={mine}." in link
    agent = "Mozilla/5.0 (X11; Linux x86_64) Other" if how == "another browser" else None
    other = world.visitor(user_agent=agent)
    if how == "late":
        other.add_init_script("{const now = Date.now; Date.now = () => now() + 121e3}")
    if how == "changed":
        link = link.replace(mine, mine[:-1] + ("0" if mine[-1] != "0" else "1"))
    new_page = other.new_page()
    new_page.goto(link)
    _, second = world.settled(2)
    assert second["visitor_id"] not in {mine, mine[:-1] + "0", mine[:-1] + "1"}
    assert "_tl" not in new_page.url + second["url"]


def test_a_page_with_a_strict_policy(world: World) -> None:
    said: list[str] = []
    world.pages.write(world.tag(nonce="n1"), path="/strict")
    world.pages.headers = {
        "content-security-policy": f"default-src 'none'; script-src 'nonce-n1' {world.collector}; "
        f"connect-src {world.collector}; require-trusted-types-for 'script'"
    }
    page = world.visitor().new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(world.pages.url("/strict"))
    world.wait(1)
    assert [text for text in said if "Policy" in text] == []


def test_a_page_shown_ahead_is_seen_once_somebody_looks(world: World) -> None:
    context = world.visitor()
    context.add_init_script(
        "window.isAhead = true; Object.defineProperty(document, 'prerendering', {get: () => window.isAhead})"
    )
    page = context.new_page()
    page.goto(world.pages.url())
    page.evaluate("touchline('event', 'early')")
    world.rest(1.5)
    assert (world.events(), kept(page)) == ([], {})
    page.evaluate("window.isAhead = false; document.dispatchEvent(new Event('prerenderingchange'))")
    assert [e["type"] for e in world.settled(2)] == ["PAGE_VIEW", "CUSTOM"]


def test_nothing_that_goes_wrong_reaches_the_page(world: World) -> None:
    """The fixture looks at the page's errors when the test ends."""
    context = world.visitor()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() {throw new Error('no storage')}});"
        "Object.defineProperty(document, 'cookie', {get: () => '', set() {throw new Error('no cookies')}});"
    )
    page = context.new_page()
    page.goto(world.pages.url())
    page.wait_for_function("window.touchline.loaded")
    page.evaluate(
        "for (const wrong of [[], ['nonsense'], ['event'], ['conversion', null], ['identify'],"
        "  ['identify', 1, {email: 7}], ['event', 'circle', window], ['constructor', 'x']]) touchline(...wrong)"
    )
    assert page.evaluate(
        "(() => { try { history.pushState(() => 1, '') } catch (error) { return error.name } })()"
    ) == (
        "DataCloneError"  # the page's own errors stay its own
    )


def test_without_storage_and_cookies_the_visit_is_told_all_the_same(world: World) -> None:
    context = world.visitor()
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() {throw new Error('no storage')}});"
        "Object.defineProperty(document, 'cookie', {get: () => '', set: () => {}});"
    )
    page = context.new_page()
    page.goto(world.pages.url())
    page.wait_for_function("window.touchline.loaded")
    page.evaluate("touchline('event', 'more')")
    first, second = world.settled(2)
    assert first["visitor_id"] == second["visitor_id"]
    assert first["session_id"] == second["session_id"]
