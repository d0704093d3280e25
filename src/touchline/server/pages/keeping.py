"""``/views``: views under a name, and links by which others read one."""

import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from touchline.errors import UnknownError, UsageError
from touchline.jobs import auditing, saved_views, view_mails
from touchline.jobs.saved_views import Kept
from touchline.numerals import whole_of
from touchline.server.api.app import Rooms
from touchline.server.pages.answering import Frame, Pages, sign_in_address
from touchline.server.pages.forms import fields_of, sender_of
from touchline.server.pages.rendering import rendered
from touchline.server.pages.responses import Handlers, moved, page
from touchline.server.pages.screen import SHAREABLE, Screen, screens
from touchline.server.pages.view import View

PATH = "/views"
LIST = Screen(name="views", place=0, title="Saved views")
"""The list, in the frame that screens have; it is not in the rail."""


def routes(rooms: Rooms, pages: Pages, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(PATH, include_in_schema=False, exception_handlers=faults)
    async def listed(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await rooms.reads.answer(lambda: _listed(rooms, pages, request))

    @post([PATH, f"{PATH}/remove", f"{PATH}/link", f"{PATH}/link/remove"], include_in_schema=False,
          exception_handlers=faults)  # fmt: skip
    async def change(request: Request[Any, Any, Any]) -> Response[bytes]:
        sent = await fields_of(rooms, request)
        return await rooms.reads.answer(lambda: _changed(rooms, pages, request, sent))

    return [listed, change]


def _listed(rooms: Rooms, pages: Pages, request: Request[Any, Any, Any]) -> Response[bytes]:
    token, person = rooms.door.session_of(request)
    if person is None:
        return moved(sign_in_address(""))
    view = View(org=View.parsed(request.scope["query_string"].decode("latin-1")).org)
    return page(request, _rendered(rooms, pages.frame(token, person, LIST, view)))


def _rendered(rooms: Rooms, frame: Frame, made: str = "") -> bytes:
    """The list.

    :param made: the address of a link that was made just now, which is shown this once.
    """
    ledger, organization_id = rooms.application.ledger, frame.organization_id
    return rendered(
        "views", frame=frame, facts=None, asked=None, view=frame.view, made=made,
        views=saved_views.saved_views(ledger, organization_id, frame.person),
        links=saved_views.share_links(ledger, organization_id, _now()), titles=screens(),
        mails=view_mails.mails_of(ledger, organization_id), rhythms=view_mails.RHYTHMS,
    )  # fmt: skip


def _changed(rooms: Rooms, pages: Pages, request: Request[Any, Any, Any], sent: dict[str, str]) -> Response[bytes]:
    token, person = sender_of(rooms, request, sent.get("csrf", ""))
    if person is None:
        return moved(sign_in_address(""))
    frame = pages.frame(token, person, LIST, View(org=sent.get("org", "")))
    ledger = rooms.application.ledger
    what = request.scope["path"].removeprefix(PATH)
    if what.startswith("/link") or sent.get("shared"):
        person.require("editor")
    if what == "/link":
        made = saved_views.make_link(
            ledger, _kept(frame, sent, SHAREABLE), days=_days(sent), password=sent.get("password", ""), now=_now()
        )
        _note(rooms, frame, f"share link {made.link_id} to {sent.get('screen', '')}: made")
        answer = page(request, _rendered(rooms, frame, f"{_origin(rooms, request)}/s/{made.token}"))
        answer.headers["cache-control"] = "private, no-store"
        return answer
    if what == "/link/remove":
        saved_views.revoke_link(ledger, frame.organization_id, sent.get("id", ""))
        _note(rooms, frame, f"share link {sent.get('id', '')}: removed")
    elif what == "/remove":
        saved_views.remove_view(ledger, frame.organization_id, sent.get("id", ""), person.name)
    else:
        kept = _kept(frame, sent, tuple(name for name, screen in screens().items() if screen.answer))
        saved_views.save_view(ledger, kept, is_shared=sent.get("shared") == "yes", now=_now())
    return moved(frame.view.address(PATH))


def _note(rooms: Rooms, frame: Frame, detail: str) -> None:
    """Put a change into the audit log."""
    actor = auditing.signed_in(frame.person)
    auditing.note(rooms.application.ledger, frame.organization_id, "changed", detail, now=_now(), actor=actor)


def _kept(frame: Frame, sent: dict[str, str], known: tuple[str, ...]) -> Kept:
    screen = sent.get("screen", "")
    if screen not in known:
        raise UnknownError(f"There is no screen {screen!r:.80} to keep.", f"There are: {', '.join(known)}.")
    view = View.parsed(sent.get("query", "")).changed(org=frame.view.org)
    if screens()[screen].names_persons:  # what names a person must not outlive them
        view = view.changed(path="", after="")
    return Kept(frame.organization_id, sent.get("name", "").strip(), screen, view.query, frame.person)


def _days(sent: dict[str, str]) -> int:
    days = whole_of(sent.get("days", ""))
    if days is None:
        raise UsageError(f"days must be a whole number, not {sent.get('days', '')!r:.80}.")
    return days


def _origin(rooms: Rooms, request: Request[Any, Any, Any]) -> str:
    """Where people reach the server."""
    public_url = rooms.application.options.public_url.rstrip("/")
    return public_url or f"{request.scope['scheme']}://{request.headers.get('host', '')}"


def _now() -> int:
    return time.time_ns() // 1000
