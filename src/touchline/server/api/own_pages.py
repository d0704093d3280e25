"""Requests that only the server's own pages, and programs that are no browser, may make."""

from typing import Any

from litestar import Request

from touchline.jobs.origins import DEFAULT_PORTS, authority_of, origin_of
from touchline.server.http.problems import Problem

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
_SENT = {
    JSON: f"Send JSON with Content-Type: {JSON}.", **dict.fromkeys((FORM, MULTIPART), "Send the form of the page.")
}  # fmt: skip


def check_own_json(request: Request[Any, Any, Any], public_url: str) -> None:
    """Make sure that the body is JSON, which a foreign page cannot send unasked, and that no foreign page sends it.

    :param public_url: where people reach the server, if that is known.
    :raises Problem: 415 for another type, 403 for a foreign page.
    """
    check_own(request, public_url, JSON)


def check_own(request: Request[Any, Any, Any], public_url: str, expected: str) -> None:
    """Make sure that the body has a type, and that no foreign page sends it.

    :param expected: :data:`JSON`, :data:`FORM` or :data:`MULTIPART`.
    :raises Problem: 415 for another type, 403 for a foreign page.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != expected:
        raise Problem(
            415, "unknown_type", f"Expected Content-Type {expected}, not {kind[:64] or 'none'}.", _SENT[expected]
        )
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "")
    if site in {"cross-site", "same-site"} or (origin is not None and not _is_own(request, origin, site, public_url)):
        raise Problem(
            403, "foreign_origin", "A page of another origin sent this.",
            "Log in at the server's own address; behind a proxy, set TOUCHLINE_PUBLIC_URL to it.",
        )  # fmt: skip


def _is_own(request: Request[Any, Any, Any], origin: str, site: str, public_url: str) -> bool:
    page = origin_of(origin)
    if page is None:
        return False
    if page == origin_of(public_url.rstrip("/")) or site == "same-origin":
        return True
    return (page.host, page.port) == authority_of(request.headers.get("host", ""), DEFAULT_PORTS[page.scheme])
