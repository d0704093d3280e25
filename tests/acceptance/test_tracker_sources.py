"""What the tracker knows of where a visit came from when the page, the browser or its clock are against it."""

import json
import re

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.acceptance.conftest import World, cookies, kept
from tests.acceptance.test_tracker import bodies_of, views
from tests.acceptance.test_tracker_limits import LOADED, ready
from tests.cli.conftest import Command, touchline
from tests.server.conftest import NOW
from touchline.jobs import access_keys, setup
from touchline.jobs.workspace import Workspace

__all__ = ["touchline"]

LANDING = "/?utm_source=google&utm_medium=cpc&gclid=Cj0_x"
CLEANED = "<script>history.replaceState({}, '', location.pathname)</script>"
MINUTE = 60_000_000
REFUSED = "{throw new DOMException('no', 'SecurityError')}"
NO_STORAGE = f"Object.defineProperty(window, 'localStorage', {{get() {REFUSED}}});"
NO_COOKIES = {
    "refused": f"Object.defineProperty(document, 'cookie', {{get() {REFUSED}, set(value) {REFUSED}}})",
    "ignored": "Object.defineProperty(document, 'cookie', {get: () => '', set: () => {}})",
}


def skewed(context: BrowserContext, minutes: int) -> None:
    """Let the clock of the context's pages be so far ahead."""
    context.add_init_script(
        f"{{const Real = Date, off = {minutes * 60_000}; Date = class extends Real {{"
        " constructor(...given) { super(...(given.length ? given : [Real.now() + off])) }"
        " static now() { return Real.now() + off } }}"
    )


@pytest.mark.parametrize("minutes", [10, -10, 14 * 60])
def test_a_clock_that_is_off_is_corrected(world: World, minutes: int) -> None:
    context = world.visitor()
    skewed(context, minutes)
    page = ready(world, context, LANDING)
    page.evaluate("touchline('event', 'more')")
    found = world.wait(2)
    assert [round(e["clock_corrected_seconds"] / 60) for e in found] == [-minutes, -minutes]
    assert [-MINUTE < e["occurred_at"] - e["received_at"] <= 0 for e in found] == [True, True]
    assert found[0]["occurred_at"] < found[1]["occurred_at"]


def brought_through(world: World, touchline: Command) -> tuple[str, ...]:
    """Run the river over what is in the ledger; the arguments for questions about this site."""
    with Workspace(world.place.home) as workspace:
        setup.set_goal(workspace, world.site_id, setup.Goal(setup.DEFAULT_GOAL))
    scope = ("--home", str(world.place.home.path), "--organization", world.site_id, "--json")
    assert touchline("run", *scope[:2]).exit_code == 0
    return scope


def test_a_landing_by_a_clock_that_is_ahead_leads_to_the_order_that_the_server_tells(
    world: World, touchline: Command
) -> None:  # fmt: skip
    context = world.visitor()
    skewed(context, 10)
    ready(world, context, LANDING)
    visitor_id = world.wait(1)[0]["visitor_id"]
    order = {"eventId": "o1", "type": "CONVERSION", "anonId": visitor_id, "orderId": "A1", "value": 10}
    assert world.server.send({"publicKey": world.key, **order}, user_agent="curl/8.5.0").document["accepted"] == 1
    told = touchline("explain", "conversion", "A1", *brought_through(world, touchline)).document
    assert [touch["channel"] for touch in told["touches"]] == ["Paid Search"]
    expected = r"The clock behind 1 event of this person was off: -60[01] seconds were added to what it said\."
    assert re.fullmatch(expected, told["corrected_clocks"])


def test_what_waited_keeps_its_age_by_a_clock_that_is_off(world: World) -> None:
    context = world.visitor(is_hurried=False)
    skewed(context, 10)
    page = ready(world, context)
    world.wait(1)
    page.context.set_offline(True)
    page.evaluate("touchline('event', 'waited')")
    page.wait_for_timeout(3_000)
    page.context.set_offline(False)
    _, waited = world.wait(2)
    assert 2.5 < (waited["received_at"] - waited["occurred_at"]) / 1e6 < 60
    assert round(waited["clock_corrected_seconds"] / 60) == -10


def test_a_clock_that_is_right_is_left_alone(world: World) -> None:
    ready(world, world.visitor())
    assert world.wait(1)[0]["clock_corrected_seconds"] is None


FILTERS = "for (const colour of 'abcde') history.{way}({{}}, '', '?colour=' + colour + '#' + colour)"


@pytest.mark.parametrize("way", ["replaceState", "pushState"])
def test_filters_in_the_address_are_no_pages(world: World, way: str) -> None:
    page = ready(world, world.visitor(), "/list")
    page.evaluate(FILTERS.format(way=way))
    page.evaluate("history.pushState({}, '', '/item?colour=a')")
    assert views(world.settled(2)) == [("/list", None), ("/item?colour=a", "/list")]


