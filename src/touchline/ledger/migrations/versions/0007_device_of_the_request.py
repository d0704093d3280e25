"""The device as client hints or a tag say it; where they do not, the user agent tells."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("tracking_events", sa.Column("device_type", TEXT, nullable=True))
