"""``POST /api/costs``: daily ad costs, as ``touchline import costs`` reads them, from a machine that fetches them."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody
from litestar.params import QueryParameter, RawBody

from touchline.jobs.importing import COST_SOURCE, ImportReport, Overlap, OverlapError, load_costs
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.asking import Door
from touchline.server.http.bodies import MAX_BODY, inflated, is_gzipped
from touchline.server.http.problems import Problem, inert
from touchline.settings import Home
from touchline.spend import CostFile, TooLongError
from touchline.spend.costs import OPTIONAL, REQUIRED

PATH = "/api/costs"
MOST_BYTES = {PATH: MAX_BODY}
MOST_ROWS = 20_000
"""At a time: while they are written, nobody else writes to a ledger in SQLite."""
TOLD_ROWS = 1_000
"""Refused rows that an answer names; the others are counted."""
NAMES = {"text/csv": "sent.csv", "application/x-ndjson": "sent.jsonl", "application/json": "sent.json"}
"""What a body is called in the ledger and in answers, by its type; the ending says how it is read."""

_SOURCE = QueryParameter(
    name="source", min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.-]+$",
    description="Where the figures come from; those of different sources stand side by side. Files have the same one.",
)  # fmt: skip
_NAME = QueryParameter(
    name="organization", max_length=64, description="The organization; needed where there are several."
)
_OVERLAP = QueryParameter(
    name="overlap",
    description="What to do if an earlier load has the same days from elsewhere or of another kind: refuse the body;"
    " replace what the same source has; or add, if it is other money.",
)
_TELLS = (
    "For a secret key with the scope costs, or an editor's session. The body is what `touchline import costs`"
    " reads: CSV with a header, lines of JSON, or a JSON list; it may be gzipped. What it says of a day of a"
    f" platform's account replaces what was known of it from the same source, so that it can be sent again; where a row"
    f" of a known day is refused, the whole day stays as it was known. At most {MAX_BODY:,} bytes and"
    f" {MOST_ROWS:,} rows at a time."
)


class RejectedCostRow(msgspec.Struct):
    """A row that is not in: the line of the body, or the element of a list, from 1; and why."""

    row: int
    code: str
    field: str | None
    message: str


class CostsAnswer(msgspec.Struct, rename="camel"):
    """What became of the rows: ``total`` = ``accepted`` and all that ``rejectedByReason`` counts."""

    success: bool
    accepted: int
    replaced_days: int
    """Days of an ad account that were known, and that these rows replace."""
    kept_days: int
    """Days that were known and stay as they were, because a row of each was refused."""
    total: int
    rejected_by_reason: dict[str, int]
    rejected: list[RejectedCostRow]


_ROW = {"date": "2026-03-02", "platform": "GOOGLE_ADS", "account_id": "123-456", "campaign_id": "111", "cost": 12.34}
_CSV = f"{','.join(_ROW)}\n{','.join(map(str, _ROW.values()))}\n"
_DONE = {
    "success": True, "accepted": 1, "replacedDays": 0, "keptDays": 0, "total": 1, "rejectedByReason": {}, "rejected": []
}  # fmt: skip
_WRONG = {
    "row": 3,
    "code": "wrong_type",
    "field": "cost",
    "message": "cost is a decimal number such as 12.34, not '€5'",
}
_SOME = {**_DONE, "success": False, "total": 2, "rejectedByReason": {"wrong_type": 1}, "rejected": [_WRONG]}
_OBJECT: dict[str, Any] = {
    "type": "object",
    "required": list(REQUIRED),
    "properties": {
        **{name: {"type": ["string", "number"]} for name in REQUIRED},
        **{name: {"type": ["string", "number", "null"]} for name in OPTIONAL},
    },
    "additionalProperties": False,
}
_TEXT: Any = {"type": "string"}
_LIST: Any = {"type": "array", "maxItems": MOST_ROWS, "items": _OBJECT}


@dataclass
class _Operation(Operation):
    """The operation with its body, which no struct describes."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            content={
                "application/json": OpenAPIMediaType(schema=_LIST, example=[_ROW]),
                "application/x-ndjson": OpenAPIMediaType(schema=_TEXT, example=msgspec.json.encode(_ROW).decode()),
                "text/csv": OpenAPIMediaType(schema=_TEXT, example=_CSV),
            },
        )


_ANSWERS = {
    200: ResponseSpec(
        CostsAnswer, generate_examples=False, description="All rows were stored.", examples=[Example(value=_DONE)]
    ),
    207: ResponseSpec(
        CostsAnswer, generate_examples=False, description="Some rows were rejected; the others were stored.",
        examples=[Example(value=_SOME)],
    ),
}  # fmt: skip


def routes(home: Home, door: Door) -> list[HTTPRouteHandler]:
    """``POST /api/costs``."""

    @post(PATH, status_code=200, summary="Send ad costs", operation_id="costs", operation_class=_Operation,
          description=_TELLS, security=[{"secretKey": []}, {"session": []}], responses=_ANSWERS,
          sync_to_thread=True)  # fmt: skip
    def costs(
        request: Request[Any, Any, Any],
        body: RawBody,
        organization: Annotated[str | None, _NAME] = None,
        source: Annotated[str, _SOURCE] = COST_SOURCE,
        overlap: Annotated[Overlap, _OVERLAP] = "refuse",
    ) -> Response[Any]:
        organization_id = door.asker(request, "costs", is_changing=True).organization_named(organization)
        file = _file(request, body)
        with Workspace(home) as workspace:
            report = _loaded(workspace, file, organization_id, source, overlap)
            return _answered(workspace, report)

    return [costs]


def _file(request: Request[Any, Any, Any], body: bytes) -> CostFile:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in NAMES:
        raise Problem(415, "unknown_type", f"Expected Content-Type {', '.join(NAMES)}.", "Send one of them.")
    content = inflated(body) if is_gzipped(request.headers.get("content-encoding")) else body
    return CostFile(Path(NAMES[kind]), content, most_rows=MOST_ROWS)


def _loaded(
    workspace: Workspace, file: CostFile, organization_id: str | None, source: str, overlap: Overlap
) -> ImportReport:
    now = time.time_ns() // 1000
    try:
        return load_costs(workspace, [file], organization_id=organization_id, source=source, now=now, overlap=overlap)
    except OverlapError as error:
        raise Problem(409, "overlap", error.message, error.hint) from None
    except TooLongError as error:
        raise Problem(413, "too_large", error.message, error.hint) from None


def _answered(workspace: Workspace, report: ImportReport) -> Response[Any]:
    (number,) = report.load_numbers
    kept = workspace.ledger.rows(schema.REJECTED_AD_COSTS, limit=TOLD_ROWS, load_number=number)
    rejected = [
        RejectedCostRow(int(row["source"].rpartition(":")[2]), row["reason"], row["field"] or None, row["message"])
        for row in kept
    ]
    by_reason = dict(sorted(report.rejected.items()))
    counts = (report.accepted, report.replaced_days, report.kept_days, report.read)
    answer = CostsAnswer(not rejected, *counts, by_reason, rejected)
    if rejected and not report.accepted:
        members = msgspec.to_builtins(answer)
        raise Problem(400, "invalid", "The request has no valid cost rows.", "See rejected.", **members)
    return Response(inert(answer), status_code=207 if rejected else 200, media_type="application/json")
