"""``/s/TOKEN``: one view, for anyone who knows the token; never a person, and never a conversion."""

import asyncio
import hmac
import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from touchline.jobs.access_keys import hash_of
from touchline.jobs.saved_views import ShareLink, link_of
from touchline.jobs.users import MOST_LETTERS
from touchline.server.api.app import Rooms
from touchline.server.http.problems import Problem
from touchline.server.pages.answering import Pages
from touchline.server.pages.forms import fields_of
from touchline.server.pages.rendering import HEADERS, rendered
from touchline.server.pages.responses import Handlers, moved
from touchline.server.pages.screen import SHAREABLE

PATH = "/s"
_COOKIE = "tl_link"
_PRIVATE = {**HEADERS, "cache-control": "private, no-store", "x-robots-tag": "noindex, nofollow"}


def routes(rooms: Rooms, pages: Pages, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handlers."""

    @get(f"{PATH}/{{token:str}}", include_in_schema=False, exception_handlers=faults)
    async def shown(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
        link = await _link(rooms, token)
        if link.password_hash and not _is_open(request, link, token):
            return _answer(rendered("share_password", path=f"{PATH}/{token}", problem=None))
        return _answer(await rooms.reads.answer(lambda: pages.shared(link.kept)))

    @post(f"{PATH}/{{token:str}}", include_in_schema=False, exception_handlers=faults)
    async def opened(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
        sent, link = await fields_of(rooms, request), await _link(rooms, token)
        try:
            await _check(rooms, request, link, sent.get("password", ""))
        except Problem as problem:
            answer = _answer(rendered("share_password", path=f"{PATH}/{token}", problem=problem), problem.status)
            answer.headers |= dict(problem.headers)
            return answer
        return moved(f"{PATH}/{token}", [_cookie(rooms, request, link, token)])

    return [shown, opened]


async def _link(rooms: Rooms, token: str) -> ShareLink:
    """The link of a token, which shows a screen that links may show.

    :raises Problem: 404 in the same words whether it never was, has ended, or was taken back.
    """
    link = await asyncio.to_thread(link_of, rooms.application.ledger, token, time.time_ns() // 1000)
    if link is None or link.kept.screen not in SHAREABLE:
        raise Problem(404, "not_found", "This link shows nothing, or nothing any more.", "Ask the sender.")
    return link


async def _check(rooms: Rooms, request: Request[Any, Any, Any], link: ShareLink, password: str) -> None:
    is_right = len(password) <= MOST_LETTERS and (
        not link.password_hash
        or await rooms.signing_in.opens(request, f"link:{link.link_id}", link.password_hash, password)
    )
    if not is_right:
        raise Problem(401, "wrong_password", "The password is wrong.", "Ask the sender of the link.")


def _is_open(request: Request[Any, Any, Any], link: ShareLink, token: str) -> bool:
    return hmac.compare_digest(request.cookies.get(_COOKIE, "").encode(), _proof(link, token).encode())


def _proof(link: ShareLink, token: str) -> str:
    """What only a browser has that gave the password: it ends with the link, and with its password."""
    return hash_of(f"link:{token}:{link.password_hash}")


def _cookie(rooms: Rooms, request: Request[Any, Any, Any], link: ShareLink, token: str) -> Cookie:
    return Cookie(
        _COOKIE, value=_proof(link, token), path=f"{PATH}/{token}", httponly=True, samesite="lax",
        secure=rooms.signing_in.is_secure(request),
    )  # fmt: skip


def _answer(body: bytes, status: int = 200) -> Response[bytes]:
    return Response(body, status_code=status, headers=_PRIVATE, media_type="text/html")