@pytest.mark.parametrize("way", ["replaceState", "pushState"])
def test_the_query_can_be_a_page(world: World, way: str) -> None:
    world.pages.write(world.tag({"spa": "query"}), path="/list")
    page = ready(world, world.visitor(), "/list")
    page.evaluate(FILTERS.format(way=way))
    page.evaluate("location.hash = 'below'")
    shown = [url for url, _ in views(world.settled(6))]
    assert shown == ["/list", *(f"/list?colour={colour}#{colour}" for colour in "abcde")]


def cleaned(world: World, script: str = CLEANED, path: str = "/cleaned") -> None:
    world.pages.write(world.tag(), path=path, head=script)


def test_tags_that_a_router_took_away_before_are_known(world: World) -> None:
    cleaned(world)
    page = ready(world, world.visitor(), "/cleaned" + LANDING[1:])
    (event,) = world.settled(1)
    assert (event["utm_source"], event["utm_medium"]) == ("google", "cpc")
    assert json.loads(event["click_ids"]) == {"gclid": "Cj0_x"}
    assert page.url == world.pages.url("/cleaned")
    page.evaluate("history.pushState({}, '', '/next')")
    page.reload()
    assert [e["click_id_names"] for e in world.settled(3)] == ["gclid", None, None]


def test_of_an_address_that_was_cleaned_of_a_secret_only_the_tags_are_sent(world: World) -> None:
    cleaned(world, "<script>history.replaceState({}, '', '/cleaned?page=1#part')</script>")
    context = world.visitor()
    bodies: list[str] = []
    context.on("request", lambda request: bodies.extend(bodies_of(request)))
    ready(
        world, context, "/cleaned?token=tk-413&email=ada%40shop.example&utm_source=a%26b&gclid=Cj0_x#access_token=tk-7"
    )
    (event,) = world.settled(1)
    assert views([event])[0][0] == "/cleaned?page=1&utm_source=a%26b&gclid=Cj0_x#part"
    assert event["utm_source"] == "a&b"
    world.eventually(lambda: bodies)
    sent = "".join(bodies)
    assert [secret for secret in ("tk-413", "tk-7", "ada@", "ada%40", "ada%2540") if secret in sent] == []


def test_tags_that_are_still_there_are_not_said_twice(world: World) -> None:
    cleaned(world, "<script>history.replaceState({}, '', '/cleaned?gclid=Other')</script>")
    ready(world, world.visitor(), "/cleaned" + LANDING[1:])
    (event,) = world.settled(1)
    assert views([event])[0][0] == "/cleaned?gclid=Other&utm_source=google&utm_medium=cpc"


def test_a_token_of_another_domain_is_none_of_the_tags(world: World) -> None:
    """It is taken out of the address before, but stands in the entry as it came."""
    ready(world, world.visitor(), "/?_tl=0-0.a.b&gclid=Cj0_x")
    (event,) = world.settled(1)
    assert views([event])[0][0] == "/?gclid=Cj0_x"


IN_SHADOW = """<div id="outer"></div><script>
  const open = {mode: 'open'};
  const card = outer.attachShadow(open).appendChild(document.createElement('p'));
  card.attachShadow(open).innerHTML = '<a href="%s"><b>pay</b></a>';
</script>"""


def test_a_link_in_an_open_shadow_root_takes_the_visitor_along(world: World) -> None:
    """Also where one root is in another."""
    there = world.pages.url("/pay", "pay.example")
    world.pages.write(world.tag({"domains": "shop.example, pay.example"}), IN_SHADOW % there)
    page = ready(world, world.visitor())
    world.wait(1)
    page.click("b")
    page.wait_for_url("**/pay")
    first, second = world.settled(2)
    assert second["visitor_id"] == first["visitor_id"]
    assert "_tl" not in second["url"]


def test_a_shadow_root_inside_a_link_is_part_of_it(world: World) -> None:
    there = world.pages.url("/pay", "pay.example")
    script = "<script>icon.attachShadow({mode: 'open'}).innerHTML = '<b>pay</b>'</script>"
    world.pages.write(
        world.tag({"domains": "shop.example, pay.example"}), f"<a href='{there}'><span id=icon></span></a>{script}"
    )
    page = ready(world, world.visitor())
    world.wait(1)
    page.click("b")
    page.wait_for_url("**/pay")
    first, second = world.settled(2)
    assert second["visitor_id"] == first["visitor_id"]


@pytest.mark.parametrize("cookies_are", NO_COOKIES)
def test_who_cannot_be_remembered_is_nobody(world: World, cookies_are: str) -> None:
    """What one page load says hangs together, and no more."""
    context = world.visitor()
    context.add_init_script(NO_STORAGE + NO_COOKIES[cookies_are])
    page = ready(world, context, LANDING)
    page.evaluate("touchline('event', 'more')")
    world.wait(2)
    page.goto(world.pages.url("/next"))
    found = world.settled(3)
    assert [e["visitor_id"] for e in found] == [None, None, None]
    first, second, third = (e["identifier"] for e in found)
    assert first == second == f"e:{world.site_id}:{found[0]['session_id']}" != third
    assert [(e["type"], "gclid" in e["url"]) for e in found] == [
        ("PAGE_VIEW", True), ("CUSTOM", True), ("PAGE_VIEW", False),
    ]  # fmt: skip


