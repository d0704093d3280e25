"""``/first``: the page of the one-time link, on which the first administrator chooses a name and a password."""

import asyncio
import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from touchline.errors import UsageError
from touchline.jobs import first_links
from touchline.jobs.workspace import Workspace
from touchline.server.api.app import Rooms
from touchline.server.pages.entering import address_after
from touchline.server.pages.forms import fields_of
from touchline.server.pages.rendering import rendered
from touchline.server.pages.responses import Handlers, moved, page, unkept


def routes(rooms: Rooms, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(first_links.PATH, include_in_schema=False, exception_handlers=faults)
    async def form(request: Request[Any, Any, Any]) -> Response[bytes]:
        token = request.query_params.get("link", "")
        is_good = await asyncio.to_thread(first_links.is_good, rooms.application.ledger, token, now=_now())
        return _shown(request, token, "", None if is_good else first_links.expired(), is_good=is_good)

    @post(first_links.PATH, include_in_schema=False, exception_handlers=faults)
    async def make(request: Request[Any, Any, Any]) -> Response[bytes]:
        sent = await fields_of(rooms, request)
        token, name, password = (sent.get(key, "") for key in ("link", "name", "password"))
        try:
            await asyncio.to_thread(_use, rooms, token, name, password)
        except UsageError as error:
            is_good = await asyncio.to_thread(first_links.is_good, rooms.application.ledger, token, now=_now())
            return _shown(request, token, name, error, is_good=is_good)
        _, cookie = await rooms.signing_in.begin(request, name, password)
        return moved(address_after(""), [cookie])

    return [form, make]


def _use(rooms: Rooms, token: str, name: str, password: str) -> None:
    with Workspace(rooms.home, is_read_only=True) as workspace:
        first_links.use_link(workspace, token, name, password, now=_now())


def _shown(
    request: Request[Any, Any, Any], token: str, name: str, error: UsageError | None, *, is_good: bool
) -> Response[bytes]:
    """The form; no copy of it is kept, as its address has the link."""
    body = rendered("first", link=token, name=name, problem=error, is_good=is_good)
    return unkept(page(request, body, 400 if error else 200))


def _now() -> int:
    return time.time_ns() // 1000
