"""Several at work at once, on both databases: a subject keeps one first touch, and retention keeps out of the way."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from recorder_laws import NOON, sync_engine, touch

from attribution_campaign_context.linking import Linker
from attribution_campaign_context.models import AttributionSubjectLink
from attribution_campaign_context.recorders import Recorder
from attribution_campaign_context.recorders.retention import Deleted
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef

ROUNDS, WRITERS = 20, 4


def at_once(*work: Callable[[], None]) -> None:
    """Each in a thread of its own; all of them have to end well."""
    failed: list[Exception] = []

    def told(one: Callable[[], None]) -> None:
        try:
            one()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test has to hear of it
            failed.append(error)

    threads = [threading.Thread(target=told, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


class Planned:
    """A recorder that writes links only when everybody has planned: nobody has seen the links of the others."""

    def __init__(self, recorder: Recorder, together: threading.Barrier) -> None:
        self.record_touch, self.links_of, self.touches_of = (
            recorder.record_touch,
            recorder.links_of,
            recorder.touches_of,
        )
        self._recorder, self._together = recorder, together

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> Sequence[AttributionSubjectLink]:
        assert [link.relation for link in links] == ["first_touch", "last_touch", "conversion"]
        await asyncio.to_thread(self._together.wait, 30)
        return await self._recorder.record_links(links, db)


def test_requests_at_once_keep_one_first_touch(url: str) -> None:
    """Two devices of one customer end in one lead at the same moment: each plans a first touch of its own."""
    with sync_engine(url) as engine:
        recorder = SyncSQLAlchemyRecorder(engine)
        recorder.upgrade()
        for turn in range(ROUNDS):
            together = threading.Barrier(WRITERS)
            new: list[str] = []

            def request(
                number: int, turn: int = turn, together: threading.Barrier = together, new: list[str] = new
            ) -> None:
                came = recorder.record_touch(touch(f"{turn}-{number}", f"v{turn}-{number}"), {})
                linker = Linker(Planned(recorder.in_threads(), together))
                linking = linker.pre_handler({"type": "http", "state": {"attribution_touch": came}})
                linking = linker.post_handler(linking, "lead", turn)
                new += [link.relation for link in asyncio.run(linker.post_commit(linking))]

            at_once(*(lambda number=number: request(number) for number in range(WRITERS)))
            kept = [link.relation for link in recorder.links_of(SubjectRef("lead", str(turn)))]
            assert sorted(kept) == sorted(new)
            assert kept.count("first_touch") == 1
            assert (kept.count("last_touch"), kept.count("conversion")) == (WRITERS, WRITERS)


def test_retention_beside_writers(url: str) -> None:
    """What has expired goes, once; what is written meanwhile stays, and visitors say what is left of their touches."""
    old, now = NOON - timedelta(days=400), NOON
    with sync_engine(url) as engine:
        recorder = SyncSQLAlchemyRecorder(engine, keep_for=timedelta(days=395))
        recorder.upgrade()
        people = [f"v{number}" for number in range(5)]
        recorder.record_touches(
            [
                touch(f"old-{who}-{number}", who, session_id=f"s-{who}", created_at=old)
                for who in people
                for number in range(40)
            ]
        )
        gone: list[Deleted] = []

        def writer(number: int) -> Callable[[], None]:
            def work() -> None:
                for turn in range(15):
                    who = people[(turn + number) % len(people)]
                    name = f"new-{number}-{turn}"
                    recorder.record_touch(touch(name, who, minutes=turn, session_id=f"s-{who}"), {})

            return work

        def deleter() -> None:
            gone.append(recorder.delete_expired(now, batch=7))

        at_once(writer(0), deleter, writer(1), deleter)
        gone.append(recorder.delete_expired(now))
        total = Deleted()
        for each in gone:
            total = total.plus(each)
        assert total.touches == 200
        for who in people:
            kept = recorder.touches_of(who)
            visitor, session = recorder.visitor(who), recorder.session(f"s-{who}")
            assert len(kept) == 6
            assert {one.id for one in kept if str(one.id).startswith("old")} == set()
            assert visitor is not None
            assert session is not None
            for said in (visitor, session):
                assert (said.first_touch_id, said.last_touch_id) == (kept[0].id, kept[-1].id)
            assert visitor.created_at == kept[0].created_at
            assert kept[-1].created_at is not None
            assert session.expires_at == kept[-1].created_at + timedelta(minutes=30)
