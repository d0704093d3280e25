"""``/api/cron/{job}``: the scheduled jobs, for deployments with their own scheduler."""

import hmac
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, route
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter, RawBody

from touchline.errors import TouchlineError
from touchline.jobs.owner import Owner
from touchline.server.api.river_reads import RETRY_SECONDS
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import Problem

Job = Literal["touchpoint-derivation", "attribution-weights", "daily-rollups", "retention"]
_TELLS = (
    "Authorization: Bearer and the CRON_SECRET. `retention` erases what has outlived the retention period of its"
    " organization. Each other job is the whole run, whose parts depend on one another, and reports its own part: it"
    " processes everything that is new, of all organizations, days and models. Jobs take no arguments. A job that is"
    " already running is skipped, and the response says so."
)


class JobAnswer(msgspec.Struct, rename="camel", omit_defaults=True):
    """What became of a job; times are microseconds since 1970.

    ``counts`` are of the job's own part: ``events`` (new ones) with ``touchpoints``, with ``conversionsProcessed`` and
    ``linksUpdated``, or with ``rollupsUpdated`` and ``wasteFindings``; of ``retention``, ``eventsErased``. They are 0
    where the server has followed all that is new before.
    """

    success: bool
    skipped: bool
    job: str
    message: str
    started_at: int | None = None
    ended_at: int | None = None
    counts: dict[str, int] = {}


def routes(socket_file: Path, options: ServerOptions) -> list[HTTPRouteHandler]:
    """``POST`` and ``GET /api/cron/{job}``."""

    @route(
        "/api/cron/{job:str}", http_method=["GET", "POST"], status_code=200, summary="Do a job now",
        description=_TELLS, security=[{"cronSecret": []}], sync_to_thread=True,
        response_description="It is done, or was being done: `skipped` says which.",
    )  # fmt: skip
    def do(
        request: Request[Any, Any, Any], job: Annotated[Job, Parameter(description="The job.")], body: RawBody
    ) -> JobAnswer:
        _check(request, options)
        _refuse_arguments(body)
        return _done(socket_file, job, options.cron_seconds)

    return [do]


def _check(request: Request[Any, Any, Any], options: ServerOptions) -> None:
    if not options.cron_secret:
        raise Problem(503, "no_cron_secret", "CRON_SECRET is not set.", "Set it and restart the server.")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(given.strip().encode(), options.cron_secret.encode())
    if scheme.lower() != "bearer" or not is_right:
        raise Problem(
            401, "wrong_cron_secret", "Expected Authorization: Bearer and the CRON_SECRET.", "Check the secret.",
            headers=[("www-authenticate", "Bearer")],
        )  # fmt: skip


def _refuse_arguments(body: bytes) -> None:
    """A body is somebody's wish for a part of a run, such as some days or one model; an empty one says nothing."""
    if body.strip() not in {b"", b"{}", b"null"}:
        raise Problem(
            400, "no_arguments", "A job takes no arguments, but the request has a body.",
            "Leave it out: a job processes everything that is new, of all organizations, days and models.",
        )  # fmt: skip


def _done(socket_file: Path, job: str, seconds: float) -> JobAnswer:
    try:
        with closing(Owner(socket_file, patience=2.0, seconds=seconds)) as owner:
            return msgspec.convert(owner.job(job), JobAnswer)
    except TouchlineError as error:
        raise Problem(
            503, "job_failed", error.message, error.hint, headers=[("retry-after", str(RETRY_SECONDS))]
        ) from None
