"""The middleware in both modes, driven as a server drives it."""

import asyncio
import itertools
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution_campaign_context.compatible import compatible_context, random_id
from attribution_campaign_context.consent import cookie_consent
from attribution_campaign_context.extract import extract_attribution
from attribution_campaign_context.middleware import AttributionMiddleware
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.privacy import RotatingKeys, visit_id
from attribution_campaign_context.recording import CaptureCounters

Headers = list[tuple[bytes, bytes]]
VISITOR = "01890a5d-ac96-774b-bcce-b302099a8057"
SESSION = "01890a5d-ac96-774b-bcce-b302099a8058"
BROWSER: Headers = [
    (b"host", b"shop.example"),
    (b"user-agent", b"Mozilla/5.0 Firefox/133.0"),
    (b"accept", b"text/html"),
]
KNOWN: Headers = [*BROWSER, (b"cookie", f"tl_vid={VISITOR}; tl_sid={SESSION}".encode())]
COMPATIBLE_TAIL = b"; Path=/; HttpOnly; SameSite=Lax"


class Site:
    """An app that answers, and remembers what it was asked."""

    def __init__(self, before: Callable[[], Awaitable[None]] | None = None) -> None:
        self.seen: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.order: list[str] = []
        self.before = before

    async def __call__(self, scope: Any, _: Any, send: Any) -> None:
        self.order.append("app")
        self.seen.append(scope)
        if self.before is not None:
            await self.before()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.order.append(message["type"])

    async def record(self, _: AttributionTouch, __: Any) -> AttributionTouch | None:
        self.order.append("record")
        return None

    @property
    def cookies(self) -> list[bytes]:
        start = next(message for message in reversed(self.sent) if message["type"] == "http.response.start")
        return [value for name, value in start["headers"] if name == b"set-cookie"]


def scope_of(query: bytes = b"", headers: Headers | None = None, **more: Any) -> dict[str, Any]:
    return {
        "type": "http", "method": "GET", "path": "/a", "raw_path": b"/a", "query_string": query, "scheme": "https",
        "headers": BROWSER if headers is None else headers, "server": ("10.0.0.1", 80), "client": ("203.0.113.9", 5),
        **more,
    }  # fmt: skip


def serve(middleware: AttributionMiddleware, site: Site, scope: dict[str, Any]) -> dict[str, Any]:
    asyncio.run(middleware(scope, None, site.send))  # type: ignore[arg-type]
    state: dict[str, Any] = scope.get("state", {})
    return state


def counting() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"id-{next(numbers)}"


# -- compatible mode


def test_compatible_mints_visitor_then_session_then_touch() -> None:
    site = Site()
    middleware = AttributionMiddleware(site, record_touch=site.record, id_factory=counting())
    state = serve(middleware, site, scope_of(b"utm_source=News"))
    assert site.cookies == [b"tigrbl_vid=id-1" + COMPATIBLE_TAIL, b"sid=id-2" + COMPATIBLE_TAIL]
    assert (state["attribution_touch"].id, state["attribution_context"].visitor_id) == ("id-3", "id-1")
    assert site.order == ["record", "app", "http.response.start", "http.response.body"]
    assert "attribution_capture" not in state
    assert site.sent[0]["headers"][0] == (b"x-own", b"1")


def test_compatible_sets_cookies_without_a_signal_and_none_when_both_came() -> None:
    site = Site()
    state = serve(AttributionMiddleware(site), site, scope_of())
    assert len(site.cookies) == 2
    assert state["attribution_touch"] is None
    assert UUID(state["attribution_context"].visitor_id).version == 4
    serve(AttributionMiddleware(site), site, scope_of(headers=[(b"cookie", b"tigrbl_vid=a; sid=b")]))
    assert site.cookies == []


@pytest.mark.parametrize(
    "cookies",
    [
        [b"tigrbl_vid=a; x[y]=1; sid=b"],
        [b'{"json": 1}; tigrbl_vid=a; sid=b'],
        [b"tigrbl_vid=a", b"other=1", b"sid=b"],
        [b"\xff=\xff; tigrbl_vid=a; sid=b"],
        [b"tigrbl_vid=; tigrbl_vid=a; sid=b"],
    ],
)
def test_compatible_loses_no_id_to_a_foreign_cookie(cookies: list[bytes]) -> None:
    site = Site()
    state = serve(AttributionMiddleware(site), site, scope_of(headers=[(b"cookie", value) for value in cookies]))
    assert (state["attribution_context"].visitor_id, state["attribution_context"].session_id) == ("a", "b")
    assert site.cookies == []


