"""``POST /api/query``: SQL over the views and tables of an organization, for administrators."""

import time
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from touchline.jobs import auditing
from touchline.jobs.workspace import Workspace
from touchline.reports.sql_answers import MOST_ROWS, answer_query
from touchline.server.api.asking import Door
from touchline.server.api.river_reads import RiverReads
from touchline.settings import Home


class SqlQuery(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """One SELECT, and how many rows its answer has at most."""

    sql: str
    organization: str | None = None
    rows: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)] = MOST_ROWS
    """The most rows of the answer; with a larger number, the request is refused."""


class SqlAnswer(msgspec.Struct, rename="camel"):
    """Columns and rows."""

    columns: list[str]
    rows: list[list[Any]]
    is_cut: bool
    """Whether the statement has more rows than the answer may have; these are the first of them."""


def routes(home: Home, door: Door, reads: RiverReads) -> list[HTTPRouteHandler]:
    """``POST /api/query``."""

    @post("/api/query", status_code=200, summary="Answer a query in SQL", operation_id="query",
          description="For an administrator's session, with its X-CSRF-Token, or a secret key with the scope admin."
          " The statement is one SELECT over the views and tables that the reference lists; nothing else is read,"
          f" and nothing is written. An answer has at most {MOST_ROWS:,} rows; isCut says whether there are more.",
          response_description="The columns and the rows.", security=[{"session": []}, {"secretKey": []}])  # fmt: skip
    async def query(request: Request[Any, Any, Any], data: JSONBody[SqlQuery]) -> SqlAnswer:
        def answer() -> SqlAnswer:
            asker = door.asker(request, "admin", is_changing=True)
            named = asker.organization_named(data.organization)
            with Workspace(home, is_read_only=True, seconds=reads.seconds) as workspace:
                organization_id = workspace.organization(named)["organization_id"]
                found = answer_query(workspace.engine, organization_id, data.sql, most_rows=data.rows)
                actor = auditing.signed_in(asker.name) if asker.kind == "user" else auditing.of_key(asker.name)
                now = time.time_ns() // 1000
                auditing.note(workspace.ledger, organization_id, "looked", auditing.SQL, now=now, actor=actor)
            return SqlAnswer(list(found.columns), [list(row) for row in found.rows], found.is_cut)

        return await reads.answer(answer)

    return [query]
