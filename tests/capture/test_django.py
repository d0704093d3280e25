"""Django: the example under the laws of all frameworks, and what is special about it."""

import asyncio
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from attribution_campaign_context.integrations.django import DjangoLinks
from attribution_campaign_context.linking import Linker, LinkingError
from attribution_campaign_context.middleware import AttributionMiddleware
from attribution_campaign_context.policy import CapturePolicy
from attribution_campaign_context.recorders.memory import MemoryRecorder
from tests.capture.framework_laws import *  # noqa: F403 - the laws are tests of this module
from tests.capture.framework_laws import BROWSER, RefusedError, Site, browser, until
from tests.conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "packages" / "attribution-campaign-context" / "examples"))
from django_app import create_app


@pytest.fixture
def site(tmp_path: Path, mode: str) -> Site:
    return Site(create_app, tmp_path / "app.db", mode)


def serve(view: Any, recorder: MemoryRecorder, *, is_linked: bool = True) -> tuple[Any, DjangoLinks]:
    links = DjangoLinks(Linker(recorder))
    settings.ROOT_URLCONF = (path("", view), path("shop/", include([path("thanks", view)])))
    inner = links.application(get_asgi_application()) if is_linked else get_asgi_application()
    return AttributionMiddleware(inner, recorder=recorder, policy=CapturePolicy()), links


def answered(app: Any, address: str = "/?utm_source=a") -> httpx.Response:
    async def ask() -> httpx.Response:
        async with browser(app) as client:
            return await client.get(address)

    return asyncio.run(ask())


@pytest.fixture
def database(tmp_path: Path) -> str:
    name = str(tmp_path / "app.db")
    connection.settings_dict["NAME"] = name
    return name


def test_outer_transaction_that_is_rolled_back_takes_the_inner_one_along(database: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with suppress(RefusedError), transaction.atomic():
            with transaction.atomic():
                links.keep_on_commit(request, "lead", 1)
            raise RefusedError
        with transaction.atomic():
            links.keep_on_commit(request, "lead", 2)
        links.keep_on_commit(request, "lead", 3)
        assert recorder.links == []
        return HttpResponse()

    recorder = MemoryRecorder()
    app, links = serve(view, recorder)
    assert answered(app).status_code == 200
    assert [link.subject_id for link in recorder.links] == ["2", "2", "2", "3", "3", "3"]


def test_committed_lead_is_linked_though_the_view_fails(database: str) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            links.keep_on_commit(request, "lead", 1)
        raise RefusedError

    recorder = MemoryRecorder()
    app, links = serve(view, recorder)
    answer = answered(app)
    assert (answer.status_code, len(answer.cookies)) == (500, 2)
    assert (len(recorder.links), len(recorder.touches)) == (3, 1)


def test_async_view_links_what_its_thread_commits(database: str) -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        def work() -> None:
            with transaction.atomic():
                links.keep_on_commit(request, "lead", 1)

        assert links.of(request).touch is request.scope["state"]["attribution_touch"]
        await sync_to_async(work)()
        return HttpResponse()

    recorder = MemoryRecorder()
    app, links = serve(view, recorder)
    assert answered(app).status_code == 200
    assert len(recorder.links) == 3


def test_async_view_links_what_it_has_saved_itself(database: str) -> None:
    async def view(request: HttpRequest) -> HttpResponse:
        links.keep_on_commit(request, "lead", 1)
        return HttpResponse()

    recorder = MemoryRecorder()
    app, links = serve(view, recorder)
    assert answered(app).status_code == 200
    assert len(recorder.links) == 3


def test_included_urls_keep_the_whole_path(database: str) -> None:
    recorder = MemoryRecorder()
    app, _ = serve(lambda _request: HttpResponse(), recorder)
    assert answered(app, "/shop/thanks?utm_source=a").status_code == 200
    assert [touch.landing_path for touch in recorder.touches] == ["/shop/thanks"]


def test_view_that_commits_when_the_visitor_has_left_is_linked(database: str) -> None:
    has_left, is_done = threading.Event(), threading.Event()

    def view(request: HttpRequest) -> HttpResponse:
        has_left.wait(30)
        with transaction.atomic():
            links.keep_on_commit(request, "lead", 1)
        is_done.set()
        return HttpResponse()

    recorder = MemoryRecorder()
    app, links = serve(view, recorder)

    async def nothing(_message: Any) -> None: ...

    async def story() -> None:
        messages = [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]

        async def receive() -> Any:
            await asyncio.sleep(0.05)  # on purpose: the visitor leaves while the view is at work
            return messages.pop(0)

        headers = [(name.encode(), value.encode()) for name, value in BROWSER.items()]
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"utm_source=a", "headers": headers}
        serving = asyncio.create_task(app(scope, receive, nothing))
        await asyncio.wait({serving}, timeout=0.5)
        has_left.set()
        await asyncio.wait_for(serving, 30)
        assert await asyncio.to_thread(is_done.wait, 30)
        await until(lambda: len(recorder.links) == 3)

    asyncio.run(story())
    assert len(recorder.links) == 3


def test_missing_application_is_told_and_missing_middleware_is_not(database: str) -> None:
    told: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        try:
            links.keep_on_commit(request, "lead", 1)
        except LinkingError as problem:
            told.append(str(problem))
        return HttpResponse()

    recorder = MemoryRecorder()
    app, links = serve(view, recorder, is_linked=False)
    assert answered(app).status_code == 200
    assert told == ["expected links.application(…) around Django's application, got none; see asgi.py"]
    assert answered(get_asgi_application()).status_code == 200
    assert Client().get("/").status_code == 200  # WSGI
    assert (len(told), recorder.links) == (1, [])


def test_websocket_goes_through_to_who_answers_it(database: str) -> None:
    app, _ = serve(lambda _request: HttpResponse(), MemoryRecorder())

    async def nothing(*_anything: Any) -> Any: ...

    with pytest.raises(ValueError, match="Django can only handle ASGI/HTTP connections, not websocket"):
        asyncio.run(app({"type": "websocket", "path": "/", "headers": []}, nothing, nothing))
