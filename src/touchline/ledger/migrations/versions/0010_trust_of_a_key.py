"""In PostgreSQL, an event's key says whether the event is verified, and about where it lies."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    if op.get_context().dialect.name != "postgresql":
        return
    op.add_column("event_keys", sa.Column("is_verified", sa.Boolean(), nullable=False, server_default=sa.text("true")))
    op.add_column("event_keys", sa.Column("follows", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.execute("""
        update event_keys as k set is_verified = false, follows = e.sequence - 1
        from tracking_events as e
        where e.site_id = k.site_id and e.event_id = k.event_id and not e.is_verified
    """)
    # A superseded event must not take the key of the one that superseded it along.
    op.execute("""
        create or replace function forget_event_keys() returns trigger language plpgsql as $$
        begin
            delete from event_keys as k using gone as g
            where k.site_id = g.site_id and k.event_id = g.event_id and k.is_verified = g.is_verified;
            return null;
        end
        $$
    """)
