"""Starlette and FastAPI: the example under the laws of all frameworks, and what is special about these two."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import BackgroundTasks, Depends, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

from attribution_campaign_context.integrations.starlette import RequestLinks, StarletteLinks
from attribution_campaign_context.linking import Linker
from attribution_campaign_context.middleware import AttributionMiddleware
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.recorders.memory import MemoryRecorder
from tests.capture.framework_laws import *  # noqa: F403 - the laws are tests of this module
from tests.capture.framework_laws import RefusedError, Site, browser, served
from tests.conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "examples"))
from fastapi_app import create_app


@pytest.fixture
def site(tmp_path: Path, mode: str) -> Site:
    return Site(create_app, tmp_path / "app.db", mode)


def told(app: Any, *paths: str, **request: Any) -> list[httpx.Response]:
    """One browser's answers; what the app raises is a 500, as on a server."""

    async def ask() -> list[httpx.Response]:
        async with browser(app) as client:
            return [await client.get(path, **request) for path in paths]

    return asyncio.run(ask())


def middleware(app: Any, recorder: MemoryRecorder | None = None) -> AttributionMiddleware:
    return AttributionMiddleware(app, recorder=recorder, policy=CapturePolicy())


def test_request_state_and_the_state_of_the_lifespan_do_not_mix() -> None:
    """What a lifespan yields is in the state of every request; a touch is in that of its own only."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[dict[str, str]]:
        yield {"shared": "yes"}

    async def page(request: Request) -> JSONResponse:
        touch = request.state.attribution_touch
        await asyncio.sleep(0.01)  # on purpose: the three requests overlap
        assert request.state.attribution_touch is request.scope["state"]["attribution_touch"] is touch
        return JSONResponse([request.state.shared, touch and touch.utm_source])

    async def story() -> list[Any]:
        app = middleware(Starlette(routes=[Route("/", page)], lifespan=lifespan))
        async with served(app) as client:
            answers = await asyncio.gather(*(client.get(query) for query in ("/?utm_source=a", "/?utm_source=b", "/")))
            return [answer.json() for answer in answers]

    assert asyncio.run(story()) == [["yes", "a"], ["yes", "b"], ["yes", None]]


def test_mounted_app_finds_what_the_outer_one_captured() -> None:
    recorder = MemoryRecorder()
    links = StarletteLinks(Linker(recorder))

    async def thanks(request: Request) -> JSONResponse:
        found = links.of(request)
        assert found.touch is not None
        assert found.context is not None
        assert found.capture is not None
        assert found.capture.skipped is None
        return JSONResponse([found.touch.landing_path, len(await found.keep("lead", 1))])

    shop = Starlette(routes=[Route("/thanks", thanks)])
    app = middleware(Starlette(routes=[Mount("/shop", app=shop)]), recorder)
    assert told(app, "/shop/thanks?utm_source=a")[0].json() == ["/shop/thanks", 3]
    assert len(recorder.touches) == 1


def test_error_that_nobody_handles_is_a_visit_and_has_cookies_outside_only() -> None:
    async def page(request: Request) -> JSONResponse:
        raise RefusedError

    for is_outside in (True, False):
        recorder = MemoryRecorder()
        app: Any = Starlette(routes=[Route("/", page)])
        if is_outside:
            app = middleware(app, recorder)
        else:
            app.add_middleware(AttributionMiddleware, recorder=recorder, policy=CapturePolicy())
        answer = told(app, "/?utm_source=a")[0]
        assert answer.status_code == 500
        assert bool(answer.cookies) == is_outside
        assert len(recorder.touches) == 1


def test_touch_is_recorded_while_a_page_streams_and_before_background_tasks() -> None:
    recorder, seen = MemoryRecorder(), list[int]()

    async def look() -> None:
        await asyncio.sleep(0)
        seen.append(len(recorder.touches))

    async def stream() -> AsyncIterator[str]:
        yield "a"
        await look()
        yield "b"

    async def page(_request: Request) -> StreamingResponse:
        return StreamingResponse(stream(), background=BackgroundTask(look))

    app = middleware(Starlette(routes=[Route("/", page)]), recorder)
    assert told(app, "/?utm_source=a")[0].status_code == 200
    assert seen == [1, 1]


VISITOR = "0190163d-8694-7f9b-8a52-3d0e5a649c1b"


@pytest.mark.parametrize(
    ("headers", "linked", "skipped"),
    [
        ([(b"cookie", f"tl_vid={VISITOR}".encode())], 3, "websocket"),
        ([(b"cookie", f"tl_vid={VISITOR}".encode()), (b"sec-gpc", b"1")], 0, "gpc"),
        ([], 0, "websocket"),
    ],
)
def test_websocket_is_no_visit_and_its_subjects_are_linked(
    headers: list[tuple[bytes, bytes]], linked: int, skipped: str
) -> None:
    recorder = MemoryRecorder()
    links = StarletteLinks(Linker(recorder))

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        found = links.of(socket)
        capture = found.capture
        await socket.send_json([found.touch, len(await found.keep("lead", 1)), capture and capture.skipped])
        await socket.close()

    app = middleware(Starlette(routes=[WebSocketRoute("/talk", talk)]), recorder)
    said: list[Any] = []

    async def send(message: Any) -> None:
        said.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def visit() -> None:
        await recorder.record_touch(AttributionTouch(id="t1", visitor_id=VISITOR), {})
        scope = {"type": "websocket", "path": "/talk", "query_string": b"utm_source=a", "headers": headers, "state": {}}
        await app(scope, receive, send)

    asyncio.run(visit())
    assert [message["type"] for message in said] == ["websocket.accept", "websocket.send", "websocket.close"]
    assert said[0].get("headers", []) == []
    assert json.loads(said[1]["text"]) == [None, linked, skipped]
    assert len(recorder.touches) == 1


@pytest.mark.parametrize("scope", ["function", "request"])
def test_background_task_may_run_before_a_dependency_commits(scope: Literal["function", "request"]) -> None:
    """Why a link is enqueued, and not kept by a background task, where a dependency commits."""
    order: list[str] = []

    async def transaction() -> AsyncIterator[None]:
        yield
        order.append("commit")

    recorder = MemoryRecorder()
    links = StarletteLinks(Linker(recorder))
    app = FastAPI()
    app.add_middleware(AttributionMiddleware, recorder=recorder, policy=CapturePolicy())

    @app.get("/")
    async def page(
        background: BackgroundTasks,
        _session: Annotated[None, Depends(transaction, scope=scope)],
        found: Annotated[RequestLinks, Depends(links)],
    ) -> None:
        async def keep() -> None:
            order.append("link")
            await found.keep("lead", 1)

        background.add_task(keep)

    assert told(app, "/?utm_source=a")[0].status_code == 200
    assert order == (["commit", "link"] if scope == "function" else ["link", "commit"])
    assert len(recorder.links) == 3


def test_background_task_does_not_run_when_the_handler_fails() -> None:
    recorder = MemoryRecorder()
    links = StarletteLinks(Linker(recorder))
    app = FastAPI()
    app.add_middleware(AttributionMiddleware, recorder=recorder, policy=CapturePolicy())

    @app.get("/")
    async def page(background: BackgroundTasks, found: Annotated[RequestLinks, Depends(links)]) -> None:
        background.add_task(found.keep, "lead", 1)
        raise RefusedError

    assert told(app, "/?utm_source=a")[0].status_code == 500
    assert (len(recorder.touches), recorder.links) == (1, [])


def test_handler_in_a_thread_has_its_own_request() -> None:
    recorder = MemoryRecorder()
    links = StarletteLinks(Linker(recorder))
    app = FastAPI()
    app.add_middleware(AttributionMiddleware, recorder=recorder, policy=CapturePolicy())

    @app.get("/{name}")
    def page(name: str, background: BackgroundTasks, found: Annotated[RequestLinks, Depends(links)]) -> str | None:
        background.add_task(found.keep, "lead", name)
        return found.touch.utm_source if found.touch else None

    async def story() -> list[str]:
        async def visit(name: str) -> str:
            async with browser(app) as client:
                return str((await client.get(f"/{name}?utm_source={name}")).json())

        return await asyncio.gather(*map(visit, "abcdef"))

    assert asyncio.run(story()) == list("abcdef")
    sources = {touch.id: touch.utm_source for touch in recorder.touches}
    assert {link.subject_id: sources[link.touch_id] for link in recorder.links} == {name: name for name in "abcdef"}
