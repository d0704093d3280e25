"""Moving the home's ledger from its file to a PostgreSQL database, or from there to the file."""

import json
import os
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from touchline.errors import HomeError, TouchlineError, UsageError
from touchline.jobs.ownership import is_served
from touchline.jobs.whose import require_own
from touchline.jobs.workspace import make_folder
from touchline.ledger import Ledger
from touchline.ledger.moving import (
    Checked,
    Held,
    Moved,
    MovedError,
    Told,
    cancel,
    contents,
    ground_at,
    move,
    refusal_of,
)
from touchline.progress import Progress, ignore_progress
from touchline.settings import Home

__all__ = ["Checked", "Held", "Moved", "Plan", "cancel_move", "move_home", "moved_to", "plan_of"]

FILE = "file"
"""What names the home's own file as the place to move to."""
_POINTER = "ledger.moved"
_TO = "--to"


@dataclass(frozen=True)
class Plan:
    """What a move would do."""

    source: str
    target: str
    held: Held
    refusal: TouchlineError | None
    """What a move would end with; ``None``: nothing stands in its way."""


def plan_of(home: Home, to: str) -> Plan:
    """What there is to move, about how long that takes, and whether the target can take it; nothing is written.

    :raises UsageError: if the target is no place for a ledger, or the ledger is there.
    :raises HomeError: if the home is another user's.
    """
    require_own(home)
    place = _target(home, to)
    with closing(Ledger(home.ledger)):  # it is there, and has this release's schema
        pass
    with ground_at(home.ledger) as source, ground_at(place, _TO) as target:
        return Plan(source.name, target.name, contents(source), refusal_of(target))


def move_home(home: Home, to: str, *, now: int, progress: Progress = ignore_progress) -> Moved:
    """Move the home's ledger while a server goes on collecting; a move that was cut off is gone on with.

    A server that runs in the home goes on collecting into the new place. Everything else of it waits until it is
    started with the new place.

    :param to: ``postgresql://…``, or ``file`` for the home's own ``ledger.db``.
    :param now: microseconds since 1970.
    :raises UsageError: if that is no place for a ledger, or the ledger is there.
    :raises HomeError: if there is another ledger, the home is another user's, or the move is given up as it runs.
    :raises StorageError: if what was copied differs; then nothing is switched.
    """
    require_own(home)
    place = _target(home, to)
    make_folder(home.path)
    with suppress(MovedError), closing(Ledger(home.ledger)):
        pass  # it is there, and has this release's schema; one that went may wait for its new place to be opened
    with ground_at(home.ledger) as source, ground_at(place, _TO) as target:
        setting = "Unset DATABASE_URL" if isinstance(place, Path) else f"Set DATABASE_URL to {target.name}"
        told = Told(f"{datetime.fromtimestamp(now / 1e6, UTC):%Y-%m-%d}", f"{setting}, and start the server again.")
        return move(source, target, told, partial(_point, home, place), progress)


def cancel_move(home: Home) -> bool:
    """Give up a move of the home's ledger that has not come to its end; returns whether there was one.

    What was copied stays where it is, to be deleted there: persons are erased in the ledger that is in use.

    :raises HomeError: if the ledger went already, or the home is another user's.
    """
    require_own(home)
    with closing(Ledger(home.ledger)), ground_at(home.ledger) as source:
        return cancel(source, partial(forget_move, home))


def moved_to(home: Home) -> Path | str | None:
    """Where a server of this home that has the old ledger open finds the new one; ``None``: nobody said.

    :raises HomeError: if somebody said, and it cannot be read.
    """
    file = home.path / _POINTER
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise HomeError(
            f"{file} says where the ledger was moved to, and cannot be read: {error}.",
            "Start the server again with the new ledger.",
        ) from error
    return Path(told["file"]) if "file" in told else str(told["url"])


def forget_move(home: Home) -> None:
    """The ledger in use is known by the home's own settings."""
    for file in (home.path / _POINTER, _draft(home)):
        file.unlink(missing_ok=True)


def _draft(home: Home) -> Path:
    return home.path / f"{_POINTER}.new"


def _point(home: Home, place: Path | str) -> None:
    """Say to the home's server where the ledger is; readable by its owner alone, as a URL may hold a password."""
    told = {"file": str(place.absolute())} if isinstance(place, Path) else {"url": place}
    file, draft = home.path / _POINTER, _draft(home)
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
        lines.write(json.dumps(told))
        lines.flush()
        os.fsync(descriptor)
    draft.replace(file)


def _target(home: Home, to: str) -> Path | str:
    if to == FILE:
        if not home.database_url:
            raise UsageError("The ledger is in the home's file.", "Set DATABASE_URL to where it is now.")
        if (home.path / _POINTER).exists() and is_served(home):
            raise UsageError(
                "The server of this home has the file open that the ledger was moved from.",
                "Start the server again with DATABASE_URL first.",
            )
        return home.ledger_file
    if not to.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            f"A ledger moves to a postgresql:// URL, or to {FILE!r}, the home's own file.",
            "Such as --to postgresql://user:password@host:5432/database.",
        )
    if home.database_url:
        raise UsageError("The ledger is in a database already.", f"Move it to {FILE!r} first.")
    return to
