"""``/docs``: the operations of the API as a page that needs no script; ``/api/openapi.json`` is the document."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from touchline.server.api.openapi import document_of
from touchline.server.pages.rendering import rendered
from touchline.server.pages.responses import Handlers, page


@dataclass(frozen=True)
class Asked:
    """A parameter of an operation."""

    name: str
    place: str
    says: str


@dataclass(frozen=True)
class Listed:
    """An operation."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Asked, ...]
    answers: tuple[tuple[str, str], ...]
    """Statuses and what each means."""


def route(faults: Handlers) -> HTTPRouteHandler:
    """``GET /docs``."""

    @get("/docs", include_in_schema=False, exception_handlers=faults)
    async def docs(request: Request[Any, Any, Any]) -> Response[bytes]:
        body = await asyncio.to_thread(lambda: rendered("docs", operations=list(listed(document_of(request.app)))))
        return page(request, body)

    return docs


def listed(document: dict[str, Any]) -> Iterator[Listed]:
    """The operations of an OpenAPI document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not isinstance(operation, dict) or "responses" not in operation:
                continue
            yield Listed(
                anchor=operation.get("operationId", f"{method}-{path}"),
                method=method.upper(),
                path=path,
                summary=operation.get("summary", ""),
                description=operation.get("description", ""),
                parameters=tuple(_asked(one) for one in operation.get("parameters", ()) if "name" in one),
                answers=tuple((status, one.get("description", "")) for status, one in operation["responses"].items()),
            )


def _asked(parameter: dict[str, Any]) -> Asked:
    return Asked(parameter["name"], parameter.get("in", ""), parameter.get("description", ""))
