"""Each goal says who owns the paths to it: a person, or an account."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("goals", sa.Column("path_owner", TEXT, nullable=False, server_default="person"))
