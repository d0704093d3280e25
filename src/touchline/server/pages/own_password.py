"""``/password``: people change their own password, whatever their role."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from touchline.errors import UsageError
from touchline.server.api.app import Rooms
from touchline.server.api.asking import Person
from touchline.server.http.problems import Problem
from touchline.server.pages.answering import Failure, Frame, Pages, sign_in_address
from touchline.server.pages.forms import fields_of, sender_of
from touchline.server.pages.once import Once, heard, told
from touchline.server.pages.rendering import rendered
from touchline.server.pages.responses import Handlers, moved, page, page_once, unkept
from touchline.server.pages.screen import Screen
from touchline.server.pages.view import View

PATH = "/password"
_SCREEN = Screen(name="password", place=0, title="Your password")
"""The form, in the frame that screens have; it is not in the rail."""
_SAID = "Your password is changed. You are signed out everywhere else."


def routes(rooms: Rooms, pages: Pages, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(PATH, include_in_schema=False, exception_handlers=faults)
    async def form(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await rooms.reads.answer(lambda: _form(rooms, pages, request))

    @post(PATH, include_in_schema=False, exception_handlers=faults)
    async def change(request: Request[Any, Any, Any]) -> Response[bytes]:
        sent = await fields_of(rooms, request)

        def framed() -> tuple[Person, Frame] | None:
            token, person = sender_of(rooms, request, sent.get("csrf", ""))
            return person and (person, pages.frame(token, person, _SCREEN, View(org=sent.get("org", ""))))

        found = await rooms.reads.answer(framed)
        if found is None:
            return moved(sign_in_address(""))
        return await _changed(rooms, request, *found, sent)

    return [form, change]


def _form(rooms: Rooms, pages: Pages, request: Request[Any, Any, Any]) -> Response[bytes]:
    token, person = rooms.door.session_of(request)
    if person is None:
        return moved(sign_in_address(""))
    view = View(org=View.parsed(request.scope["query_string"].decode("latin-1")).org)
    once = heard(token, "; ".join(request.headers.getall("cookie", [])))
    frame = replace(pages.frame(token, person, _SCREEN, view), once=once)
    return page_once(request, _rendered(frame), is_secure=rooms.signing_in.is_secure(request))


async def _changed(
    rooms: Rooms, request: Request[Any, Any, Any], person: Person, frame: Frame, sent: dict[str, str]
) -> Response[bytes]:
    old, new = sent.get("old", ""), sent.get("new", "")
    if new != sent.get("again", ""):
        return _refused(request, frame, "again", UsageError("The new password is not the same both times."))
    try:
        token, cookie = await rooms.signing_in.change_password(request, rooms.home, person, old, new)
    except (Problem, UsageError) as error:
        return _refused(request, frame, "old" if isinstance(error, Problem) else "new", error)
    once = told(token, Once(_SAID), is_secure=rooms.signing_in.is_secure(request))
    return moved(frame.view.address(PATH), [cookie, once])


def _refused(request: Request[Any, Any, Any], frame: Frame, at: str, error: Problem | UsageError) -> Response[bytes]:
    """The form again, which says at a field why nothing was changed; no password comes back."""
    message = error.detail if isinstance(error, Problem) else error.message
    failed = replace(frame, failure=Failure(PATH[1:], at, message, error.hint, {}))
    answer = unkept(page(request, _rendered(failed), error.status if isinstance(error, Problem) else 400))
    answer.headers |= dict(error.headers) if isinstance(error, Problem) else {}
    return answer


def _rendered(frame: Frame) -> bytes:
    return rendered("password", frame=frame, facts=None, asked=None, view=frame.view)
