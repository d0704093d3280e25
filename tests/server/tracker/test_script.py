"""``/t.js`` without a server around it: every field of every answer."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest

from touchline.server.tracker.script import MAX_AGE_SECONDS, PATH, Script, path

FOLDER = files("touchline.server.tracker")
PLAIN, BROTLI, GZIP = (FOLDER.joinpath(f"t.min.js{end}").read_bytes() for end in ("", ".br", ".gz"))
TAG = sha256(PLAIN).hexdigest()[:16]
ALWAYS = {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=3600, stale-while-revalidate=86400",
    "vary": "Accept-Encoding",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


@dataclass
class _Asked:
    """A request's head, and what is answered."""

    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    answer: tuple[int, dict[str, str], bytes | None] = (0, {}, None)

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        assert len(dict(headers)) == len(headers)
        self.answer = status, dict(headers), body

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.answer = status, dict(headers), None


def ask(method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes | None]:
    asked = _Asked(method, {name.replace("_", "-"): value for name, value in headers.items()})
    Script()(asked, asked)
    return asked.answer


FORMS = [
    ("", PLAIN, ""), ("br", BROTLI, "br"), ("gzip", GZIP, "gzip"), ("gzip, br", BROTLI, "br"), ("BR", BROTLI, "br"),
    ("gzip;q=1.0, deflate", GZIP, "gzip"), ("br;q=0, gzip;q=0.001", GZIP, "gzip"), ("br; q=0.0,gzip; q=0", PLAIN, ""),
    ("zstd", PLAIN, ""), ("brotli", PLAIN, ""),
]  # fmt: skip


@pytest.mark.parametrize(("accepted", "body", "encoding"), FORMS, ids=[form[0] for form in FORMS])
def test_the_smallest_form_that_is_accepted(accepted: str, body: bytes, encoding: str) -> None:
    encoded = {"content-encoding": encoding} if encoding else {}
    assert ask(accept_encoding=accepted) == (200, {**ALWAYS, **encoded, "etag": f'"{TAG}{encoding}"'}, body)


def test_head_says_how_long_it_is() -> None:
    status, headers, body = ask("HEAD", accept_encoding="gzip")
    assert (status, headers["content-length"], body) == (200, str(len(GZIP)), None)
    assert headers == {**ask(accept_encoding="gzip")[1], "content-length": str(len(GZIP))}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_browser_has_is_not_sent_again(method: str) -> None:
    headers = ask(accept_encoding="br")[1]
    assert ask(method, accept_encoding="br", if_none_match=headers["etag"]) == (304, headers, None)
    assert ask(method, accept_encoding="br", if_none_match=f'"{TAG}"')[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "get"])
def test_another_method_is_refused_with_those_that_there_are(method: str) -> None:
    status, headers, body = ask(method)
    problem = {"content-type": "application/problem+json", "x-content-type-options": "nosniff"}
    assert (status, headers) == (405, {**problem, "allow": "GET, HEAD"})
    assert json.loads(body or b"") == {
        "type": "about:blank", "title": "Method not allowed", "status": 405, "code": "wrong_method",
        "detail": "Expected GET.",
    }  # fmt: skip


def test_what_the_openapi_document_says_of_it() -> None:
    said: dict[str, Any] = path()["get"]
    assert (PATH, MAX_AGE_SECONDS, list(path())) == ("/t.js", 3_600, ["get"])
    assert (said["operationId"], said["security"]) == ("tracker", [])
    assert said["summary"] == "The tracker, for the pages of a site"
    assert said["description"].endswith("and browsers keep it for 60 minutes.")
    assert list(said["responses"]) == ["200", "304", "405"]
    assert said["responses"]["200"] == {
        "description": "The script.", "content": {"text/javascript": {"schema": {"type": "string"}}},
    }  # fmt: skip
    assert said["responses"]["304"] == {"description": "Not modified: it matches If-None-Match."}
