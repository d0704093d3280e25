"""Brings a ledger to the schema of this release."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from touchline.errors import HomeError


def upgrade(engine: Engine, guard: str = "") -> None:
    """Apply the migrations that the ledger does not have yet, in one transaction.

    :param guard: a statement that waits until no other process migrates.
    :raises HomeError: if the ledger was made by a newer release.
    """
    config = Config()
    config.set_main_option("script_location", "touchline.ledger:migrations")
    script = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        if guard:
            connection.exec_driver_sql(guard)
        standing = MigrationContext.configure(connection).get_current_revision()
        if standing == script.get_current_head():
            return
        if standing is not None and standing not in {revision.revision for revision in script.walk_revisions()}:
            raise HomeError(
                f"The ledger has schema {standing}, which this release does not know.", "Install a newer touchline."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
