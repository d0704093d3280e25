"""Sending to Touchline what a SQL recorder keeps: whatever fails when, every order and every conversion arrives."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from httpx import ASGITransport, AsyncClient
from recorder_laws import async_engine, sync_engine
from sqlalchemy import Connection, event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from attribution_campaign_context import AttributionMiddleware, CapturePolicy, Linker
from attribution_campaign_context.integrations.starlette import RequestLinks, StarletteLinks
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.recorders.http import Sending, TouchlineRecorder
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder, SyncSQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef
from tests.capture.test_sending import QUICK, Collector, collector, order, touch
from tests.forking import FORKING
from tests.ledger.servers import sessions_end

__all__ = ["collector"]

SHOP = "https://shop.example"
SENDING = Sending(**QUICK)
PAGE = {"sec-fetch-dest": "document", "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
MONEY = {"value": "49.90", "currency": "EUR"}


@pytest.fixture
def database(url: str) -> str:
    return url.replace("sqlite:", "sqlite+aiosqlite:")


def shop(engine: AsyncEngine, address: str, *, is_named: bool) -> FastAPI:
    """An app as the README has it; ``is_named``: with the outbox given by name."""
    kept = SQLAlchemyRecorder(engine)
    recorder = TouchlineRecorder(address, "sk_1", sending=SENDING, beside=kept)
    links = StarletteLinks(Linker(recorder), outbox=kept if is_named else None)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> Any:
        await kept.upgrade()
        async with engine.begin() as connection:
            await connection.execute(text("create table orders (id integer primary key)"))
        async with links:
            yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)
    app.add_middleware(AttributionMiddleware, recorder=recorder, policy=CapturePolicy())

    @app.get("/")
    async def page() -> str:
        return "a form"

    @app.post("/orders/{number}")
    async def take_order(number: int, found: Annotated[RequestLinks, Depends(links)]) -> int:
        async with AsyncSession(engine) as session, session.begin():
            await session.execute(text("insert into orders (id) values (:id)"), {"id": number})
            return await found.enqueue(session, "order", number, snapshot=MONEY)

    return app


@pytest.mark.parametrize("is_named", [False, True])
def test_every_way_of_the_readme_keeps_the_order_and_sends_it(
    database: str, collector: Collector, *, is_named: bool
) -> None:
    async def visit() -> None:
        app = shop(create_async_engine(database), collector.url, is_named=is_named)
        transport = ASGITransport(app)
        async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url=SHOP) as client:
            assert (await client.get("/?utm_source=news", headers=PAGE)).status_code == 200
            answer = await client.post("/orders/7")
            assert (answer.status_code, answer.json()) == (200, 3)

    asyncio.run(visit())
    sale = next(one for one in collector.events.values() if one.type == "CONVERSION")
    view = next(one for one in collector.events.values() if one.type == "PAGE_VIEW")
    assert (sale.order_id, sale.value_micros, sale.visitor_id) == ("7", 49_900_000, view.visitor_id)
    assert (len(collector.events), collector.keys, view.user_agent is None) == (2, {"sk_1"}, False)


def run(database: str, act: Callable[[SQLAlchemyRecorder], Any]) -> Any:
    """What somebody does with a recorder of the database, whose tables stand."""

    async def done() -> Any:
        async with async_engine(database) as engine:
            kept = SQLAlchemyRecorder(engine, send=True)
            await kept.upgrade()
            return await act(kept)

    return asyncio.run(done())


async def sent(collector: Collector, kept: SQLAlchemyRecorder, within: float = 20, **more: Any) -> TouchlineRecorder:
    """A recorder that has sent what it could."""
    recorder = TouchlineRecorder(collector.url, "pk_1", sending=Sending(**{**QUICK, **more}), beside=kept)
    recorder.start()
    await recorder.aclose(within)
    await recorder.aclose()
    return recorder


async def due_again(kept: SQLAlchemyRecorder) -> None:
    """As if the time that an entry has to wait were over."""
    sendings = kept.tables.sendings
    await kept._run(lambda c: c.execute(sendings.update().values(next_attempt_at=datetime.now(UTC))))


async def left(kept: SQLAlchemyRecorder) -> dict[str, str | None]:
    sendings = kept.tables.sendings

    def found(connection: Connection) -> dict[str, str | None]:
        return {row.id: row.last_error for row in connection.execute(select(sendings.c.id, sendings.c.last_error))}

    return await kept._run(found)


@pytest.mark.parametrize("trouble", ["500", "429", "401", "404", "reset"])
def test_what_touchline_cannot_take_now_waits_in_the_database(
    database: str, collector: Collector, trouble: str
) -> None:
    async def act(kept: SQLAlchemyRecorder) -> None:
        await kept.record_touch(touch("t1"), {})
        await kept.record_links([order("l1", snapshot=MONEY), order("l2", relation="assist")])
        collector.script = [trouble]
        failed = await sent(collector, kept)
        assert (failed.counts.sent, dict(failed.counts.refused), dict(failed.counts.dropped)) == (0, {}, {})
        assert (await left(kept)).keys() == {"touch-t1", "link-l1"}
        await due_again(kept)
        done = await sent(collector, kept)
        assert (done.counts.sent, done.counts.retried) == (2, 2)
        assert await left(kept) == {}

    run(database, act)
    assert sorted(collector.events) == ["link-l1", "touch-t1"]


def test_what_touchline_never_takes_is_set_aside_with_its_reason(database: str, collector: Collector) -> None:
    async def act(kept: SQLAlchemyRecorder) -> None:
        await kept.record_touch(touch("t1"), {})
        await kept.record_touch(touch("t2", created_at=datetime(1999, 1, 1, tzinfo=UTC)), {})
        await kept.record_links([order("l1", snapshot={"value": "much"}), order("l2", "of nobody")])
        recorder = await sent(collector, kept)
        assert recorder.counts.sent == 1
        assert await left(kept) == {"touch-t2": "out_of_range", "link-l1": "bad_value", "link-l2": "nobody"}
        assert {row["id"] for row in await kept.failed_sendings()} == {"touch-t2", "link-l1", "link-l2"}
        assert (await sent(collector, kept)).counts.queued == 0
        assert await kept.resend() == 3

    run(database, act)


def test_one_bad_event_of_a_batch_that_is_refused_as_a_whole(database: str, collector: Collector) -> None:
    async def act(kept: SQLAlchemyRecorder) -> None:
        await kept.record_touches([touch(f"t{number}") for number in range(9)] + [touch("bad")])
        collector.script = ["picky"]
        assert (await sent(collector, kept)).counts.sent == 9
        assert await left(kept) == {"touch-bad": "http_400"}

    run(database, act)


def test_a_stop_leaves_what_is_not_sent(database: str, collector: Collector) -> None:
    async def act(kept: SQLAlchemyRecorder) -> None:
        await kept.record_touches([touch(f"t{number}") for number in range(9)])
        collector.script = ["hang"]
        assert (await sent(collector, kept, within=0.2)).counts.sent == 0
        assert len(await left(kept)) == 9
        collector.script = []  # on a busy machine the stop came before the first request
        await due_again(kept)
        assert (await sent(collector, kept)).counts.sent == 9

    run(database, act)


def test_senders_at_once_borrow_different_events(database: str, collector: Collector) -> None:
    async def act(kept: SQLAlchemyRecorder) -> None:
        await kept.record_touches([touch(f"t{number}") for number in range(60)])
        lease = timedelta(minutes=1)
        lent = await asyncio.gather(*(kept.take_sendings(15, lease) for _ in range(4)))
        assert len({one.id for each in lent for one in each}) == sum(map(len, lent)) > 0
        while more := await kept.take_sendings(15, lease):
            lent.append(more)
        assert len({one.id for each in lent for one in each}) == sum(map(len, lent)) == 60

    run(database, act)


def test_what_was_erased_is_not_sent(database: str, collector: Collector) -> None:
    async def act(kept: SQLAlchemyRecorder) -> None:
        await kept.record_touches([touch("t1"), touch("t2", visitor_id="v2")])
        await kept.record_links([order("l1"), order("l2", "t2")])
        assert (await kept.erase(visitor_id="v1")).sendings == 2
        await sent(collector, kept)

    run(database, act)
    assert sorted(collector.events) == ["link-l2", "touch-t2"]


POINTS = ("committed", "linked", "borrowed", "posted", "settled", "never")
"""Where the program dies: after the commit, in the drain, and before, after and at the end of sending."""


def main(url: str, address: str, point: str) -> None:
    """Take an order, link it, send it."""
    asyncio.run(_sell(url, address, point))


async def _sell(url: str, address: str, point: str) -> None:
    engine = create_async_engine(url)
    kept = SQLAlchemyRecorder(engine)
    recorder = TouchlineRecorder(address, "pk_1", sending=SENDING, beside=kept)
    # By the recorder that keeps, which wakes no sender: one that began here might send before what kills it stands.
    await kept.record_touch(AttributionTouch(id="t1", visitor_id="v1", created_at=datetime.now(UTC)), {})
    outbox = recorder.outbox
    assert outbox is not None
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(text("insert into orders (id) values (7)"))
        await outbox.enqueue(session, [order("l1", snapshot=MONEY)])
    if point == "committed":
        _die()
    statement = {"linked": "INSERT INTO attribution_subject_links", "settled": "DELETE FROM attribution_sendings"}
    if point in statement:
        event.listen(engine.sync_engine, "after_cursor_execute", _dying_after(statement[point]))
    post, take = recorder._client.post, kept.take_sendings

    async def posted(events: Any) -> Any:
        answer = await post(events)
        return _die() if point == "posted" else answer

    async def borrowed(*given: Any) -> Any:
        due = await take(*given)
        return _die() if point == "borrowed" and due else due

    recorder._client.post = posted  # type: ignore[method-assign]
    kept.take_sendings = borrowed  # type: ignore[method-assign,assignment]
    await outbox.drain()
    await recorder.aclose(20)


def _dying_after(words: str) -> Callable[..., None]:
    def check(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if words in statement:
            _die()

    return check


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("point", POINTS)
def test_killed_program_loses_no_order_no_link_and_no_conversion(
    url: str, database: str, collector: Collector, point: str
) -> None:
    with sync_engine(url) as engine:
        SyncSQLAlchemyRecorder(engine).upgrade()
        with engine.begin() as connection:
            connection.execute(text("create table orders (id integer primary key)"))
    program = FORKING.Process(target=main, args=(database, collector.url, point))
    with sessions_end(url):
        program.start()
        program.join()
    assert program.exitcode == (0 if point == "never" else -signal.SIGKILL)

    async def heal(kept: SQLAlchemyRecorder) -> list[str]:
        await kept.drain()
        await due_again(kept)
        await sent(collector, kept)
        assert await left(kept) == {}
        return [link.id or "" for link in await kept.links_of(SubjectRef("order", "7"))]

    assert run(database, heal) == ["l1"]
    assert sorted(collector.events) == ["link-l1", "touch-t1"]
