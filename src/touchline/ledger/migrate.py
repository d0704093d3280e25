"""Brings a ledger to the schema of this release."""

import time
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, Engine, inspect, text

from touchline.errors import HomeError

if TYPE_CHECKING:
    from alembic.config import Config

_PACKAGE, _FOLDER = "touchline.ledger", "migrations"


class Migration(NamedTuple):
    """What brought a ledger to this release's schema."""

    before: str
    """The schema that it had; empty: it was new."""
    after: str
    seconds: float


def upgrade(engine: Engine, guard: str = "") -> Migration | None:
    """Apply the migrations that the ledger does not have yet, in one transaction; ``None``: it had them all.

    :param guard: a statement that waits until no other process migrates.
    :raises HomeError: if the ledger was made by a newer release.
    """
    began = time.perf_counter()
    with engine.begin() as connection:
        if guard:
            connection.exec_driver_sql(guard)
        standing = _standing(connection)
        if standing == revisions()[-1]:
            return None
        if standing is not None and standing not in revisions():
            raise HomeError(
                f"The ledger has schema {standing}, which this release does not support.",
                "Install a newer version of touchline.",
            )
        _migrate(connection)
    return Migration(standing or "", revisions()[-1], time.perf_counter() - began)


def configured(connection: Connection) -> "Config":
    """What Alembic needs to know to migrate by ``connection``."""
    from alembic.config import Config  # noqa: PLC0415 - it takes a fifth of a start, where nearly never it is needed

    config = Config()
    config.set_main_option("script_location", f"{_PACKAGE}:{_FOLDER}")
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - as above

    command.upgrade(configured(connection), "head")


def _standing(connection: Connection) -> str | None:
    """The revision that the ledger has; ``None`` is an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    standing: str | None = connection.scalar(text("select version_num from alembic_version"))
    return standing


@cache
def revisions() -> list[str]:
    """The schemas of this release, in order: each file of ``versions`` begins with its own."""
    files = (file.name for file in (resources.files(_PACKAGE) / _FOLDER / "versions").iterdir())
    return sorted(name.partition("_")[0] for name in files if name[:1].isdigit())