def test_compatible_replaces_an_empty_id() -> None:
    site = Site()
    middleware = AttributionMiddleware(site, id_factory=counting())
    serve(middleware, site, scope_of(headers=[(b"cookie", b"tigrbl_vid=; sid=b")]))
    assert site.cookies == [b"tigrbl_vid=id-1" + COMPATIBLE_TAIL]


def test_compatible_takes_what_the_recorder_returns_and_lets_its_errors_through() -> None:
    site, stored = Site(), AttributionTouch(id="stored")

    async def store(touch: AttributionTouch, scope: Any) -> AttributionTouch:
        return stored

    async def fail(touch: AttributionTouch, scope: Any) -> None:
        raise LookupError("down")

    state = serve(AttributionMiddleware(site, record_touch=store), site, scope_of(b"gclid=x"))
    assert state["attribution_touch"] is stored
    with pytest.raises(LookupError, match="down"):
        serve(AttributionMiddleware(site, record_touch=fail), site, scope_of(b"gclid=x"))


def test_an_id_factory_cannot_write_a_header() -> None:
    site = Site()
    with pytest.raises(ValueError, match="id factory gave"):
        serve(AttributionMiddleware(site, id_factory=lambda: "a\r\nx: y"), site, scope_of())
    assert site.sent == []


@pytest.mark.parametrize("policy", [None, CapturePolicy()])
@pytest.mark.parametrize("kind", ["websocket", "lifespan", "other"])
def test_what_is_not_http_goes_through_untouched(kind: str, policy: CapturePolicy | None) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    scope = {"type": kind, "headers": KNOWN}
    receive, send = object(), object()
    asyncio.run(AttributionMiddleware(app, policy=policy)(scope, receive, send))  # type: ignore[arg-type]
    assert seen == [(scope, receive, send)]
    assert ("state" in scope) == (kind == "websocket" and policy is not None)


PIECES = st.sampled_from(
    [
        "utm_source",
        "utm_medium",
        "gclid",
        "fbclid",
        "other",
        "=",
        "=",
        "&",
        "&",
        "News",
        " ",
        "+",
        "%20",
        "%41",
        "é",
        "\x00",
        "x" * 300,
    ]
)


@given(
    st.lists(PIECES, max_size=12).map("".join), st.text(max_size=20), st.sampled_from(["/a", "", " /b ", "/\n", "/é"])
)
def test_compatible_reads_a_scope_as_extract_attribution_reads_a_request(query: str, referer: str, path: str) -> None:
    raw = query.encode()
    headers = [(b"host", b"h"), (b"Referer", referer.encode())]
    scope = {"path": path, "query_string": raw, "scheme": "http", "headers": headers}
    context, _ = compatible_context(scope, (b"v", b"s"), lambda: "id")
    shown = raw.decode("latin-1")
    request = SimpleNamespace(
        query_params=parse_qs(shown, keep_blank_values=True),
        headers={"referer": referer.encode().decode("latin-1")},
        cookies={"tigrbl_vid": "id", "sid": "id"},
        path=path,
        url=f"http://h{path}" + (f"?{shown}" if shown else ""),
    )
    assert context == extract_attribution(request)


def test_a_random_id_is_a_uuid_of_version_4() -> None:
    made = {random_id() for _ in range(100)}
    assert len(made) == 100
    assert {(UUID(one).version, UUID(one).variant) for one in made} == {(4, UUID(VISITOR).variant)}
    assert {UUID(one).hex for one in made} == made


# -- sound mode: cookies


def sound(site: Site, **fields: Any) -> AttributionMiddleware:
    return AttributionMiddleware(site, record_touch=site.record, policy=CapturePolicy(**fields))


