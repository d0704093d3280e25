"""The OpenAPI document: Litestar's part, plus the hot path's input, from its structs."""

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Components, SecurityScheme

from touchline.server.api import report_operations
from touchline.server.collect import track_path
from touchline.server.http.problem_responses import refusals
from touchline.server.tracker import script

TITLE: dict[str, Any] = {
    "title": "Touchline",
    "version": version("touchline"),
    "description": "Collects what visitors do, and answers which marketing led to which conversions.",
}


def components() -> Components:
    """How one proves who one is."""
    return Components(
        security_schemes={
            "session": SecurityScheme(type="apiKey", name="tl_session", security_scheme_in="cookie"),
            "secretKey": SecurityScheme(type="http", scheme="bearer", description="A secret key, sk_…"),
            "cronSecret": SecurityScheme(type="http", scheme="bearer", description="The CRON_SECRET."),
        }
    )


def route() -> HTTPRouteHandler:
    """``GET /api/openapi.json``."""

    @get("/api/openapi.json", include_in_schema=False, sync_to_thread=False)
    def document(request: Request[Any, Any, Any]) -> Response[bytes]:
        return Response(_text(request.app), media_type="application/json")

    return document


@cache
def _text(application: Any) -> bytes:
    return msgspec.json.encode(document_of(application))


def document_of(application: Any) -> dict[str, Any]:
    """The whole document of a Litestar application and the hot path."""
    whole: dict[str, Any] = application.openapi_schema.to_schema()
    for path in whole["paths"].values():
        for operation in path.values():
            _tell_of_problems(operation)
    return {
        **whole,
        "paths": {"/api/track": track_path.path(), script.PATH: script.path(), **dict(sorted(whole["paths"].items()))},
        "components": {
            **whole["components"],
            "schemas": {
                **whole["components"].get("schemas", {}),
                **track_path.schemas(),
                **report_operations.schemas(),
                "Problem": track_path.PROBLEM,
            },
        },
    }


def _tell_of_problems(operation: dict[str, Any]) -> None:
    """Every refusal is one kind of document."""
    for status, said in refusals("400", "401", "403", "404", "405", "413", "415", "429", "503").items():
        standing = operation["responses"].get(status)
        if standing is None or status == "400":
            operation["responses"][status] = said
        else:
            standing["content"] = {**standing.get("content", {}), **said["content"]}
