"""The folder of a project: what an export wrote there is replaced, and nothing else is touched."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from touchline.errors import StorageError, UsageError
from touchline.exports.whole_files import whole_file

RECORD = "touchline.json"
"""The list of the files that an export wrote, each with the digest of its content."""

Write = Callable[[Path], object]


def written_before(folder: Path) -> Mapping[str, str]:
    """The files of an earlier export with their digests; none in a folder that is empty or not there.

    :raises UsageError: if the folder has files, and no export wrote it, or one of those that it wrote was changed, or
        it says that it wrote one elsewhere.
    """
    record = folder / RECORD
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return {}
    if not record.is_file():
        raise UsageError(
            f"{folder} is there already, and no export wrote it.", "Name a folder that is empty or not there yet."
        )
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
        files, is_whole = dict(known["files"]), bool(known["is_whole"])
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{record} cannot be read: {error!r}", "Name another folder.") from error
    _require_inside(folder, files)
    changed = [name for name, digest in files.items() if is_whole and _digest(folder / name) not in {digest, None}]
    if changed:
        raise UsageError(
            f"{folder / changed[0]} was changed since it was exported.",
            "Move your change to a file of another name, and remove this one; an export would replace it.",
        )
    return files


def write_files(folder: Path, files: Mapping[str, Write], before: Mapping[str, str]) -> None:
    """Write a project, and remove what an earlier export wrote and this one does not.

    If it is cut off, the record says so, and the next export writes everything again.

    :param before: what :func:`written_before` found.
    :raises UsageError: if a file of somebody else's is in the way.
    :raises StorageError: if the folder cannot be written.
    """
    _require_inside(folder, files)
    foreign = [name for name in files if name not in before and (folder / name).exists()]
    if foreign:
        raise UsageError(
            f"{folder / foreign[0]} is no file of an export, and would be replaced.", "Give your file another name."
        )
    _record(folder, {**before, **dict.fromkeys(files, "")}, is_whole=False)
    for name, write in files.items():
        with whole_file(folder / name) as part:
            write(part)
    for name in before.keys() - files.keys():
        (folder / name).unlink(missing_ok=True)
    _record(folder, {name: _digest(folder / name) or "" for name in files}, is_whole=True)


def _require_inside(folder: Path, names: Iterable[str]) -> None:
    """Refuse names of files elsewhere, such as behind a link: a record may come from anybody, and so may a folder."""
    for name in names:
        is_name = bool(name) and "\0" not in name and not (folder / name).is_dir()
        if not is_name or not (folder / name).resolve().is_relative_to(folder.resolve()):
            raise UsageError(
                f"{folder} names or holds a file outside of the folder: {name!r:.80}.", "Name another folder."
            )


def text(content: str) -> Write:
    """Writes a text."""
    return lambda file: file.write_text(content, encoding="utf-8", newline="\n")


def _record(folder: Path, files: Mapping[str, str], *, is_whole: bool) -> None:
    said = {"written_by": "touchline export dbt", "is_whole": is_whole, "files": dict(sorted(files.items()))}
    with whole_file(folder / RECORD) as part:
        part.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")


def _digest(file: Path) -> str | None:
    """The digest of a file's content; ``None``: it is not there."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{file} cannot be read: {error.strerror}.", "Check its permissions.") from error
