"""A user may belong to one organization; one who belongs to none sees all of them, as every user did before."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TYPES = {"postgresql": 'varchar collate "C"'}
"""Of an id; in the other databases it is plain text."""


def upgrade() -> None:
    """Bring the schema to this revision; in words of SQL, since SQLite takes a foreign key with its column only."""
    kind = _TYPES.get(op.get_context().dialect.name, "varchar")
    op.execute(
        f"alter table users add column organization_id {kind} constraint fk_users_organization_id_organizations"
        " references organizations (organization_id)"
    )
