"""A key a day, and no key after two."""

import os
import stat
from pathlib import Path

import pytest

from touchline.jobs.daily_keys import FOLDER, DailyKeys

DAY = 86_400


class Clock:
    def __init__(self) -> None:
        self.now = 20_000.0 * DAY

    def __call__(self) -> float:
        return self.now


def test_processes_of_one_home_agree_for_a_day(tmp_path: Path) -> None:
    clock = Clock()
    one, other = DailyKeys(tmp_path, clock=clock), DailyKeys(tmp_path, clock=clock)
    today = one.digest("ip", "192.0.2.7")
    assert (
        today == other.digest("ip", "192.0.2.7") != DailyKeys(tmp_path / "away", clock=clock).digest("ip", "192.0.2.7")
    )
    clock.now += DAY
    assert one.digest("ip", "192.0.2.7") == other.digest("ip", "192.0.2.7") != today


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    keys = DailyKeys(tmp_path, clock=Clock())
    keys.digest("ip", "192.0.2.7")
    [file] = (tmp_path / FOLDER).iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert len(file.read_bytes()) == 32


def test_they_are_overwritten_and_gone_after_two_days(tmp_path: Path) -> None:
    clock = Clock()
    keys = DailyKeys(tmp_path, clock=clock)
    first = keys.digest("ip", "192.0.2.7")
    [file] = (tmp_path / FOLDER).iterdir()
    other_name = tmp_path / "the-same-bytes"
    os.link(file, other_name)
    clock.now += DAY
    assert keys.destroy_old() == 0
    assert file.exists()
    clock.now += DAY
    assert keys.destroy_old() == 1
    assert not file.exists()
    assert other_name.read_bytes() == bytes(32)
    assert sorted(int(found.name) for found in (tmp_path / FOLDER).iterdir()) == [20_001, 20_002]
    assert keys.destroy_old() == 0
    clock.now -= 2 * DAY
    assert keys.digest("ip", "192.0.2.7") != first


def test_a_day_in_which_nobody_came_ends_too(tmp_path: Path) -> None:
    clock = Clock()
    keys = DailyKeys(tmp_path, clock=clock)
    keys.digest("ip", "192.0.2.7")
    clock.now += 9 * DAY
    keys.destroy_old()
    assert [found.name for found in (tmp_path / FOLDER).iterdir()] == ["20009"]
    assert keys._keys.days == (20_009,)  # in memory, too


def test_a_pepper_is_mixed_in_and_is_not_the_key(tmp_path: Path) -> None:
    clock = Clock()
    said = {DailyKeys(tmp_path, pepper=pepper, clock=clock).digest("ip", "192.0.2.7") for pepper in ("", "a", "b")}
    assert len(said) == 3
    elsewhere = DailyKeys(tmp_path / "away", pepper="a", clock=clock).digest("ip", "192.0.2.7")
    assert elsewhere not in said


def test_a_draft_and_a_damaged_key_are_not_used(tmp_path: Path) -> None:
    clock = Clock()
    folder = tmp_path / FOLDER
    folder.mkdir()
    for name, age in (("0123.new", 9_000), ("4567.new", 9)):
        (folder / name).write_bytes(b"x" * 32)
        os.utime(folder / name, (clock.now - age, clock.now - age))
    (folder / "20000").write_bytes(b"")
    keys = DailyKeys(tmp_path, clock=clock)
    first = keys.digest("ip", "192.0.2.7")
    assert keys.digest("ip", "192.0.2.7") == first
    keys.destroy_old()
    assert sorted(found.name for found in folder.iterdir()) == ["20000", "4567.new"]


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc").is_dir(), reason="needs a folder that takes nothing")
def test_a_disk_that_takes_no_key_costs_only_agreement() -> None:
    one, other = (DailyKeys(Path("/proc/self"), clock=Clock()) for _ in range(2))
    assert one.digest("ip", "192.0.2.7") == one.digest("ip", "192.0.2.7") != other.digest("ip", "192.0.2.7")


def test_a_key_may_have_any_byte_but_not_nothing_and_not_half_its_length(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    file = tmp_path / FOLDER / "20000"

    def digests(key: bytes) -> set[str]:
        file.write_bytes(key)
        return {DailyKeys(tmp_path, clock=Clock()).digest("ip", "192.0.2.7") for _ in range(2)}

    assert len(digests(bytes(31) + b"k")) == 1
    assert file.read_bytes() == bytes(31) + b"k"
    for unusable in (bytes(32), b"k" * 31, b""):  # destroyed meanwhile, or half written
        assert len(digests(unusable)) == 2


@pytest.mark.parametrize(("age", "is_left"), [(0, True), (3_599, True), (3_600, False), (3_601, False)])
def test_a_draft_is_left_alone_for_an_hour(tmp_path: Path, age: int, is_left: bool) -> None:
    now = 1_800_000_000
    keys = DailyKeys(tmp_path, clock=lambda: float(now))
    keys.digest("a", "b")
    draft = tmp_path / FOLDER / "0123.new"
    draft.write_bytes(b"1")
    os.utime(draft, (now - age, now - age))
    assert keys.destroy_old() == (0 if is_left else 1)
    assert draft.exists() is is_left
