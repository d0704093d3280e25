"""Views that are sent by mail, again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
is_additive = True

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "view_mails",
        sa.Column("mail_id", TEXT, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("view_id", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("rhythm", TEXT, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("time_zone", TEXT, nullable=False),
        sa.Column("stop_token", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("slot_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.organization_id"],
            name=op.f("fk_view_mails_organization_id_organizations"),
        ),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_view_mails")),
        sa.UniqueConstraint("stop_token", name=op.f("uq_view_mails_stop_token")),
    )
    op.create_index(op.f("ix_view_mails_organization_id"), "view_mails", ["organization_id"])
