"""Rates by day to the organization's currency, what platforms' own values are in it, and goals of retention."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("ad_cost_rows", sa.Column("reporting_value_micros", sa.BigInteger(), nullable=True))
    op.add_column("goals", sa.Column("retention_exponent", sa.Float(), nullable=True))
    op.create_table(
        "reporting_rates",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=False),
        sa.Column("rate", TEXT, nullable=False),
        sa.Column("rate_units", sa.BigInteger(), nullable=False),
        sa.Column("rate_scale", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_reporting_rates_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reporting_rates")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reporting_rates_organization_id"), "reporting_rates", ["organization_id"])
