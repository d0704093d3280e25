"""The server takes a socket that a service manager holds, and requests wait in it while the server restarts."""

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.server.conftest import placed
from tests.server.serving import Server
from tests.server.whole import children, kill, wait_until
from touchline.errors import UsageError
from touchline.server.process import listener
from touchline.server.process.listener import passed_socket

PASSING = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3);"
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); os.execv(sys.argv[2], sys.argv[2:])"
)
"""What systemd does: the socket is descriptor 3 of the server."""

WATCHED = {"WATCHDOG_USEC": "1000000"}
"""What systemd says to a service with ``WatchdogSec=1``."""


def passed(held: socket.socket, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(listener, "_FIRST_DESCRIPTOR", held.fileno())
    return {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}


def test_what_was_passed_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        held.set_inheritable(True)
        taken = passed_socket(passed(held, monkeypatch))
        assert taken is not None
        assert taken.getsockname() == held.getsockname()
        assert not taken.get_inheritable()
        taken.detach()


@pytest.mark.parametrize("environment", [{}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_PID": str(os.getpid())}])
def test_what_was_passed_to_nobody_or_another_process_is_not(environment: dict[str, str]) -> None:
    assert passed_socket(environment) is None


@pytest.mark.parametrize(
    ("family", "kind"), [(socket.AF_UNIX, socket.SOCK_STREAM), (socket.AF_INET, socket.SOCK_DGRAM)]
)
def test_another_kind_of_socket_is_refused(
    family: socket.AddressFamily, kind: socket.SocketKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(family, kind) as held, pytest.raises(UsageError, match="not of TCP"):
        passed_socket(passed(held, monkeypatch))


def test_a_file_and_several_sockets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"LISTEN_PID": str(os.getpid())}
    with pytest.raises(UsageError, match="passed 2 sockets"):
        passed_socket({"LISTEN_FDS": "2", **own})
    with (tmp_path / "file").open("w") as file:
        monkeypatch.setattr(listener, "_FIRST_DESCRIPTOR", file.fileno())
        with pytest.raises(UsageError, match="is no socket"):
            passed_socket({"LISTEN_FDS": "1", **own})


@pytest.mark.slow
def test_a_request_between_two_servers_waits_and_is_answered(tmp_path: Path) -> None:
    place, manager = placed(tmp_path / "home"), tmp_path / "notify"
    with socket.create_server(("127.0.0.1", 0)) as held, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(manager))
        listening.settimeout(120)
        first = started(held, place.home.path, tmp_path / "log")
        try:
            assert first.send(method="GET", path="/healthz", timeout=120).status == 200
        finally:
            first.process.send_signal(signal.SIGTERM)  # type: ignore[attr-defined]
            assert first.process.wait(60) == 0
        answers: list[int] = []
        event = {"publicKey": place.publishable, "type": "PAGE_VIEW", "eventId": "e", "url": "https://shop.example/"}
        asking = threading.Thread(
            target=lambda: answers.append(first.send({**event, "anonId": "a"}, timeout=120).status)
        )
        asking.start()
        second = started(held, place.home.path, tmp_path / "log", {"NOTIFY_SOCKET": str(manager), **WATCHED})
        try:
            wait_until(lambda: not asking.is_alive(), 120)
            assert answers == [200]
            assert f"http://127.0.0.1:{second.port}" in second.log.read_text()
            says_that_it_is_well_while_its_processes_run(second, listening)
        finally:
            second.stop()
            kill(second)


def says_that_it_is_well_while_its_processes_run(server: Server, manager: socket.socket) -> None:
    """The server's children are stopped for a few seconds, as if they stood still."""
    while manager.recv(1_000) != b"WATCHDOG=1":
        pass
    started_by_it = [*children(server.process.pid)]
    for child in started_by_it:
        os.kill(child, signal.SIGSTOP)
    try:
        until = time.monotonic() + 120
        while select.select([manager], [], [], 3)[0]:  # six times what is between two of them
            manager.recv(1_000)
            assert time.monotonic() < until
        wait_until(lambda: "watchdog_withheld" in server.log.read_text(), 120)
    finally:
        for child in started_by_it:
            os.kill(child, signal.SIGCONT)
    assert manager.recv(1_000) == b"WATCHDOG=1"


def started(held: socket.socket, home: Path, file: Path, environment: Mapping[str, str] | None = None) -> Server:
    with file.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PASSING, str(held.fileno()), sys.executable, "-m", "touchline", "serve"],
            env={**os.environ, **(environment or {}), "TOUCHLINE_HOME": str(home)},
            pass_fds=[held.fileno()], start_new_session=True, stdout=log, stderr=log,
        )  # fmt: skip
    return Server(process, held.getsockname()[1], file)
