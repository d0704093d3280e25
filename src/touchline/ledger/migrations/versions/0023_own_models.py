"""Attribution models of an organization's own."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "own_models",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("definition", TEXT, nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_own_models_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "model", name=op.f("pk_own_models")),
    )
