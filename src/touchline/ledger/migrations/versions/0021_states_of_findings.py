"""What people decided about findings of waste."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "finding_states",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("finding_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("until_date", sa.Date(), nullable=True),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_finding_states_organization_id")
        ),
        sa.PrimaryKeyConstraint("organization_id", "finding_id", name=op.f("pk_finding_states")),
    )
