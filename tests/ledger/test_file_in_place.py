"""A ledger's file under its name, and its log: what is gone, moved or another one is noticed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from touchline.errors import StorageError
from touchline.ledger.file_in_place import FileInPlace


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "ledger.db"
    made.write_bytes(b"1")
    return made


def log_of(file: Path) -> Path:
    return file.with_name("ledger.db-wal")


def opened(file: Path, *, with_log: bool = False) -> FileInPlace:
    watched = FileInPlace(file, with_log=with_log)
    watched.opened()
    watched.check()
    return watched


def is_in_place(watched: FileInPlace) -> bool:
    try:
        watched.check()
    except StorageError:
        return False
    return True


def replaced(file: Path) -> None:
    shutil.copy(file, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)


def moved(file: Path) -> None:
    file.rename(file.with_suffix(".old"))


@pytest.mark.parametrize("fate", [Path.unlink, moved, replaced])
def test_what_became_of_the_file_is_noticed_and_opening_again_forgives_nothing(
    file: Path, fate: Callable[[Path], None]
) -> None:
    watched = opened(file)
    fate(file)
    for _ in range(2):
        with pytest.raises(StorageError, match=r"ledger\.db was deleted, moved, or replaced while it was open"):
            watched.check()
        watched.opened()
    with pytest.raises(StorageError):
        watched.check_committed()


def test_a_file_that_comes_back_is_the_same_one(file: Path) -> None:
    watched = opened(file)
    file.rename(file.with_suffix(".old"))
    file.with_suffix(".old").rename(file)
    file.write_bytes(b"12")
    assert is_in_place(watched)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_was_never_opened_is_not_in_place(file: Path, is_there: bool) -> None:
    if not is_there:
        file.unlink()
    with pytest.raises(StorageError):
        FileInPlace(file).check()


@pytest.mark.parametrize("fate", [Path.unlink, moved, replaced])
def test_what_became_of_the_log_is_noticed_after_a_commit(file: Path, fate: Callable[[Path], None]) -> None:
    watched = opened(file, with_log=True)
    log_of(file).write_bytes(b"1")
    watched.check_committed()
    watched.check_committed()
    fate(log_of(file))
    watched.check()  # the file itself is in its place
    with pytest.raises(StorageError, match=r"ledger\.db-wal was deleted"):
        watched.check_committed()


def test_a_commit_without_a_log_is_lost(file: Path) -> None:
    with pytest.raises(StorageError, match=r"ledger\.db-wal was deleted"):
        opened(file, with_log=True).check_committed()
    opened(file).check_committed()  # nobody watches it


def test_a_log_may_be_another_one_after_the_file_was_opened_again(file: Path) -> None:
    watched = opened(file, with_log=True)
    log_of(file).write_bytes(b"1")
    watched.check_committed()
    replaced(log_of(file))
    watched.log_is_new()
    watched.check_committed()
    replaced(log_of(file))
    with pytest.raises(StorageError):
        watched.check_committed()


def test_what_to_do_is_said(file: Path) -> None:
    with pytest.raises(StorageError) as lost:
        FileInPlace(file).check()
    assert lost.value.hint.startswith("Put the file back under its name, or restart the server")
