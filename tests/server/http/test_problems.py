"""Refusals, as bytes: what a client reads of one, and what the OpenAPI document says of each."""

import json

import pytest

from touchline.server.http.problem_responses import refusals
from touchline.server.http.problems import JSON_HEADERS, PROBLEM_HEADERS, Problem, inert

TITLES = {
    400: "Bad request", 401: "Unauthorized", 403: "Forbidden", 404: "Not found", 405: "Method not allowed",
    408: "Request timeout", 413: "Content too large", 415: "Unsupported media type", 429: "Too many requests",
    500: "Internal server error", 503: "Service unavailable",
}  # fmt: skip
MEANINGS = {
    "400": "The request is invalid.", "401": "Authentication is required.", "403": "Permission is denied.",
    "404": "Not found.", "405": "The method is not allowed.", "408": "The request timed out.",
    "413": "The request is too large.", "415": "The content type is not supported.",
    "429": "Too many requests; retry after the seconds in Retry-After.",
    "503": "Unavailable; retry after the seconds in Retry-After, if it is present.",
}  # fmt: skip


@pytest.mark.parametrize("status", TITLES)
def test_a_problem_is_a_document_of_rfc_9457(status: int) -> None:
    problem = Problem(status, "a_code", "Expected this.", "Do that.", headers=[("retry-after", "1")], line=7)
    assert json.loads(problem.document()) == {
        "type": "about:blank", "title": TITLES[status], "status": status, "code": "a_code",
        "detail": "Expected this.", "hint": "Do that.", "line": 7,
    }  # fmt: skip
    assert str(problem) == f"{status} a_code: Expected this. Do that."
    assert (problem.headers, problem.members) == ([("retry-after", "1")], {"line": 7})


def test_what_a_problem_does_not_say_is_left_out() -> None:
    problem = Problem(404, "unknown", "Not here.")
    assert json.loads(problem.document()).keys() == {"type", "title", "status", "code", "detail"}
    assert (str(problem), problem.headers, problem.hint) == ("404 unknown: Not here.", [], "")


def test_documents_are_served_as_what_they_are_and_never_guessed_at() -> None:
    nosniff = ("x-content-type-options", "nosniff")
    assert [("content-type", "application/problem+json"), nosniff] == PROBLEM_HEADERS
    assert [("content-type", "application/json"), nosniff] == JSON_HEADERS


def test_what_came_is_never_markup() -> None:
    assert inert({"b": "<script>&", "a": 1}) == b'{"a":1,"b":"\\u003cscript\\u003e\\u0026"}'


def test_every_refusal_has_its_meaning_in_the_openapi_document() -> None:
    schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert refusals(*MEANINGS) == {
        status: {"description": meaning, "content": schema} for status, meaning in MEANINGS.items()
    }
    assert refusals() == {}
