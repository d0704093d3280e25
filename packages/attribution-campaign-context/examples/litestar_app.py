"""A landing page with a form in Litestar: a lead in SQLite, and links to where the visitor came from.

Run it with ``uvicorn --factory litestar_app:create_app``, then visit http://127.0.0.1:8000/?utm_source=news.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from litestar import Litestar, MediaType, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from attribution_campaign_context import AttributionMiddleware, CapturePolicy, Linker
from attribution_campaign_context.integrations.litestar import LitestarLinks, RequestLinks
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder

SOUND = CapturePolicy()  # where the law asks for consent: CapturePolicy(consent=…)


class Base(DeclarativeBase):
    """The app's tables."""


class Lead(Base):
    """Somebody who filled in the form."""

    __tablename__ = "leads"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]


@dataclass
class Form:
    """What the form sends."""

    email: str


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def page() -> str:
    """The landing page."""
    return "<form method=post action=/lead>…</form>"


def create_app(
    database: str = "leads.db",
    *,
    policy: CapturePolicy | None = SOUND,
    last_word: Callable[[str], object] = len,
) -> AttributionMiddleware:
    """The app; ``last_word`` is asked at the end of the transaction, and rolls it back by raising."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")
    recorder = SQLAlchemyRecorder(engine)
    links = LitestarLinks(Linker(recorder))
    sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def with_database(_app: Litestar) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await recorder.upgrade()
        yield
        await engine.dispose()

    @post("/lead")
    async def make_lead(data: JSONBody[Form], attribution: NamedDependency[RequestLinks]) -> dict[str, int]:
        async with sessions.begin() as session:
            lead = Lead(email=data.email)
            session.add(lead)
            await session.flush()  # gives the lead its id
            await attribution.enqueue(session, "lead", lead.id)
            last_word(data.email)
        return {"id": lead.id}

    app: Any = Litestar([page, make_lead], lifespan=[with_database], plugins=[links])
    return AttributionMiddleware(app, recorder=recorder, policy=policy)
