"""A server raises alarms after its runs, judges silence without one, and waits for no receiver."""

import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.health.stopping import FIRST, write_stop
from tests.jobs.alarming.receivers import receiving, status
from tests.server.conftest import Place
from tests.server.whole import wait_until
from touchline.jobs.alarming import destinations, notifying, webhooks
from touchline.jobs.importing import import_events
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS
from touchline.server.process.ticking import River

START = FIRST.toordinal() - 719_163
AFTER = (START + 35) * DAY_MICROS + DAY_MICROS // 2
"""Noon of the last day with events, in microseconds since 1970."""


def test_a_server_raises_alarms_and_waits_for_no_receiver(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer, now = threading.Event(), [AFTER]
    monkeypatch.setenv("TOUCHLINE_WEBHOOK_HOSTS", "127.0.0.1")
    monkeypatch.setattr(notifying, "now_micros", lambda: now[0])
    monkeypatch.setattr(webhooks, "SECONDS", 300.0)

    def late(handler: BaseHTTPRequestHandler) -> None:
        may_answer.wait(300)
        status(204)(handler)

    def states(workspace: Workspace) -> dict[str, int]:
        return workspace.ledger.counts(schema.ALARM_DELIVERIES, "state")

    with receiving([late]) as receiver, Workspace(place.home, is_owner=True) as workspace:
        destinations.add_webhook(workspace, "shop", receiver.url, allowed=("127.0.0.1",), now=AFTER)
        file = write_stop(tmp_path / "a.jsonl")
        import_events(workspace, [file], site_id="shop-example", mapping=None, now=AFTER)
        river = River(workspace)
        river.watch_alarms()
        assert not states(workspace), "nothing is judged before the first run"
        river.run()
        river.watch_alarms()
        wait_until(lambda: bool(receiver.came), 300)
        river.run()
        river.watch_alarms()
        assert states(workspace)["waiting"] >= 1, "the receiver has not answered, and two runs are over"
        may_answer.set()
        wait_until(lambda: states(workspace) == {"sent": 2}, 300)
        assert river.status()["healthAlarms"] == []
        now[0] += 2 * DAY_MICROS
        river._has_news = False
        river._notifier._watched_at = 0.0
        river.watch_alarms()
        assert river.status()["healthAlarms"] == [{"measure": "arrival", "state": "new", "alarms": 1}]

        # the thread that sent the first two may still be ending: a server looks again every few seconds
        def is_sent() -> bool:
            river.watch_alarms()
            return states(workspace) == {"sent": 4}

        wait_until(is_sent, 300)
    sent: list[Any] = [came.body for came in receiver.came]
    assert [b"Nothing has arrived since 2026-02-09" in body for body in sent] == [False, True]