def test_a_first_visit_gets_two_cookies_that_scripts_may_read() -> None:
    site = Site()
    state = serve(sound(site), site, scope_of(b"utm_source=News"))
    visitor, session = site.cookies
    assert re.fullmatch(rb"tl_vid=[0-9a-f-]{36}; Max-Age=34128000; Path=/; Secure; SameSite=Lax", visitor)
    assert re.fullmatch(rb"tl_sid=[0-9a-f-]{36}; Max-Age=1800; Path=/; Secure; SameSite=Lax", session)
    capture, touch = state["attribution_capture"], state["attribution_touch"]
    assert visitor.startswith(f"tl_vid={capture.visitor_id};".encode())
    assert (touch.visitor_id, touch.session_id) == (capture.visitor_id, capture.session_id)
    assert UUID(capture.visitor_id).version == UUID(touch.id).version == 7
    assert touch.ip_hash is not None
    assert touch.user_agent_hash is not None


def test_a_known_visitor_keeps_the_id_and_the_session_rolls() -> None:
    site = Site()
    state = serve(sound(site), site, scope_of(headers=KNOWN))
    assert site.cookies == [f"tl_sid={SESSION}; Max-Age=1800; Path=/; Secure; SameSite=Lax".encode()]
    assert state["attribution_capture"].visitor_cookie == "valid"


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"method": "POST"}, "method"),
        ({"headers": [*KNOWN, (b"sec-fetch-dest", b"image")]}, "asset"),
        ({"headers": [*KNOWN, (b"sec-fetch-dest", b"empty")]}, "fetch"),
        ({"headers": [*KNOWN, (b"sec-purpose", b"prefetch")]}, "prefetch"),
        ({"headers": [*KNOWN[1:], (b"user-agent", b"Googlebot")][1:]}, "bot"),
    ],
)
def test_what_is_no_page_gets_no_cookie_and_no_touch_but_is_known(more: dict[str, Any], reason: str) -> None:
    site = Site()
    middleware = sound(site)
    state = serve(middleware, site, scope_of(b"utm_source=News", **{"headers": KNOWN, **more}))
    assert site.cookies == []
    assert state["attribution_touch"] is None
    assert (state["attribution_capture"].skipped, state["attribution_context"].visitor_id) == (reason, VISITOR)
    assert middleware.counters.skipped == {reason: 1}


@pytest.mark.parametrize(
    "bad", ["", "x", VISITOR + "0", VISITOR[:-1], f'"{VISITOR}x"', "a\\073b", "%0d%0aset-cookie:a=b", "é"]
)
def test_an_id_that_is_none_is_replaced(bad: str) -> None:
    site = Site()
    state = serve(
        sound(site), site, scope_of(headers=[*BROWSER, (b"cookie", f"tl_vid={bad}; tl_sid={SESSION}".encode())])
    )
    assert state["attribution_capture"].visitor_cookie == "malformed"
    assert UUID(state["attribution_capture"].visitor_id).version == 7
    assert len(site.cookies) == 2


def test_an_own_pattern_for_ids() -> None:
    site = Site()
    middleware = sound(site, id_pattern="v[0-9]+", id_factory=lambda: "v1")
    state = serve(middleware, site, scope_of(headers=[*BROWSER, (b"cookie", b"tl_vid=v77; tl_sid=w")]))
    assert (state["attribution_capture"].visitor_id, state["attribution_capture"].session_id) == ("v77", "v1")


@pytest.mark.parametrize(
    ("fields", "scheme", "tail"),
    [
        ({}, "http", b"; Max-Age=1800; Path=/; SameSite=Lax"),
        ({"secure": "always"}, "http", b"; Max-Age=1800; Path=/; Secure; SameSite=Lax"),
        ({"secure": "never"}, "https", b"; Max-Age=1800; Path=/; SameSite=Lax"),
        (
            {"http_only": True, "cookie_domain": "shop.example", "cookie_path": "/x", "same_site": "Strict"},
            "https",
            b"; Max-Age=1800; Domain=shop.example; Path=/x; Secure; HttpOnly; SameSite=Strict",
        ),
    ],
)
def test_the_attributes_of_cookies(fields: dict[str, Any], scheme: str, tail: bytes) -> None:
    site = Site()
    serve(sound(site, **fields), site, scope_of(headers=KNOWN, scheme=scheme))
    assert site.cookies == [f"tl_sid={SESSION}".encode() + tail]


def test_an_own_page_before_is_no_signal() -> None:
    site = Site()
    state = serve(sound(site), site, scope_of(headers=[*KNOWN, (b"referer", b"https://shop.example/cart")]))
    assert state["attribution_touch"] is None
    assert not state["attribution_context"].has_signal
    assert state["attribution_capture"].referrer.url == "https://shop.example/cart"
    other = serve(sound(site), site, scope_of(headers=[*KNOWN, (b"referer", b"https://news.example/")]))
    assert other["attribution_touch"].referer == "https://news.example/"


