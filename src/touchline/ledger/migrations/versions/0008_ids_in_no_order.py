"""In a SQLite file, event ids that come in no order have digests in the place of the unique index."""

import sqlalchemy as sa
from alembic import op

from touchline.ledger.digests import WITHOUT_ORDER, digest_of
from touchline.ledger.schema import WITH_ORDER

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AT_ONCE = 10_000


def upgrade() -> None:
    """Bring the schema to this revision."""
    if op.get_context().dialect.name != "sqlite":
        return
    for table in ("id_digests", "new_id_digests"):
        op.create_table(
            table,
            sa.Column("digest", sa.Integer(), nullable=False),
            sa.Column("sequence", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("digest", "sequence", name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )
    op.drop_index("uq_tracking_events_site_id_event_id", "tracking_events")
    op.create_index(
        "uq_tracking_events_site_id_event_id", "tracking_events", ["site_id", "event_id"],
        unique=True, sqlite_where=sa.text(WITH_ORDER),
    )  # fmt: skip
    _take_digests(op.get_bind())


def _take_digests(connection: sa.Connection) -> None:
    """Digests of the events that stand, added in their order."""
    connection.exec_driver_sql("create temp table digests_taken (digest integer, sequence integer)")
    found = connection.exec_driver_sql(f"select site_id, event_id, sequence from tracking_events where {WITHOUT_ORDER}")
    for rows in found.partitions(_AT_ONCE):
        taken = [(digest_of((site_id, event_id)), sequence) for site_id, event_id, sequence in rows]
        connection.exec_driver_sql("insert into digests_taken values (?, ?)", taken)
    connection.exec_driver_sql("insert into id_digests select digest, sequence from digests_taken order by 1, 2")
    connection.exec_driver_sql("drop table digests_taken")
