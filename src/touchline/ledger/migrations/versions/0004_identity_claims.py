"""Claims are told once by each source, are withdrawn by number, and are refused with a reason."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    with op.batch_alter_table("identity_claims", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.create_unique_constraint(
            op.f("uq_identity_claims_organization_id_identifier_linked_identifier_source"),
            ["organization_id", "identifier", "linked_identifier", "source"],
        )
    op.create_table(
        "withdrawn_claims",
        sa.Column("tombstone", NUMBER, autoincrement=True, nullable=False),
        sa.Column("claim", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("tombstone", name=op.f("pk_withdrawn_claims")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rejected_claims",
        sa.Column("rejection", NUMBER, autoincrement=True, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("field", TEXT, nullable=True),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_rejected_claims_organization_id")
        ),
        sa.PrimaryKeyConstraint("rejection", name=op.f("pk_rejected_claims")),
        sqlite_autoincrement=True,
    )
