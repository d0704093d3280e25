"""``/healthz``, ``/readyz``, ``/metrics``: for those who watch the server."""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from touchline.errors import TouchlineError
from touchline.jobs.owner import Owner
from touchline.server.api.asking import Door
from touchline.server.api.readiness import Readiness, Ready
from touchline.server.api.server_facts import Facts
from touchline.server.collect.application import Application
from touchline.server.watch import metrics
from touchline.server.watch.keeper_record import read_record, record_of
from touchline.settings import Home

_PATIENCE = 0.5
_DOWN = {"status": "down"}


class Alive(msgspec.Struct):
    """That the process answers."""

    status: str


def routes(application: Application, home: Home, socket_file: Path, door: Door) -> list[HTTPRouteHandler]:
    """What a load balancer and a monitor ask."""
    readiness, facts = Readiness(application, socket_file), Facts(application, home)

    @get("/healthz", summary="Whether the process answers", operation_id="healthz", sync_to_thread=False,
         response_description="It does.")  # fmt: skip
    def healthz() -> Alive:
        return Alive("ok")

    @get(
        "/readyz", summary="Whether the server accepts events", operation_id="readyz",
        description="503 while no event can be stored: the ledger cannot be written, or Redis, which keeps the limits,"
        " is away. The river's troubles are reported, and change no status: events are taken without it.",
        response_description="They are.",
    )  # fmt: skip
    async def readyz() -> Response[Ready]:
        ready = await readiness.ready()
        return Response(ready, status_code=200 if ready.status == "ready" else 503)

    @get("/metrics", summary="Metrics in Prometheus' format", operation_id="metrics", media_type=MediaType.TEXT,
         description="For a session, or a secret key with the scope read, unless the server is told otherwise. Where"
         " there are several organizations: for a user of all of them, or a key with the scope metrics.",
         response_description="Every metric, as text.")  # fmt: skip
    async def metrics_(request: Request[Any, Any, Any]) -> Response[str]:
        if not application.options.metrics_are_open:
            await asyncio.to_thread(door.server_asker, request)
        ready = await readiness.ready()
        text = await asyncio.to_thread(_exposed, application, socket_file, facts, ready)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return [healthz, readyz, metrics_]


def _exposed(application: Application, socket_file: Path, facts: Facts, ready: Ready) -> str:
    counts, river = application.counts(), river_status(socket_file)
    kept = read_record(record_of(socket_file))
    return metrics.exposition(counts, river, kept, facts.now(counts, river, ready))


def river_status(socket_file: Path) -> dict[str, Any]:
    """What the river's process says of itself; that it is down where it does not answer at once."""
    try:
        with closing(Owner(socket_file, patience=_PATIENCE, seconds=_PATIENCE)) as owner:
            return owner.status()
    except TouchlineError:
        return _DOWN