# -- sound mode: consent


async def refuses(scope: Any) -> bool:
    return False


@pytest.mark.parametrize(
    ("fields", "header", "reason"),
    [
        ({"consent": lambda _: False}, (b"x", b""), "consent"),
        ({"consent": refuses}, (b"x", b""), "consent"),
        ({"consent": lambda _: "yes"}, (b"x", b""), "consent"),
        ({"consent": lambda _: None}, (b"x", b""), "consent"),
        ({"consent": cookie_consent("ok", {"1"})}, (b"cookie", b"ok=0"), "consent"),
        ({"consent": lambda _: True}, (b"sec-gpc", b"1"), "gpc"),
        ({}, (b"sec-gpc", b"1"), "gpc"),
        ({"respect_dnt": True}, (b"dnt", b"1"), "dnt"),
        ({}, (b"cookie", b"a=1; tl_consent=denied"), "refused"),
        ({"consent": lambda _: True}, (b"cookie", b"tl_consent=granted; tl_consent=denied"), "refused"),
    ],
)
def test_without_consent_there_is_nothing(fields: dict[str, Any], header: tuple[bytes, bytes], reason: str) -> None:
    site = Site()
    middleware = sound(site, **fields)
    state = serve(middleware, site, scope_of(b"utm_source=News", [*KNOWN, header]))
    context, capture = state["attribution_context"], state["attribution_capture"]
    ends = [] if reason == "consent" else ["tl_vid", "tl_sid"]  # what the browser itself refuses ends at once
    own = [name for name in ends for _ in ("the host's own", "the whole domain's")]
    assert [cookie.partition(b"=; Max-Age=0")[0].decode() for cookie in site.cookies] == own
    assert (state["attribution_touch"], context.visitor_id, context.raw_params) == (None, None, {})
    assert (capture.skipped, capture.has_consent, capture.visitor_cookie) == (reason, False, "withheld")
    assert (capture.landing_url, capture.raw_query) == (None, b"")
    assert "record" not in site.order
    assert middleware.counters.skipped == {reason: 1}


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({"consent": cookie_consent("ok", {"1"})}, (b"cookie", b"ok=1")),
        ({"respect_gpc": False}, (b"sec-gpc", b"1")),
        ({"consent_cookie": None}, (b"cookie", b"tl_consent=denied")),
        ({}, (b"cookie", b"tl_consent=granted; not_tl_consent=denied")),
        ({}, (b"sec-gpc", b"0")),
        ({}, (b"dnt", b"1")),
    ],
)
def test_with_consent_there_is_a_touch(fields: dict[str, Any], header: tuple[bytes, bytes]) -> None:
    site = Site()
    assert serve(sound(site, **fields), site, scope_of(b"utm_source=News", [*KNOWN, header]))["attribution_touch"]


@pytest.mark.parametrize(
    ("said", "kept", "has_cookies"),
    [
        ([], [b"private"], True),
        ([b"no-store"], [b"no-store"], True),
        ([b"Private, max-age=60"], [b"Private, max-age=60"], True),
        ([b"no-cache"], [b"no-cache, private"], True),
        ([b"max-age=0, must-revalidate"], [b"max-age=0, must-revalidate, private"], True),
        ([b"public"], [b"public"], False),
        ([b"max-age=600"], [b"max-age=600"], False),
        ([b"max-age=0", b"S-Maxage=9"], [b"max-age=0", b"S-Maxage=9"], False),
    ],
)
def test_no_answer_that_a_shared_cache_may_keep_has_a_cookie(
    said: list[bytes], kept: list[bytes], has_cookies: bool
) -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        headers = [(b"Cache-Control", value) for value in said]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    site = Site()
    middleware: Any = AttributionMiddleware(app, policy=CapturePolicy())
    asyncio.run(middleware(scope_of(headers=BROWSER), None, site.send))
    found = site.sent[0]["headers"]
    assert [value for name, value in found if name.lower() == b"cache-control"] == kept
    assert bool(site.cookies) == has_cookies


