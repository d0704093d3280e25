"""Fits: what was computed over everybody, and the numbers it came to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "fits",
        sa.Column("fit_id", TEXT, nullable=False),
        sa.Column("organization_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("window_start", sa.Date(), nullable=False),
        sa.Column("window_end", sa.Date(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.organization_id"], name=op.f("fk_fits_organization_id_organizations")
        ),
        sa.PrimaryKeyConstraint("fit_id", name=op.f("pk_fits")),
        sa.UniqueConstraint(
            "organization_id", "kind", "window_end", "version",
            name=op.f("uq_fits_organization_id_kind_window_end_version"),
        ),
    )  # fmt: skip
    op.create_table(
        "fit_values",
        sa.Column("fit_id", TEXT, nullable=False),
        sa.Column("site_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("statistic", TEXT, nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["fit_id"], ["fits.fit_id"], name=op.f("fk_fit_values_fit_id_fits")),
        sa.PrimaryKeyConstraint("fit_id", "site_id", "name", "statistic", name=op.f("pk_fit_values")),
    )
