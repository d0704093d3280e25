"""The databases of Django's settings, as the recorders and the outbox use them."""

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.db import connections, transaction

from attribution_campaign_context.integrations.outbox import StatedOutbox
from attribution_campaign_context.linking import Linker, LinkingError
from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.subjects import SubjectRef

if TYPE_CHECKING:
    from sqlalchemy import Engine

_OF_DJANGO = frozenset({"context", "cursor_factory"})
"""Parameters of a connection that say what Django makes of its values."""


def engine_of(using: str = "default") -> "Engine":
    """SQLAlchemy's engine for a database of Django's settings, so that the recorder's tables lie next to the orders.

    Raises ``ValueError`` for another database than PostgreSQL or a file of SQLite.
    """
    from sqlalchemy import URL, create_engine  # noqa: PLC0415 - links in no SQL database do without it

    connection = connections[using]
    if connection.vendor == "postgresql":
        from django.db.backends.postgresql.psycopg_any import is_psycopg3  # noqa: PLC0415 - it needs the driver

        said = {name: value for name, value in connection.get_connection_params().items() if name not in _OF_DJANGO}
        return create_engine(f"postgresql+psycopg{'' if is_psycopg3 else '2'}://", connect_args=said)
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or ":memory:" in name or "mode=memory" in name:
        raise ValueError(
            f"Expected PostgreSQL or a file of SQLite, but the database {using!r} is {connection.vendor} ({name}). "
            "Give the recorder an engine of its own, and DjangoLinks no database."
        )
    timeout = connection.settings_dict["OPTIONS"].get("timeout", 5)
    return create_engine(URL.create("sqlite", database=name), connect_args={"timeout": timeout})


def checked_transaction(database: str, using: str | None) -> str:
    """The alias of the outbox's database, where no other one has the transaction of the order.

    :raises LinkingError: otherwise: the links would be committed apart from it.
    """
    held = [one.alias for one in connections.all(initialized_only=True) if one.in_atomic_block]
    meant = [using] if using is not None else held
    if meant and database not in meant:
        raise LinkingError(
            f"expected a transaction of the database {database!r}, which has the outbox, got one of "
            f"{', '.join(map(repr, meant))}; keep the recorder's tables in the database of the orders"
        )
    return database


def write(outbox: StatedOutbox, plan: Sequence[AttributionSubjectLink], using: str) -> None:
    """Write entries with Django's own connection; a failure leaves its transaction as it was."""
    if not plan:
        return
    connection: Any = connections[using]
    statement, entries = outbox.outbox_statement(plan, connection.vendor)
    whole: Any = transaction.atomic(using=using)
    with whole, connection.cursor() as cursor:
        cursor.executemany(statement, entries)


def planner(linker: Linker, outbox: StatedOutbox) -> Linker:
    """The same linker, which reads in the thread of the view where the recorder is one for threads.

    Other threads may all be waiting for what the view's own transaction holds, as they do on SQLite.
    """
    sync = getattr(outbox, "sync", None)
    if sync is None:
        return linker
    twin: Any = copy(linker)
    twin.recorder = _Reading(sync)
    found: Linker = twin
    return found


class _Reading:
    """What a linker reads from a recorder for threads, by ``async_to_sync`` in the thread that called it."""

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder

    def for_tenant(self, tenant: str) -> "_Reading":
        return _Reading(self._recorder.for_tenant(tenant))

    async def links_of(self, subject: SubjectRef) -> Sequence[AttributionSubjectLink]:
        found: Sequence[AttributionSubjectLink] = await sync_to_async(self._recorder.links_of)(subject)
        return found

    async def touches_of(self, visitor_id: str) -> Sequence[AttributionTouch]:
        found: Sequence[AttributionTouch] = await sync_to_async(self._recorder.touches_of)(visitor_id)
        return found
