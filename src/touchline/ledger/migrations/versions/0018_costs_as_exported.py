"""Costs as platforms export them: what the platform reports, where, over how many days; platforms made known."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    for name in ("country", "region"):
        op.add_column("ad_cost_rows", sa.Column(name, TEXT, nullable=True))
    for name in ("platform_conversion_micros", "platform_value_micros"):
        op.add_column("ad_cost_rows", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column("ad_cost_rows", sa.Column("spread_days", sa.Integer(), nullable=True))
    for name in ("format", "level", "time_zone"):
        op.add_column("ad_cost_loads", sa.Column(name, TEXT, nullable=True))
    for name in ("spread_start", "spread_end"):
        op.add_column("ad_cost_loads", sa.Column(name, sa.Date(), nullable=True))
    op.create_table(
        "platforms",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_platforms_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "platform", name=op.f("pk_platforms")),
    )
