"""Tigrbl 0.4. Needs the extra ``tigrbl``.

.. code-block:: python

    recorder = SyncSQLAlchemyRecorder(create_engine("sqlite:///app.db"))
    links = TigrblLinks.of_sync(recorder)


    class Lead(TableBase, GUIDPk):
        @hook_ctx(ops="create", phase="POST_HANDLER")
        async def attribution(cls, ctx):
            await links.created(ctx, "lead")


    app = TigrblApp(engine=sqlitef("app.db"), lifespan=links.lifespan)
    asgi = AttributionMiddleware(app, recorder=recorder.in_threads(), policy=policy)

* Wrap the app: ``app.add_middleware`` notes a middleware and never calls it.
* Link in ``POST_HANDLER``, where the row has its id and the transaction is open. In ``POST_COMMIT`` the session cannot
  commit: what is added to it is lost, and an exception tells the client that a row failed which is committed.
* The tables of the recorder lie in the database of the app's engine, because the outbox is part of the transaction.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import inspect

from attribution_campaign_context.integrations.links import AppLinks, RequestLinks
from attribution_campaign_context.linking import CONVERTED, Linker, LinkingError
from attribution_campaign_context.models import AttributionRelation, AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.recorders.retention import Deleted
from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder
from attribution_campaign_context.subjects import SubjectRef

if TYPE_CHECKING:
    from attribution_campaign_context.recorders.http import TouchlineRecorder

__all__ = ["RequestLinks", "TigrblLinks"]


class TigrblLinks(AppLinks):
    """:class:`AppLinks` that link the rows of Tigrbl's tables, by REST and by JSON-RPC alike.

    With an engine that is async, make them with a linker on a ``SQLAlchemyRecorder``; else by :meth:`of_sync`.
    """

    @classmethod
    def of_sync(
        cls,
        recorder: SyncSQLAlchemyRecorder,
        *,
        sender: "TouchlineRecorder | None" = None,
        linker: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Self:
        """For an engine that is not async; ``linker`` are the settings of the :class:`Linker`, ``more`` those of ours.

        ``sender`` sends to Touchline what the recorder keeps: a ``TouchlineRecorder(beside=recorder.in_threads())``.

        Tigrbl works with such an engine in the event loop itself. The linker does too, because on SQLite another
        request that meets the open transaction of a waiting one would hold up the loop, and both of them for ever.
        """
        outbox = recorder if sender is None else sender.outbox
        return cls(Linker(_InPlace(recorder, sender), **(linker or {})), outbox=outbox, **more)

    async def created(
        self,
        ctx: Any,
        resource: Any,
        *,
        relations: Collection[AttributionRelation] = CONVERTED,
        snapshot: dict[str, Any] | None = None,
        **details: str | None,
    ) -> int:
        """In a hook of the phase ``POST_HANDLER``: ask for the links of the row or rows that the handler has made.

        They get lost with the transaction if it is rolled back; see :meth:`RequestLinks.enqueue`. A row is linked by
        its primary key, or by what the linker's resolver makes of it. Raises :class:`LinkingError` in another phase.
        """
        rows, db = ctx.get("result"), ctx.get("db")
        if ctx.get("phase") != "POST_HANDLER":
            raise LinkingError(f"expected a hook of the phase POST_HANDLER, got {ctx.get('phase')!r}; move it there")
        found, new = self.of(ctx["request"]), 0
        for row in rows if isinstance(rows, list | tuple) else [rows]:
            subject = row if self.linker.resolver else _key(row)
            new += await found.enqueue(
                getattr(db, "raw", db), resource, subject, relations=relations, snapshot=snapshot, **details
            )
        return new


class _InPlace:
    """A sync recorder as a linker reads from it: where it stands, without giving way to other requests."""

    def __init__(self, recorder: SyncSQLAlchemyRecorder, sender: "TouchlineRecorder | None") -> None:
        self._recorder = recorder
        self._sender = sender

    def for_tenant(self, tenant: str) -> "_InPlace":
        return _InPlace(self._recorder.for_tenant(tenant), self._sender)

    def start(self) -> None:
        if self._sender is not None:
            self._sender.start()

    async def aclose(self) -> None:
        if self._sender is not None:
            await self._sender.aclose()

    async def delete_expired(self) -> Deleted:
        return await asyncio.to_thread(self._recorder.delete_expired)

    async def record_touch(self, touch: AttributionTouch, scope: Mapping[str, Any]) -> AttributionTouch:
        return self._recorder.record_touch(touch, scope)

    async def record_links(
        self, links: Sequence[AttributionSubjectLink], db: Any = None
    ) -> list[AttributionSubjectLink]:
        return self._recorder.record_links(links, db)

    async def links_of(self, subject: SubjectRef) -> list[AttributionSubjectLink]:
        return self._recorder.links_of(subject)

    async def touches_of(self, visitor_id: str) -> list[AttributionTouch]:
        return self._recorder.touches_of(visitor_id)


def _key(row: Any) -> str:
    """The primary key of a row, which has one when the handler is done."""
    state = inspect(row, raiseerr=False)
    identity: Sequence[Any] = getattr(state, "identity", None) or ()
    if len(identity) != 1:
        raise LinkingError(
            f"expected a row with one primary key, got {type(row).__name__} with {len(identity)}; "
            "give the linker a resolver that makes one id of it"
        )
    return str(identity[0])
