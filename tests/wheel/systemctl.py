"""A ``systemctl --user`` for tests: does with the units of one folder what systemd does, as far as they use it.

It holds the socket, starts the service with the variables of its unit, and waits until it is ready; the service then
runs on, and is ended by ``stop`` or ``disable --now``. What it knows is in the folder that ``SYSTEMCTL`` names.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

STATE = Path(os.environ.get("SYSTEMCTL", ""))
UNITS = Path.home() / ".config" / "systemd" / "user"
PASSING = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3);"
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); os.execv(sys.argv[2], sys.argv[2:])"
)


def settings_of(unit: str) -> dict[str, str]:
    """The settings of a unit; of one that comes twice, the last."""
    lines = (UNITS / unit).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def start() -> None:
    """Start the service, and return once it is ready."""
    service, (host, port) = settings_of("touchline.service"), settings_of("touchline.socket")["ListenStream"].split(":")
    variables = dict([service["Environment"].split("=", 1)])
    with (
        socket.create_server((host, int(port))) as held,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
        (STATE / "log").open("ab") as log,
    ):
        manager.bind(str(STATE / "notify"))
        manager.settimeout(120)
        watched = {"NOTIFY_SOCKET": str(STATE / "notify"), "WATCHDOG_USEC": f"{service['WatchdogSec']}000000"}
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", PASSING, str(held.fileno()), *service["ExecStart"].split()],
            env={**os.environ, **variables, **watched}, pass_fds=[held.fileno()], start_new_session=True,
            stdout=log, stderr=log,
        )  # fmt: skip
        (STATE / "process").write_text(str(process.pid))
        while not manager.recv(1_000).startswith(b"READY=1"):
            pass
        (STATE / "seconds").write_text(f"{time.monotonic() - began:.2f}")


def stop() -> None:
    """End the service, if it runs, and wait for that."""
    file = STATE / "process"
    if not file.exists():
        return
    process = int(file.read_text())
    os.kill(process, signal.SIGTERM)
    while is_active():
        time.sleep(0.05)
    file.unlink()


def is_active() -> bool:
    """Whether the service runs; one that has ended may wait for its parent."""
    file = STATE / "process"
    if not file.exists():
        return False
    try:
        stat = Path(f"/proc/{int(file.read_text())}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def main(words: list[str]) -> int:
    """Do what is asked."""
    enabled = STATE / "enabled"
    match words:
        case ["--user", "start", "touchline.service"]:
            start()
        case ["--user", "disable", "--now", *_]:
            stop()
            enabled.unlink(missing_ok=True)
        case ["--user", "enable", *units]:
            enabled.write_text("enabled\n" * len(units))
        case ["--user", "is-enabled", *_]:
            sys.stdout.write(enabled.read_text() if enabled.exists() else "")
        case ["--user", "is-active", _]:
            return 0 if is_active() else 3
        case ["--user", "show" | "daemon-reload", *_]:
            pass
        case _:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