@pytest.mark.parametrize(
    ("trusted", "said", "host"),
    [
        (0, b"evil.example", "shop.example"),
        (("10.0.0.0/8",), b"evil.example", "shop.example"),
        (1, b"www.brand.example:8443", "brand.example"),
        (1, b"evil.example, brand.example", "brand.example"),
        (("192.0.2.0/24",), b"brand.example", "brand.example"),
        (1, b"no host/", "10.0.0.1"),  # then the app's own address is all that is known
    ],
)
def test_the_host_that_a_proxy_names_counts_where_the_proxy_is_trusted(trusted: Any, said: bytes, host: str) -> None:
    scope = scope_of(b"utm_source=News", [*BROWSER, (b"x-forwarded-host", said)], client=("192.0.2.1", 4711))
    capture = serve(sound(Site(), trusted_proxies=trusted), Site(), scope)["attribution_capture"]
    assert capture.host == host


def test_cookies_can_be_deleted_where_consent_is_gone() -> None:
    site = Site()
    middleware = sound(site, consent=lambda _: False, expire_cookies=True, cookie_domain="shop.example")
    serve(middleware, site, scope_of(headers=[*BROWSER, (b"cookie", b"tl_vid=anything")]))
    assert site.cookies == [b"tl_vid=; Max-Age=0; Domain=shop.example; Path=/; Secure; SameSite=Lax"]
    serve(middleware, site, scope_of())
    assert site.cookies == []


def test_a_consent_function_that_fails_is_heard() -> None:
    def fails(scope: Any) -> bool:
        raise LookupError("consent store")

    site = Site()
    with pytest.raises(LookupError, match="consent store"):
        serve(sound(site, consent=fails), site, scope_of())


# -- sound mode: recording


def test_the_visitor_is_answered_before_the_touch_is_recorded() -> None:
    site = Site()
    middleware = sound(site)
    serve(middleware, site, scope_of(b"gclid=x"))
    assert site.order == ["app", "http.response.start", "http.response.body", "record"]
    assert site.seen[0]["state"]["attribution_touch"].click_ids == {"gclid": "x"}
    counters = middleware.counters
    assert (counters.touches, counters.recorded, counters.pending, counters.refused) == (1, 1, 0, 0)


def test_it_is_recorded_first_where_handlers_need_it() -> None:
    site = Site()
    serve(sound(site, record="before"), site, scope_of(b"gclid=x"))
    assert site.order[:2] == ["record", "app"]


def failing(policy: CapturePolicy, site: Site) -> AttributionMiddleware:
    async def fail(touch: AttributionTouch, scope: Any) -> None:
        raise LookupError("secret in a message")

    return AttributionMiddleware(site, record_touch=fail, policy=policy)