def test_visits_of_nobody_are_counted_and_make_no_person(world: World, touchline: Command) -> None:
    """Of one page load, the landing gets the credit of an order all the same."""
    context = world.visitor()
    context.add_init_script(NO_STORAGE + NO_COOKIES["refused"])
    for number in range(3):
        page = ready(world, context, LANDING)
        page.evaluate("history.pushState({}, '', '/next')")
        world.wait(2 * number + 2)
    page.evaluate("touchline('conversion', {orderId: 'A1', value: 10})")
    world.settled(7)
    scope = brought_through(world, touchline)
    touched = touchline("explain", "conversion", "A1", *scope).document
    assert [touch["channel"] for touch in touched["touches"]] == ["Paid Search"]
    question = "select (select count(*) from sessions) as sessions, visitor_id_count, conversion_count from persons"
    (row,) = touchline("query", question, *scope).document["rows"]
    assert row == [3, 0, 1]


def test_in_a_frame_that_may_store_nothing_a_view_is_told_of_nobody(world: World) -> None:
    """Such a frame has no origin, and a key that names no origins is for those of the site: the server refuses it."""
    world.pages.write("", '<iframe sandbox="allow-scripts" src="/inner?gclid=Cj0_x"></iframe>', path="/frame")
    world.pages.write(world.tag(), path="/inner")
    context = world.visitor()
    bodies: list[str] = []
    context.on("request", lambda request: bodies.extend(bodies_of(request)))
    page = context.new_page()
    page.goto(world.pages.url("/frame"))
    frame = page.frames[1]
    frame.wait_for_function(LOADED)
    assert frame.evaluate("() => { try { localStorage } catch (error) { return error.name } }") == "SecurityError"
    world.eventually(lambda: bodies)
    (event,) = json.loads(bodies[0])["events"]
    assert (event["type"], event.get("anonId"), "gclid" in event["url"]) == ("PAGE_VIEW", None, True)
    refused = world.eventually(world.rejected)
    assert ({one["reason"] for one in refused}, world.events()) == ({"foreign_origin"}, [])


def test_a_key_for_frames_without_an_origin_counts_what_they_show(world: World, workspace: Workspace) -> None:
    made = access_keys.create_key(workspace, world.site_id, "publishable", origins=["null"], now=NOW)
    world.eventually(lambda: world.server.send(method="OPTIONS", origin="null").status == 204)
    world.pages.write("", '<iframe sandbox="allow-scripts" src="/inner?gclid=Cj0_x"></iframe>', path="/frame")
    world.pages.write(world.tag().replace(world.key, made.key), path="/inner")
    page = world.opened("/frame")
    (event,) = world.settled(1)
    assert (event["visitor_id"], event["click_id_names"]) == (None, "gclid")
    assert page.context.cookies() == []


def test_what_only_one_store_remembers_is_enough(world: World) -> None:
    context = world.visitor()
    context.add_init_script(NO_STORAGE)
    for path in ("/", "/next"):
        ready(world, context, path).close()
    found = world.wait(2)
    assert found[0]["visitor_id"] == found[1]["visitor_id"] is not None
    assert {cookie["value"] for cookie in cookies(context, "tl_vid")} == {found[0]["visitor_id"]}


def consenting(world: World) -> None:
    for path in ("/asked", "/two"):
        world.pages.write(world.tag({"consent": "required"}), '<a id="on" href="/two">on</a>', path=path)


def agree(world: World, page: Page) -> None:
    page.wait_for_function(LOADED)
    world.rest(1.2)
    assert (world.events(), kept(page), page.context.cookies()) == ([], {}, [])
    page.evaluate("touchline('consent', 'granted')")


def test_consent_on_page_two_brings_the_landing_as_its_referrer(world: World) -> None:
    consenting(world)
    page = ready(world, world.visitor(), "/asked" + LANDING[1:] + "&token=tk-413")
    page.click("#on")
    page.wait_for_url("**/two")
    agree(world, page)
    (event,) = world.settled(1)
    assert views([event]) == [("/two", "/asked" + LANDING[1:] + "&token=redacted")]


def test_consent_after_a_script_has_shown_another_page_brings_the_landing(world: World) -> None:
    consenting(world)
    page = ready(world, world.visitor(), "/asked" + LANDING[1:])
    page.evaluate("history.pushState({}, '', '/two')")
    agree(world, page)
    found = world.settled(2)
    assert views(found) == [("/asked" + LANDING[1:], None), ("/two", "/asked" + LANDING[1:])]
    assert [(e["click_id_names"], e["tags_from"]) for e in found] == [("gclid", None), ("gclid", "referrer")]


def test_a_script_that_sends_the_visitor_on_at_once_loses_nothing(world: World) -> None:
    cleaned(world, "<script>location.replace('/de/')</script>", path="/landing")
    page = world.visitor().new_page()
    page.goto(world.pages.url("/landing" + LANDING[1:]), wait_until="commit")
    page.wait_for_url("**/de/")
    found = world.settled(1)
    assert views(found) == [("/de/", "/landing" + LANDING[1:])]
