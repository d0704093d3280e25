"""Keys with scopes and origins, whether an event is verified, and how many refused events are not kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("keys", sa.Column("scopes", TEXT, nullable=False, server_default="track"))
    op.add_column("keys", sa.Column("origins", TEXT, nullable=False, server_default=sa.text("''")))
    op.execute("update keys set scopes = 'track costs read' where kind = 'secret'")
    # What stands already came from files of the owner's.
    op.add_column(
        "tracking_events", sa.Column("is_verified", sa.Boolean(), nullable=False, server_default=sa.text("true"))
    )
    op.create_table(
        "unkept_rejections",
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("minute_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "reason", "minute_at", name=op.f("pk_unkept_rejections")),
    )
