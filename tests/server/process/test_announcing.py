"""``listening`` is said once every worker has started and the port accepts connections."""

import multiprocessing
import socket
import threading
import time

import pytest
from structlog.testing import capture_logs

from touchline.server.http.options import ServerOptions
from touchline.server.process import announcing


@pytest.mark.parametrize(("host", "bound"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_it_is_said_once_when_all_have_started_and_the_port_is_open(
    host: str, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps = 0
    family = socket.AF_INET6 if ":" in bound else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((bound, 0))
        port = listener.getsockname()[1]

        def nap(seconds: float) -> None:
            nonlocal naps
            assert seconds == 0.05
            naps += 1
            if naps == 2:
                listener.listen()

        monkeypatch.setattr("touchline.server.process.announcing.time.sleep", nap)
        started = multiprocessing.get_context("fork").Semaphore(2)
        with capture_logs() as logs:
            announcing._announced(started, ServerOptions(host=host, port=port, workers=2), "http://x")
    assert naps == 2
    assert not started.acquire(block=False)
    assert logs == [{"event": "Listening", "log_level": "info", "url": "http://x", "workers": 2}]


def test_it_waits_for_every_worker_and_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The port accepts connections all the time; the second worker has not started, so nobody looks at the port."""
    looked = threading.Event()

    def looks(_host: str, _port: int) -> bool:
        looked.set()
        return True

    monkeypatch.setattr(announcing, "_accepts", looks)
    started = multiprocessing.get_context("fork").Semaphore(0)
    with capture_logs() as logs:
        announcing.announce(started, ServerOptions(workers=2), "http://x")
        started.release()
        until = time.monotonic() + 30
        while started.acquire(block=False) and time.monotonic() < until:  # the first one's is not taken yet
            started.release()
            time.sleep(0.01)
        assert not looked.is_set()
        started.release()
        assert looked.wait(30)
        while not logs and time.monotonic() < until:
            time.sleep(0.01)
    assert [line["event"] for line in logs] == ["Listening"]
