"""``/t.js``: the tracker as browsers load it, compressed in advance."""

from hashlib import sha256
from importlib.resources import files
from typing import Any

from touchline.server.http.etags import tags_in
from touchline.server.http.problem_responses import refusals
from touchline.server.http.problems import PROBLEM_HEADERS, Headers, Problem

PATH = "/t.js"
MAX_AGE_SECONDS = 3_600
"""How long browsers use it without asking; after that an answer of 304 does for as long as it is the same."""

_PLAIN = "t.min.js"
_FORMS = (("br", f"{_PLAIN}.br"), ("gzip", f"{_PLAIN}.gz"), ("", _PLAIN))
"""Content encodings, the smallest first."""


class Script:
    """Answers requests for the tracker."""

    def __init__(self) -> None:
        folder = files("touchline.server.tracker")
        self._forms = [(encoding, folder.joinpath(name).read_bytes()) for encoding, name in _FORMS]
        self._tag = sha256(self._forms[-1][1]).hexdigest()[:16]

    def __call__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if scope.method not in {"GET", "HEAD"}:
            problem = Problem(405, "wrong_method", "Expected GET.")
            protocol.response_bytes(405, [*PROBLEM_HEADERS, ("allow", "GET, HEAD")], problem.document())
            return
        encoding, content = self._form(scope.headers.get("accept-encoding") or "")
        tag = f'"{self._tag}{encoding}"'
        headers = _headers(encoding, tag)
        if tag in tags_in(scope.headers.get("if-none-match")):
            protocol.response_empty(304, headers)
        elif scope.method == "HEAD":
            protocol.response_empty(200, [*headers, ("content-length", str(len(content)))])
        else:
            protocol.response_bytes(200, headers, content)

    def _form(self, accepted: str) -> tuple[str, bytes]:
        names = [_name(part) for part in accepted.lower().split(",")]
        return next(form for form in self._forms if not form[0] or form[0] in names)


def path() -> dict[str, Any]:
    """What the OpenAPI document says of it; no router serves it."""
    return {
        "get": {
            "operationId": "tracker",
            "summary": "The tracker, for the pages of a site",
            "description": "`touchline site snippet` prints the lines that load it. It comes compressed (br, gzip) to"
            f" those who accept that, and browsers keep it for {MAX_AGE_SECONDS // 60} minutes.",
            "security": [],
            "responses": {
                "200": {
                    "description": "The script.",
                    "content": {"text/javascript": {"schema": {"type": "string"}}},
                },
                "304": {"description": "Not modified: it matches If-None-Match."},
                **refusals("405"),
            },
        },
    }


def _name(part: str) -> str | None:
    """The encoding of one part of ``Accept-Encoding``; none if its weight is 0."""
    name, _, weight = part.replace(" ", "").partition(";q=")
    return None if weight and not weight.strip("0.") else name


def _headers(encoding: str, tag: str) -> Headers:
    encoded = [("content-encoding", encoding)] if encoding else []
    return [
        ("content-type", "text/javascript; charset=utf-8"),
        *encoded,
        ("etag", tag),
        ("cache-control", f"public, max-age={MAX_AGE_SECONDS}, stale-while-revalidate=86400"),
        ("vary", "Accept-Encoding"),
        # Pages of any site may load it, also those that check what they load.
        ("access-control-allow-origin", "*"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("x-content-type-options", "nosniff"),
    ]
