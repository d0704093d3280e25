"""What requests say: truth tables of purpose, referrer, parameters and addresses; headers as browsers send them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from attribution_campaign_context.bots import is_declared_bot
from attribution_campaign_context.capture import Capture, Ids, RequestReader, capture_url, touch_of
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.privacy import RotatingKeys
from attribution_campaign_context.referrers import read_referrer
from attribution_campaign_context.requests import Headers, ascii_url, is_under, purpose_of

CHROME_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
SAFARI_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.6 "
    "Mobile/15E148 Safari/604.1"
)
FIREFOX_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
EXTENSIONS = CapturePolicy().asset_extensions
ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def sent(**headers: str) -> list[tuple[bytes, bytes]]:
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]


CHROME = sent(
    host="shop.example",
    sec_ch_ua='"Chromium";v="131"',
    upgrade_insecure_requests="1",
    user_agent=CHROME_AGENT,
    accept=HTML,
    sec_fetch_site="cross-site",
    sec_fetch_mode="navigate",
    sec_fetch_user="?1",
    sec_fetch_dest="document",
    referer="https://www.google.com/",
)
SAFARI_15 = sent(host="shop.example", accept=HTML, user_agent=SAFARI_AGENT, accept_language="de-DE")
FIREFOX = sent(
    host="shop.example", user_agent=FIREFOX_AGENT, accept=HTML, sec_fetch_dest="document", sec_fetch_mode="navigate",
    sec_fetch_site="none",
)  # fmt: skip
CHROME_XHR = sent(accept="*/*", user_agent=CHROME_AGENT, sec_fetch_dest="empty", sec_fetch_mode="cors")
CHROME_IMAGE = sent(accept="image/avif,image/webp,*/*", sec_fetch_dest="image", sec_fetch_mode="no-cors")
CHROME_PREFETCH = sent(
    accept=HTML,
    sec_purpose="prefetch;prerender",
    purpose="prefetch",
    sec_fetch_dest="document",
    sec_fetch_mode="navigate",
)
FIREFOX_PREFETCH = sent(accept=HTML, x_moz="prefetch", sec_fetch_dest="empty", sec_fetch_mode="no-cors")
SAFARI_PREVIEW = sent(accept=HTML, x_purpose="preview", user_agent=SAFARI_AGENT)


@pytest.mark.parametrize(
    ("path", "headers", "purpose"),
    [
        ("/", CHROME, "page"),
        ("/", SAFARI_15, "page"),
        ("/", FIREFOX, "page"),
        ("/guide.json", CHROME, "page"),
        ("/", CHROME_XHR, "fetch"),
        ("/", CHROME_IMAGE, "asset"),
        ("/", CHROME_PREFETCH, "prefetch"),
        ("/", FIREFOX_PREFETCH, "prefetch"),
        ("/", SAFARI_PREVIEW, "prefetch"),
        ("/", sent(sec_fetch_dest="iframe", sec_fetch_mode="navigate"), "frame"),
        ("/", sent(sec_fetch_dest="style"), "asset"),
        ("/", sent(sec_fetch_dest="Document"), "page"),
        ("/", sent(sec_fetch_mode="navigate"), "page"),
        ("/", sent(sec_fetch_mode="cors"), "fetch"),
        ("/", sent(x_requested_with="XMLHttpRequest", accept=HTML), "fetch"),
        ("/", sent(hx_request="true", accept=HTML), "fetch"),
        ("/a/b.CSS", SAFARI_15, "asset"),
        ("/a.css/b", SAFARI_15, "page"),
        ("/css", SAFARI_15, "page"),
        ("/v1.2", SAFARI_15, "page"),
        ("/", sent(accept="application/json"), "fetch"),
        ("/", sent(accept="*/*"), "fetch"),
        ("/", sent(accept="image/webp,*/*"), "asset"),
        ("/", [], "page"),
    ],
)
def test_what_a_request_is_for(path: str, headers: list[tuple[bytes, bytes]], purpose: str) -> None:
    assert purpose_of(path, Headers(headers), EXTENSIONS) == purpose


@pytest.mark.parametrize(
    ("text", "site", "state", "host", "is_own"),
    [
        ("https://www.google.com/", "cross-site", "origin_only", "google.com", False),
        ("https://www.google.com", "", "origin_only", "google.com", False),
        ("https://news.example/a?b=c", "", "full", "news.example", False),
        ("https://news.example/a", "", "full", "news.example", False),
        ("https://news.example/?b=c", "", "full", "news.example", False),
        ("https://shop.example/cart", "same-origin", "full", "shop.example", True),
        ("https://www.shop.example:8443/cart", "", "full", "shop.example", True),
        ("https://a.pay.example/done", "cross-site", "full", "a.pay.example", True),
        ("https://notpay.example/", "", "origin_only", "notpay.example", False),
        ("https://pay.example.evil.example/", "", "origin_only", "pay.example.evil.example", False),
        ("android-app://com.google.android.gm/", "", "reduced", "com.google.android.gm", False),
        ("news.example/a", "", "reduced", "news.example", False),
        ("https://news.example/" + "x" * 3_000, "", "reduced", "news.example", False),
        ("", "cross-site", "suppressed", None, False),
        ("about:blank", "", "suppressed", None, False),
        ("no address", "same-origin", "suppressed", None, True),
        (None, "cross-site", "suppressed", None, False),
        (None, "same-site", "suppressed", None, False),
        (None, "same-origin", "suppressed", None, True),
        (None, "none", "absent", None, False),
        (None, "", "absent", None, False),
    ],
)
def test_what_a_referrer_says(text: str | None, site: str, state: str, host: str | None, *, is_own: bool) -> None:
    hosts = frozenset({"pay.example"})
    found = read_referrer(text, own_host="shop.example", own_hosts=hosts, fetch_site=site.encode())
    assert (found.state, found.host, found.is_own) == (state, host, is_own)
    assert found.is_signal == (host is not None and not is_own)
    assert found.url is None or len(found.url) <= 2_048


def test_a_referrer_is_scrubbed() -> None:
    found = read_referrer("https://ann:pw@mail.example:443/a?token=1")
    assert found.url == "https://mail.example/a?token=redacted"
    assert read_referrer("https://ann@mail.example/").url == "https://mail.example/"


def page(query: bytes = b"", /, policy: CapturePolicy | None = None, **scope: Any) -> Capture:
    reader = RequestReader(policy or CapturePolicy())
    asked = {"method": "GET", "path": "/a", "scheme": "https", "query_string": query, "headers": SAFARI_15, **scope}
    return reader.page(asked, Headers(asked["headers"]), Ids())


@pytest.mark.parametrize(
    ("query", "utm", "clicks", "refused"),
    [
        (b"utm_source=Google&UTM_Medium=CPC", {"utm_source": "google", "utm_medium": "cpc"}, {}, {}),
        (b"GCLID=Cj0K_Q-x", {}, {"gclid": "Cj0K_Q-x"}, {}),
        (b"gclid=a+b%2Bc", {}, {"gclid": "a+b+c"}, {}),
        (b"gclid=" + b"x" * 512, {}, {"gclid": "x" * 512}, {}),
        (b"gclid=" + b"x" * 513, {}, {}, {"gclid": "too_long"}),
        (b"gclid=%FF", {}, {}, {"gclid": "bad_encoding"}),
        (b"gclid=\xff", {}, {}, {"gclid": "bad_encoding"}),
        (b"utm_source=\xc3\xa9t\xc3\xa9", {"utm_source": "été"}, {}, {}),
        (b"utm_source=%C3%A9t%C3%A9", {"utm_source": "été"}, {}, {}),
        (b"utm_source=a%0D%0ASet-Cookie:x", {}, {}, {"utm_source": "control_character"}),
        (b"utm_source=a\x00b", {}, {}, {"utm_source": "control_character"}),
        (b"utm_source=(not set)&gclid={gclid}", {}, {}, {"utm_source": "placeholder", "gclid": "template"}),
        (b"utm_source=&utm_source=first&utm_source=second", {"utm_source": "first"}, {}, {}),
        (b"utm_term=ann@shop.example&utm_id=1", {"utm_id": "1"}, {}, {"utm_term": "personal"}),
        (b"mc_cid=0a1b&mc_eid=2f", {}, {"mc_cid": "0a1b"}, {"mc_eid": "personal"}),
        (b"dclid=C1&twclid=2x&rdt_cid=3y", {}, {"dclid": "C1", "twclid": "2x", "rdt_cid": "3y"}, {}),
        (b"page=2", {}, {}, {}),
        (b"", {}, {}, {}),
    ],
)
def test_what_a_query_says(query: bytes, utm: dict[str, str], clicks: dict[str, str], refused: dict[str, str]) -> None:
    found = page(query)
    assert (found.utm, found.click_ids, found.refused, found.raw_query) == (utm, clicks, refused, query)
    assert found.has_signal == bool(utm or clicks)
    assert (found.skipped is None) == found.has_signal


def test_subscribers_are_kept_on_request_only() -> None:
    assert page(b"mc_eid=2f", CapturePolicy(keep_personal_ids=True)).click_ids == {"mc_eid": "2f"}
    assert "mc_eid=redacted" in (page(b"mc_eid=2f").landing_url or "")
    assert "mc_eid=&" in (page(b"mc_eid=2&utm_source=x").landing_url or "")  # a number of the page's own


def test_extra_keys_are_no_signal_and_follow_the_same_rules() -> None:
    policy = CapturePolicy(extra_keys=frozenset({"aff", "ref"}))
    found = page(b"aff=&aff=Ann+B&ref={x}&other=1", policy)
    assert (found.extra, found.refused, found.has_signal) == ({"aff": "Ann B"}, {"ref": "template"}, False)
    assert page(b"aff=a%40b.example", policy).refused == {"aff": "personal"}
    assert found.context.raw_params == {"aff": "Ann B"}


def test_a_long_query_is_cut_between_parameters() -> None:
    policy = CapturePolicy(max_query_bytes=256)
    found = page(b"utm_id=1&" + b"a" * 240 + b"&gclid=whole", policy)
    assert found.utm == {"utm_id": "1"}
    assert found.click_ids == {}
    assert found.refused == {"query": "too_long", "landing_url": "too_long"}
    assert found.raw_query == b"utm_id=1&" + b"a" * 240
    assert found.landing_path == "/a"
    assert page(b"utm_source=" + b"x" * 600, policy).raw_query == b""
    whole = b"x=" + b"y" * 254
    assert page(whole, policy).raw_query == whole


def test_a_long_address_is_left_out_and_not_cut() -> None:
    found = page(b"utm_id=1", path="/" + "p" * 5_000)
    assert (found.landing_url, found.landing_path, found.refused) == (None, None, {"landing_url": "too_long"})
    assert found.utm == {"utm_id": "1"}


@pytest.mark.parametrize(
    ("scope", "url", "path"),
    [
        ({}, "https://shop.example/a", "/a"),
        ({"scheme": "http"}, "http://shop.example/a", "/a"),
        ({"headers": [(b"Host", b"Shop.Example:443")]}, "https://shop.example/a", "/a"),
        ({"headers": [(b"host", b"shop.example:8443")]}, "https://shop.example:8443/a", "/a"),
        ({"headers": [], "server": ("10.0.0.1", 8000)}, "https://10.0.0.1:8000/a", "/a"),
        ({"headers": [], "server": ("::1", 443)}, "https://[::1]/a", "/a"),
        ({"headers": [], "server": ("/run/app.sock", None)}, "/a", "/a"),
        ({"headers": [(b"host", b"evil.example/x?y")]}, "/a", "/a"),
        ({"headers": [(b"host", b"ann:pw@shop.example")]}, "https://shop.example/a", "/a"),
        ({"headers": [(b"host", b"a\r\nb")]}, "https://ab/a", "/a"),
        ({"raw_path": b"/%61/\xc3\xa9 #x?y=1"}, "https://shop.example/%61/%C3%A9%20%23x", "/%61/%C3%A9%20%23x"),
        ({"path": "/é ?#\r\n"}, "https://shop.example/%C3%A9%20%3F%23%0D%0A", "/%C3%A9%20%3F%23%0D%0A"),
        ({"path": ""}, "https://shop.example", None),
        ({"query_string": b"token=1&a=\xff"}, "https://shop.example/a?token=redacted&a=%FF", "/a"),
    ],
)
def test_where_the_page_is(scope: dict[str, Any], url: str, path: str | None) -> None:
    found = page(**{"headers": [(b"host", b"shop.example")], **scope})
    assert (found.landing_url, found.landing_path) == (url, path)


@pytest.mark.parametrize(
    ("trusted", "peer", "said", "is_https"),
    [
        (0, "10.0.0.1", b"https", False),
        (1, "10.0.0.1", b"https", True),
        (1, "10.0.0.1", b"http, https", True),
        (1, "10.0.0.1", b"https, http", False),
        (("10.0.0.0/8",), "10.0.0.1", b"https", True),
        (("10.0.0.0/8",), "203.0.113.9", b"https", False),
    ],
)
def test_whose_word_counts_for_https(trusted: Any, peer: str, said: bytes, *, is_https: bool) -> None:
    reader = RequestReader(CapturePolicy(trusted_proxies=trusted))
    scope = {"scheme": "http", "client": (peer, 1)}
    assert reader.is_https(scope, Headers([(b"x-forwarded-proto", said)])) is is_https


@pytest.mark.parametrize(
    ("fields", "scope", "reason"),
    [
        ({}, {}, None),
        ({}, {"method": "POST"}, "method"),
        ({}, {"method": "HEAD"}, "method"),
        ({"methods": {"POST"}}, {"method": "POST"}, None),
        ({"ignored_paths": ("/api",)}, {"path": "/api/x"}, "path"),
        ({"ignored_paths": ("/api",)}, {"path": "/apis"}, None),
        ({"only_paths": ("/shop",)}, {"path": "/"}, "path"),
        ({"only_paths": ("/shop",)}, {"path": "/shop"}, None),
        ({"only_paths": ("/shop",), "ignored_paths": ("/shop/x",)}, {"path": "/shop/x/y"}, "path"),
        ({}, {"headers": CHROME_XHR}, "fetch"),
        ({}, {"headers": CHROME_PREFETCH}, "prefetch"),
        ({}, {"headers": sent(user_agent="Googlebot/2.1", accept=HTML)}, "bot"),
        ({}, {"headers": sent(accept=HTML)}, "bot"),
        ({"is_bot": None}, {"headers": sent(user_agent="Googlebot/2.1", accept=HTML)}, None),
        ({"is_bot": lambda agent: "Firefox" in agent}, {"headers": FIREFOX}, "bot"),
    ],
)
def test_who_opens_a_page(fields: dict[str, Any], scope: dict[str, Any], reason: str | None) -> None:
    asked = {"method": "GET", "path": "/", "headers": SAFARI_15, **scope}
    assert RequestReader(CapturePolicy(**fields)).no_page(asked, Headers(asked["headers"])) == reason


@pytest.mark.parametrize(
    "agent", [CHROME_AGENT, SAFARI_AGENT, FIREFOX_AGENT, "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20)"]
)
def test_people_are_no_programs(agent: str) -> None:
    assert not is_declared_bot(agent)


@pytest.mark.parametrize(
    "agent", ["curl/8.5", "GPTBot/1.1", "python-requests/2.32", "HeadlessChrome/131", " ", "x" * 9_000 + "bot"]
)
def test_programs_that_say_so(agent: str) -> None:
    assert is_declared_bot(agent) == (len(agent) < 512)


def test_a_touch_has_everything_but_what_names_a_person() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    keys = RotatingKeys(lambda _: b"k" * 32)
    policy = CapturePolicy(clock=lambda: now, retention=timedelta(days=30), keys=keys)
    capture = page(b"utm_source=News&gclid=x&token=1", policy)._replace(visitor_id=ID, session_id=ID)
    touch = touch_of(capture, policy, user_agent=CHROME_AGENT, address="192.0.2.1")
    assert touch.model_dump(exclude_none=True) == {
        "id": touch.id,
        "visitor_id": ID,
        "session_id": ID,
        "utm_source": "news",
        "click_ids": {"gclid": "x"},
        "landing_path": "/a",
        "landing_url": "https://shop.example/a?utm_source=News&gclid=x&token=redacted",
        "user_agent_hash": keys.digest("user_agent", CHROME_AGENT),
        "ip_hash": keys.digest("ip", "192.0.2.1"),
        "raw_params": {"utm_source": "news", "gclid": "x"},
        "created_at": now,
        "expires_at": now + timedelta(days=30),
    }
    assert UUID(touch.id).version == 7
    bare = touch_of(capture, CapturePolicy(hash_ip=False, hash_user_agent=False), user_agent="x", address="192.0.2.1")
    assert (bare.ip_hash, bare.user_agent_hash) == (None, None)


def test_a_client_reports_its_address_with_the_fragment() -> None:
    found = capture_url(
        "https://ann:pw@shop.example:443/a?gclid=X&token=1#/r?utm_source=News&utm_medium=Email",
        "https://shop.example/",
        visitor_id=ID,
        session_id="not an id",
    )
    assert found.utm == {"utm_source": "news", "utm_medium": "email"}
    assert found.click_ids == {"gclid": "X"}
    assert found.landing_url == "https://shop.example/a?gclid=X&token=redacted#/r?utm_source=News&utm_medium=Email"
    assert (found.source, found.skipped, found.referrer.is_own) == ("client", None, True)
    assert (found.visitor_id, found.visitor_cookie) == (ID, "valid")
    assert (found.session_id, found.session_cookie) == (None, "malformed")
    assert capture_url("/a").skipped == "no_signal"
    assert capture_url("").landing_url is None


def test_a_long_fragment_is_cut_between_parameters_too() -> None:
    policy = CapturePolicy(max_query_bytes=256)
    found = capture_url("/a?utm_id=1#utm_term=x&" + "a" * 240 + "&gclid=whole", policy=policy)
    assert (found.utm, found.click_ids) == ({"utm_id": "1", "utm_term": "x"}, {})
    assert found.refused == {"fragment": "too_long", "landing_url": "too_long"}
    assert capture_url("/a#gclid=" + "x" * 300, policy=policy).click_ids == {}


def test_two_captures_share_nothing_that_can_change() -> None:
    first = page()
    first.utm["utm_source"] = "x"
    assert page().utm == {}


def test_small_parts() -> None:
    assert ascii_url(b"\x00\x7f\xff a") == "%00%7F%FF%20a"
    assert not is_under("/", ("/a",))
    assert Headers([(b"REFERER", b"a"), (b"referer", b"b")]).get(b"referer") == b"a"
    assert Headers([(b"user-agent", b"a\r\n\xff")]).text(b"user-agent", 10) == "aÿ"
