"""What the keeper knows of the river, in a small file that every worker reads: asking the river proves nothing here."""

import os
import time
from pathlib import Path

import msgspec

SILENT_SECONDS = 5.0
"""A keeper that has written nothing for so long stands still itself."""
_BYTES = 4_096
_MOST_REASON = 512
"""Characters, of which each takes up to six bytes."""


class RiverState(msgspec.Struct):
    """The river as its keeper sees it."""

    state: str = "starting"
    """``starting``, ``ticking``, ``failing``, ``blocked`` (a lock on the engine's server), ``late`` (a heartbeat is
    overdue), ``stuck`` (it is being ended), ``restarting``."""
    reason: str = ""
    step: str = ""
    restarts: int = 0
    stuck: int = 0
    """How many of the restarts were of a river that was stuck."""
    silent_seconds: float = 0.0
    """Since the last heartbeat."""
    at: float = 0.0
    """When the keeper wrote this, by the clock that all processes of a machine share."""

    @property
    def is_kept(self) -> bool:
        """Whether the keeper itself is at work."""
        return time.monotonic() - self.at < SILENT_SECONDS


def record_of(socket_file: Path) -> Path:
    """Where the keeper of the river that listens at ``socket_file`` writes."""
    return socket_file.with_suffix(".river")


class Recorder:
    """Writes the record in place: a full disk takes it all the same."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, state: RiverState) -> None:
        """Replace what stands there.

        :raises OSError: if the disk takes no writes.
        """
        state.at = time.monotonic()
        content = msgspec.json.encode(
            msgspec.structs.replace(state, reason=state.reason[:_MOST_REASON], step=state.step[:64])
        )
        os.pwrite(self._descriptor, content.ljust(_BYTES), 0)

    def close(self) -> None:
        """Remove the file."""
        os.close(self._descriptor)
        self._file.unlink(missing_ok=True)


def read_record(file: Path) -> RiverState | None:
    """The keeper's newest record; ``None`` if there is no keeper."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=RiverState)
    except (OSError, msgspec.DecodeError):
        return None
