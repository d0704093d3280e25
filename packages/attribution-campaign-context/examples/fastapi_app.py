"""A landing page with a form in FastAPI: a lead in SQLite, and links to where the visitor came from.

Run it with ``uvicorn --factory fastapi_app:create_app``, then visit http://127.0.0.1:8000/?utm_source=news.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from attribution_campaign_context import AttributionMiddleware, CapturePolicy, Linker
from attribution_campaign_context.integrations.starlette import RequestLinks, StarletteLinks
from attribution_campaign_context.recorders.sqlalchemy import SQLAlchemyRecorder

SOUND = CapturePolicy()  # where the law asks for consent: CapturePolicy(consent=…)


class Base(DeclarativeBase):
    """The app's tables."""


class Lead(Base):
    """Somebody who filled in the form."""

    __tablename__ = "leads"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]


class Form(BaseModel):
    """What the form sends."""

    email: str


def create_app(
    database: str = "leads.db",
    *,
    policy: CapturePolicy | None = SOUND,
    last_word: Callable[[str], object] = len,
) -> FastAPI:
    """The app; ``last_word`` is asked at the end of the transaction, and rolls it back by raising."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")
    recorder = SQLAlchemyRecorder(engine)
    links = StarletteLinks(Linker(recorder))
    sessions = async_sessionmaker(engine)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await recorder.upgrade()
        async with links:
            yield
        await engine.dispose()

    async def transaction() -> AsyncIterator[AsyncSession]:
        async with sessions.begin() as session:
            yield session

    app = FastAPI(lifespan=lifespan)
    app.add_middleware(AttributionMiddleware, recorder=recorder, policy=policy)

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        return "<form method=post action=/lead>…</form>"

    @app.post("/lead", status_code=201)
    async def make_lead(
        form: Form,
        session: Annotated[AsyncSession, Depends(transaction, scope="function")],
        found: Annotated[RequestLinks, Depends(links)],
    ) -> dict[str, int]:
        lead = Lead(email=form.email)
        session.add(lead)
        await session.flush()  # gives the lead its id
        await found.enqueue(session, "lead", lead.id)
        last_word(form.email)
        return {"id": lead.id}

    return app
