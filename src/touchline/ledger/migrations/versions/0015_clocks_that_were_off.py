"""By how much the time of an event was corrected, because the clock that it was taken from was off."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("tracking_events", sa.Column("clock_corrected_seconds", sa.BigInteger(), nullable=True))
