"""The way from Granian's interface to Litestar's: who is asked for a limit, and whose answers count against one."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.server.in_process import CLIENT, Protocol
from touchline.server.api.adapter import MAX_BODY, Adapter
from touchline.server.http.bodies import Patience
from touchline.server.http.refusals import Refusals

LIMIT = 3


class _Sender:
    """What the adapter asks of whom a request is from."""

    client_prefix = "net"


async def _says(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the status that the path names, and the size of the body."""
    message = await receive()
    status = int(scope["path"].rpartition("/")[2]) if scope["path"][-1].isdigit() else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-came", b"1")]})
    await send({"type": "http.response.body", "body": str(len(message["body"])).encode()})


def asked(adapter: Adapter, path: str, body: bytes = b"", *, protocol: Protocol | None = None) -> Protocol:
    protocol = protocol or Protocol(body)
    head: dict[str, Any] = {"method": "GET", "client": CLIENT, "scheme": "http", "http_version": "1.1"}
    scope = SimpleNamespace(**head, path=path, query_string="", headers={"x-in": "1"})
    asyncio.run(adapter(scope, protocol))
    return protocol


def gated() -> Adapter:
    sight: Any = lambda *_: _Sender()  # noqa: E731 - typed as what it stands for
    return Adapter(_says, [("x-own", "1")], Patience(5.0), gate=(sight, Refusals(LIMIT)))


@pytest.mark.parametrize("watched", ["/healthz", "/readyz"])
def test_a_watcher_is_answered_whoever_else_sends_from_its_network(watched: str) -> None:
    adapter = gated()
    for _ in range(LIMIT):
        assert asked(adapter, "/x/404").status == 404
    refused = asked(adapter, "/api/waste")
    assert (refused.status, json.loads(refused.body)["code"]) == (429, "too_many_refused")
    assert int(refused.headers["retry-after"]) > 0
    assert (refused.headers["x-own"], refused.is_read) == ("1", False)
    assert asked(adapter, watched).status == 200


@pytest.mark.parametrize("watched", ["/healthz", "/readyz"])
def test_what_a_watcher_is_refused_counts_against_nobody(watched: str) -> None:
    adapter = gated()
    for _ in range(3 * LIMIT):
        assert asked(adapter, watched, b"x" * (MAX_BODY + 1)).status == 413
    assert asked(adapter, "/api/waste").status == 200


@pytest.mark.parametrize(("status", "is_counted"), [(200, False), (399, False), (400, True), (499, True), (500, False)])
def test_only_faults_of_the_sender_count(status: int, is_counted: bool) -> None:
    adapter = gated()
    for _ in range(LIMIT):
        assert asked(adapter, f"/x/{status}").status == status
    assert asked(adapter, "/api/waste").status == (429 if is_counted else 200)


def test_without_a_gate_nobody_is_refused() -> None:
    adapter = Adapter(_says, [], Patience(5.0))
    assert [asked(adapter, "/x/404").status for _ in range(3 * LIMIT)] == [404] * (3 * LIMIT)


def test_a_path_has_its_own_bound_and_the_others_the_usual_one() -> None:
    adapter = Adapter(_says, [], Patience(5.0), {"/large": 2 * MAX_BODY})
    assert [asked(adapter, path, b"x" * MAX_BODY).body for path in ("/large", "/other")] == [b"65536"] * 2
    assert asked(adapter, "/large", b"x" * (2 * MAX_BODY)).body == str(2 * MAX_BODY).encode()
    assert asked(adapter, "/large", b"x" * (2 * MAX_BODY + 1)).status == 413
    assert asked(adapter, "/other", b"x" * (MAX_BODY + 1)).status == 413


async def _keeps(_scope: Any, _receive: Any, send: Any) -> None:
    """Answers with a header that the adapter has too."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"cache-control", b"private, no-cache")]})
    await send({"type": "http.response.body", "body": b""})


class _Listing(Protocol):
    """Keeps every header, not the last of each name."""

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        super().response_bytes(status, headers, body)
        self.listed = headers


def test_what_an_answer_says_itself_is_not_said_otherwise_beside_it() -> None:
    adapter = Adapter(_keeps, [("cache-control", "no-store"), ("x-own", "1")], Patience(5.0))
    protocol = _Listing(b"")
    asked(adapter, "/api/reports/waste", protocol=protocol)
    assert protocol.listed == [("cache-control", "private, no-cache"), ("x-own", "1")]
