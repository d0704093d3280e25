"""Files that take their place when all of them is there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from touchline.errors import StorageError
from touchline.exports.format import Place, Rows, Sink, Written


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


class _Files:
    """The sink of a format in which each table is a file."""

    def __init__(self, place: Place, write: Callable[[Path, Rows], int], until: ExitStack) -> None:
        self._place, self._write, self._until = place, write, until

    def write(self, name: str, rows: Rows) -> Written:
        """Write one file."""
        part = self._until.enter_context(whole_file(self._place.file_of(name)))
        return Written(name, self._write(part, rows))


def file_each(write: Callable[[Path, Rows], int]) -> Callable[[Place], AbstractContextManager[Sink]]:
    """What opens a place of a format in which each table is a file.

    :param write: writes the rows of one table to a file, and says how many there were.
    """

    @contextmanager
    def opened(place: Place) -> Iterator[Sink]:
        with ExitStack() as until:
            yield _Files(place, write, until)

    return opened
