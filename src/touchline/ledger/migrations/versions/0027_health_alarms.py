"""Notes on days, alarms with what people did about them, where they are sent, and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "health_notes",
        sa.Column("note_id", SEQUENCE, autoincrement=True, nullable=False),
        _organization(),
        *_texts("site_id"),
        sa.Column("period", sa.Date(), nullable=False),
        *_texts("said"),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        _of_organization("health_notes"),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_health_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_health_notes_organization_id"), "health_notes", ["organization_id"])
    op.create_table(
        "health_alarms",
        _organization(),
        *_texts("alarm_id", "site_id", "measure", "goal", "direction"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("closed_at", "notified_at", "acknowledged_at")),
        *_texts("acknowledged_by", "note"),
        sa.Column("muted_until", sa.Date(), nullable=True),
        _of_organization("health_alarms"),
        sa.PrimaryKeyConstraint("organization_id", "alarm_id", name=op.f("pk_health_alarms")),
    )
    op.create_table(
        "alarm_destinations",
        _organization(),
        *_texts("name", "kind", "address", "key_hash"),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        _of_organization("alarm_destinations"),
        sa.PrimaryKeyConstraint("organization_id", "name", name=op.f("pk_alarm_destinations")),
    )
    op.create_table(
        "alarm_deliveries",
        *_texts("delivery_id"),
        _organization(),
        *_texts("destination", "state", "document"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        *_texts("failure"),
        _of_organization("alarm_deliveries"),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_alarm_deliveries")),
    )
    for column in ("organization_id", "due_at"):
        op.create_index(op.f(f"ix_alarm_deliveries_{column}"), "alarm_deliveries", [column])


def _organization() -> "sa.Column[str]":
    return sa.Column("organization_id", TEXT, nullable=False)


def _texts(*names: str) -> "list[sa.Column[str]]":
    return [sa.Column(name, TEXT, nullable=False) for name in names]


def _of_organization(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_organization_id_organizations")
    return sa.ForeignKeyConstraint(["organization_id"], ["organizations.organization_id"], name=name)
