"""What an erasure that goes slice by slice has still to delete."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTERS = (
    "decided_event", "last_event", "last_rejection", "last_claim", "done_event", "done_rejection", "done_claim",
    "events", "rejected", "claims",
)  # fmt: skip


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "erasure_requests",
        sa.Column("request", NUMBER, autoincrement=True, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("phase", TEXT, nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("happened_before", sa.BigInteger(), nullable=True),
        sa.Column("named", TEXT, nullable=False),
        sa.Column("is_proven_only", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False, server_default=sa.text("0")) for name in COUNTERS),
        sa.Column("worked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_erasure_requests_organization_id")
        ),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_erasure_requests")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erasure_names",
        sa.Column("request", NUMBER, autoincrement=False, nullable=False),
        sa.Column("identifier", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("request", "identifier", name=op.f("pk_erasure_names")),
    )
    op.create_table(
        "erasure_orders",
        sa.Column("request", NUMBER, autoincrement=False, nullable=False),
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("order_id", TEXT, nullable=False),
        sa.Column("is_proven", sa.Boolean(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("request", "site_id", "order_id", name=op.f("pk_erasure_orders")),
    )
    op.create_index(op.f("ix_erasures_organization_id"), "erasures", ["organization_id", "identifier"])
