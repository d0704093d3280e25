"""Further names by which an organization's links name a campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "campaign_aliases",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("alias", TEXT, nullable=False),
        sa.Column("campaign_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_campaign_aliases_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "platform", "alias", name=op.f("pk_campaign_aliases")),
    )
