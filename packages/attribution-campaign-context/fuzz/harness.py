# ruff: noqa: S101 - a broken promise is an AssertionError here
"""Fuzz targets of what reads bytes from strangers, and the program that runs one under atheris.

    python fuzz/harness.py cookies|query|url|request [libFuzzer options, for instance -runs=50000 -seed=7]

A target is a function of bytes that raises ``AssertionError`` where a promise is broken; the property tests use the
same.
"""

import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attribution_campaign_context.capture import Capture, Ids, RequestReader, capture_url
from attribution_campaign_context.cookies import MAX_COOKIE_BYTES, MAX_VALUE_BYTES, candidates, first_cookie
from attribution_campaign_context.middleware import AttributionMiddleware
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.requests import Headers
from attribution_campaign_context.scrub import scrub_url, split_url

SET_COOKIE = re.compile(
    rb"tl_[vs]id=[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}; Max-Age=\d+; Path=/; (Secure; )?SameSite=Lax"
)
COMPATIBLE_SET_COOKIE = re.compile(rb"(tigrbl_vid|sid)=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
VISIBLE = re.compile(r"[\x21-\x7e]*")
ID = "01890a5d-ac96-774b-bcce-b302099a8057"
OURS = f"; tl_vid={ID}".encode()

_POLICY = CapturePolicy(extra_keys=frozenset({"aff"}), trusted_proxies=1, is_bot=None)
_READER = RequestReader(_POLICY)


def cookies(data: bytes) -> None:
    """Whatever stands before it, ours is found in what is read; whatever a cookie holds is text of bounded length."""
    headers = data[: MAX_COOKIE_BYTES - len(OURS)].split(b"\n")
    for name in (b"tl_vid", data[:5], b""):
        for value in candidates(headers, name):
            assert len(value.encode()) <= MAX_VALUE_BYTES
    found, came = first_cookie([*headers, OURS], b"tl_vid", _POLICY.id_expression.fullmatch)
    assert came
    assert found is not None
    assert _POLICY.id_expression.fullmatch(found)


def query(data: bytes) -> None:
    """A query gives valid values and reasons, and never both for one name."""
    scope = {"method": "GET", "path": "/a", "scheme": "https", "query_string": data, "server": ("shop.example", 443)}
    _check(_READER.page(scope, Headers(()), Ids()))


def url(data: bytes) -> None:
    """A URL and a referrer that a client reports."""
    text = data.decode("utf-8", "surrogateescape")
    landing, _, referrer = text.partition("\n")
    _check(capture_url(landing, referrer, policy=_POLICY, visitor_id=text[:36]))
    assert "".join(split_url(text)) == text
    once = scrub_url(text)
    assert scrub_url(once) == once


def request(data: bytes) -> None:
    """A whole request, in both modes: the app answers, and no header holds anything that came."""
    path, _, rest = data.partition(b"\n")
    values = rest.split(b"\n")
    names = (b"cookie", b"referer", b"host", b"user-agent", b"cookie", b"x-forwarded-for", b"accept", b"sec-fetch-site")
    scope = {
        "type": "http", "method": "GET", "path": path.decode("utf-8", "replace"), "raw_path": path, "scheme": "https",
        "query_string": values[-1], "headers": list(zip(names, values, strict=False)), "client": ("10.0.0.1", 1),
    }  # fmt: skip
    for policy, shape in ((_POLICY, SET_COOKIE), (None, COMPATIBLE_SET_COOKIE)):
        sent = _serve(policy, dict(scope))
        assert sent[0] == (b"x-own", b"1")
        assert dict(sent[1:]).keys() - {b"set-cookie"} <= ({b"cache-control"} if policy else set())
        for name, value in sent[1:]:
            assert value == b"private" if name == b"cache-control" else shape.fullmatch(value), value


TARGETS: dict[str, Callable[[bytes], None]] = {"cookies": cookies, "query": query, "url": url, "request": request}

SEEDS: dict[str, tuple[bytes, ...]] = {
    "cookies": (b'a[b]=1; p={"x":1}; tl_vid="x"\ntl_vid=; tl_vid', OURS, b"tl_vid=\xff; =;;"),
    "query": (
        b"utm_source=News&gclid=a%2Bb&aff=1&token=x",
        b"utm_term=a%40b.example&gclid={gclid}&;=%zz&\xff",
        b"next=https%3A%2F%2Fa%3Ab%40c.example%3Ftoken%3D1",
    ),
    "url": (
        b"https://ann:pw@shop.example:443/a;b=c/reset/0123456789abcdef?utm_source=x#/r?token=1\nhttps://a.example/",
        b"//[::1]:80/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\nandroid-app://com.x/",
    ),
    "request": (
        b"/a\ntl_vid=" + ID.encode() + b"\nhttps://a.example/?code=1\nshop.example\nMozilla\nsid=1\n1.2.3.4\n\ngclid=x",
    ),
}


def _check(capture: Capture) -> None:
    for values in (capture.utm, capture.click_ids, capture.extra):
        assert all(value and not CONTROL.search(value) for value in values.values())
    assert len(capture.raw_query) <= _POLICY.max_query_bytes
    assert VISIBLE.fullmatch(capture.landing_url or "")
    assert VISIBLE.fullmatch(capture.landing_path or "")
    assert len(capture.landing_url or "") <= _POLICY.max_url_length + 1_000
    assert (capture.skipped == "no_signal") != capture.has_signal


def _serve(policy: CapturePolicy | None, scope: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    messages: list[Any] = []

    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise NotImplementedError

    _run(AttributionMiddleware(app, policy=policy)(scope, receive, send))
    headers: list[tuple[bytes, bytes]] = messages[0]["headers"]
    return headers


def _run(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing, without the price of an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("The middleware waited for something.")


def main(arguments: list[str]) -> None:
    """Run one target under atheris, from the target's seeds."""
    import atheris  # noqa: PLC0415 - the tests use the targets without it

    name, options = arguments[0], arguments[1:]
    target = TARGETS[name]
    for module in ("capture", "cookies", "scrub", "requests", "referrers", "parsing", "privacy", "compatible"):
        for part in vars(sys.modules[f"attribution_campaign_context.{module}"]).values():
            if callable(part) and getattr(part, "__code__", None) and part.__module__.endswith(module):
                atheris.instrument_func(part)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[name]):
            Path(corpus, str(number)).write_bytes(seed)
        fixed = ("-max_len=8192", "-timeout=60", f"-artifact_prefix={corpus}/")
        atheris.Setup([sys.argv[0], *fixed, *options, corpus], target)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
