"""A goal says what becomes of the conversions that nobody verified."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("goals", sa.Column("unverified_handling", TEXT, nullable=False, server_default="count"))
