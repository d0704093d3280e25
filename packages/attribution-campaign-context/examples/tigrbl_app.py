"""A landing page with a form in Tigrbl: a lead in SQLite, and links to where the visitor came from.

Run it with ``uvicorn --factory tigrbl_app:create_app``, then visit http://127.0.0.1:8000/?utm_source=news, and send the
form to ``/lead``, or ``Lead.create`` to ``/rpc``.
"""

# mypy: allow-subclassing-any, allow-untyped-decorators

from collections.abc import Callable
from typing import Any

from sqlalchemy import String, create_engine
from tigrbl import HTMLResponse, TableBase, TigrblApp, hook_ctx
from tigrbl.factories.engine import sqlitef
from tigrbl.orm.mixins import GUIDPk
from tigrbl.specs import IO, F, S, acol

from attribution_campaign_context import AttributionMiddleware, CapturePolicy
from attribution_campaign_context.integrations.tigrbl import TigrblLinks
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder

SOUND = CapturePolicy()  # where the law asks for consent: CapturePolicy(consent=…)


class Lead(TableBase, GUIDPk):
    """Somebody who filled in the form."""

    __tablename__ = "leads"
    email = acol(
        storage=S(String, nullable=False),
        field=F(),
        io=IO(in_verbs=("create",), out_verbs=("create", "read", "list")),
    )

    @hook_ctx(ops="create", phase="POST_HANDLER")
    async def attribution(cls, ctx: Any) -> None:  # noqa: N805 - Tigrbl makes a class method of it
        """Ask for the lead's links in the lead's own transaction."""
        state = ctx["app"].state
        await state.links.created(ctx, "lead")
        state.last_word(ctx["result"].email)


def create_app(
    database: str = "leads.db",
    *,
    policy: CapturePolicy | None = SOUND,
    last_word: Callable[[str], object] = len,
) -> AttributionMiddleware:
    """The app; ``last_word`` is asked at the end of the transaction, and rolls it back by raising."""
    recorder = SyncSQLAlchemyRecorder(create_engine(f"sqlite:///{database}"))
    recorder.upgrade()
    links = TigrblLinks.of_sync(recorder)
    app = TigrblApp(engine=sqlitef(database), lifespan=links.lifespan)
    app.state.links = links
    app.state.last_word = last_word
    app.include_table(Lead)
    app.initialize()

    @app.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse("<form method=post action=/lead>…</form>")

    return AttributionMiddleware(app, recorder=recorder.in_threads(), policy=policy)
