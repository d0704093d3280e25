"""How a page is answered: with its headers, as a 304, as a way to another address, or as what went wrong."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from touchline.errors import BusyError, HomeError, TouchlineError, UnknownError, UsageError
from touchline.server.http.etags import tags_in
from touchline.server.http.problems import Problem
from touchline.server.pages.once import NAME, forgotten
from touchline.server.pages.rendering import HEADERS, rendered

Handlers = dict[int | type[Exception], Callable[..., Response[bytes]]]
_HTML = "text/html"

log = structlog.get_logger("touchline.server")


def page(
    request: Request[Any, Any, Any], body: bytes, status: int = 200, cookies: Iterable[Cookie] = ()
) -> Response[bytes]:
    """A page with its headers; without its body if the caller already has it."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**HEADERS, "etag": etag}
    if status == 200 and tags_in(request.headers.get("if-none-match")) & {etag, "*"}:
        return Response(b"", status_code=304, headers=headers, media_type=_HTML)
    return Response(body, status_code=status, headers=headers, media_type=_HTML, cookies=list(cookies))


def page_once(request: Request[Any, Any, Any], body: bytes, *, is_secure: bool) -> Response[bytes]:
    """A page; where it says something once, the browser keeps no copy of it, and does not bring that again."""
    if NAME not in request.cookies:
        return page(request, body)
    return unkept(page(request, body, cookies=[forgotten(is_secure=is_secure)]))


def moved(address: str, cookies: Iterable[Cookie] = ()) -> Response[bytes]:
    """Where to go instead."""
    headers = {**HEADERS, "cache-control": "no-store", "location": address}
    return Response(b"", status_code=303, headers=headers, media_type=_HTML, cookies=list(cookies))


def unkept(answer: Response[bytes]) -> Response[bytes]:
    """An answer that nobody keeps a copy of, not even the browser."""
    answer.headers["cache-control"] = "no-store"
    return answer


def lost(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The page of an address that there is not, with a way back."""
    return _error(request, 404, "There is no page at this address.", "It may be misspelled, or be of another version.")


def handlers() -> Handlers:
    """What went wrong, as a page."""
    return {Problem: _refused, TouchlineError: _mended, HTTPException: _http, Exception: _failed}


def _refused(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    return _error(request, problem.status, problem.detail, problem.hint, dict(problem.headers))


def _mended(request: Request[Any, Any, Any], error: TouchlineError) -> Response[bytes]:
    if isinstance(error, UnknownError):
        return _error(request, 404, error.message, error.hint)
    if isinstance(error, UsageError):
        return _error(request, 400, error.message, error.hint)
    if isinstance(error, (BusyError, HomeError)):
        return _error(request, 503, error.message, error.hint, {"retry-after": "5"})
    return _error(request, 503, "The server cannot answer this now.", "Try again soon.", {"retry-after": "5"})


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    return _error(request, error.status_code, error.detail, "")


def _error(
    request: Request[Any, Any, Any], status: int, message: str, hint: str, headers: dict[str, str] | None = None
) -> Response[bytes]:
    answer = page(request, rendered("error", status=status, message=message, hint=hint), status)
    answer.headers |= headers or {}
    return answer


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    path = request.scope["path_template"]  # as it is declared: the token of a link would let who reads the log in
    log.error("failed", path=path, error=type(error).__name__, exc_info=error)
    return _error(request, 500, "An internal error.", "See the server's log.")
