"""An event says whether its tags are those of the referrer's address."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("tracking_events", sa.Column("tags_from", TEXT, nullable=True))
