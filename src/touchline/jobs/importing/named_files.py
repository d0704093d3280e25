"""The files that a command names."""

from collections.abc import Sequence
from pathlib import Path

from touchline.errors import InputError, UsageError


def named_files(files: Sequence[Path]) -> Sequence[Path]:
    """The files, all of which are there.

    :raises UsageError: if none is named.
    :raises InputError: if one is missing, or is not a file.
    """
    if not files:
        raise UsageError("No file is named.", "Name at least one.")
    for file in files:
        if not file.exists():
            raise InputError(f"There is no file {file}.")
        if file.is_dir():
            raise InputError(f"{file} is a folder, not a file.", "Name the files in it.")
        if not file.is_file():
            raise InputError(
                f"{file} is a pipe or a device, which can be read only once; a file was expected.",
                "Save what comes out of it as a file whose name says its format, and import that.",
            )
    return files
