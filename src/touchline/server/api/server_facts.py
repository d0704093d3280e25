"""What ``/metrics`` looks at when somebody asks: the machine, the databases, the jobs, and how far the river is."""

import os
import platform
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, get_args

from touchline.errors import TouchlineError
from touchline.jobs import backup_rotation
from touchline.jobs.last_backup import last_backup
from touchline.ledger import schema
from touchline.server.api.cron import Job
from touchline.server.api.readiness import Ready
from touchline.server.collect.application import Application
from touchline.server.watch.counts import Counts
from touchline.server.watch.metrics import ServerFacts
from touchline.settings import Home

KNOWN_SECONDS = 15.0
"""How old sizes and jobs may be: no database is asked more often, however often somebody scrapes."""
_JOBS = (*get_args(Job), "run", backup_rotation.JOB)
T = TypeVar("T")


class Facts:
    """Looks at the server of one worker."""

    def __init__(self, application: Application, home: Home) -> None:
        self._application = application
        self._home = home
        self._build = {
            "version": version("touchline"), "python": platform.python_version(),
            "ledger": "postgresql" if home.database_url else "sqlite",
            "engine": (home.engine_url or "duckdb").partition(":")[0],
        }  # fmt: skip
        self._followed: int | None = None
        """The newest event in the numbers, as the river last said."""
        self._looked_at = -KNOWN_SECONDS
        self._bytes: dict[str, int] = {}
        self._succeeded_at: dict[str, float] = {}
        self._has_backups: bool | None = None

    def now(self, counts: Counts, river: dict[str, Any], ready: Ready) -> ServerFacts:
        """Everything; what cannot be looked at is not known. Blocks."""
        if time.monotonic() - self._looked_at >= KNOWN_SECONDS:
            self._looked_at = time.monotonic()
            self._bytes = _known(lambda: self._sizes(river)) or {}
            self._succeeded_at = _known(self._successes) or self._succeeded_at
            self._has_backups = _known(self._backups_go_well)
        disk = _known(lambda: shutil.disk_usage(self._home.path))
        limits = ready.parts["limits"].status
        return ServerFacts(
            build=self._build, processes=_processes(counts, river), is_ready=ready.status == "ready",
            disk_free_bytes=disk.free if disk else None, disk_size_bytes=disk.total if disk else None,
            database_bytes=self._bytes, backlog=_known(lambda: self._backlog(river)), succeeded_at=self._succeeded_at,
            has_backups=self._has_backups,
            has_redis=limits == "ok" if self._application.options.redis_url else None,
        )  # fmt: skip

    def _backlog(self, river: dict[str, Any]) -> int | None:
        """How far the ledger is ahead of the numbers; while the river is away, of what it had when it last spoke."""
        said = river.get("followed")
        self._followed = self._followed if said is None else said
        return None if self._followed is None else max(0, self._application.ledger.pulse()[0] - self._followed)

    def _sizes(self, river: dict[str, Any]) -> dict[str, int]:
        """Of an engine on a server, as the river asked it after its last run that wrote rows."""
        file = self._home.engine_file
        own = 0 if self._home.engine_url else _bytes_of(file, file.with_suffix(".duckdb.wal"))
        engine = own or river.get("engineBytes", 0)
        return {"ledger": self._application.ledger.size_bytes(), **({"engine": engine} if engine else {})}

    def _backups_go_well(self) -> bool | None:
        options = self._application.options
        hours = options.backup_hours if options.backup_folder else None
        last = last_backup(self._application.ledger, hours=hours, now=time.time_ns() // 1000)
        return None if last.state == "none" else last.state == "done"

    def _successes(self) -> dict[str, float]:
        ledger = self._application.ledger
        found = {name: ledger.newest(schema.JOB_RUNS, job=name, status="done") for name in _JOBS}
        return {name: row["ended_at"] / 1e6 for name, row in found.items() if row is not None}


def _processes(counts: Counts, river: dict[str, Any]) -> dict[str, list[int]]:
    own = os.getpid()
    return {
        "main": [os.getppid()], "worker": sorted({own, *counts.process_ids}),
        "river": [river["processId"]] if "processId" in river else [],
    }  # fmt: skip


def _bytes_of(*files: Path) -> int:
    total = 0
    for file in files:
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def _known(look: Callable[[], T]) -> T | None:
    """What a look finds; ``None`` where the disk or the database does not say."""
    try:
        return look()
    except (OSError, TouchlineError):
        return None
