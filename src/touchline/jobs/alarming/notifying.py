"""New alarms, raised and sent: by a command at once, by a server in a thread of its own."""

import json
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import structlog

from touchline.amounts import counted
from touchline.errors import TouchlineError
from touchline.jobs.alarming.alarm import is_muted
from touchline.jobs.alarming.delivery_settings import delivery_settings
from touchline.jobs.alarming.outbox import Delivery, deliver_due, has_due
from touchline.jobs.alarming.raising import LOG, raise_alarms
from touchline.jobs.alarming.states import today_of
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema

WATCH_SECONDS = 60.0
"""How often a server looks whether nothing arrives, though there is no run."""

log = structlog.get_logger("touchline.alarms")


def now_micros() -> int:
    """The time, in microseconds since 1970."""
    return time.time_ns() // 1_000


def notify_now(workspace: Workspace, environment: Mapping[str, str]) -> str:
    """Raise new alarms and try all deliveries that are due, once; returns what became of them, in a sentence.

    :raises UsageError: if the environment's settings of mail make no sense.
    """
    settings = delivery_settings(environment)
    raised = raise_alarms(workspace, now_micros())
    tried = [one for one in deliver_due(workspace, settings, now_micros, _write_line) if one.destination != LOG]
    return f"{counted(len(raised), 'new alarm')}; {_in_words(tried)}."


def _write_line(alarm: Mapping[str, Any]) -> None:
    """A JSON line on standard error, as a server writes."""
    sys.stderr.write(json.dumps({**alarm, "event": "health_alarm", "level": "warning"}) + "\n")


def _in_words(tried: list[Delivery]) -> str:
    failed = [one for one in tried if one.failure]
    said = f"{counted(sum(one.outcome == 'sent' for one in tried), 'delivery', 'deliveries')} sent"
    if failed:
        said += f", {len(failed):,} not: {failed[0].destination}: {failed[0].failure} It is tried again"
    return said.rstrip(".")


class Notifier:
    """Watches for alarms in a server: sending has a thread of its own, so that no receiver holds up the river.

    :param environment: where the mail server and the private hosts are named.
    """

    def __init__(self, workspace: Workspace, environment: Mapping[str, str]) -> None:
        self._workspace = workspace
        self._environment = environment
        self._watched_at = 0.0
        self._sending: threading.Thread | None = None
        self.states: dict[tuple[str, str], int] = {}
        """How many alarms there are, by measure and state."""

    def watch(self, *, is_new: bool) -> None:
        """Raise new alarms, where a run wrote something or it is time to look; and begin to send what is due.

        :param is_new: whether a run has written something since.
        """
        if is_new or time.monotonic() - self._watched_at >= WATCH_SECONDS or not self._watched_at:
            self._watched_at = time.monotonic()
            raise_alarms(self._workspace, now_micros())
            self.states = counted_states(self._workspace, now_micros())
        is_sending = self._sending is not None and self._sending.is_alive()
        if not is_sending and has_due(self._workspace, now_micros()):
            self._sending = threading.Thread(target=self._send, daemon=True)
            self._sending.start()

    def _send(self) -> None:
        try:
            settings = delivery_settings(self._environment)
            for one in deliver_due(self._workspace, settings, now_micros, _log):
                if one.failure:
                    log.warning("alarm_not_delivered", to=one.destination, delivery=one.delivery_id, reason=one.failure)
        except TouchlineError as error:
            log.error("alarms_not_sent", error=str(error))
        except Exception as error:
            log.exception("alarms_not_sent", error=type(error).__name__)


def _log(alarm: Mapping[str, Any]) -> None:
    log.warning("health_alarm", **alarm)


def counted_states(workspace: Workspace, now: int) -> dict[tuple[str, str], int]:
    """How many alarms of all organizations are in force, by measure and state (new, acknowledged or muted)."""
    counts: dict[tuple[str, str], int] = {}
    for row in workspace.ledger.rows(schema.HEALTH_ALARMS, closed_at=None):
        is_known = row["acknowledged_at"] is not None
        state = "muted" if is_muted(row, today_of(now)) else "acknowledged" if is_known else "new"
        counts[row["measure"], state] = counts.get((row["measure"], state), 0) + 1
    return counts
