"""Parameters of a request that its operation does not read are refused: they are misspelled, or ask for more."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from litestar import Litestar, Request
from litestar.openapi.spec import Parameter

from touchline.reports.report import camel
from touchline.server.http.problems import Problem

CHECKS_ITSELF = "checks_parameters"
"""The option of a handler that refuses what it does not read itself."""
_KIND = re.compile(r"`(\w+)`")
_KINDS = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false", "date": "a day"}
"""By the name of a type in Litestar's messages, what people call it."""
_BODY = "data"
"""What Litestar calls the body."""
_PREFIX = "/api/"
"""Requests from monitoring, which may carry a number against caches, go elsewhere."""


async def refuse_unknown(request: Request[Any, Any, Any]) -> None:
    """Refuse a request with a parameter in its query that the OpenAPI document does not name.

    :raises Problem: 400, with the parameters that there are.
    """
    checks_itself = request.route_handler.opt.get(CHECKS_ITSELF, False)
    if not request.scope["query_string"] or checks_itself or not request.url.path.startswith(_PREFIX):
        return
    known = _documented(request.app, request.scope["path_template"], request.method.lower())
    unknown = next((name for name in request.query_params if known is not None and name not in known), None)
    if unknown is not None:
        there_are = f"There are {', '.join(known)}." if known else "There are none: leave it out."
        raise Problem(400, "unknown_parameter", f"There is no parameter {unknown!r:.80} here.", there_are)


def in_words(request: Request[Any, Any, Any], faults: Iterable[Mapping[str, Any]]) -> str:
    """What is wrong with parameters and fields, as Litestar found it; ``""`` where it names none."""
    named = {camel(str(fault["key"])): str(fault.get("message", "")) for fault in faults if fault.get("key")}
    if not named:
        return ""
    asked = _parameters(request.app, request.scope["path_template"], request.method.lower()) or []
    known = {one.name: one for one in asked}
    came = {**request.query_params, **request.path_params}
    return " ".join(_fault(name, message, known.get(name), came.get(name)) for name, message in sorted(named.items()))


def field_named(faults: Iterable[Mapping[str, Any]]) -> str:
    """The only parameter or field with which something is wrong; ``""`` where there are more, or none.

    >>> field_named([{"key": "time_zone", "message": "Expected `str`"}]), field_named([])
    ('timeZone', '')
    >>> field_named([{"key": "data", "message": "Object contains unknown field `colour`"}])
    'colour'
    """
    said = [(str(fault["key"]), str(fault.get("message", ""))) for fault in faults if fault.get("key")]
    names = {found[1] if name == _BODY and (found := _KIND.search(words)) else camel(name) for name, words in said}
    return names.pop() if len(names) == 1 else ""


def _fault(name: str, message: str, parameter: Parameter | None, came: Any) -> str:
    """What is wrong with one of them: what was expected, and what came."""
    listed = ", ".join(value for value in _enum_of(parameter) if value is not None)
    if listed:
        return f"{name} must be one of {listed}, not {came!r:.80}."
    if parameter is not None and "matching regex" in message:
        return f"{name} cannot be {came!r:.80}. Expected: {(parameter.description or '').rstrip('.')}."
    words = _KIND.sub(lambda found: _KINDS.get(found[1], found[0]), message.partition(", got ")[0])
    return f"{name}: {words:.200}." if came is None else f"{name}: {words:.200}, but it is {came!r:.80}."


def _enum_of(parameter: Parameter | None) -> Sequence[Any]:
    return getattr(parameter and parameter.schema, "enum", None) or ()


def _documented(app: Litestar, template: str, method: str) -> list[str] | None:
    """The names in the query of an operation; ``None``: it is not in the document."""
    asked = _parameters(app, template, method)
    return None if asked is None else [one.name for one in asked if one.param_in == "query"]


def _parameters(app: Litestar, template: str, method: str) -> list[Parameter] | None:
    """The parameters of an operation; ``None``: it is not in the document."""
    item = (app.openapi_schema.paths or {}).get(template)
    operation = getattr(item, method, None)
    if operation is None:
        return None
    return [one for one in operation.parameters or [] if isinstance(one, Parameter)]
