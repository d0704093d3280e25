"""Maintenance of an app's attribution tables: ``python -m attribution_campaign_context expire DATABASE``."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder

COMMANDS = {
    "upgrade": "make the tables, or bring them to this release",
    "expire": "delete the touches whose time is over, with their links; for cron",
    "drain": "write the links that committed transactions have asked for",
}


def main(words: Sequence[str] | None = None) -> int:
    """Do one command, and print what it did; the exit code.

    >>> main(["upgrade", "sqlite://"])
    The tables are of this release; before, they were of version 0 (0: there were none).
    0
    """
    parser = argparse.ArgumentParser(prog="python -m attribution_campaign_context", description=__doc__)
    meanings = "; ".join(f"{name}: {does}" for name, does in COMMANDS.items())
    parser.add_argument("command", choices=COMMANDS, help=meanings)
    parser.add_argument("database", help="URL for SQLAlchemy, such as sqlite:///shop.db or postgresql+psycopg://…")
    parser.add_argument("--prefix", default="", help="what stands before the names of the tables")
    given = parser.parse_args(words)
    try:
        from sqlalchemy import create_engine  # noqa: PLC0415 - an extra
        from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415
    except ImportError:
        parser.error('install "attribution-campaign-context[sqlalchemy]" and a driver first')
    from attribution_campaign_context.recorders.migrations import SchemaError  # noqa: PLC0415 - needs the extra
    from attribution_campaign_context.recorders.sqlalchemy import SyncSQLAlchemyRecorder  # noqa: PLC0415
    from attribution_campaign_context.recorders.tables import Tables  # noqa: PLC0415

    try:
        engine = create_engine(given.database)
        try:
            print(_done(given.command, SyncSQLAlchemyRecorder(engine, Tables.make(prefix=given.prefix))))  # noqa: T201 - its answer
        finally:
            engine.dispose()
    except SchemaError as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    except (SQLAlchemyError, ImportError) as problem:  # its message may hold the password
        said = f"Expected a database that can be used, but got {type(problem).__name__}. Check the URL."
        print(said, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _done(command: str, recorder: "SyncSQLAlchemyRecorder") -> str:
    if command == "upgrade":
        return (
            f"The tables are of this release; before, they were of version {recorder.upgrade()} (0: there were none)."
        )
    if command == "drain":
        drained = recorder.drain()
        return f"{drained.linked} links were written; {drained.postponed + drained.set_aside} could not be."
    gone = recorder.delete_expired()
    return f"{gone.touches} touches were deleted, with {gone.links} links and {gone.visitors} visitors."


if __name__ == "__main__":
    sys.exit(main())
