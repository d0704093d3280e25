"""Which fits are made on a schedule."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "fit_schedules",
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("every", TEXT, nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("order", TEXT, nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("refusal", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_fit_schedules_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "kind", name=op.f("pk_fit_schedules")),
    )
