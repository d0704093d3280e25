"""The keeper's record: written in place, read by every worker, and gone with the keeper."""

import stat
import time
from pathlib import Path

import msgspec
import pytest

from touchline.server.watch.keeper_record import SILENT_SECONDS, Recorder, RiverState, read_record, record_of


def test_it_lies_beside_the_socket() -> None:
    assert record_of(Path("shop/serve.sock")) == Path("shop/serve.river")


def test_what_is_written_is_read_and_a_shorter_one_leaves_nothing_of_a_longer(tmp_path: Path) -> None:
    file = tmp_path / "serve.river"
    recorder = Recorder(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_record(file) is None
    recorder.write(RiverState("stuck", "r" * 600, "s" * 100, 2, 1, 3.5))
    found = read_record(file)
    assert found is not None
    assert msgspec.structs.asdict(found) | {"at": 0.0} == {
        "state": "stuck", "reason": "r" * 512, "step": "s" * 64, "restarts": 2, "stuck": 1, "silent_seconds": 3.5,
        "at": 0.0,
    }  # fmt: skip
    assert file.stat().st_size == 4_096
    recorder.write(RiverState())
    assert read_record(file) == RiverState(at=getattr(read_record(file), "at"))  # noqa: B009 - it is there
    recorder.close()
    assert not file.exists()
    assert read_record(file) is None


@pytest.mark.parametrize(("ago", "is_kept"), [(0.0, True), (SILENT_SECONDS - 0.5, True), (SILENT_SECONDS, False)])
def test_a_keeper_that_is_silent_for_long_is_none(ago: float, is_kept: bool) -> None:
    assert RiverState(at=time.monotonic() - ago).is_kept is is_kept


def test_writing_says_when(tmp_path: Path) -> None:
    recorder, before = Recorder(tmp_path / "x"), time.monotonic()
    recorder.write(RiverState())
    found = read_record(tmp_path / "x")
    recorder.close()
    assert found is not None
    assert before <= found.at <= time.monotonic()
    assert found.state == "starting"
