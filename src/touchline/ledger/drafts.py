"""Files that take their name once they are whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from touchline.errors import StorageError


@contextmanager
def drafted(file: Path) -> Iterator[Path]:
    """A file next to ``file`` that takes its name, for its owner alone to read, if all goes well; else it goes."""
    draft = file.with_name(f"{file.name}.new")
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        yield draft
        descriptor = os.open(draft, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(file)
    except OSError as error:
        raise StorageError(
            f"{file} cannot be written: {error.strerror}.", "Free some space, or name another."
        ) from error
    finally:
        for name in (draft, *(Path(f"{draft}{end}") for end in ("-wal", "-shm", "-journal"))):
            name.unlink(missing_ok=True)
