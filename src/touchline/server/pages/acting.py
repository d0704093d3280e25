"""What happens where a form of a screen is sent: who may, what it says, and which page follows."""

import time
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from touchline.errors import InputError, UnknownError, UsageError
from touchline.jobs.workspace import Workspace
from touchline.server.api.app import Rooms
from touchline.server.api.own_pages import MULTIPART, check_own
from touchline.server.pages.action import Act, Action, Done, Saved, Shown, actions
from touchline.server.pages.answering import Failure, Frame, Pages, sign_in_address
from touchline.server.pages.forms import Sent, fields_of, parts_of, sender_of
from touchline.server.pages.once import Once, told
from touchline.server.pages.rendering import HEADERS
from touchline.server.pages.responses import Handlers, moved, page, unkept
from touchline.server.pages.screen import screens
from touchline.server.pages.view import View

MOST_BYTES = {action.path: action.most_bytes for action in actions().values() if action.most_bytes}
"""Of what may be sent to actions that take more than a form."""


def routes(rooms: Rooms, pages: Pages, faults: Handlers) -> list[HTTPRouteHandler]:
    """One for each action."""
    found = actions().values()
    return [*(_route(rooms, pages, action, faults) for action in found), *(_way_back(action) for action in found)]


def _way_back(action: Action) -> HTTPRouteHandler:
    """Where a browser asks for the address of an answer again, the screen is there."""

    @get(action.path, include_in_schema=False, sync_to_thread=False)
    def back() -> Response[bytes]:
        return moved(screens()[action.screen].path)

    return back


def _route(rooms: Rooms, pages: Pages, action: Action, faults: Handlers) -> HTTPRouteHandler:
    @post(action.path, include_in_schema=False, exception_handlers=faults)
    async def act(request: Request[Any, Any, Any]) -> Response[bytes]:
        if action.has_file:
            return await _with_files(rooms, pages, request, action)
        sent: Sent = (await fields_of(rooms, request), {})
        return await rooms.reads.answer(lambda: _answered(rooms, pages, request, action, sent))

    return act


def _answered(
    rooms: Rooms, pages: Pages, request: Request[Any, Any, Any], action: Action, sent: Sent
) -> Response[bytes]:
    """The page after it; blocks."""
    fields, uploads = sent
    token, person = sender_of(rooms, request, fields.get("csrf", ""))
    screen = screens()[action.screen]
    if person is None:
        return moved(sign_in_address(screen.path))
    person.require(action.role)
    frame = pages.frame(token, person, screen, View.parsed(fields.get("view", "")))
    if fields.get("org", "") != frame.organization_id:
        raise UnknownError(f"There is no organization {fields.get('org', '')!r:.80}.", "Load the page again.")
    try:
        with Workspace(rooms.home, is_read_only=True, seconds=rooms.reads.seconds) as workspace:
            now = time.time_ns() // 1000
            outcome = action.perform(Act(workspace, frame.organization_id, person, fields, uploads, now))
    except (UsageError, UnknownError, InputError) as error:
        failure = Failure(action.path[1:], action.field_of(error), error.message, error.hint, fields)
        status = 404 if isinstance(error, UnknownError) else 400
        return unkept(page(request, pages.page(replace(frame, failure=failure)), status))
    return _after(request, rooms, pages, frame, token, outcome)


def _after(
    request: Request[Any, Any, Any], rooms: Rooms, pages: Pages, frame: Frame, token: str, outcome: Done | Shown | Saved
) -> Response[bytes]:
    if isinstance(outcome, Done):
        is_secure = rooms.signing_in.is_secure(request)
        once = Once(outcome.said, outcome.secret)
        return moved(frame.view.address(frame.screen.path), [told(token, once, is_secure=is_secure)])
    if isinstance(outcome, Shown):
        answer = page(request, pages.page(frame, outcome.value))
        return unkept(answer) if outcome.is_private else answer
    headers = {
        **HEADERS, "cache-control": "no-store", "content-disposition": f'attachment; filename="{outcome.name}"'
    }  # fmt: skip
    return Response(outcome.content, headers=headers, media_type=outcome.media_type)


async def _with_files(rooms: Rooms, pages: Pages, request: Request[Any, Any, Any], action: Action) -> Response[bytes]:
    """The page after a form that may bring files, of which nothing is read before its sender is known."""
    check_own(request, rooms.application.options.public_url, MULTIPART)

    def turned_away() -> Response[bytes] | None:
        _, person = rooms.door.session_of(request)
        if person is None:
            return moved(sign_in_address(screens()[action.screen].path))
        person.require(action.role)
        return None

    if (answer := await rooms.reads.answer(turned_away)) is not None:
        return answer
    body, boundary = await request.body(), request.content_type[1].get("boundary", "")
    return await rooms.reads.answer(lambda: _answered(rooms, pages, request, action, parts_of(body, boundary)))
