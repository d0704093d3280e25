"""Enqueuing in a transaction of PostgreSQL, which a failed statement would spoil: the business does not notice."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from attribution_campaign_context.integrations.links import AppLinks
from attribution_campaign_context.linking import Linker
from attribution_campaign_context.models import AttributionTouch
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder, SyncSQLAlchemyRecorder

SCOPE = {"type": "http", "state": {"attribution_touch": AttributionTouch(id="t1", visitor_id="v1")}}
WRITE, READ = text("insert into orders (id) values (:id)"), text("select count(*) from orders")


@pytest.fixture
def url(emptied: str) -> str:
    found = emptied.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(found, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("create table orders (id integer primary key)"))
    SyncSQLAlchemyRecorder(engine).upgrade()
    return found


def broken(url: str) -> None:
    with create_engine(url, poolclass=NullPool).begin() as connection:
        connection.execute(text("alter table attribution_outbox rename to gone"))


@pytest.mark.parametrize("is_broken", [False, True], ids=["whole", "broken"])
@pytest.mark.parametrize("kind", [AsyncSession, AsyncConnection])
def test_async_business_goes_on(url: str, kind: Any, is_broken: bool) -> None:
    async def story() -> None:
        engine = create_async_engine(url, poolclass=NullPool)
        links = AppLinks(Linker(SQLAlchemyRecorder(engine)))
        db: Any = AsyncSession(engine) if kind is AsyncSession else engine.connect()
        async with db:
            await db.execute(WRITE, {"id": 1})
            assert await links.of(SCOPE).enqueue(db, "order", 1) == (0 if is_broken else 3)
            await db.execute(WRITE, {"id": 2})
            await db.commit()
            assert await db.scalar(READ) == 2
        assert dict(links.failures) == ({"ProgrammingError": 1} if is_broken else {})
        await engine.dispose()

    if is_broken:
        broken(url)
    asyncio.run(story())


@pytest.mark.parametrize("is_broken", [False, True], ids=["whole", "broken"])
def test_business_in_threads_goes_on(url: str, is_broken: bool) -> None:
    if is_broken:
        broken(url)
    engine = create_engine(url, poolclass=NullPool)
    recorder = SyncSQLAlchemyRecorder(engine)
    links = AppLinks(Linker(recorder.in_threads()), outbox=recorder)
    with Session(engine) as session:
        session.execute(WRITE, {"id": 1})
        assert asyncio.run(links.of(SCOPE).enqueue(session, "order", 1)) == (0 if is_broken else 3)
        session.execute(WRITE, {"id": 2})
        session.commit()
        assert session.scalar(READ) == 2
    assert dict(links.failures) == ({"ProgrammingError": 1} if is_broken else {})
    assert is_broken or recorder.drain().linked == 3


def test_what_is_rolled_back_to_a_savepoint_leaves_no_entry(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    recorder = SyncSQLAlchemyRecorder(engine)
    links = AppLinks(Linker(recorder.in_threads()), outbox=recorder)
    with Session(engine) as session:
        savepoint = session.begin_nested()
        assert asyncio.run(links.of(SCOPE).enqueue(session, "order", 1)) == 3
        savepoint.rollback()
        assert asyncio.run(links.of(SCOPE).enqueue(session, "order", 2)) == 3
        session.commit()
    assert recorder.drain().linked == 3
