"""Files that a driver makes are private however many threads have it make some."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from touchline.engines.private import private_files


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def made(file: Path) -> int:
    file.touch()
    return file.stat().st_mode & 0o777


def test_files_are_private_until_the_last_who_wants_that_is_done(tmp_path: Path) -> None:
    first, second = ExitStack(), ExitStack()
    first.enter_context(private_files())
    second.enter_context(private_files())
    assert made(tmp_path / "a") == 0o600
    first.close()  # before the second, which began later, as threads do
    assert made(tmp_path / "b") == 0o600
    second.close()
    assert made(tmp_path / "c") == 0o644


def test_a_failure_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), private_files():
        raise ZeroDivisionError
    assert made(tmp_path / "a") == 0o644
