"""The outbox: links that a business transaction asks for, and that are written once it has committed.

``enqueue`` writes into the caller's transaction, so what is rolled back leaves nothing. ``deliver`` moves entries to
the links in one transaction of its own, so a crash leaves either the entry or the link, never neither, never both. Ids
make both idempotent. Entries that cannot be written are tried again later and set aside in the end, never thrown away.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DataError, IntegrityError, NotSupportedError
from sqlalchemy.types import TypeEngine

from attribution_campaign_context.models import AttributionSubjectLink
from attribution_campaign_context.recorders.rows import Row, first_of_each, identified, link_payload, link_row
from attribution_campaign_context.recorders.statements import claimed, formatted, insert_new
from attribution_campaign_context.recorders.store import Store
from attribution_campaign_context.recorders.tables import Tables

ATTEMPTS = 5
"""How often an entry is tried before it is set aside."""
_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_KEPT_ERROR = 2_000
_LOG = logging.getLogger(__name__)

# What is wrong with an entry; a database that is away, locked or without the tables is everybody's trouble.
_POISON = (DataError, IntegrityError, NotSupportedError, ValueError, TypeError)


class Drained(NamedTuple):
    """What became of the entries of an outbox; each is counted in one field."""

    linked: int = 0
    """Became a link."""
    known: int = 0
    """Their link stood already."""
    postponed: int = 0
    """Could not be written, and will be tried again."""
    set_aside: int = 0
    """Could not be written too often; they stay in the outbox with ``failed_at`` and ``last_error``."""

    @property
    def total(self) -> int:
        """Entries that were looked at."""
        return sum(self)

    def plus(self, other: Self) -> "Drained":
        """Both together.

        >>> Drained(linked=1).plus(Drained(linked=2, known=1))
        Drained(linked=3, known=1, postponed=0, set_aside=0)
        """
        return Drained(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def enqueue(connection: Connection, tables: Tables, links: Sequence[AttributionSubjectLink], now: datetime) -> int:
    """Write entries for the links into the transaction of the connection; returns how many were new."""
    rows = first_of_each(_entry(identified(link), now) for link in links)
    return len(insert_new(connection, tables.outbox, list(rows.values())))


def statement(
    tables: Tables, links: Sequence[AttributionSubjectLink], now: datetime, vendor: str
) -> tuple[str, list[tuple[Any, ...]]]:
    """The same as SQL with a ``%s`` for each value, and the values of each entry: for connections not of SQLAlchemy.

    ``vendor`` is ``sqlite`` or ``postgresql``.
    """
    rows = first_of_each(_entry(identified(link), now) for link in links).values()
    insert, dialect = formatted(tables.outbox, vendor)
    processors = {column.name: _processor(column.type, dialect) for column in tables.outbox.columns}
    names = insert.positiontup or ()
    return str(insert), [tuple(processors[name](row[name]) for name in names) for row in rows]


def deliver(connection: Connection, store: Store, now: datetime, batch: int) -> Drained:
    """Turn up to ``batch`` entries that are due into links, in the transaction of the connection.

    Several may do so at once: on PostgreSQL each takes entries that no other holds, on SQLite one waits for the other.
    """
    entries = _claimed(connection, store.tables.outbox, now, batch)
    try:
        with connection.begin_nested():
            new = _write(connection, store, entries, now)
    except _POISON:
        return _one_by_one(connection, store, entries, now)
    return Drained(linked=new, known=len(entries) - new)


def failed(connection: Connection, tables: Tables, limit: int) -> list[Row]:
    """The entries that were set aside, the oldest first."""
    outbox = tables.outbox
    found = select(outbox).where(outbox.c.failed_at.is_not(None)).order_by(outbox.c.failed_at, outbox.c.id).limit(limit)
    return [dict(row) for row in connection.execute(found).mappings()]


def requeue(connection: Connection, tables: Tables, now: datetime) -> int:
    """Try again, from the beginning, what was set aside; returns how many entries."""
    outbox = tables.outbox
    again = update(outbox).where(outbox.c.failed_at.is_not(None))
    return connection.execute(again.values(failed_at=None, attempts=0, next_attempt_at=now)).rowcount


def _entry(link: AttributionSubjectLink, now: datetime) -> Row:
    row = link_row(link, now)
    # The time is fixed here, so that a link says when its business happened, not when the outbox was emptied.
    payload = link_payload(link.model_copy(update={"created_at": row["created_at"]}))
    shown = {name: row[name] for name in ("id", "touch_id", "subject_resource", "subject_id", "subject_tenant_id")}
    waiting = {"attempts": 0, "last_error": None, "next_attempt_at": now, "failed_at": None}
    return {**shown, **waiting, "payload": payload, "enqueued_at": now}


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """What makes a driver's value of one of ours."""
    return kind.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)


def _claimed(connection: Connection, outbox: Table, now: datetime, batch: int) -> list[Row]:
    """The due entries, deleted: the transaction's first statement, so that SQLite gives it the write lock at once."""
    is_due = (outbox.c.failed_at.is_(None), outbox.c.next_attempt_at <= now)
    due = select(outbox.c.id).where(*is_due).order_by(outbox.c.next_attempt_at, outbox.c.id).limit(batch)
    taken = delete(outbox).where(outbox.c.id.in_(claimed(connection, due))).returning(*outbox.c)
    return [dict(row) for row in connection.execute(taken).mappings()]


def _write(connection: Connection, store: Store, entries: Sequence[Row], now: datetime) -> int:
    """The entries' links, in one statement; returns how many were new."""
    links = [AttributionSubjectLink.model_validate(entry["payload"]) for entry in entries]
    return len(store.write_links(connection, links, now))


def _one_by_one(connection: Connection, store: Store, entries: Sequence[Row], now: datetime) -> Drained:
    """Find those that cannot be written, and keep them."""
    done = Drained()
    for entry in entries:
        try:
            with connection.begin_nested():
                new = _write(connection, store, [entry], now)
            done = done.plus(Drained(linked=new, known=1 - new))
        except _POISON as error:
            done = done.plus(_kept(connection, store.tables.outbox, entry, error, now))
    return done


def _kept(connection: Connection, outbox: Table, entry: Row, error: Exception, now: datetime) -> Drained:
    attempts = entry["attempts"] + 1
    is_over = attempts >= ATTEMPTS
    said: dict[str, Any] = {
        "attempts": attempts,
        "last_error": f"{type(error).__name__}: {error}".replace("\0", "\ufffd")[:_KEPT_ERROR],
        "next_attempt_at": now + min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT),
        "failed_at": now if is_over else None,
    }
    connection.execute(outbox.insert(), {**entry, **said})
    if is_over:
        _LOG.warning("The outbox entry %s was set aside after %d attempts.", entry["id"], attempts)
    return Drained(set_aside=1) if is_over else Drained(postponed=1)
