"""``GET /api/reports/{name}``: every report of the catalog, as JSON or as CSV."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, Schema

from touchline.errors import UsageError
from touchline.jobs.workspace import Workspace
from touchline.reports import report as definition
from touchline.reports.catalog import reports
from touchline.reports.csv_text import csv_text
from touchline.reports.report import Report, camel, document
from touchline.server.asking import Door
from touchline.server.problems import inert
from touchline.server.river_reads import RiverReads
from touchline.settings import Home

PATH = "/api/reports"
CSV, JSON = "text/csv", "application/json"
_LONGEST = 256
"""Characters of a parameter."""
_OURS = {
    "organization": "The organization; needed where there are several.",
    "format": "csv: the report's rows as CSV; so does Accept: text/csv.",
}
"""What every report may be asked over HTTP."""


class ListedReport(msgspec.Struct):
    """A report that can be asked for."""

    name: str
    question: str
    parameters: list[str]


def routes(home: Home, door: Door, reads: RiverReads) -> list[HTTPRouteHandler]:
    """``GET /api/reports``, and one route for each report."""

    @get(PATH, summary="The reports", operation_id="reports", sync_to_thread=True, security=_SECURITY,
         description="For a session, or a secret key with the scope read.",
         response_description="Each report's name, its question, and what it may be asked.")  # fmt: skip
    def listed(request: Request[Any, Any, Any]) -> list[ListedReport]:
        door.asker(request, "read")
        return [
            ListedReport(one.name, one.question, [camel(asked.asked_name) for asked in one.parameters])
            for one in reports().values()
        ]

    return [listed, *(_route(home, door, reads, report) for report in reports().values())]


_SECURITY: list[dict[str, list[str]]] = [{"session": []}, {"secretKey": []}]


def _route(home: Home, door: Door, reads: RiverReads, report: Report) -> HTTPRouteHandler:
    @get(f"{PATH}/{report.name}", summary=report.question.rstrip("."), operation_id=f"report_{report.name}",
         operation_class=_operation(report), security=_SECURITY, responses={200: _ANSWER})  # fmt: skip
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        def read() -> tuple[str, bytes]:
            query = _query(request)
            named = door.asker(request, "read").organization_named(query.pop("organization", None))
            media_type = _media_type(request, query.pop("format", None))
            choices = report.choices(query)
            with Workspace(home, is_read_only=True, seconds=reads.seconds) as workspace:
                organization_id = workspace.organization(named)["organization_id"]
                found = report.function(workspace.engine, organization_id, **choices)
            body = csv_text(report.table_of(found)).encode() if media_type == CSV else inert(document(found))
            return media_type, body

        return _response(request, *await reads.answer(read))

    return answer


def _query(request: Request[Any, Any, Any]) -> dict[str, str]:
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice!r:.80} is asked for twice.", "Name it once.")
    long = next((name for name, value in pairs if len(value) > _LONGEST), None)
    if long is not None:
        raise UsageError(f"{long!r:.80} has more than {_LONGEST} characters.")
    return dict(pairs)


def _media_type(request: Request[Any, Any, Any], asked: str | None) -> str:
    if asked not in {None, "csv", "json"}:
        raise UsageError(f"format is csv or json, not {asked!r:.80}.")
    wanted = request.headers.get("accept", "").split(",")[0].partition(";")[0].strip().lower()
    return CSV if asked == "csv" or (asked is None and wanted == CSV) else JSON


def _response(request: Request[Any, Any, Any], media_type: str, body: bytes) -> Response[bytes]:
    """The answer with its digest; without its body where whoever asks has it already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": etag, "vary": "accept, authorization, cookie", "cache-control": "private, no-cache"}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if known & {etag, "*"}:
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)


_ANSWER = ResponseSpec(
    dict[str, Any], generate_examples=False, description="The report; names are those of its fields, in camelCase."
)


def _operation(report: Report) -> type[Operation]:
    """The operation with its parameters, which stand in no signature."""

    @dataclass
    class ReportOperation(Operation):
        def __post_init__(self) -> None:
            ours = [
                Parameter(name=n, param_in="query", description=d, schema=_OUR_SCHEMAS[n]) for n, d in _OURS.items()
            ]
            asked = [_parameter(one) for one in report.parameters]
            self.parameters = [*(self.parameters or []), *asked, *ours]
            self.description = f"{report.question} For a session, or a secret key with the scope read."
            answered = (self.responses or {}).get("200")
            if isinstance(answered, OpenAPIResponse) and answered.content is not None:
                answered.content[CSV] = OpenAPIMediaType(schema=Schema(type="string"))  # type: ignore[arg-type]

    return ReportOperation


_OUR_SCHEMAS: dict[str, Any] = {
    "organization": Schema(type="string", max_length=64),  # type: ignore[arg-type]
    "format": Schema(type="string", enum=["json", "csv"]),  # type: ignore[arg-type]
}


def _parameter(asked: definition.Parameter) -> Parameter:
    return _documented(camel(asked.asked_name), asked.says, _schema(asked))


def _documented(name: str, says: str, schema: Schema) -> Parameter:
    return Parameter(name=name, param_in="query", required=False, description=says, schema=schema)


def _schema(asked: definition.Parameter) -> Schema:
    if asked.choices:
        return Schema(type="string", enum=list(asked.choices))  # type: ignore[arg-type]
    if asked.is_money:
        return Schema(type="number", minimum=0, maximum=definition.MOST_UNITS)  # type: ignore[arg-type]
    if asked.kind is date:
        return Schema(type="string", format="date")  # type: ignore[arg-type]
    if asked.kind is int:
        return Schema(type="integer", minimum=1, maximum=definition.MOST_ROWS)  # type: ignore[arg-type]
    return Schema(type="string", max_length=_LONGEST)  # type: ignore[arg-type]
