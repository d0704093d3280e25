"""An intake that finds the ledger again when it is moved to another place while the server runs."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import structlog

from touchline.errors import HomeError
from touchline.jobs.moving import moved_to
from touchline.ledger import Ledger
from touchline.ledger.intake import Columns, Intake, Prepare
from touchline.ledger.moving import MovedError
from touchline.ledger.opening import intake_at
from touchline.ledger.verdicts import Verdict
from touchline.settings import Home

_OPENED_SECONDS = 10.0
"""How long the new ledger is waited for: the old one ends a moment before it begins."""
_LOOK_SECONDS = 0.05

log = structlog.get_logger("touchline.server")


class FollowingIntake:
    """The intake of a home's ledger; of the next one, from the moment on at which the old one takes nothing more."""

    def __init__(self, home: Home, columns: Columns) -> None:
        self._home = home
        self._columns = columns
        self._intake = self._intake_at(home.ledger)

    @property
    def revoked(self) -> Mapping[str, int]:
        """As the ledger in use says it."""
        return self._intake.revoked

    def keyed(self, text: str) -> str:
        """As the ledger in use says it."""
        return self._intake.keyed(text)

    async def take(self, prepare: Prepare) -> Sequence[Verdict] | None:
        """Write and commit; what the old ledger refuses because it was moved goes to the new one."""
        try:
            return await self._intake.take(prepare)
        except MovedError:
            place = await asyncio.to_thread(self._opened)
            if place is None:
                raise
        await self._intake.close()
        self._intake = self._intake_at(place)
        log.warning("ledger_moved", next_step="start the server again with the new ledger; it collects meanwhile")
        return await self._intake.take(prepare)

    async def close(self) -> None:
        """Let go of the database."""
        await self._intake.close()

    def _intake_at(self, place: Path | str) -> Intake:
        return intake_at(place, self._columns, self._home.memory.cache_bytes)

    def _opened(self) -> Path | str | None:
        """Where the ledger is now, once it can be used; ``None``: nobody says where, or it is not opened in time."""
        try:
            return self._waited_for()
        except HomeError as error:
            log.error("ledger_not_followed", problem=error.message, next_step=error.hint)
            return None

    def _waited_for(self) -> Path | str | None:
        until = time.monotonic() + _OPENED_SECONDS
        while place := moved_to(self._home):
            try:
                with closing(Ledger(place)):
                    return place
            except HomeError:
                if time.monotonic() > until:
                    return None
                time.sleep(_LOOK_SECONDS)
        return None
