"""Where a screen gets its numbers: reports of the catalog about one organization, from memory or from the river."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cached_property
from types import TracebackType
from typing import Any, TypeVar

from touchline.jobs.workspace import Workspace
from touchline.ledger import Ledger, schema
from touchline.magnitudes import MINUTE_SECONDS
from touchline.reports.catalog import report_named
from touchline.server.pages.memory import Memory
from touchline.settings import Home

T = TypeVar("T")
_MINUTE = MINUTE_SECONDS * 1_000_000


class Desk:
    """The reports of one organization, all of one state of the numbers; use it in a ``with`` statement.

    :param seconds: how long the river may take to answer all questions.
    """

    def __init__(self, home: Home, ledger: Ledger, memory: Memory, organization_id: str, seconds: float) -> None:
        self.organization_id = organization_id
        self._home = home
        self._memory = memory
        self._seconds = seconds
        self._state = _newest_run(ledger)

    def report(self, name: str, **choices: Any) -> Any:
        """What a report of the catalog answers, as ``touchline report`` and ``GET /api/reports`` have it.

        What was decided about findings of waste is not in it: decisions change between runs, and answers do not.
        """
        return self.answer(report_named(name).function, **choices)

    def now(self, function: Callable[..., T], **choices: Any) -> T:
        """What ``function`` answers from the home, the organization, and ``choices``, as it is at this moment.

        It is for what people decide and set up, which changes between runs; nothing of it is remembered.
        """
        return function(self._workspace, self.organization_id, **choices)

    def each_minute(self, function: Callable[..., T], **choices: Any) -> T:
        """As :meth:`now`, of a function of the clock, whose answer is remembered for the rest of the minute.

        :param function: gets the beginning of the minute (microseconds since 1970) as ``now``.
        """
        minute = self.clock // _MINUTE * _MINUTE
        question = (function.__module__, function.__qualname__, self.organization_id, minute, *sorted(choices.items()))
        found: T = self._memory.answer(
            self._state, question, lambda: function(self._workspace, self.organization_id, now=minute, **choices)
        )
        return found

    @property
    def clock(self) -> int:
        """Microseconds since 1970."""
        return time.time_ns() // 1000

    @property
    def today(self) -> date:
        """The day (UTC)."""
        return datetime.fromtimestamp(self.clock // 1_000_000, UTC).date()

    def answer(self, function: Callable[..., T], **choices: Any) -> T:
        """What ``function`` answers from an engine, the organization, and ``choices``."""
        question = (function.__module__, function.__qualname__, self.organization_id, *sorted(choices.items()))
        found: T = self._memory.answer(
            self._state, question, lambda: function(self._workspace.engine, self.organization_id, **choices)
        )
        return found

    @cached_property
    def _workspace(self) -> Workspace:
        return Workspace(self._home, is_read_only=True, seconds=self._seconds)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if "_workspace" in self.__dict__:
            self._workspace.close()


def _newest_run(ledger: Ledger) -> int:
    """When the newest run began that changed anything; it is noted after the tables have what it wrote."""
    newest = ledger.newest(schema.RUNS)
    return int(newest["started_at"]) if newest else 0
