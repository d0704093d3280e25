"""An erasure that meets somebody who is emptying the outbox: PostgreSQL only, since SQLite has one writer at a time."""

import threading
import time
from datetime import UTC, datetime

import pytest
from recorder_laws import LEAD, link, sync_engine, touch
from sqlalchemy import Engine, text

from attribution_campaign_context.recorders import outbox
from attribution_campaign_context.recorders.retention import Deleted
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from attribution_campaign_context.recorders.store import Store


def wait_for_a_waiter(engine: Engine) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    for _ in range(500):
        with engine.connect() as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.02)
    raise AssertionError("Expected the erasure to wait for the drainer, but it does not.")


@pytest.mark.parametrize("whose", [{"visitor_id": "v1"}, {"subject": LEAD}], ids=["visitor", "subject"])
def test_link_that_is_being_written_goes_too(emptied: str, whose: dict[str, str]) -> None:
    with sync_engine(emptied.replace("postgresql://", "postgresql+psycopg://")) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        recorder.record_touch(touch("t1"), {})
        with engine.begin() as connection:
            recorder.enqueue(connection, [link("l1")])
        done: list[Deleted] = []
        eraser = threading.Thread(target=lambda: done.append(recorder.erase(**whose)))  # type: ignore[arg-type]
        with engine.begin() as connection:
            assert outbox.deliver(connection, Store(tables=recorder.tables), datetime.now(UTC), 10).linked == 1
            eraser.start()
            wait_for_a_waiter(engine)
        eraser.join()
        assert done == [Deleted(touches=1, links=1, visitors=1, sessions=1)]
        assert recorder.links_of(LEAD) == []