@pytest.mark.parametrize("when", ["after", "before"])
def test_a_failing_recorder_is_counted_and_logged_and_nobody_sees_it(
    when: Any, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site()
    middleware = failing(CapturePolicy(record=when), site)
    with caplog.at_level(logging.INFO):
        serve(middleware, site, scope_of(b"gclid=x"))
    assert site.sent[0]["status"] == 200
    assert middleware.counters.failures == {"LookupError": 1}
    assert (middleware.counters.recorded, middleware.counters.pending) == (0, 0)
    assert caplog.messages == ["A touch was not recorded: LookupError."]


def test_a_failing_recorder_can_be_heard() -> None:
    site = Site()
    middleware = failing(CapturePolicy(record="before", on_recorder_failure="raise"), site)
    with pytest.raises(LookupError):
        serve(middleware, site, scope_of(b"gclid=x"))
    assert site.order == []
    assert middleware.counters.failures == {"LookupError": 1}


def test_a_page_that_fails_was_visited_all_the_same() -> None:
    async def fail() -> None:
        raise ArithmeticError("the app's own")

    site = Site(fail)
    with pytest.raises(ArithmeticError, match="own"):
        serve(sound(site), site, scope_of(b"gclid=x"))
    assert site.order == ["app", "record"]


async def turns_of_the_loop() -> None:
    """Let every request that has begun come to where it waits."""
    for _ in range(100):
        await asyncio.sleep(0)


def test_no_more_touches_wait_than_may() -> None:
    site, gate = Site(), asyncio.Event()

    async def wait(touch: AttributionTouch, scope: Any) -> None:
        await gate.wait()

    middleware = AttributionMiddleware(site, record_touch=wait, policy=CapturePolicy(max_pending=2))

    async def world() -> None:
        requests = [asyncio.create_task(middleware(scope_of(b"gclid=x"), None, site.send)) for _ in range(5)]  # type: ignore[arg-type]
        await turns_of_the_loop()
        assert middleware.counters.pending == 2
        gate.set()
        await asyncio.gather(*requests)

    asyncio.run(world())
    counters = middleware.counters
    assert (counters.touches, counters.recorded, counters.refused, counters.pending) == (5, 2, 3, 0)


@pytest.mark.parametrize(("lasts", "recorded", "failed"), [(0.0, 1, {}), (60.0, 0, {"CancelledError": 1})])
def test_a_shutdown_waits_for_requests_that_were_cut_off(lasts: float, recorded: int, failed: dict[str, int]) -> None:
    async def forever() -> None:
        await asyncio.sleep(60)

    async def slowly(touch: AttributionTouch, scope: Any) -> None:
        await asyncio.sleep(lasts)

    site = Site(forever)
    policy = CapturePolicy(drain_timeout=timedelta(milliseconds=50))
    middleware = AttributionMiddleware(site, record_touch=slowly, policy=policy)

    async def shutdown() -> Any:
        return {"type": "lifespan.shutdown"}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert await receive() == {"type": "lifespan.shutdown"}
        assert middleware.counters.recorded == recorded
        assert middleware.counters.pending == 0

    async def world() -> None:
        request = asyncio.create_task(middleware(scope_of(b"gclid=x"), None, site.send))  # type: ignore[arg-type]
        await turns_of_the_loop()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        middleware.app = app
        await middleware({"type": "lifespan"}, shutdown, site.send)

    asyncio.run(world())
    assert middleware.counters.failures == failed


def test_what_a_recorder_returns_stands_in_the_state() -> None:
    site, stored = Site(), AttributionTouch(id="stored")

    async def store(touch: AttributionTouch, scope: Any) -> AttributionTouch:
        return stored

    middleware = AttributionMiddleware(site, record_touch=store, policy=CapturePolicy(record="before"))
    assert serve(middleware, site, scope_of(b"gclid=x"))["attribution_touch"] is stored


def test_a_recorder_object_serves_as_well_and_counters_can_be_shared() -> None:
    site, counters = Site(), CaptureCounters()
    recorder: Any = SimpleNamespace(record_touch=site.record)
    for _ in range(2):
        middleware = AttributionMiddleware(site, recorder=recorder, policy=CapturePolicy(), counters=counters)
        serve(middleware, site, scope_of(b"gclid=x"))
    assert (counters.touches, counters.recorded) == (2, 2)


def test_arguments_that_do_not_go_together() -> None:
    site = Site()
    with pytest.raises(ValueError, match="give one of them"):
        AttributionMiddleware(site, record_touch=site.record, recorder=site)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="say them in the policy"):
        AttributionMiddleware(site, visitor_cookie="v", policy=CapturePolicy())
    with pytest.raises(ValueError, match="cookie's name"):
        AttributionMiddleware(site, session_cookie="a;b")


def test_hashes_never_hold_what_was_hashed() -> None:
    site = Site()
    state = serve(sound(site), site, scope_of(b"gclid=x"))
    kept = repr(state["attribution_touch"])
    assert "203.0.113.9" not in kept
    assert "Firefox" not in kept


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=a&utm_source=b", "utm_source=&utm_source=b", "gclid=1&gclid=2&utm_source=c", "utm_sourc%65=a",
        "utm_source=a%20b+c", "utm_source", "=a", "utm_source=a=b", "other=1&utm_medium=x", "utm+source=a", "&&",
        f"utm_source={'a' * 300}",
    ],
)  # fmt: skip
def test_compatible_reads_odd_queries_as_extract_attribution_reads_them(query: str) -> None:
    scope = {"path": "/", "query_string": query.encode(), "scheme": "http", "headers": [(b"host", b"h")]}
    context, _ = compatible_context(scope, (b"v", b"s"), lambda: "id")
    request = SimpleNamespace(
        query_params=parse_qs(query, keep_blank_values=True), headers={}, cookies={"tigrbl_vid": "id", "sid": "id"},
        path="/", url=f"http://h/?{query}",
    )  # fmt: skip
    assert context == extract_attribution(request)


