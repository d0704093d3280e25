"""The list of erasures, in a file next to a backup: a restore has to know it, and the ledger may be gone by then.

It has what the ledger's list has: hashes that name nobody, and times.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from touchline.errors import InputError


class Erased(NamedTuple):
    """One entry of an erasure, as the ledger lists it."""

    organization_id: str
    entry: str
    requested_at: int
    """Up to when what the entry names is erased, in microseconds since 1970."""


def journal_of(copy: Path) -> Path:
    """The file next to a backup.

    >>> journal_of(Path("a/ledger.backup")).name
    'ledger.backup.erasures'
    """
    return copy.with_name(f"{copy.name}.erasures")


def write(copy: Path, entries: Iterable[Erased]) -> bool:
    """Write the file next to a backup, in the place of an earlier one; returns whether that was possible."""
    file = journal_of(copy)
    draft = file.with_name(f"{file.name}.new")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(entry) + "\n" for entry in entries)
            lines.flush()
            os.fsync(descriptor)
        draft.replace(file)
    except OSError:
        return False
    return True


def read(copy: Path) -> Iterator[Erased]:
    """The entries in the file next to a backup; none where there is no file.

    :raises InputError: if a line is no entry.
    """
    file = journal_of(copy)
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                organization_id, entry, requested_at = json.loads(line)
                yield Erased(str(organization_id), str(entry), int(requested_at))
            except (ValueError, TypeError) as error:
                raise InputError(
                    f"{file}:{number} is no entry of an erasure.", "Put the file back as it was, or name another copy."
                ) from error
