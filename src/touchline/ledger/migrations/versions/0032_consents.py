"""Records of consent."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "consents",
        sa.Column("consent_id", TEXT, nullable=False),
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("choice", TEXT, nullable=False),
        *(sa.Column(name, TEXT, nullable=True) for name in ("visitor_id", "text_version", "purposes", "source")),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("carried_out_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["sites.site_id"], name=op.f("fk_consents_site_id_sites")),
        sa.PrimaryKeyConstraint("consent_id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_visitor_id"), "consents", ["site_id", "visitor_id"])
