"""What is said to systemd: one datagram, and nothing that could stop the server."""

import socket
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from touchline.server.process.service_manager import say


@pytest.mark.parametrize("is_abstract", [False, True])
def test_it_is_one_datagram_of_lines(tmp_path: Path, is_abstract: bool) -> None:
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}" if is_abstract else name)
        say({"NOTIFY_SOCKET": f"@{name}" if is_abstract else name}, STOPPING=1, STATUS="It ends.")
        assert manager.recv(100) == b"STOPPING=1\nSTATUS=It ends."


def test_that_nobody_hears_it_is_logged(tmp_path: Path) -> None:
    with capture_logs() as logs:
        say({"NOTIFY_SOCKET": str(tmp_path / "nobody")}, READY=1)
        say({}, READY=1)
    assert [(line["event"], line["error"]) for line in logs] == [
        ("service_manager_not_reached", "No such file or directory")
    ]
