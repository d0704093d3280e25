"""How the parts of a server are, for ``/readyz``: looked at once a second at most, however often somebody asks."""

import asyncio
import shutil
import time
from pathlib import Path

import msgspec

from touchline.errors import TouchlineError
from touchline.server.collect.application import Application
from touchline.server.watch.keeper_record import SILENT_SECONDS, read_record, record_of

_KNOWN_SECONDS = 1.0
LOW_BYTES = 1024 * 1024 * 1024
"""Free bytes below which a disk is low: less than a run over large data writes to it for a while."""
_LOOK_SECONDS = 2.0
"""How long a part may take to answer before it counts as one that does not."""


class Part(msgspec.Struct):
    """One part: ``status`` in a word, and, where something is wrong, the ``reason`` in a sentence."""

    status: str
    reason: str = ""


class Ready(msgspec.Struct, rename="camel"):
    """Whether the server accepts events (``status``), and how the parts are."""

    status: str
    """``ready`` or ``unavailable``; events are taken without the river and its keeper, and followed later."""
    ledger: str
    river: str
    """``starting``, ``ticking``, ``failing``, ``blocked`` (the part says by whom), ``late`` (a heartbeat is overdue),
    ``stuck`` (it is being ended), ``restarting``, or ``down``."""
    river_restarts: int
    waiting_events: int
    parts: dict[str, Part]
    """``ledger``, ``limits``, ``river``, ``keeper``, which restarts the river, and the home's ``disk``: ``low`` where
    little is free."""


class Readiness:
    """Looks after the parts of one worker."""

    def __init__(self, application: Application, socket_file: Path) -> None:
        self._application = application
        self._record = record_of(socket_file)
        self._folder = socket_file.parent
        self._known: Ready | None = None
        self._known_at = 0.0
        self._was_failing = False
        self._looking = asyncio.Lock()
        self._ledger_look: asyncio.Future[Part] | None = None

    async def ready(self) -> Ready:
        """How everything is, or was less than :data:`_KNOWN_SECONDS` ago; a commit that fails is known at once."""
        async with self._looking:
            is_failing = self._application.collector.is_failing
            is_old = time.monotonic() - self._known_at > _KNOWN_SECONDS
            if self._known is None or is_old or is_failing is not self._was_failing:
                self._known = await self._looked()
                self._known_at, self._was_failing = time.monotonic(), is_failing
            return self._known

    async def _looked(self) -> Ready:
        ledger, limits = await asyncio.gather(self._ledger(), self._limits())
        river, keeper, restarts = self._river()
        is_ready = ledger.status == "ok" and limits.status != "failing"
        return Ready(
            "ready" if is_ready else "unavailable", ledger.status, river.status, restarts,
            self._application.collector.waiting_rows,
            {"ledger": ledger, "limits": limits, "river": river, "keeper": keeper, "disk": _disk(self._folder)},
        )  # fmt: skip

    async def _ledger(self) -> Part:
        if self._application.collector.is_failing:
            return Part("failing", "The last commit failed; see ledger_fails in the log.")
        if self._ledger_look is None:  # one that hangs is waited for again, and not joined by another
            self._ledger_look = asyncio.ensure_future(asyncio.to_thread(_ledger_part, self._application))
        done, _ = await asyncio.wait({self._ledger_look}, timeout=_LOOK_SECONDS)
        if not done:
            return Part("failing", f"It has not answered for more than {_LOOK_SECONDS:g} seconds.")
        self._ledger_look = None
        return done.pop().result()

    async def _limits(self) -> Part:
        if await _within(self._application.limits.reach()):
            return Part("ok")
        if self._application.options.is_open_without_redis:
            return Part(
                "open", "Redis does not answer: events are accepted without rate limits, and nobody can log in."
            )
        return Part("failing", "Redis does not answer: no event is accepted until it does, and nobody can log in.")

    def _river(self) -> tuple[Part, Part, int]:
        kept = read_record(self._record)
        if kept is None:
            return Part("down", "No keeper starts it."), Part("down", "There is none in this server."), 0
        if not kept.is_kept:
            reason = f"It has written nothing for more than {SILENT_SECONDS:g} seconds; restart the server."
            return Part("down", "Its keeper has reported no status."), Part("stuck", reason), kept.restarts
        return Part(kept.state, kept.reason), Part("ok"), kept.restarts


def _disk(folder: Path) -> Part:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Part("unknown", f"The home cannot be looked at: {error.strerror}.")
    if free < LOW_BYTES:
        return Part("low", f"{free // 1_000_000:,} MB are free on the disk of the home.")
    return Part("ok")


async def _within(reaching: "asyncio.Future[bool] | object") -> bool:
    try:
        return bool(await asyncio.wait_for(reaching, _LOOK_SECONDS))  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - whatever a driver raises, it does not answer
        return False


def _ledger_part(application: Application) -> Part:
    try:
        application.ledger.pulse()
    except TouchlineError:
        return Part("failing", "It cannot be read, or its file is not the one that was opened; see the log.")
    return Part("ok")
