"""Links of an app and of its requests, apart from any framework."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from attribution_campaign_context.__main__ import main
from attribution_campaign_context.associations import SubjectValidationError
from attribution_campaign_context.integrations.links import AppLinks
from attribution_campaign_context.linking import Linker, LinkingError
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders.memory import MemoryRecorder
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder, SyncSQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef

LEAD = SubjectRef("lead", "7")
SCOPE = {"type": "http", "state": {"attribution_touch": AttributionTouch(id="t1", visitor_id="v1")}}


class Broken(MemoryRecorder):
    """A recorder whose database is away."""

    async def touches_of(self, visitor_id: str) -> list[AttributionTouch]:
        raise ConnectionError(visitor_id)


class Nobody:
    """A resolver that knows nobody."""

    def canonical_resource(self, model_or_resource: Any) -> str:
        return str(model_or_resource)

    def canonical_id(self, obj_or_payload: Any) -> str:
        return str(obj_or_payload)

    async def exists(self, _resource: str, _subject_id: str, _db: Any) -> bool:
        return False


class Slow(MemoryRecorder):
    """An outbox whose emptying takes as long as it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.drains = 0
        self.is_closed = False
        self.may_end = asyncio.Event()

    async def enqueue(self, _db: Any, _plan: Sequence[AttributionSubjectLink]) -> int:
        raise AssertionError

    async def drain(self) -> None:
        self.drains += 1
        await self.may_end.wait()

    async def aclose(self) -> None:
        self.is_closed = True


async def until(is_there: Callable[[], object]) -> None:
    for _ in range(3_000):
        if is_there():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("Expected it within ten seconds, but it has not come.")


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "app.db")


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(ValueError, match="every is more than zero"):
        AppLinks(Linker(MemoryRecorder()), every=timedelta(0))


def test_request_without_a_middleware_knows_and_links_nothing() -> None:
    recorder = MemoryRecorder()
    for request in (object(), {"type": "http"}, {"type": "http", "state": {}}):
        found = AppLinks(Linker(recorder)).of(request)
        assert (found.context, found.touch, found.capture) == (None, None, None)
        assert asyncio.run(found.keep("lead", 7)) == []
    assert recorder.links == []


def test_keeping_after_the_commit_never_fails_for_the_recorder(caplog: pytest.LogCaptureFixture) -> None:
    links = AppLinks(Linker(Broken()))
    with caplog.at_level(logging.DEBUG, "attribution_campaign_context"):
        assert asyncio.run(links.of(SCOPE).keep("lead", 7)) == []
    assert links.failures == {"ConnectionError": 1}
    said, where = (record.getMessage() for record in caplog.records)
    assert said == "A subject was not linked: ConnectionError."
    assert "in touches_of" in where
    assert not any(record.exc_info for record in caplog.records)  # its message quotes the visitor's id
    with pytest.raises(LinkingError, match="expected a resource and an id"):
        asyncio.run(links.of(SCOPE).keep("lead", ""))


def test_enqueueing_needs_an_outbox() -> None:
    with pytest.raises(LinkingError, match="expected a recorder with an outbox, got none"):
        asyncio.run(AppLinks(Linker(MemoryRecorder())).of(SCOPE).enqueue(None, "lead", 7))


def test_strict_mode_stops_the_transaction_and_validated_does_not(file: str) -> None:
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    recorder = SyncSQLAlchemyRecorder(engine)
    recorder.upgrade()
    with Session(engine) as session:
        for mode in ("validated", "strict"):
            linker = Linker(recorder.in_threads(), mode, resolver=Nobody())
            found = AppLinks(linker, outbox=recorder).of(SCOPE)
            if mode == "validated":
                assert asyncio.run(found.enqueue(session, "lead", 7)) == 0
            else:
                with pytest.raises(SubjectValidationError):
                    asyncio.run(found.enqueue(session, "lead", 7))


@pytest.mark.parametrize("kind", ["session", "scoped", "connection"])
def test_threads_enqueue_and_their_commit_wakes_the_app(file: str, kind: str) -> None:
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    recorder = SyncSQLAlchemyRecorder(engine)
    recorder.upgrade()
    links = AppLinks(Linker(recorder.in_threads()), outbox=recorder, every=timedelta(hours=1))

    def work(loop: asyncio.AbstractEventLoop) -> None:
        make: Any = {"session": sessionmaker(engine), "scoped": scoped_session(sessionmaker(engine))}.get(kind)
        db = engine.connect() if make is None else make()
        for _ in range(2):  # the second time nothing is new
            enqueued = links.of(SCOPE).enqueue(db, "lead", 7)
            counts.append(asyncio.run_coroutine_threadsafe(enqueued, loop).result(10))
        db.commit()
        db.close()

    async def story() -> None:
        async with links:
            thread = threading.Thread(target=work, args=(asyncio.get_running_loop(),))
            thread.start()
            await asyncio.to_thread(thread.join)
            if kind != "connection":
                await until(lambda: recorder.links_of(LEAD))
        assert len(recorder.links_of(LEAD)) == 3  # a plain connection tells nobody; the end of the app does it

    counts: list[int] = []
    asyncio.run(story())
    assert counts == [3, 0]


