"""``/``, ``/sign-in`` and ``/sign-out``: forms that work without a script, by the rules of the API's login."""

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from touchline.errors import UsageError
from touchline.jobs.users import FIRST_NAME, MOST_LETTERS, first_password_of
from touchline.ledger import schema
from touchline.server.api.app import Rooms
from touchline.server.http.problems import Problem
from touchline.server.pages.answering import SIGN_IN
from touchline.server.pages.forms import fields_of, sender_of
from touchline.server.pages.rendering import rendered
from touchline.server.pages.responses import Handlers, moved, page
from touchline.server.pages.screen import screens
from touchline.server.pages.view import View

_LONGEST_NAME = 128


def routes(rooms: Rooms, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get("/", include_in_schema=False, exception_handlers=faults)
    async def begin(request: Request[Any, Any, Any]) -> Response[bytes]:
        _, person = await asyncio.to_thread(rooms.door.session_of, request)
        return moved(SIGN_IN if person is None else address_after(""))

    @get(SIGN_IN, include_in_schema=False, exception_handlers=faults)
    async def form(request: Request[Any, Any, Any]) -> Response[bytes]:
        after = address_after(request.query_params.get("next", ""))
        _, person = await asyncio.to_thread(rooms.door.session_of, request)
        return page(request, await asyncio.to_thread(_form, rooms, after)) if person is None else moved(after)

    @post(SIGN_IN, include_in_schema=False, exception_handlers=faults)
    async def sign_in(request: Request[Any, Any, Any]) -> Response[bytes]:
        sent = await fields_of(rooms, request)
        name, password = sent.get("name", ""), sent.get("password", "")
        after = address_after(sent.get("next", ""))
        try:
            _check(name, password)
            _, cookie = await rooms.signing_in.begin(request, name, password)
        except Problem as problem:
            answer = page(request, await asyncio.to_thread(_form, rooms, after, name, problem), problem.status)
            answer.headers |= dict(problem.headers)
            return answer
        return moved(after, [cookie])

    @post("/sign-out", include_in_schema=False, exception_handlers=faults)
    async def sign_out(request: Request[Any, Any, Any]) -> Response[bytes]:
        sent = await fields_of(rooms, request)
        return await rooms.reads.answer(lambda: _ended(rooms, request, sent.get("csrf", "")))

    return [begin, form, sign_in, sign_out]


def address_after(wanted: str) -> str:
    """Where to go after signing in: a screen and a view of it, and nowhere else.

    >>> address_after("/models?by=source"), address_after("https://evil.example/"), address_after("//evil.example")
    ('/models?by=source', '/overview', '/overview')
    """
    path, _, query = wanted.partition("?")
    known = next((screen for screen in screens().values() if screen.path == path), None)
    if known is None:
        return next(iter(screens().values())).path
    try:
        return View.parsed(query).address(known.path)
    except UsageError:
        return known.path


def _ended(rooms: Rooms, request: Request[Any, Any, Any], csrf_token: str) -> Response[bytes]:
    token, person = sender_of(rooms, request, csrf_token)
    if person is None:
        return moved(SIGN_IN)
    return moved(SIGN_IN, [rooms.signing_in.end(request, token)])


def _check(name: str, password: str) -> None:
    if len(name) > _LONGEST_NAME or len(password) > MOST_LETTERS or "\0" in name:
        raise Problem(401, "wrong_password", "The name or the password is wrong.", "Try again.")


def _form(rooms: Rooms, after: str, name: str = "", problem: Problem | None = None) -> bytes:
    is_nobody = not rooms.application.ledger.rows(schema.USERS, limit=1)
    first = first_password_of(rooms.home).exists()
    return rendered(
        "sign_in", after=after, name=name, problem=problem, is_nobody=is_nobody, first=FIRST_NAME if first else ""
    )
