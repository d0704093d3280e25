"""Files that take their place when all of them is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from touchline.errors import StorageError


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the place of ``path`` when the block ends; an error leaves that as it was.

    :raises StorageError: if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}.", "Name another place.") from error
    finally:
        part.unlink(missing_ok=True)
