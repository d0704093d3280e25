"""Everything outside the hot path, with Litestar: operations, jobs, reports, login, and the OpenAPI document."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig

from touchline.errors import BusyError, HomeError, InputError, TouchlineError, UnknownError, UsageError
from touchline.server.api import (
    costs,
    cron,
    health,
    managing,
    openapi,
    operations,
    parameters,
    reports,
    signing_in,
    sql_queries,
    waste,
)
from touchline.server.api.asking import Door
from touchline.server.api.river_reads import RiverReads
from touchline.server.api.signing_in import SigningIn
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import Headers, Problem
from touchline.settings import Home

log = structlog.get_logger("touchline.server")

_CODES = {
    400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "wrong_method", 413: "too_large",
    415: "unknown_type", 500: "failed",
}  # fmt: skip


@dataclass(frozen=True)
class Rooms:
    """What handlers of pages share with those of the API."""

    application: Application
    home: Home
    door: Door
    reads: RiverReads
    signing_in: SigningIn


Pages = Callable[[Rooms], Iterable[HTTPRouteHandler]]
Lost = Callable[[Request[Any, Any, Any]], Response[bytes]]


def litestar(
    application: Application, home: Home, socket_file: Path, pages: Pages = lambda _rooms: (), lost: Lost | None = None
) -> Litestar:
    """The handlers of a worker, and the document of them.

    :param pages: what makes the handlers of the pages for people.
    :param lost: the page of an address that there is not, for browsers; programs get a problem document.
    """
    door = Door(application.ledger, application.keys)
    reads = RiverReads(application.options.report_seconds)
    sessions = SigningIn(application, door)
    handlers = [
        *operations.routes(application, home, socket_file, door),
        *costs.routes(home, door),
        *managing.routes(home, door, application.options),
        *cron.routes(socket_file, application.options),
        *waste.routes(home, door, reads),
        *reports.routes(home, door, reads),
        *health.routes(home, door, reads),
        *sql_queries.routes(home, door, reads),
        *signing_in.routes(application, home, door, sessions),
        *pages(Rooms(application, home, door, reads, sessions)),
    ]
    return Litestar(
        route_handlers=[*handlers, openapi.route()],
        openapi_config=OpenAPIConfig(**openapi.TITLE, components=openapi.components(), render_plugins=[]),
        exception_handlers={
            Problem: _refused,
            TouchlineError: _mended,
            HTTPException: _http_or_page(lost),
            Exception: _failed,
        },
        before_request=parameters.refuse_unknown,
        logging_config=None,
        debug=False,
        request_max_body_size=None,
    )


def safe_headers(options: ServerOptions) -> Headers:
    """On every answer: nothing is guessed, framed, kept or told to others."""
    found = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cache-control", "no-store"),
    ]
    if options.public_url.startswith("https:"):
        found.append(("strict-transport-security", "max-age=31536000"))
    return found


def _refused(_request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    headers = {"content-type": "application/problem+json", **dict(problem.headers)}
    return Response(
        problem.document(), status_code=problem.status, headers=headers, media_type="application/problem+json"
    )


def _mended(request: Request[Any, Any, Any], error: TouchlineError) -> Response[bytes]:
    """Errors that the caller can fix have the same messages as on the command line."""
    if isinstance(error, UsageError):
        return _refused(request, Problem(400, "usage", error.message, error.hint))
    if isinstance(error, InputError):
        return _refused(request, Problem(400, "unreadable", error.message, error.hint))
    if isinstance(error, UnknownError):
        return _refused(request, Problem(404, "unknown", error.message, error.hint))
    code = "busy" if isinstance(error, BusyError) else "no_numbers" if isinstance(error, HomeError) else "storage"
    log.error("unavailable", path=request.url.path, code=code, error=error.message)
    return _refused(
        request,
        Problem(503, code, "The server cannot answer this now.", "Try again soon.", headers=[("retry-after", "5")]),
    )


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code if error.status_code in _CODES else 500 if error.status_code >= 500 else 400
    faults = [each for each in error.extra or [] if isinstance(each, dict)]
    detail = parameters.in_words(request, faults) or error.detail
    headers = [(name, value) for name, value in (error.headers or {}).items() if name.lower() == "allow"]
    named = {"field": one} if (one := parameters.field_named(faults)) else {}
    return _refused(
        request,
        Problem(status, _CODES[status], detail or "The request could not be parsed.", headers=headers, **named),
    )


def _http_or_page(lost: Lost | None) -> Callable[[Request[Any, Any, Any], HTTPException], Response[bytes]]:
    def answer(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
        is_browser = "text/html" in request.headers.get("accept", "").casefold()
        return lost(request) if lost and is_browser and error.status_code == 404 else _http(request, error)

    return answer


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("failed", path=request.url.path, error=type(error).__name__, exc_info=error)
    return _refused(request, Problem(500, "failed", "An internal error.", "See the server's log."))
