"""The river runs automatically, in a separate process that owns the engine's file.

Collection keeps its latency while it ticks: another process has another interpreter lock. It looks at the ledger every
:data:`LOOK_SECONDS`, and follows what was committed, by whomever; at the latest after :data:`REST_SECONDS` it looks at
goals and settings, too. What the schedule asks for is done in between. Where several servers share a PostgreSQL
ledger, a run is one process's at a time, and the second process finds nothing left to do.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import structlog

from touchline import pipeline
from touchline.amounts import counted
from touchline.errors import BlockedError, BusyError, TouchlineError
from touchline.jobs import erasing, fitting, running
from touchline.jobs.alarming.notifying import Notifier
from touchline.jobs.compacting import put_in_place
from touchline.jobs.withdrawals import carry_out_withdrawals
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.ledger.arrivals import RECENT_DAYS
from touchline.magnitudes import DAY_MICROS
from touchline.progress import Progress, ignore_progress
from touchline.server.process import schedule
from touchline.server.process.engine_file import EngineCompactedError, EngineFile, EngineReplacedError, has_numbers
from touchline.server.process.gauges import NO_GAUGES, followed_number, gauges
from touchline.server.process.job_answers import Done, skipped
from touchline.server.process.mailing import Mailer
from touchline.server.watch.durations import Durations
from touchline.server.watch.heartbeat import BeatSource, Heart
from touchline.settings import environment

LOOK_SECONDS = 0.5
REST_SECONDS = 60.0
MOST_BACKOFF_SECONDS = 60.0
_IDLE_LOOK_SECONDS = 1.0
_IDLE_AFTER_SECONDS = 10.0
"""Once nothing was committed for so long, it is looked for less often."""
_SCHEDULE_SECONDS, _IDLE_SCHEDULE_SECONDS = 5.0, 15.0
_RESUME_SECONDS = 2.5
"""Of those, how many an erasure gets that was cut off: the numbers go on meanwhile."""
_BLOCKED_SECONDS = 5.0
"""Between two attempts of a run that a lock blocks: others that want the same lock wait behind each of them."""
_VIEWS_SECONDS = 30.0
"""Between two attempts to define views that a reader keeps from changing, while the numbers go on."""
_KEPT_RUNS = DAY_MICROS
"""How long it is remembered that a run went well; a server makes thousands a day."""
_KEPT_JOBS = 90 * DAY_MICROS

log = structlog.get_logger("touchline.river")


class River:
    """The river of one home, as its owner turns it; any thread may ask."""

    def __init__(self, workspace: Workspace, restarts: int = 0, heart: Heart | None = None) -> None:
        self.workspace = workspace
        self.heart = heart or Heart()
        self.beats = BeatSource(self.heart)
        home = workspace.home
        self._has_numbers = True
        """Whether there were numbers of an earlier run when this process began."""
        self._file = None if home.engine_url else EngineFile(home.engine_file)
        if self._file is not None:
            self._has_numbers = has_numbers(workspace.engine)  # it opens the file, which is this process's from here on
            self._file.note()
        self._followed = followed_number(workspace.engine) if self._file and self._has_numbers else None
        self._has_compact_copy = False
        """Whether a compact copy of the engine's file waits to take its place."""
        self._turn = threading.Lock()
        """Whose turn it is to write."""
        self._doing: set[str] = set()
        self._started_at, self._restarts, self._ran_at = time.time(), restarts, 0.0
        self._written_at: dict[str, float] = {}
        self._gauges: dict[str, Any] | None = None
        """What the last run left, in few numbers."""
        self.schedule = schedule.Schedule(workspace.ledger)
        self._notifier = Notifier(workspace, environment())
        self.mailer = Mailer(workspace, environment())
        self._has_news = True
        """Whether a run has written something that alarms were not looked for in."""
        self._error = self._told = ""
        self._blocked = ""
        """Who blocks the run, or the views of this release."""
        self._views_tried_at = -_VIEWS_SECONDS
        self.tallies: Counter[str] = Counter()
        """Since the start: ``runs``, ``failures``, and rows written by table."""
        self.run_seconds, self.query_seconds = Durations(), Durations()
        self.job_seconds: dict[str, Durations] = {}

    def run(self, *, is_rebuild: bool = False, progress: Progress = ignore_progress) -> pipeline.RunReport:
        """Bring the tables to what the ledger says, once it is this one's turn."""
        with self._turn, self._writing():
            started = time.monotonic()
            stored = self.workspace.ledger.pulse()[0]  # raises where the ledger's file is not the one that was opened
            told = self.workspace.ledger.fingerprint(*running.TOLD_WHOLE)
            try:
                report = self._run(is_rebuild=is_rebuild, progress=progress)
            except BlockedError as error:
                self._blocked = str(error)
                raise
            except BusyError:  # another server's run; no failure of this one's
                raise
            except Exception as error:
                self.tallies["failures"] += 1
                self._error = str(error)[:512]
                self.check_engine()  # whatever failed over a file that is gone failed because of that
                raise
            finally:
                self._tell_status()
            self._followed = stored
            self._note(report, time.monotonic() - started)
            self._told = told
        return report

    def is_as_it_was(self) -> bool:
        """Whether the ledger's goals and settings are known to be those of the last run, which went well."""
        is_same = bool(self._told) and self._told == self.workspace.ledger.fingerprint(*running.TOLD_WHOLE)
        if not is_same or self._error or self._blocked:
            return False
        self._ran_at = time.time()
        return True

    def _run(self, *, is_rebuild: bool, progress: Progress) -> pipeline.RunReport:
        """Run, and let views that a reader blocks rest for a while after each attempt to define them."""
        is_time = time.monotonic() - self._views_tried_at >= _VIEWS_SECONDS
        report = running.run(
            self.workspace, is_rebuild=is_rebuild, defines_views=is_time, progress=self._watched(progress)
        )
        if is_time:
            self._blocked = report.views_blocked
        if is_time and self._blocked:
            self._views_tried_at = time.monotonic()
            log.warning("views_blocked", reason=self._blocked, next_in_seconds=_VIEWS_SECONDS)
        return report

    def check_engine(self) -> None:
        """Make sure that the engine's file is the one that this process opened.

        :raises EngineReplacedError: if it is not.
        """
        if self._file is not None:
            self._file.check()

    def compact(self) -> None:
        """Rewrite the engine without the bytes of removed rows; of a file, the next process opens the new one."""
        with self._turn, self._writing():
            self._has_compact_copy = self.workspace.engine.compact(self.workspace.home.compact_copy)

    def swap_compacted(self) -> None:
        """Put a compact copy in the place of the engine's file, of which this process may write nothing any more.

        What was committed after the copy was made is in the ledger, and is followed by the next process.
        """
        if self._has_compact_copy and self._turn.acquire(timeout=LOOK_SECONDS):  # held to the end
            put_in_place(self.workspace.home)
            raise EngineCompactedError("The engine's file was compacted.", "Try again in a few seconds.")

    def check_numbers(self) -> None:
        """Make sure that what is read is what a run has made.

        :raises BusyError: while the tables are built for the first time, or again.
        """
        self.check_engine()
        if not self._has_numbers and not self._ran_at:
            raise BusyError("The numbers are being built.", "Try again later; /readyz shows the status of the river.")

    def _writing(self) -> AbstractContextManager[None]:
        if self._file is None:
            return nullcontext()
        self._file.check()
        return self._file.being_written()

    def _watched(self, progress: Progress) -> Progress:
        def report_step(step: str, done: int, total: int) -> None:
            self.heart.advance(step)
            progress(step, done, total)

        return report_step

    def come_round(self) -> None:
        """Record that the river looked for work; a run that is going on in another thread has to speak for itself."""
        if not self._turn.locked():
            self.heart.advance("waiting for work")

    def _tell_status(self) -> None:
        self.beats.status, self.beats.reason = self._status(), self._blocked
        self.beats.runs = self.tallies["runs"]

    def _status(self) -> str:
        known = "failing" if self._error else "blocked" if self._blocked else ""
        return known or ("ticking" if self._ran_at else "starting")

    def _note(self, report: pipeline.RunReport, seconds: float) -> None:
        self.run_seconds.add(seconds)
        self.tallies["runs"] += 1
        self._error, self._ran_at = "", time.time()
        self._tell_status()
        for table, rows in report.rows.items():
            self.tallies[f"rows:{table}"] += rows
            if rows:
                self._written_at[table] = self._ran_at
        self._has_news |= any(report.rows.values())
        if self._gauges is None or any(report.rows.values()):
            self._gauges = gauges(self.workspace.engine)

    def job(self, name: str) -> dict[str, Any]:
        """Do a job of the schedule, and keep a record of it; where it is being done already, say so."""
        with self._turn_of_names:
            if name in self._doing:
                return skipped(name)
            self._doing.add(name)
        try:
            return self._recorded(name)
        except BlockedError:
            raise
        except BusyError:
            return skipped(name)
        finally:
            self._doing.discard(name)

    _turn_of_names = threading.Lock()

    def _recorded(self, name: str) -> dict[str, Any]:
        started, status, detail = time.time_ns() // 1000, "failed", ""
        try:
            done = JOBS[name](self)
            status, detail = "done", done.message
        except TouchlineError as error:
            detail = str(error)[:512]
            raise
        finally:
            ended = time.time_ns() // 1000
            self.job_seconds.setdefault(name, Durations()).add((ended - started) / 1e6)
            with self.workspace.ledger.transaction() as entry:
                times = {"started_at": started, "ended_at": ended}
                entry.add(schema.JOB_RUNS, job=name, status=status, detail=detail, **times)
        return {
            "success": True, "skipped": False, "job": name, "startedAt": started, "endedAt": ended, "message": detail,
            "counts": done.counts,
        }  # fmt: skip

    def retain(self) -> Done:
        """Carry out withdrawals of consent, and erase what has outlived its retention period, and old records."""
        now = time.time_ns() // 1000
        withdrawn = carry_out_withdrawals(self.workspace, now=now, after_slice=self._erase_on)
        if doubt := schedule.doubt_about_clock(self.workspace.ledger, now):
            log.warning("retention_waits", reason=doubt)
            return Done(f"{doubt} Nothing is erased before the next time.", {"eventsErased": 0})
        reports = erasing.retain(self.workspace, now=now, after_slice=self._erase_on)
        with self.workspace.ledger.transaction() as entry:
            entry.remove_before(schema.ARRIVALS, "counted_at", now - RECENT_DAYS * DAY_MICROS)
            entry.remove_before(schema.JOB_RUNS, "started_at", now - _KEPT_RUNS, job="run", status="done")
            entry.remove_before(schema.JOB_RUNS, "started_at", now - _KEPT_JOBS)
        if reports or withdrawn:
            self.run()
        erased = sum(report.events for report in reports)
        outlived = counted(erased, "event had outlived its", "events had outlived their")
        return Done(f"{outlived} retention period.", {"eventsErased": erased})

    def make_due_fits(self) -> None:
        """Make the fits that schedules ask for, and bring the numbers up to them; what was refused is in the log."""
        outcomes = fitting.make_due_fits(self.workspace, time.time_ns() // 1000, after_each=self._fit_on)
        for one in outcomes:
            what = "fit_made" if one.fit_id else "fit_refused"
            log.info(what, kind=one.schedule.kind, fit=one.fit_id, why=one.refusal)
        if any(one.fit_id for one in outcomes):
            self.run()

    def _fit_on(self) -> None:
        self.heart.advance("fitting")

    def watch_alarms(self) -> None:
        """Raise alarms of what the last runs found and of what does not arrive; and send what waits."""
        if not self._ran_at:
            return
        is_new, self._has_news = self._has_news, False
        try:
            with self._turn:  # the process has one connection to an embedded engine
                self._notifier.watch(is_new=is_new)
        except TouchlineError as error:
            self._has_news |= is_new
            log.error("alarms_not_watched", error=str(error))

    def resume_erasures(self) -> None:
        """Go on with what another process decided to erase and did not finish; the numbers follow as it goes."""
        if erasing.resume(self.workspace, seconds=_RESUME_SECONDS, after_slice=self._erase_on):
            log.info("erasure_resumed")

    def _erase_on(self) -> None:
        self.heart.advance("erasing")

    def status(self) -> dict[str, Any]:
        """How the river is, for /readyz and /metrics."""
        return {
            "status": self._status(),
            "error": self._error or self._blocked,
            "restarts": self._restarts,
            "followed": self._followed,
            "startedAt": self._started_at,
            "ranAt": self._ran_at or None,
            "writtenAt": self._written_at,
            **(self._gauges or NO_GAUGES),
            "healthAlarms": [
                {"measure": measure, "state": state, "alarms": alarms}
                for (measure, state), alarms in sorted(self._notifier.states.items())
            ],
            "tallies": self.tallies,
            "runSeconds": self.run_seconds.document(),
            "querySeconds": self.query_seconds.document(),
            "jobSeconds": {name: each.document() for name, each in self.job_seconds.items()},
        }


def _run_for(**tables: str) -> Callable[[River], Done]:
    """The whole run, reported as the requested part: how many rows of ``tables`` were written, by name."""

    def run(river: River) -> Done:
        report = river.run()
        counts = {name: report.rows.get(table, 0) for name, table in tables.items()}
        written = " and ".join(f"{counted(count, 'row')} of {tables[name]}" for name, count in counts.items())
        return Done(f"{counted(report.events, 'new event')}, {written} written.", {"events": report.events, **counts})

    return run


JOBS: Mapping[str, Callable[[River], Done]] = {
    "touchpoint-derivation": _run_for(touchpoints="touchpoints"),
    "attribution-weights": _run_for(conversionsProcessed="conversions", linksUpdated="attribution_links"),
    "daily-rollups": _run_for(rollupsUpdated="daily_rollups", wasteFindings="waste_findings"),
    "retention": River.retain,
}
"""What the schedule and ``/api/cron`` can ask for. The river's stages are one run, all of it or nothing, so each of the
three names of its parts processes everything new to the end, and reports its own part."""


def tick(river: River, is_over: threading.Event) -> None:
    """Tick until ``is_over``.

    :raises Exception: any unknown error, so that the keeper of this process restarts it.
    """
    seen: tuple[int, ...] | None = None
    ran_at = scheduled_at = backoff = 0.0
    changed_at, is_idle, failed = time.monotonic(), False, ""
    while not is_over.is_set():
        river.come_round()
        river.swap_compacted()
        try:
            river.check_engine()
            now = river.workspace.ledger.pulse()
            is_round = time.monotonic() - ran_at > REST_SECONDS
            if now != seen or (is_round and not river.is_as_it_was()):
                river.run()
                changed_at = changed_at if now == seen else time.monotonic()
                seen, ran_at = now, time.monotonic()
            elif is_round:
                ran_at = time.monotonic()
            is_idle = time.monotonic() - changed_at > _IDLE_AFTER_SECONDS
            if time.monotonic() - scheduled_at > (_IDLE_SCHEDULE_SECONDS if is_idle else _SCHEDULE_SECONDS):
                scheduled_at = time.monotonic()
                _do_what_is_due(river)
            backoff, failed = 0.0, ""
        except EngineReplacedError:
            raise
        except BlockedError as error:
            backoff = _BLOCKED_SECONDS
            log.warning("run_blocked", reason=str(error), next_in_seconds=backoff)
        except BusyError:  # somebody else's turn
            pass
        except TouchlineError as error:
            backoff = min(MOST_BACKOFF_SECONDS, max(1.0, 2 * backoff))
            if failed != type(error).__name__:  # a server that is away is one line, however long it is away
                log.error("run_failed", error=str(error), next_in_seconds=backoff)
            failed = type(error).__name__
            river.workspace.let_go_of_server()
        _rest(river, is_over, backoff or (_IDLE_LOOK_SECONDS if is_idle else LOOK_SECONDS))


def _rest(river: River, is_over: threading.Event, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not is_over.wait(min(left, LOOK_SECONDS)):
        river.come_round()


def _do_what_is_due(river: River) -> None:
    river.resume_erasures()
    river.watch_alarms()
    river.mailer.begin_due()
    now = time.time()
    for name in river.schedule.due(now):
        river.job(name)
    if fitting.due_schedules(river.workspace, int(now * 1e6)):
        river.make_due_fits()
