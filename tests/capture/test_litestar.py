"""Litestar: the example under the laws of all frameworks, and what is special about it."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, WebSocket, asgi, get, websocket
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.middleware import DefineMiddleware

from attribution_campaign_context.integrations.litestar import LitestarLinks, RequestLinks
from attribution_campaign_context.linking import Linker
from attribution_campaign_context.middleware import AttributionMiddleware
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.recorders.memory import MemoryRecorder
from tests.capture.framework_laws import *  # noqa: F403 - the laws are tests of this module
from tests.capture.framework_laws import RefusedError, Site, browser, living
from tests.conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "examples"))
from litestar_app import create_app

VISITOR = "0190163d-8694-7f9b-8a52-3d0e5a649c1b"


@pytest.fixture
def site(tmp_path: Path, mode: str) -> Site:
    return Site(create_app, tmp_path / "app.db", mode)


def around(app: Any, recorder: MemoryRecorder) -> AttributionMiddleware:
    return AttributionMiddleware(app, recorder=recorder, policy=CapturePolicy())


def answers(app: Any, *paths: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        async with living(app), browser(app) as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(ask())


@pytest.mark.parametrize("is_outside", [True, False], ids=["around", "in the list"])
def test_page_that_is_not_found_needs_the_middleware_around_the_app(is_outside: bool) -> None:
    settings: dict[str, Any] = {"recorder": MemoryRecorder(), "policy": CapturePolicy()}
    inner = [] if is_outside else [DefineMiddleware(AttributionMiddleware, **settings)]  # type: ignore[arg-type]

    @get("/", sync_to_thread=False)
    def page() -> str:
        return ""

    app: Any = Litestar([page], middleware=inner)
    found, missing = answers(AttributionMiddleware(app, **settings) if is_outside else app, "/", "/nowhere")
    assert (found.status_code, set(found.cookies)) == (200, {"tl_vid", "tl_sid"})
    assert (missing.status_code, bool(missing.cookies)) == (404, is_outside)


def test_state_of_the_app_and_of_the_request() -> None:
    """Litestar's ``state`` is the app's; the request's own state has what was captured, and what a server gave."""
    recorder = MemoryRecorder()
    links = LitestarLinks(Linker(recorder), dependency="found")

    @get("/", sync_to_thread=False)
    def page(state: State, request: Request[Any, Any, Any], found: NamedDependency[RequestLinks]) -> list[str | None]:
        assert found.touch is request.state.attribution_touch
        assert "attribution_touch" not in state
        return [state.shop, request.state.shared, found.touch.utm_source if found.touch else None]

    async def story() -> list[Any]:
        inner = around(Litestar([page], plugins=[links], state=State({"shop": "s"})), recorder)

        async def as_a_server_with_state(scope: Any, receive: Any, send: Any) -> None:
            await inner({**scope, "state": {"shared": "yes"}}, receive, send)

        async with living(inner), browser(as_a_server_with_state) as client:
            return await asyncio.gather(*(client.get(f"/?utm_source={name}") for name in "abc"))

    assert [answer.json() for answer in asyncio.run(story())] == [["s", "yes", name] for name in "abc"]


def test_mounted_app_finds_what_the_outer_one_captured() -> None:
    @asgi("/mounted", is_mount=True, copy_scope=True)
    async def mounted(scope: Any, receive: Any, send: Any) -> None:
        touch = scope["state"]["attribution_touch"]
        body = f"{touch.utm_source} {touch.landing_path}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    recorder = MemoryRecorder()
    app = around(Litestar([mounted]), recorder)
    (answer,) = answers(app, "/mounted/a?utm_source=x")
    assert (answer.text, len(answer.cookies), len(recorder.touches)) == ("x /mounted/a", 2, 1)


def test_error_that_nobody_handles_is_a_visit() -> None:
    recorder = MemoryRecorder()

    @get("/", sync_to_thread=False)
    def page() -> None:
        raise RefusedError

    app = around(Litestar([page]), recorder)
    (answer,) = answers(app, "/?utm_source=x")
    assert (answer.status_code, len(answer.cookies), len(recorder.touches)) == (500, 2, 1)


def test_websocket_finds_what_the_middleware_left() -> None:
    @websocket("/talk")
    async def talk(socket: WebSocket[Any, Any, Any], attribution: NamedDependency[RequestLinks]) -> None:
        await socket.accept()
        await attribution.keep("lead", 1)
        await socket.send_text(repr(sorted(name for name in socket.scope["state"] if "attribution" in name)))
        await socket.close()

    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    recorder = MemoryRecorder()
    asyncio.run(recorder.record_touch(AttributionTouch(id="t1", visitor_id=VISITOR), {}))
    app = around(Litestar([talk], plugins=[LitestarLinks(Linker(recorder))]), recorder)
    scope = {
        "type": "websocket", "path": "/talk", "query_string": b"utm_source=a", "subprotocols": [],
        "headers": [(b"cookie", f"tl_vid={VISITOR}".encode())],
    }  # fmt: skip
    asyncio.run(app({**scope, "root_path": "", "raw_path": b"/talk"}, receive, send))
    assert {link.touch_id for link in recorder.links} == {"t1"}
    assert [message["type"] for message in said] == ["websocket.accept", "websocket.send", "websocket.close"]
    left = ["attribution_capture", "attribution_context", "attribution_touch"]
    assert (list(said[0].get("headers", [])), said[1]["text"]) == ([], repr(left))