def test_async_session_that_rolls_back_and_goes_on(file: str) -> None:
    async def story() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
        recorder = SQLAlchemyRecorder(engine)
        await recorder.upgrade()
        links = AppLinks(Linker(recorder))
        async with links, AsyncSession(engine) as session:
            assert await links.of(SCOPE).enqueue(session, "lead", 7) == 3
            await session.rollback()
            assert await links.of(SCOPE).enqueue(session, "lead", 8) == 3
            await session.commit()
        assert await recorder.links_of(LEAD) == []
        assert len(await recorder.links_of(SubjectRef("lead", "8"))) == 3
        await engine.dispose()

    asyncio.run(story())


def test_tenants_go_into_the_outbox_of_their_own(file: str) -> None:
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    recorder = SyncSQLAlchemyRecorder(engine)
    recorder.upgrade()
    links = AppLinks(Linker(recorder.in_threads(), tenant_of=lambda _request: "north"), outbox=recorder)
    with Session(engine) as session:
        assert asyncio.run(links.of(SCOPE).enqueue(session, "lead", 7)) == 3
        session.commit()
    asyncio.run(links.drain())
    (first, *_) = recorder.for_tenant("north").links_of(SubjectRef("lead", "7", tenant_id="north"))
    assert first.subject_tenant_id == "north"


def test_stop_waits_only_so_long_and_closes_the_recorder() -> None:
    async def story() -> None:
        slow = Slow()
        links = AppLinks(Linker(slow), stop_within=timedelta(milliseconds=50))
        async with links:
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="they are in one already"):
                await links.__aenter__()
        assert (slow.drains, slow.is_closed) == (1, True)
        slow.may_end.set()
        async with links:  # and again, as servers that restart do
            await asyncio.sleep(0)
        assert slow.drains >= 3

    asyncio.run(story())


def test_outbox_is_emptied_again_and_again_whatever_happens(file: str) -> None:
    async def story() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
        recorder = SQLAlchemyRecorder(engine)
        links = AppLinks(Linker(recorder), every=timedelta(milliseconds=5))
        async with links:
            await until(lambda: links.failures)  # the tables are not there yet
            await recorder.upgrade()
            async with engine.begin() as connection:
                assert await links.of(SCOPE).enqueue(connection, "lead", 7) == 3
            failed = sum(links.failures.values())
            for _ in range(3_000):
                if kept := await recorder.links_of(LEAD):
                    break
                await asyncio.sleep(0.01)
            assert len(kept) == 3
            assert sum(links.failures.values()) == failed
        await engine.dispose()
        assert set(links.failures) == {"OperationalError"}

    asyncio.run(story())


def test_waking_an_app_that_does_not_run_does_nothing() -> None:
    recorder = Slow()
    AppLinks(Linker(recorder)).wake()
    assert recorder.drains == 0


def test_touches_are_deleted_when_their_time_is_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path / 'app.db'}"
    assert main(["expire", url]) == 1  # without tables
    assert main(["upgrade", url]) == 0
    engine = create_engine(url)
    recorder = SyncSQLAlchemyRecorder(engine, keep_for=timedelta(days=-1))
    recorder.record_touch(AttributionTouch(id="t1", visitor_id="v1"), {})
    assert main(["expire", url]) == 0
    assert main(["drain", url]) == 0
    assert main(["expire", "postgresql+psycopg://shop:secret@localhost:1/none"]) == 1
    said, problems = capsys.readouterr()
    assert said.splitlines()[1:] == [
        "1 touches were deleted, with 0 links and 1 visitors.", "0 links were written; 0 could not be.",
    ]  # fmt: skip
    assert problems.count("OperationalError") == 2
    assert "secret" not in problems

    async def live() -> None:
        recorder.record_touch(AttributionTouch(id="t2", visitor_id="v1"), {})
        async with AppLinks(Linker(recorder.in_threads())) as links:
            await until(lambda: not recorder.touches_of("v1"))
        assert not links.failures

    asyncio.run(live())
    with pytest.raises(ValueError, match="expire_every is more than zero"):
        AppLinks(Linker(recorder.in_threads()), expire_every=timedelta(0))
    engine.dispose()
