"""Factors of lift tests, and what runs changed."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "lift_factors",
        sa.Column("organization_id", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("channel", "platform", "campaign_id", "model")),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("factor", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("source", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_lift_factors_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id",
            "channel",
            "platform",
            "campaign_id",
            "model",
            "start_date",
            name=op.f("pk_lift_factors"),
        ),
    )
    counted = ("events", "cost_rows", "claims", "withdrawn", "erased", "rows_written")
    op.create_table(
        "runs",
        sa.Column("started_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("why", TEXT, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in counted),
        sa.PrimaryKeyConstraint("started_at", name=op.f("pk_runs")),
    )
    op.create_table(
        "run_changes",
        sa.Column("started_at", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, TEXT, nullable=False) for name in ("organization_id", "reason", "channel")),
        sa.Column("conversions", sa.BigInteger(), nullable=True),
        sa.Column("credit_before", sa.BigInteger(), nullable=False),
        sa.Column("credit_after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("started_at", "organization_id", "reason", "channel", name=op.f("pk_run_changes")),
    )
