"""The list of erasures, in a file next to a backup: a restore has to know it, and the ledger may be gone by then.

It has what the ledger's list has: hashes that name nobody, and times. Where the ledger has the key of its hashes
itself, as every backup of it then has, the first line is this key: a restore gives it to a backup of a release without
one, so that the two can be compared.
"""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from touchline.errors import InputError, UsageError
from touchline.ledger.hash_key import HashKey, key_from

_KEY = "hash_key"
_HINT = "Put the file back as it was, or name another copy."


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


def write(copy: Path, entries: Iterable[Erased], key: HashKey | None = None) -> bool:
    """Write the file next to a backup, in the place of an earlier one; returns whether that was possible.

    :param key: of the ledger, where the ledger has it itself.
    """
    file = journal_of(copy)
    draft = file.with_name(f"{file.name}.new")
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as lines:
            if key is not None:
                lines.write(json.dumps({_KEY: key.hexadecimal}) + "\n")
            lines.writelines(json.dumps(entry) + "\n" for entry in entries)
            lines.flush()
            os.fsync(descriptor)
        draft.replace(file)
    except OSError:
        return False
    return True


def key_in(copy: Path) -> HashKey | None:
    """The key in the file next to a backup.

    :raises InputError: if the file has one that is none.
    """
    file = journal_of(copy)
    try:
        with file.open(encoding="utf-8") as lines:
            first = json.loads(next(lines, "null"))
    except (FileNotFoundError, ValueError):
        return None
    try:
        return key_from(str(first[_KEY]), str(file)) if isinstance(first, dict) else None
    except (KeyError, UsageError) as error:
        raise InputError(f"{file}:1 is no key of hashes.", _HINT) from error


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
                said = json.loads(line)
                if number == 1 and isinstance(said, dict):
                    continue
                organization_id, entry, requested_at = said
                yield Erased(str(organization_id), str(entry), int(requested_at))
            except (ValueError, TypeError) as error:
                raise InputError(f"{file}:{number} is no entry of an erasure.", _HINT) from error
