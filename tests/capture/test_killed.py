"""Whatever kills the program when: an order that stands has its link, and one that does not stand has none."""

import signal
import threading

import pytest
from recorder_laws import link, sync_engine, touch
from sqlalchemy import Engine, func, select, text

from attribution_campaign_context.recorders.outbox import Drained
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from tests.capture import business
from tests.forking import FORKING
from tests.ledger.servers import sessions_end


def counted(engine: Engine, name: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(select(func.count()).select_from(text(name))) or 0)


@pytest.mark.parametrize("point", business.POINTS)
def test_killed_program_is_healed_at_its_restart(url: str, point: str) -> None:
    with sync_engine(url) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        with engine.begin() as connection:
            connection.execute(text("create table orders (id integer primary key)"))
        program = FORKING.Process(target=business.main, args=(url, point))
        with sessions_end(url):
            program.start()
            program.join()
        assert program.exitcode == (0 if point == "never" else -signal.SIGKILL)
        stands = int(point not in {"enqueued", "before_commit"})
        waits = stands - (point == "never")
        assert counted(engine, "orders") == stands
        assert counted(engine, "attribution_outbox") == waits
        assert counted(engine, "attribution_subject_links") == stands - waits
        assert recorder.drain() == Drained(linked=waits)
        assert counted(engine, "attribution_outbox") == 0
        assert counted(engine, "attribution_subject_links") == stands
        assert recorder.drain() == Drained()


def test_several_drainers_do_the_work_once(url: str) -> None:
    with sync_engine(url) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        links = [link(f"l{number:03}") for number in range(400)]
        with engine.begin() as connection:
            recorder.enqueue(connection, links)
        done: list[Drained] = []
        together = threading.Barrier(4)

        def work() -> None:
            together.wait()
            done.append(recorder.drain(batch=7))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(done) == 4
        assert sum(each.linked for each in done) == 400
        assert sum(each.total for each in done) == 400
        assert counted(engine, "attribution_subject_links") == 400
        assert counted(engine, "attribution_outbox") == 0


def test_drainers_of_postgresql_do_not_wait_for_each_other(emptied: str) -> None:
    with sync_engine(emptied.replace("postgresql://", "postgresql+psycopg://")) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        with engine.begin() as connection:
            recorder.enqueue(connection, [link(f"l{number}") for number in range(10)])
        with engine.begin() as held:
            held.execute(text("select id from attribution_outbox where id < 'l4' for update"))
            assert recorder.drain() == Drained(linked=6)
        assert recorder.drain() == Drained(linked=4)


def test_touches_of_one_visitor_at_once(url: str) -> None:
    with sync_engine(url) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()

        def work(number: int) -> None:
            for index in range(10):
                recorder.record_touch(touch(f"t{number}-{index}", minutes=(number * 7 + index * 3) % 60), {})

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        kept = recorder.touches_of("v1")
        visitor = recorder.visitor("v1")
        assert len(kept) == 40
        assert visitor is not None
        assert (visitor.first_touch_id, visitor.last_touch_id) == (kept[0].id, kept[-1].id)
