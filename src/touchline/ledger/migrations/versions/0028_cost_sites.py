"""Which site an advertising account's, or a campaign's, costs are of."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "cost_sites",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("campaign_id", TEXT, nullable=False),
        sa.Column("site_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_cost_sites_organization_id_organizations"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=op.f("fk_cost_sites_site_id_sites")),
        sa.PrimaryKeyConstraint("organization_id", "platform", "account_id", "campaign_id", name=op.f("pk_cost_sites")),
    )
