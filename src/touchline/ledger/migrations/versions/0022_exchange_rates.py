"""Exchange rates, and what costs are in the organization's currency."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("ad_cost_rows", sa.Column("exchange_rate", TEXT, nullable=True))
    op.add_column("ad_cost_rows", sa.Column("reporting_micros", sa.BigInteger(), nullable=True))
    op.create_table(
        "exchange_rates",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("rate_date", sa.Date(), nullable=False),
        sa.Column("base", TEXT, nullable=False),
        sa.Column("quote", TEXT, nullable=False),
        sa.Column("rate", TEXT, nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_exchange_rates_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "rate_date", "base", "quote", name=op.f("pk_exchange_rates")),
    )
