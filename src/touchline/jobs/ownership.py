"""Who owns a home's files: one server at a time, known by a lock that ends with its process.

The lock is an ``flock``: the operating system lets go of it however the process ends, so none is ever stale. What
stands in the file (process id, address) is for people.
"""

import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from touchline.errors import BusyError, StorageError
from touchline.settings import Home

_LOCK_NAME = "serve.lock"
_SHARING_LOCKS = "serve-*.lock"
"""The locks of servers that own no file of the home."""
_SOCKET_NAME = "serve.sock"
_LONGEST_NAME = 100
"""Bytes that the name of a socket may have; Linux takes 108."""
_PATIENCE = 2.0
"""Seconds in which a command that looks who owns the home has let go of the lock again."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Serving(NamedTuple):
    """A server that runs on a home."""

    pid: int
    url: str
    options: Mapping[str, Any] = _NOTHING
    """What it was started with, without secrets."""


@contextmanager
def owning(home: Home, url: str, options: Mapping[str, Any] = _NOTHING) -> Iterator[None]:
    """Own the home's files until the block ends.

    :param url: where the server answers, shown to the second process.
    :param options: what the server was started with, without secrets, for others to read.
    :raises BusyError: if another server owns them.
    :raises StorageError: if the disk is full or read-only, or the folder is somebody else's.
    """
    file = home.path / _LOCK_NAME
    descriptor = _opened(file)
    try:
        _lock(descriptor, home)
        _write(descriptor, file, Serving(os.getpid(), url, dict(options)))
        yield
        with suppress(OSError):  # where the disk takes nothing any more: the lock ends all the same
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


@contextmanager
def sharing(home: Home, name: str, url: str, options: Mapping[str, Any] = _NOTHING) -> Iterator[None]:
    """Be known on the home until the block ends, as a server that owns none of its files.

    What servers left that were killed is removed first.

    :param name: how the names of this server's files in the home begin; no other server has the same.
    :raises StorageError: if the disk is full or read-only, or the folder is somebody else's.
    """
    _clear_away(home)
    file = home.path / f"{name}.lock"
    descriptor = _opened(file)
    try:
        _could_lock(descriptor, fcntl.LOCK_EX)
        _write(descriptor, file, Serving(os.getpid(), url, dict(options)))
        yield
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        os.close(descriptor)


def _clear_away(home: Home) -> None:
    """Remove the files of servers that own none of the home's, and that do not run any more."""
    for lock in home.path.glob(_SHARING_LOCKS):
        if not is_locked(lock):
            clear_away(lock)
            lock.unlink(missing_ok=True)


def clear_away(file: Path) -> None:
    """Remove what a server keeps in the home while it runs.

    :param file: its lock or its socket; the others have the same name with another suffix.
    """
    for suffix in (".sock", ".river"):
        file.with_suffix(suffix).unlink(missing_ok=True)
    shutil.rmtree(file.with_suffix(".counts"), ignore_errors=True)


def _opened(file: Path) -> int:
    with _explained(file):
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _write(descriptor: int, file: Path, serving: Serving) -> None:
    with _explained(file):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, msgspec.json.encode(serving), 0)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{file} cannot be written: {error.strerror}.",
            "Free some space, mount the disk writable, or fix the folder's permissions.",
        ) from error


def _lock(descriptor: int, home: Home) -> None:
    until = time.monotonic() + _PATIENCE
    while not _could_lock(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > until:
            said = _said(home.path / _LOCK_NAME)
            who = f"the server at {said.url} (process {said.pid})" if said else "another server"
            raise BusyError(
                f"{home.path} is owned by {who}.", "Stop it first, or set TOUCHLINE_HOME to another folder."
            )
        time.sleep(0.05)


def _could_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_served(home: Home) -> bool:
    """Whether a server owns the home's files."""
    return is_locked(home.path / _LOCK_NAME)


def is_locked(file: Path) -> bool:
    """Whether some process holds the lock of a file; of one that is not there, nobody does."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _could_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def serving_at(home: Home) -> Serving | None:
    """The server that owns the home's files now, if one does."""
    return _said(home.path / _LOCK_NAME) if is_served(home) else None


def servers_of(home: Home) -> list[Serving]:
    """All servers that run on the home now: the one that owns its files, or those that own none of them."""
    locks = [home.path / _LOCK_NAME, *sorted(home.path.glob(_SHARING_LOCKS))]
    return [said for lock in locks if is_locked(lock) and (said := _said(lock)) is not None]


def environment_of(process_id: int) -> Mapping[str, str] | None:
    """The environment with which another process was started; ``None`` where this user may not read it."""
    try:
        content = Path(f"/proc/{process_id}/environ").read_bytes()
    except OSError:
        return None
    pairs = (os.fsdecode(part).partition("=") for part in content.split(b"\0") if part)
    return {name: value for name, _, value in pairs}


def _said(file: Path) -> Serving | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Serving)
    except (OSError, msgspec.DecodeError):
        return None


def socket_of(home: Home, name: str = _SOCKET_NAME) -> Path:
    """Where the owner of the home's engine listens; only the user who runs it may connect."""
    return home.path / name


def listening(file: Path) -> socket.socket:
    """A socket under this name that only this user can reach; one that a killed process left is replaced."""
    file.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _reachable(file) as name:
        found.bind(name)
    file.chmod(0o600)  # the folder is its owner's alone; this is the second fence
    found.listen(64)
    return found


def connected(file: Path, seconds: float | None = None) -> socket.socket:
    """A connection to the socket of this name.

    :param seconds: how long to wait if more connections wait than the listener accepts; ``None``: without end.
    :raises OSError: if nobody listens there.
    """
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(seconds)
    try:
        with _reachable(file) as name:
            found.connect(name)
    except OSError:
        found.close()
        raise
    return found


@contextmanager
def _reachable(file: Path) -> Iterator[str]:
    """A name of the file that is short enough for a socket, however deep the folder lies."""
    if len(os.fsencode(file)) <= _LONGEST_NAME:
        yield str(file)
        return
    folder = os.open(file.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{file.name}"
    finally:
        os.close(folder)
