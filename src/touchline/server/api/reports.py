"""``GET /api/reports/{name}``: every report of the catalog, as JSON, as CSV, or as a file."""

from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response, get
from litestar.datastructures.headers import Accept
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from touchline.errors import UsageError
from touchline.jobs.reporting import answer_of
from touchline.jobs.workspace import Workspace
from touchline.reports.catalog import report_named, reports
from touchline.reports.report import Report, camel
from touchline.server.api.asking import Door
from touchline.server.api.parameters import CHECKS_ITSELF
from touchline.server.api.report_forms import FORMS, JSON, Form, forms_in_words
from touchline.server.api.report_operations import ANSWERED, LONGEST, operation_of
from touchline.server.api.river_reads import RiverReads
from touchline.server.http.etags import tags_in
from touchline.settings import Home

PATH = "/api/reports"
_WHO = "For a session, or a secret key with the scope read."


class ListedReport(msgspec.Struct):
    """A report that can be asked for."""

    name: str
    question: str
    parameters: list[str]


def routes(home: Home, door: Door, reads: RiverReads) -> list[HTTPRouteHandler]:
    """``GET /api/reports``, and one route for each report."""

    @get(PATH, summary="The reports", operation_id="reports", sync_to_thread=True, security=_SECURITY, description=_WHO,
         response_description="Each report's name, its question, and what it may be asked.")  # fmt: skip
    def listed(request: Request[Any, Any, Any]) -> list[ListedReport]:
        door.asker(request, "read")
        return [_listed(one) for one in reports().values()]

    @get(f"{PATH}/{{name:str}}", include_in_schema=False, sync_to_thread=True)
    def unknown(request: Request[Any, Any, Any], name: FromPath[str]) -> ListedReport:
        """Says which reports there are; those that are have routes of their own, which come first."""
        door.asker(request, "read")
        return _listed(report_named(name))

    return [
        listed,
        *(route_of(home, door, reads, one, PATH, "report", answer_of) for one in reports().values()),
        unknown,
    ]


def _listed(report: Report) -> ListedReport:
    return ListedReport(report.name, report.question, [camel(asked.asked_name) for asked in report.parameters])


_SECURITY: list[dict[str, list[str]]] = [{"session": []}, {"secretKey": []}]


def of_workspace(report: Report, workspace: Workspace, organization_id: str, **choices: Any) -> Any:
    """What a report on the tables and the ledger answers."""
    return report.function(workspace, organization_id, **choices)


def route_of(
    home: Home, door: Door, reads: RiverReads, report: Report, path: str, kind: str, answer_from: Callable[..., Any]
) -> HTTPRouteHandler:
    """``GET`` of a report.

    :param path: below which its route is.
    :param kind: the beginning of the operation's name.
    :param answer_from: answers the report for a workspace, an organization and choices.
    """

    @get(f"{path}/{report.name}", summary=report.question.rstrip("."), operation_id=f"{kind}_{report.name}",
         operation_class=operation_of(report), security=_SECURITY, description=_WHO,
         response_description=ANSWERED, opt={CHECKS_ITSELF: True})  # fmt: skip
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        def read() -> tuple[Form, bytes, str]:
            asker, query = door.asker(request, "read"), _query(request)
            named = asker.organization_named(query.pop("organization", None))
            form = _form(request, query.pop("format", None))
            choices = report.choices(query)
            with Workspace(home, is_read_only=True, seconds=reads.seconds) as workspace:
                organization_id = workspace.organization(named)["organization_id"]
                found = answer_from(report, workspace, organization_id, **choices)
            body = form.body(report, found)
            return form, body, form.etag(found, body)

        return _response(request, *await reads.answer(read))

    return answer


def _query(request: Request[Any, Any, Any]) -> dict[str, str]:
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    twice = next((name for name, times in Counter(name for name, _ in pairs).items() if times > 1), None)
    if twice is not None:
        raise UsageError(f"{twice!r:.80} is given twice.", "Name it once.")
    long = next((name for name, value in pairs if len(value) > LONGEST), None)
    if long is not None:
        raise UsageError(f"{long!r:.80} has more than {LONGEST} characters.")
    return dict(pairs)


def _form(request: Request[Any, Any, Any], asked: str | None) -> Form:
    if asked is not None:
        if asked not in FORMS:
            raise UsageError(f"format is {forms_in_words()}, not {asked!r:.80}.")
        return FORMS[asked]
    by_type = {form.media_type: form for form in FORMS.values()}
    wanted = Accept(request.headers.get("accept", JSON).lower())
    return by_type[wanted.best_match(list(by_type), JSON)]


def _response(request: Request[Any, Any, Any], form: Form, body: bytes, etag: str) -> Response[bytes]:
    """The answer with its digest; without its body if the caller already has it."""
    headers = {"etag": etag, "vary": "accept, authorization, cookie", "cache-control": "private, no-cache"}
    if tags_in(request.headers.get("if-none-match")) & {etag, "*"}:
        return Response(b"", status_code=304, headers=headers, media_type=form.media_type)
    return Response(body, headers=headers, media_type=form.media_type)
