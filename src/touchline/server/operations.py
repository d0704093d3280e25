"""``/healthz``, ``/readyz``, ``/metrics``: for those who watch the server."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler

from touchline.errors import TouchlineError
from touchline.jobs.owner import Owner
from touchline.server import metrics
from touchline.server.application import Application
from touchline.server.asking import Door

_PATIENCE = 0.5
_DOWN = {"status": "down"}


class Alive(msgspec.Struct):
    """That the process answers."""

    status: str


class Ready(msgspec.Struct, rename="camel"):
    """Whether events are taken (``status``), and how the parts are."""

    status: str
    ledger: str
    river: str
    """``ticking``, ``starting``, ``failing`` or ``down``; events are taken all the same, and followed later."""
    river_restarts: int
    waiting_events: int


def routes(application: Application, socket_file: Path, door: Door) -> list[HTTPRouteHandler]:
    """What a load balancer and a monitor ask."""

    @get("/healthz", summary="Whether the process answers", operation_id="healthz", sync_to_thread=False,
         response_description="It does.")  # fmt: skip
    def healthz() -> Alive:
        return Alive("ok")

    @get(
        "/readyz", summary="Whether events are taken", operation_id="readyz",
        description="503 while the ledger cannot be written. The river's troubles are told, and change no status.",
        response_description="They are.",
    )  # fmt: skip
    async def readyz() -> Response[Ready]:
        is_well = await asyncio.to_thread(_ledger_answers, application) and not application.collector.is_failing
        river = await asyncio.to_thread(river_status, socket_file)
        ready = Ready(
            "ready" if is_well else "unavailable", "ok" if is_well else "failing", river["status"],
            river.get("restarts", 0), application.collector.waiting_rows,
        )  # fmt: skip
        return Response(ready, status_code=200 if is_well else 503)

    @get("/metrics", summary="Metrics in Prometheus' format", operation_id="metrics", media_type=MediaType.TEXT,
         description="For a session, or a secret key with the scope read, unless the server is told otherwise.",
         response_description="Every metric, as text.",
         sync_to_thread=True)  # fmt: skip
    def metrics_(request: Request[Any, Any, Any]) -> Response[str]:
        if not application.options.metrics_are_open:
            door.asker(request, "read")
        text = metrics.exposition(application.counts(), river_status(socket_file))
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return [healthz, readyz, metrics_]


def river_status(socket_file: Path) -> dict[str, Any]:
    """How the river is; that it is down where its process does not answer."""
    try:
        owner = Owner(socket_file, patience=_PATIENCE)
    except TouchlineError:
        return _DOWN
    try:
        return owner.status()
    except TouchlineError:
        return _DOWN
    finally:
        owner.close()


def _ledger_answers(application: Application) -> bool:
    try:
        application.ledger.pulse()
    except TouchlineError:
        return False
    return True
