"""Each user has a role; everybody who could log in before could do everything. And one-time links for the first one."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("users", sa.Column("role", TEXT, nullable=False, server_default="administrator"))
    op.create_table(
        "first_links",
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_first_links")),
    )