@pytest.mark.parametrize(
    ("scope", "url"),
    [
        ({}, "http://localhost:80/a"),
        ({"server": ("shop.example", 8443), "scheme": "https"}, "https://shop.example:8443/a"),
        ({"server": None, "query_string": b"b=c"}, "http://localhost:80/a?b=c"),
        ({"headers": [(b"Host", b"h:1")], "server": ("x", 1)}, "http://h:1/a"),
    ],
)
def test_compatible_names_the_address_that_was_asked_for(scope: dict[str, Any], url: str) -> None:
    context, _ = compatible_context({"path": "/a", **scope}, (b"v", b"s"), lambda: "id")
    assert context.landing_url == url


def touches_under(policy: CapturePolicy, *requests: Headers, client: str = "198.51.100.7") -> tuple[Site, list[Any]]:
    """What an app sees of one browser's requests, and their touches."""
    site, touches = Site(), []

    async def record(touch: AttributionTouch, _: Any) -> None:
        touches.append(touch)

    async def visit() -> None:
        app = AttributionMiddleware(site, record_touch=record, policy=policy)
        for headers in requests:
            await app(scope_of(b"utm_source=News&gclid=" + GCLID, headers, client=(client, 4711)), None, site.send)  # type: ignore[arg-type]

    asyncio.run(visit())
    return site, touches


GCLID = b"Cj0KCQiA5NSqBhD_ARIsAGJ"
OTHER_BROWSER: Headers = [(b"host", b"shop.example"), (b"user-agent", b"Other/1"), (b"accept", b"text/html")]


def test_without_cookies_a_visitor_is_a_hash_of_the_day() -> None:
    now = [0.0]
    keys = RotatingKeys(clock=lambda: now[0])
    policy = CapturePolicy(visitor_ids="cookieless", site_id="shop", keys=keys)
    site, (one, again, other) = touches_under(policy, BROWSER, BROWSER, OTHER_BROWSER)
    expected = visit_id(keys, "shop", keys.digest("ip", "198.51.100.7"), "Mozilla/5.0 Firefox/133.0")
    assert UUID(expected).version == 8
    assert {one.visitor_id, one.session_id, again.visitor_id, again.session_id} == {expected}
    assert other.visitor_id not in {None, expected}
    assert not any(name == b"set-cookie" for message in site.sent for name, _ in message.get("headers", ()))
    now[0] = 86_400.0
    assert touches_under(policy, BROWSER)[1][0].visitor_id not in {None, expected}
    assert touches_under(policy, BROWSER, client="nowhere")[1][0].visitor_id is None


def test_without_ids_nothing_is_kept_or_made() -> None:
    site, touches = touches_under(CapturePolicy(visitor_ids="anonymous"), BROWSER)
    assert touches == []
    (scope,) = site.seen
    capture = scope["state"]["attribution_capture"]
    assert (capture.skipped, capture.visitor_id, capture.session_id) == ("anonymous", None, None)
    assert not any(name == b"set-cookie" for message in site.sent for name, _ in message.get("headers", ()))


@pytest.mark.parametrize("choice", ["cookieless", "anonymous"])
def test_cookies_of_an_earlier_choice_are_not_read_and_go(choice: Any) -> None:
    site, touches = touches_under(CapturePolicy(visitor_ids=choice), KNOWN)
    assert VISITOR not in repr(touches)
    assert site.seen[0]["state"]["attribution_context"].visitor_id != VISITOR
    gone = [value for message in site.sent for name, value in message.get("headers", ()) if name == b"set-cookie"]
    assert {value.partition(b"=")[0] for value in gone} == {b"tl_vid", b"tl_sid"}
    assert [value for value in gone if b"Max-Age=0" not in value] == []


@pytest.mark.parametrize("choice", ["cookies", "cookieless", "anonymous"])
def test_consent_that_is_withdrawn_ends_everything_at_once(choice: Any) -> None:
    refused = [*BROWSER, (b"cookie", f"tl_vid={VISITOR}; tl_consent=denied".encode())]
    site, touches = touches_under(CapturePolicy(visitor_ids=choice), BROWSER, refused)
    assert len(touches) == (0 if choice == "anonymous" else 1)
    capture = site.seen[1]["state"]["attribution_capture"]
    assert (capture.skipped, capture.visitor_id, capture.session_id) == ("refused", None, None)
