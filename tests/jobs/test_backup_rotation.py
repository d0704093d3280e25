"""Backups one after another, of a ledger in each database: tried, rotated, taken elsewhere, and remembered."""

import errno
import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.jobs.conftest import NOW
from tests.ledger.filled import add_event, filled, held
from touchline.errors import HomeError, StorageError, UsageError
from touchline.jobs import backup_rotation, keeping
from touchline.jobs.backup_rotation import Rotated, back_up_into
from touchline.jobs.backup_trials import trial_in
from touchline.ledger import Ledger, schema
from touchline.ledger.backup import Copied
from touchline.magnitudes import DAY_MICROS
from touchline.settings import Home


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """A home with rows in every table."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("database_url")
    home = Home(tmp_path / "home", database_url=url)
    home.path.mkdir()
    filled(home.ledger)
    return home


def last_of(home: Home) -> tuple[str, str]:
    with closing(Ledger(home.ledger)) as ledger:
        row = ledger.newest(schema.JOB_RUNS, job=backup_rotation.JOB)
    assert row is not None
    return row["status"], row["detail"]


def test_backups_are_tried_rotated_and_taken_elsewhere(kept: Home, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "backups", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "notes.txt").write_text("mine")
    command = [sys.executable, "-c", "import shutil, sys; shutil.copy(sys.argv[2], sys.argv[1])", str(elsewhere)]
    before = held(kept.ledger)
    made: list[Rotated] = []
    for number in range(3):
        made.append(back_up_into(kept, folder, keep=2, command=command, now=NOW + number))
        Path(f"{made[-1].file}.erasures").write_text("")
    first, *others = [Path(one.file) for one in made]
    assert [one.removed for one in made] == [(), (), (str(first),)]
    assert sorted(folder.iterdir()) == sorted([
        folder / "notes.txt", *others, *(Path(f"{file}.erasures") for file in others)
    ])  # fmt: skip
    assert len(list(elsewhere.iterdir())) == 3
    assert others[-1].stat().st_mode & 0o777 == 0o600
    assert last_of(kept) == ("done", str(others[-1]))
    restored = Home(tmp_path / "restored")
    assert keeping.restore_home(elsewhere / first.name, restored).newest_sequence == made[0].copied.newest_sequence
    after = held(restored.ledger)
    assert after["tracking_events"] == before["tracking_events"]
    assert {name for name in before if after[name] != before[name]} <= {"server_sessions", "erasure_requests"}
    with closing(Ledger(restored.ledger)) as ledger:
        assert ledger.damage() == ""
        assert [add_event(ledger, number) for number in (1, 2, 999)] == [0, 0, 1]


def test_what_goes_wrong_is_remembered(kept: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "backups"
    plain = tmp_path / "plain"
    plain.write_text("no program")
    shebang = tmp_path / "script"
    shebang.write_text("echo")
    shebang.chmod(0o700)
    fails = [sys.executable, "-c", "import sys; print('no route', file=sys.stderr); sys.exit(3)"]
    for number, (command, said, hint) in enumerate((
        (fails, "ended with 3: no route", "is not elsewhere yet"),
        ([str(tmp_path / "none")], "cannot be run: No such file", "Name the whole path"),
        ([str(plain)], "cannot be run: Permission denied", "has to be allowed to execute it"),
        ([str(shebang)], "cannot be run: Exec format error", "#!/bin/sh"),
    )):  # fmt: skip
        with pytest.raises(StorageError, match=said) as raised:
            back_up_into(kept, folder, keep=4, command=command, now=NOW + number)
        assert hint in raised.value.hint
        status, detail = last_of(kept)
        assert (status, said in detail) == ("failed", True)
    assert len(list(folder.glob("*.backup"))) == 4
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "restore", lambda *_: Copied(0, 0, 0))
        patch.setattr(keeping, "restore_home", lambda *_: keeping.Restored(1, 1, 1, 0, 0))
        with pytest.raises(StorageError, match="does not restore"):
            back_up_into(kept, folder, keep=3, now=NOW + 10)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 1_000))
        with pytest.raises(StorageError, match="has 0 MB free"):
            back_up_into(kept, folder, keep=3, now=NOW + 11)
    for error, hint in ((errno.EROFS, "ReadWritePaths="), (errno.EACCES, "install -d"), (errno.ENOTDIR, "Name")):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "mkdir", refusing(error))
            with pytest.raises(StorageError, match="backups cannot be made") as raised:
                back_up_into(kept, folder, keep=3, now=NOW + 12)
        assert hint in raised.value.hint
    assert len(list(folder.glob("*.backup"))) == 4
    assert last_of(kept)[0] == "failed"
    with pytest.raises(UsageError, match="At least one"):
        back_up_into(kept, folder, keep=0, now=NOW)


def refusing(error: int) -> Callable[..., None]:
    def refuse(_folder: Path, **_how: object) -> None:
        raise OSError(error, os.strerror(error))

    return refuse


class Usage(NamedTuple):
    """Of a disk."""

    total: int
    used: int
    free: int


def test_a_home_that_is_none_has_no_backup(tmp_path: Path) -> None:
    with pytest.raises(HomeError):
        back_up_into(Home(tmp_path / "nowhere"), tmp_path / "backups", keep=1, now=NOW)


def test_the_new_backup_stays_whatever_is_in_the_folder(kept: Home, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    ahead = back_up_into(kept, folder, keep=2, now=NOW + 365 * DAY_MICROS).file
    old = back_up_into(kept, folder, keep=2, now=NOW).file
    of_other = folder / Path(old).name.replace(Path(old).name.split("-")[1], "0" * 8)
    of_other.write_text("of another home")
    trials = [folder / f"trial-{name}" for name in ("stale", "young", "killed")]
    for trial, age in zip(trials, (2 * DAY_MICROS / 1e6, 0.0, 0.0), strict=True):
        trial.mkdir()
        if trial.name == "trial-killed":
            (trial / "lock").touch()  # which nobody holds
        os.utime(trial, (time.time() - age, time.time() - age))
    theirs = folder / "trial-of-somebody"
    theirs.mkdir()
    (theirs / "work.txt").write_text("not ours")
    os.utime(theirs, (0, 0))
    (folder / "trial-nowhere").symlink_to(folder / "nothing")
    with trial_in(folder) as running:
        os.utime(running, (0, 0))  # however long it takes
        new = back_up_into(kept, folder, keep=2, now=NOW + 1)
        assert running.exists()
    assert not running.exists()
    assert (new.removed, Path(new.file).exists()) == ((ahead,), True)
    assert back_up_into(kept, folder, keep=1, now=NOW - 1).removed == (old, new.file)
    assert of_other.exists()
    assert [trial.exists() for trial in trials] == [False, True, False]
    assert (theirs / "work.txt").read_text() == "not ours"
    speaks = [sys.executable, "-c", "import sys; sys.stderr.buffer.write(b'\\xff'); sys.exit(1)"]
    with pytest.raises(StorageError, match="ended with 1"):
        back_up_into(kept, folder, keep=1, command=speaks, now=NOW + 2)
    assert len(list(folder.glob("*.backup"))) == 3  # nothing goes before the new one is elsewhere
