"""Fields that nothing reads are counted by their names."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "unread_fields",
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("field", TEXT, nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "field", "counted_at", name=op.f("pk_unread_fields")),
    )
