"""``listening`` is said, in the log and to systemd, once every worker has started."""

import multiprocessing
import socket
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from touchline.server.http.options import ServerOptions
from touchline.server.process import announcing


def test_it_is_said_once_when_all_have_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = multiprocessing.get_context("fork").Semaphore(0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with capture_logs() as logs:
            announcing.announce(started, ServerOptions(workers=2), "http://x")
            started.release()
            manager.setblocking(False)
            with pytest.raises(BlockingIOError):  # the second worker has not started
                manager.recv(100)
            manager.settimeout(60)
            started.release()
            assert manager.recv(100) == b"READY=1\nSTATUS=Listening at http://x."
    assert not started.acquire(block=False)
    assert logs == [{"event": "Listening", "log_level": "info", "url": "http://x", "workers": 2}]
