"""What options of the server do, where no other test looks at it."""

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.quantifiers import each
from tests.server.conftest import NOW, Place
from tests.server.heads import Head
from tests.server.in_process import CLIENT, Protocol, Scope, answered, collecting
from tests.server.refusals import Request, batch_of
from tests.server.serving import free_port
from tests.server.whole import wait_until
from touchline.errors import BusyError
from touchline.jobs import access_keys
from touchline.jobs.owner import Owner
from touchline.jobs.ownership import listening
from touchline.jobs.workspace import Workspace
from touchline.server.api import waste
from touchline.server.api.app import litestar
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.http.request_context import sight_of
from touchline.server.process import serving
from touchline.server.process.listener import bound_socket
from touchline.server.whole import create_whole


@pytest.mark.parametrize(
    ("needs_origin", "origin", "status"),
    [
        (False, None, 200), (True, None, 403), (True, "https://www.shop.example", 200),
        (True, "https://evil.example", 403), (False, "https://evil.example", 403),
    ],
)  # fmt: skip
def test_needs_origin_refuses_a_publishable_key_that_no_page_sends(
    place: Place, needs_origin: bool, origin: str | None, status: int
) -> None:
    fields = {"origin": origin} if origin else {}
    said = batch_of(
        place.publishable, [{"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "ann"}], **fields
    )

    async def run() -> int:
        async with collecting(place, needs_origin=needs_origin) as application:
            return (await answered(application, said)).status

    assert asyncio.run(run()) == status


LIMITS = ("events_per_minute_of_site", "events_per_minute_of_key", "events_per_minute_of_client")
OF_CLIENT = "TOUCHLINE_EVENTS_PER_MINUTE_OF_CLIENT"
STRANGER = "203.0.113.8:4711"
SECRET = "send them with a secret key, which has no such limit."


def views(key: str, count: int) -> Request:
    return batch_of(key, [{"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "ann"}] * count)


@pytest.mark.parametrize("option", LIMITS)
def test_a_limit_is_of_the_site_the_key_or_the_client(place: Place, option: str) -> None:
    """Ten a minute: another key has its own, unless the site is full, and so has a client in another network."""
    with Workspace(place.home) as workspace:
        other = access_keys.create_key(workspace, "shop-example", "publishable", now=NOW).key

    async def run() -> list[int]:
        async with collecting(place, **{option: 10}) as application:
            said = [(place.publishable, 8, CLIENT), (place.publishable, 3, CLIENT), (other, 3, CLIENT),
                    (place.publishable, 3, STRANGER)]  # fmt: skip
            return [(await answered(application, views(key, count), peer)).status for key, count, peer in said]

    expected = {LIMITS[0]: [429, 429], LIMITS[1]: [200, 429], LIMITS[2]: [429, 200]}
    assert asyncio.run(run()) == [200, 429, *expected[option]]


@pytest.mark.parametrize(
    ("option", "said", "helps"),
    [
        (LIMITS[0], "10 events a minute are accepted for a site (TOUCHLINE_EVENTS_PER_MINUTE_OF_SITE); 2", ""),
        (LIMITS[1], "10 events a minute are accepted with a key (TOUCHLINE_EVENTS_PER_MINUTE_OF_KEY); 2", ""),
        (
            LIMITS[2],
            f"10 events a minute are accepted from an address without a secret key ({OF_CLIENT}); 2",
            f" If this address passes on the events of many visitors, {SECRET}",
        ),
    ],
)
def test_a_refusal_names_its_limit_and_the_option(place: Place, option: str, said: str, helps: str) -> None:
    async def run() -> dict[str, str]:
        async with collecting(place, **{option: 10}) as application:
            answers = [await answered(application, views(place.publishable, count)) for count in (8, 3)]
            assert [answer.status for answer in answers] == [200, 429]
            return dict(json.loads(answers[1].body))

    problem = asyncio.run(run())
    assert problem["detail"] == f"{said} are left of them."
    assert re.sub(r"\d+ second(s)?\b", "N seconds", problem["hint"]) == (
        f"Send all 3 of them again in N seconds: none was counted.{helps}"
    )


def test_a_server_with_a_secret_key_has_no_limit_by_address(place: Place) -> None:
    """As the hint says, and the pages on limits."""
    events = [{"type": "PAGE_VIEW", "url": "https://shop.example/", "anonId": "ann"}] * 20

    async def run() -> list[int]:
        async with collecting(place, events_per_minute_of_client=10) as application:
            said = (batch_of(place.publishable, events), batch_of(None, events, authorization=f"Bearer {place.secret}"))
            return [(await answered(application, one)).status for one in said]

    assert asyncio.run(run()) == [429, 200]


@pytest.mark.parametrize(("is_open", "status"), [(False, 503), (True, 200)])
def test_without_its_redis_a_server_is_as_open_as_it_is_told(place: Place, is_open: bool, status: int) -> None:
    async def run() -> int:
        url = f"redis://127.0.0.1:{free_port()}/0"
        async with collecting(place, redis_url=url, is_open_without_redis=is_open) as application:
            return (await answered(application, views(place.publishable, 1))).status

    assert asyncio.run(run()) == status


class _Slow(Protocol):
    """A client that has begun to send, and sends no more."""

    async def __call__(self) -> bytes:
        await asyncio.sleep(600)
        return b""

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(600)


@pytest.mark.parametrize(
    ("path", "length"),
    [("/api/track", {}), ("/api/track", {"content-length": "9"}), ("/api/login", {}), ("/api/costs", {})],
)
def test_a_client_has_so_long_to_send_its_body_on_every_path(place: Place, path: str, length: dict[str, str]) -> None:
    fields: dict[str, str | list[str]] = {"content-type": "application/json", **length}

    async def run() -> Protocol:
        application = create_whole(place.home, ServerOptions(body_seconds=0.1), place.home.path / "serve.sock")
        await application.start()
        protocol = _Slow(b"")
        try:
            await asyncio.wait_for(application.__rsgi__(Scope(Head(fields), path=path), protocol), 20)
        finally:
            await application.stop()
        return protocol

    found = asyncio.run(run())
    assert (found.status, json.loads(found.body)["code"]) == (408, "too_slow")
    assert "0.1 seconds" in json.loads(found.body)["detail"]


@pytest.mark.parametrize(("salts", "is_same"), [(("", ""), True), (("a", "a"), True), (("a", "b"), False)])
def test_the_salt_is_in_the_hash_of_an_address(tmp_path: Path, salts: tuple[str, str], is_same: bool) -> None:
    one, other = (sight_of(tmp_path, ServerOptions(ip_hash_salt=salt))(Head(), CLIENT).ip_hash for salt in salts)
    assert one is not None
    assert (one == other) is is_same


@contextmanager
def asked(place: Place, **options: Any) -> Iterator[TestClient[Litestar]]:
    """What is beside the hot path, with a river that accepts and never answers."""
    socket_file = place.home.path / "serve.sock"
    application = Application(place.home, ServerOptions(**options))
    application.keys.refresh()
    with closing(listening(socket_file)), TestClient(litestar(application, place.home, socket_file)) as client:
        yield client
    application.ledger.close()


@pytest.mark.parametrize(("is_open", "status"), [(False, 401), (True, 200)])
def test_metrics_are_open_where_they_are_told_to_be(place: Place, is_open: bool, status: int) -> None:
    with asked(place, metrics_are_open=is_open) as client:
        assert client.get("/metrics").status_code == status


def test_a_report_takes_so_long_and_no_longer(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    is_told = threading.Event()
    monkeypatch.setattr(waste, "_days", lambda _text: is_told.wait(20))
    with asked(place, report_seconds=0.2) as client:
        answer = client.get("/api/waste", headers={"authorization": f"Bearer {place.secret}"})
        is_told.set()
        wait_until(lambda: not any("_work" in thread.name for thread in threading.enumerate()), 20)
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert "within 0.2 seconds" in answer.json()["detail"]


def test_a_job_is_waited_for_so_long_and_no_longer(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A river that gives signs of life all the time is waited for as long as the option says."""
    waited: list[float | None] = []
    left = Owner._left

    def noted(owner: Owner) -> float | None:
        waited.append(left(owner))
        return waited[-1]

    monkeypatch.setattr(Owner, "_left", noted)
    with asked(place, cron_seconds=0.2, cron_secret="a-secret-of-cron") as client:
        answer = client.get("/api/cron/daily-rollups", headers={"authorization": "Bearer a-secret-of-cron"})
    assert (answer.status_code, answer.json()["code"]) == (503, "job_failed")
    assert each(seconds is not None and seconds <= 0.2 for seconds in waited)


class _Granian:
    """What is started, and never runs."""

    started: ClassVar[list[tuple[tuple[Any, ...], dict[str, Any]]]] = []

    def __init__(self, *words: Any, **settings: Any) -> None:
        self.started.append((words, settings))

    def on_startup(self, _call: object) -> None:
        pass

    def serve(self, **_how: Any) -> None:
        pass


def test_workers_are_as_many_as_they_are_told(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HeldServer", _Granian)
    monkeypatch.setattr(_Granian, "started", [])
    options = ServerOptions(workers=3, stop_seconds=7)
    with socket.create_server(("127.0.0.3", 0)) as held:
        serving._serve(held, place.home, options, tmp_path / "serve.sock", None, "http://127.0.0.3:8999")
    ((words, settings),) = _Granian.started
    assert words == (held, "touchline")
    assert (settings["workers"], settings["workers_kill_timeout"]) == (3, 7)


@pytest.mark.parametrize("host", ["127.0.0.2", "127.0.0.3"])
def test_only_the_address_that_is_told_has_to_be_free(place: Place, host: str) -> None:
    with socket.create_server(("127.0.0.2", 0)) as other:
        options = ServerOptions(host=host, port=other.getsockname()[1])
        if host == "127.0.0.3":
            with bound_socket(options) as held:
                assert held.getsockname() == (host, options.port)
        else:
            with pytest.raises(BusyError, match=f"127.0.0.2:{options.port} is not available"):
                bound_socket(options)


@pytest.mark.parametrize(
    ("secret", "given", "code"),
    [
        ("", "Bearer ", "no_cron_secret"), ("", "", "no_cron_secret"), ("right", "Bearer wrong", "wrong_cron_secret"),
        ("right", "Basic right", "wrong_cron_secret"), ("right", "", "wrong_cron_secret"),
        ("right", "Bearer right", "job_failed"),
    ],
)  # fmt: skip
def test_jobs_are_for_those_who_know_the_secret(place: Place, secret: str, given: str, code: str) -> None:
    with asked(place, cron_secret=secret, cron_seconds=0.05) as client:
        answer = client.get("/api/cron/daily-rollups", headers={"authorization": given})
    assert answer.json()["code"] == code
