"""The machine on which a service is installed: its files, its accounts, and the programs that manage it."""

import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from touchline.errors import StorageError, TouchlineError
from touchline.server.process.installing.places import Places

_LONGEST_SECONDS = 300.0
"""How long a program may take: to stop a server takes up to a minute."""
_SAID = 300
"""Characters that are shown of what a failed program wrote last."""


@dataclass(frozen=True)
class Machine:
    """A machine, or a folder that stands for one."""

    root: Path = Path("/")
    """Below this are all files that are looked at and written; programs run on the machine itself."""

    @property
    def user(self) -> int:
        """The id of the user who asks."""
        return os.geteuid()

    @property
    def group(self) -> int:
        """The id of that user's group."""
        return os.getegid()

    @property
    def account(self) -> str:
        """The name of the user who asks."""
        return self.name_of(self.user)

    def at(self, path: Path) -> Path:
        """Where a file of the machine really is."""
        return self.root / path.relative_to("/")

    def name_of(self, user: int) -> str:
        """A user's name, or the number where there is no such account."""
        try:
            return pwd.getpwuid(user).pw_name
        except KeyError:
            return str(user)

    def ids_of(self, account: str) -> tuple[int, int] | None:
        """The user and group of an account; ``None`` if there is none."""
        try:
            found = pwd.getpwnam(account)
        except KeyError:
            return None
        return found.pw_uid, found.pw_gid

    def has(self, program: str) -> bool:
        """Whether there is such a program."""
        return shutil.which(program) is not None

    def ask(self, words: Sequence[str]) -> str | None:
        """What a program says; ``None`` if it fails, or there is none."""
        try:
            ended = self._ran(words)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return None if ended.returncode else ended.stdout

    def run(self, words: Sequence[str]) -> None:
        """Run a program that changes the machine.

        :raises TouchlineError: if it fails.
        """
        try:
            ended = self._ran(words)
            said, failed = " ".join((ended.stderr or ended.stdout).split())[-_SAID:], ended.returncode != 0
        except (OSError, subprocess.TimeoutExpired) as error:
            said, failed = str(error), True
        if failed:
            raise TouchlineError(
                f"`{shlex.join(words)}` failed: {said or 'it said nothing'}",
                "Fix that, and give the command again: it does what is left to do.",
            )

    def _ran(self, words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - its words are ours
            words, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace", check=False,
            timeout=_LONGEST_SECONDS,
        )  # fmt: skip

    def write(self, path: Path, content: str, mode: int, ids: tuple[int, int]) -> None:
        """Write a file whole, or not at all.

        :raises StorageError: if it cannot be written.
        """
        file = self.at(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
            with os.fdopen(descriptor, "w", encoding="utf-8") as writing:
                writing.write(content)
            Path(draft).chmod(mode)
            self.give(Path(draft), ids)
            Path(draft).replace(file)
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error.strerror}.", "Check the folder's rights.") from error

    def give(self, file: Path, ids: tuple[int, int]) -> None:
        """Make a file a user's and a group's.

        :raises OSError: if that is not permitted.
        """
        if (file.stat().st_uid, file.stat().st_gid) != ids:
            os.chown(file, *ids)

    def make_folder(self, path: Path, mode: int, ids: tuple[int, int]) -> None:
        """Make a folder that belongs to an account.

        :raises StorageError: if it cannot be made.
        """
        folder = self.at(path)
        try:
            folder.mkdir(mode=mode, parents=True)
            self.give(folder, ids)
        except OSError as error:
            raise StorageError(f"{path} cannot be made: {error.strerror}.", "Check the folder's rights.") from error

    def remove(self, path: Path) -> None:
        """Remove a file.

        :raises StorageError: if it cannot be removed.
        """
        try:
            self.at(path).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{path} cannot be removed: {error.strerror}.", "Check the folder's rights.") from error

    def text_of(self, path: Path) -> str | None:
        """What stands in a file; ``None`` if there is none.

        :raises StorageError: if it cannot be read.
        """
        try:
            return self.at(path).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(f"{path} cannot be read: {error.strerror}.", "Check the file's rights.") from error


def ids_of_service(places: Places, machine: Machine) -> tuple[int, int] | None:
    """The user and group as whom a service runs; ``None`` if its account is yet to be made."""
    return (machine.user, machine.group) if places.is_user else machine.ids_of(places.account)
