"""What arrived over HTTP, by site and day."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
COUNTS = (
    "accepted", "duplicates", "conflicting", "clock_corrected", "late_hours", "late_days", "robots",
    "consent_refusals", "rejected",
)  # fmt: skip


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "arrivals",
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("site_id", "counted_at", "slot", name=op.f("pk_arrivals")),
    )
