"""Where an export goes: ``--to`` and ``--format``."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from touchline.errors import StorageError, UsageError
from touchline.exports.format import Format
from touchline.exports.formats import formats


@dataclass(frozen=True)
class Place:
    """A file, a folder or a database.

    :param address: as it was given: a path, or a URL.
    :param path: of the file or the folder; ``None``: it is on a server.
    :param prefix: before the names of tables in a database.
    """

    address: str
    form: Format
    path: Path | None = None
    is_folder: bool = False
    prefix: str = ""

    @property
    def shown(self) -> str:
        """The address without a password."""
        if self.path is not None:
            return self.address
        parts = urlsplit(self.address)
        return parts._replace(netloc=f"…@{parts.hostname or ''}" if parts.username else parts.netloc, query="").geturl()

    def file_of(self, name: str) -> Path:
        """The file of a table, where each has its own.

        :raises UsageError: if the place is on a server.
        """
        if self.path is None:
            raise UsageError(f"{self.shown} is no file.", "Name a path.")
        return self.path / f"{name}{self.form.endings[0]}" if self.is_folder else self.path


def place_of(address: str, *, form: str | None = None, prefix: str = "") -> Place:
    """The place that a person names.

    :param form: the format's name, where the address does not show it.
    :raises UsageError: if it shows no format, or another one.

    >>> place = place_of("costs.parquet")
    >>> place.form.name, place.is_folder
    ('parquet', False)
    """
    known = formats()
    if form is not None and form not in known:
        raise UsageError(f"There is no format {form!r:.40}.", f"There are: {', '.join(known)}.")
    scheme, slashes, rest = address.partition("://")
    if slashes:
        found = next((one for one in known.values() if scheme in one.schemes), None)
        if found is None or form not in {None, found.name}:
            raise UsageError(f"Nothing is exported to {scheme}://….", _expected())
        return Place(address, found, Path(rest.removeprefix("/")) if found.endings else None, False, prefix)
    path = Path(address)
    found = next((one for one in known.values() if path.name.lower().endswith(one.endings)), None)
    if found is not None and form in {None, found.name} and not path.is_dir():
        return Place(address, found, path, False, prefix)
    if form is None:
        raise UsageError(f"{address} does not show a format.", f"{_expected()} For a folder, add --format.")
    if known[form].is_for_many:
        ending = " or ".join(known[form].endings or [f"{one}://" for one in known[form].schemes])
        raise UsageError(f"{address} is no place for {form}.", f"Expected {ending}.")
    return Place(address, known[form], path, True, prefix)


def _expected() -> str:
    endings = [ending for one in formats().values() for ending in one.endings]
    schemes = [f"{scheme}://…" for one in formats().values() for scheme in one.schemes]
    return f"Expected a file name that ends in {', '.join(endings)}, or {', '.join(schemes)}."


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
