"""Ids that are e-mail addresses become their hashes, as they are kept from this release on."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from attribution_campaign_context.personal_text import hashed_id

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_IDS = ("event_id", "identifier", "visitor_id", "session_id", "user_id", "account_id", "order_id")
_EVENTS = sa.table("tracking_events", sa.column("sequence"), sa.column("site_id"), *map(sa.column, _IDS))
_KEYS = sa.table("event_keys", sa.column("site_id"), sa.column("event_id"))
"""Of PostgreSQL: which events were stored."""
_CLAIMED = ("organization_id", "identifier", "linked_identifier", "source")
_CLAIMS = sa.table("identity_claims", sa.column("claim"), *map(sa.column, _CLAIMED))
_AT_ONCE = 5_000
_KINDS = "vuma"


def upgrade() -> None:
    """Bring the rows to this revision."""
    connection = op.get_bind()
    for row in _rows(connection, _EVENTS, "sequence", _IDS):
        ids = {name: row[name] and hashed_id(row[name]) for name in _IDS}
        same = (_EVENTS.c.site_id == row["site_id"], _EVENTS.c.event_id == ids["event_id"])
        if ids["event_id"] != row["event_id"] and _is_any(connection, sa.select(_EVENTS.c.sequence).where(*same)):
            ids["event_id"] += f"-{row['sequence']}"  # the same id in other letters: two events stay two
        connection.execute(sa.update(_EVENTS).where(_EVENTS.c.sequence == row["sequence"]).values(**ids))
        if ids["event_id"] != row["event_id"] and connection.dialect.name == "postgresql":
            known = (_KEYS.c.site_id == row["site_id"], _KEYS.c.event_id == row["event_id"])
            connection.execute(sa.update(_KEYS).where(*known).values(event_id=ids["event_id"]))
    for row in _rows(connection, _CLAIMS, "claim", _CLAIMED[1:3]):
        names = sorted((hashed_id(row[name]) for name in _CLAIMED[1:3]), key=lambda one: (_KINDS.index(one[0]), one))
        pair = {**row, **dict(zip(_CLAIMED[1:3], names, strict=True))}
        del pair["claim"]
        same = tuple(_CLAIMS.c[name] == pair[name] for name in _CLAIMED)
        this = _CLAIMS.c.claim == row["claim"]
        if _is_any(connection, sa.select(_CLAIMS.c.claim).where(*same, sa.not_(this))):
            connection.execute(sa.delete(_CLAIMS).where(this))
        else:
            connection.execute(sa.update(_CLAIMS).where(this).values(**pair))


def _rows(
    connection: sa.Connection, table: sa.TableClause, number: str, columns: tuple[str, ...]
) -> Iterator[sa.RowMapping]:
    """The rows in which an id has an e-mail address, a part at a time."""
    last, is_any = 0, sa.or_(*(table.c[name].like(form) for name in columns for form in ("%@%", "%40%")))
    while True:
        statement = sa.select(table).where(table.c[number] > last, is_any).order_by(table.c[number]).limit(_AT_ONCE)
        found = connection.execute(statement).mappings().all()
        if not found:
            return
        yield from found
        last = found[-1][number]


def _is_any(connection: sa.Connection, statement: sa.Select[Any]) -> bool:
    return connection.execute(statement.limit(1)).first() is not None
