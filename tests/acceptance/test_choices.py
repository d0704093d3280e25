"""One refusal for all doors: what tracker, server and middleware keep of a visitor, by what the visitor chose.

Each row is a visitor: what happens, and whose each page is then. Pages are on two hosts of one site (``www`` and
``shop``), in an app behind the middleware (``app``), or a script's own request without the tracker (``post``).
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from attribution_campaign_context import AttributionMiddleware, AttributionTouch, CapturePolicy
from attribution_campaign_context.consent import cookie_consent
from tests.acceptance.conftest import World, cookies
from touchline.ledger import schema

ROWS = (
    ("www shop app post", "a a a a"),
    ("app www shop", "a a a"),
    ("asked app-asked", "- -"),
    ("asked grant shop app app-asked", "a a a a"),
    ("www deny www shop app post", "a - - - -"),
    ("shop deny app www post", "a - - -"),
    ("app shop deny www app", "a a - -"),
    ("asked deny shop app app-asked post", "- - - - -"),
    ("www deny clear-storage shop app post", "a - - -"),
    ("asked grant deny shop app app-asked post", "a - - - -"),
    ("www deny grant shop app", "a b b"),
    ("www clear-cookies www", "a b"),
    ("www clear-storage www", "a a"),
    ("gpc www app post", "- - -"),
    ("gpc asked grant www app-asked", "- - -"),
    ("www gpc shop app post", "a - - -"),
    ("asked grant gpc www no-gpc www", "a - b"),
    ("gpc www no-gpc www app", "- a a"),
    ("dnt www app post", "a a a"),
    ("dnt-counts dnt www app post", "- - -"),
    ("dnt-counts www dnt shop app post", "a - - -"),
)
SIGNALS = {"gpc": ("globalPrivacyControl", "true", "sec-gpc"), "dnt": ("doNotTrack", '"1"', "dnt")}


class App:
    """An app behind the middleware, for a browser to visit, and the touches that it was given."""

    def __init__(self) -> None:
        self.touches: list[AttributionTouch] = []
        self.port = 0
        self.respects_dnt = False

    async def _record(self, touch: AttributionTouch, _: Any) -> None:
        self.touches.append(touch)

    def answer(self, path: str, headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
        """The headers of the answer to a browser that opens a page."""
        where, _, query = path.partition("?")
        asks = cookie_consent("tl_consent", {"granted"}) if where.startswith("/app-asked") else None
        policy = CapturePolicy(cookie_domain="shop.example", consent=asks, respect_dnt=self.respects_dnt)
        scope = {"type": "http", "method": "GET", "path": where, "query_string": query.encode(), "headers": headers}
        sent: list[dict[str, Any]] = []

        async def page(_: Any, __: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def receive() -> Any:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            sent.append(message)

        middleware = AttributionMiddleware(page, policy=policy, record_touch=self._record)
        asyncio.run(middleware(scope, receive, send))
        return [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]


@contextmanager
def serving_app() -> Iterator[App]:
    app = App()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fields = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", "0")
            for name, value in app.answer(self.path, fields):
                self.send_header(name, value)
            self.end_headers()

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    app.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield app
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Walk:
    """One visitor, step by step."""

    def __init__(self, world: World, app: App) -> None:
        self.world, self.app = world, app
        self.context: BrowserContext = world.visitor()
        self.page: Page = self.context.new_page()
        self.places: list[str] = []
        self.answered = self.asked = 0
        self.context.on("request", lambda request: self._count(request.url, "asked"))
        self.context.on("requestfinished", lambda request: self._count(request.url, "answered"))
        self.context.on("requestfailed", lambda request: self._count(request.url, "answered"))

    def _count(self, url: str, counter: str) -> None:
        setattr(self, counter, getattr(self, counter) + url.endswith("/api/track"))

    def take(self, step: str) -> None:
        """One step, and what it sends."""
        name, _, negated = step.rpartition("no-")
        if step in SIGNALS or (not name and negated in SIGNALS and step != negated):
            self._signal(negated or step, is_on=step in SIGNALS)
        elif step == "clear-storage":
            self.page.evaluate("localStorage.clear()")
        elif step == "clear-cookies":
            self.context.clear_cookies()
        elif step in {"deny", "grant"}:
            before = self.answered
            record = {"version": "2026-03", "purposes": ["statistics"], "source": "banner"}
            choice = {"deny": "denied", "grant": "granted"}[step]
            self.page.evaluate("([choice, record]) => touchline('consent', choice, record)", [choice, record])
            self.world.eventually(lambda: self.answered > before and self.answered == self.asked)
        elif step != "dnt-counts":
            self._visit(step)

    def _signal(self, name: str, *, is_on: bool) -> None:
        own, value, header = SIGNALS[name]
        self.context.set_extra_http_headers({header: "1"} if is_on else {})
        said = value if is_on else "undefined"
        hidden = f"Object.defineProperty(navigator, '{own}', {{get: () => {said}, configurable: true}})"
        self.context.add_init_script(hidden)

    def _visit(self, step: str) -> None:
        place = f"/{step}/{len(self.places)}-{id(self)}"
        self.places.append(place)
        before = self.answered
        if step == "post":
            event = {"eventId": place, "type": "PAGE_VIEW", "url": self.world.pages.url(place)}
            body = json.dumps({"publicKey": self.world.key, "events": [event]})
            send = """([url, body]) => {
                const known = /tl_vid=([^;]+)/.exec(document.cookie);
                const said = JSON.parse(body);
                if (known) said.events[0].anonId = known[1];
                return fetch(url, {method: 'POST', credentials: 'include', body: JSON.stringify(said)});
            }"""
            self.page.evaluate(send, [f"{self.world.collector}/api/track", body])
        elif step.startswith("app"):
            self.page.goto(f"http://app.shop.example:{self.app.port}{place}?utm_source=news")
            return
        else:
            host = "shop.example" if step == "shop" else "www.shop.example"
            self.page.goto(self.world.pages.url(place, host))
            self.page.wait_for_function("window.touchline && touchline.loaded")
            if step == "asked" and not self._has_chosen():
                return
        self.world.eventually(lambda: self.answered > before and self.answered == self.asked)

    def _has_chosen(self) -> bool:
        is_signaled = self.page.evaluate("!!navigator.globalPrivacyControl")
        return bool(is_signaled or cookies(self.context, "tl_consent"))

    def whose(self) -> str:
        """By page: a letter for each visitor in the order of appearance, or a hyphen where nothing was kept."""
        visitors = {event["path"]: event["visitor_id"] for event in self.world.events()}
        visitors |= {str(touch.landing_path): touch.visitor_id for touch in self.app.touches}
        letters: dict[str | None, str] = {}
        return " ".join(
            letters.setdefault(visitors[place], "abcd"[len(letters)]) if place in visitors else "-"
            for place in self.places
        )


def test_a_choice_holds_at_every_door(world: World) -> None:
    with serving_app() as app:
        for steps, expected in ROWS:
            app.respects_dnt = "dnt-counts" in steps
            _set_up(world, respects_dnt=app.respects_dnt)
            walk = Walk(world, app)
            for step in steps.split():
                walk.take(step)
            assert (steps, walk.whose()) == (steps, expected)
            is_known = not expected.endswith("-")
            ids = [*cookies(walk.context, "tl_vid"), *cookies(walk.context, "tl_sid")]
            assert (steps, bool(ids)) == (steps, is_known)
            walk.context.close()
            world.contexts.remove(walk.context)


def _set_up(world: World, *, respects_dnt: bool) -> None:
    dnt = {"dnt": "respect"} if respects_dnt else {}
    world.pages.write(world.tag({"domains": "shop.example", **dnt}))
    world.pages.write(world.tag({"domains": "shop.example", "consent": "required", **dnt}), path="/asked")
    world.choose("do_not_track", "respect" if respects_dnt else "ignore")


def test_a_choice_is_kept_for_its_time_and_on_record(world: World) -> None:
    """The server sets the cookie, which outlives what browsers clear after seven days; the record says the rest."""
    world.pages.write(world.tag())
    page = world.opened()
    (seen,) = world.wait(1)
    with page.expect_response("**/api/track") as answer:
        record = "{version: 'v2', purposes: ['ads', 'statistics'], source: 'footer'}"
        page.evaluate(f"touchline('consent', 'denied', {record})")
    said = answer.value.all_headers()["set-cookie"]
    assert "tl_consent=denied; Max-Age=34128000; Domain=shop.example" in said
    (row,) = world.eventually(lambda: world.rows(schema.CONSENTS))
    kept = {name: row[name] for name in ("choice", "visitor_id", "text_version", "purposes", "source")}
    assert kept == {
        "choice": "denied", "visitor_id": seen["visitor_id"], "text_version": "v2", "purposes": "ads,statistics",
        "source": "footer",
    }  # fmt: skip
    assert abs(row["said_at"] - row["received_at"]) < 60_000_000
    assert world.rejected() == []


@pytest.mark.parametrize("ids", ["cookieless", "anonymous"])
def test_where_browsers_are_to_have_no_id_nothing_is_stored_in_them(world: World, ids: str) -> None:
    world.choose("visitor_ids", ids)
    world.pages.write(world.tag({"domains": "shop.example", "ids": "none"}))
    page = world.opened("/?utm_source=news&gclid=abc")
    page.evaluate("touchline('identify', '42'); touchline('conversion', {value: 5, orderId: 'A-1'})")
    found = world.settled(3)
    assert page.context.cookies() == []
    assert json.loads(page.evaluate("JSON.stringify({...localStorage})")) == {}
    assert len({event["identifier"] for event in found}) == 1
    assert {event["user_id"] for event in found} == ({None} if ids == "anonymous" else {None, "42"})
    assert (found[0]["visitor_id"] is None) == (ids == "anonymous")
