"""An ASGI application behind RSGI: what is no hot path is Litestar's, and Granian speaks one of the two interfaces."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from touchline.amounts import counted
from touchline.server.http.bodies import Patience
from touchline.server.http.problems import PROBLEM_HEADERS, Headers, Problem
from touchline.server.http.refusals import Refusals
from touchline.server.http.request_context import Sight

MAX_BODY = 65_536
"""Bytes; few paths have more to say."""

ASGI = Callable[[Any, Any, Any], Awaitable[None]]
WATCHED = frozenset({"/healthz", "/readyz"})
"""Requests from monitoring are answered, regardless of other traffic from its network."""
_OF_THE_SENDER = range(400, 500)


class Adapter:
    """Serves ``application`` over RSGI, whole answers only, with ``headers`` on each of them that has none of the name.

    :param patience: how long a client may take to send its body; its owner runs :meth:`Patience.watch`.
    :param most_bytes: of a body, where it is not :data:`MAX_BODY`, by path.
    :param gate: who sends, and what was refused of them: beyond a limit, nothing of theirs is read.
    """

    def __init__(
        self, application: ASGI, headers: Headers, patience: Patience, most_bytes: Mapping[str, int] | None = None,
        gate: tuple[Sight, Refusals] | None = None,
    ) -> None:  # fmt: skip
        self._gate = gate
        self._application = application
        self._headers = headers
        self._most_bytes = most_bytes or {}
        self._patience = patience

    async def __call__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        prefix = self._prefix_of(scope)
        try:
            if self._gate and prefix:
                self._gate[1].check(prefix)
            body = await self._patience.of(_read(protocol, self._most_bytes.get(scope.path, MAX_BODY)))
        except Problem as problem:
            if problem.code != "too_many_refused":
                self._count(prefix, problem.status, MAX_BODY)
            headers = [*PROBLEM_HEADERS, *self._headers, *problem.headers]
            protocol.response_bytes(problem.status, headers, problem.document())
            return
        status, headers, answer = await self._answered(_scope_of(scope), body)
        self._count(prefix, status, len(body))
        own = {name for name, _ in headers}
        protocol.response_bytes(
            status, [*headers, *(header for header in self._headers if header[0] not in own)], answer
        )

    def _prefix_of(self, scope: Any) -> str:
        """The part of the network that a request is from; empty where none is asked."""
        if self._gate is None or scope.path in WATCHED:
            return ""
        return self._gate[0](scope.headers, scope.client).client_prefix

    def _count(self, prefix: str, status: int, size_bytes: int) -> None:
        if self._gate and prefix and status in _OF_THE_SENDER:
            self._gate[1].count(prefix, size_bytes)

    async def _answered(self, scope: MutableMapping[str, Any], body: bytes) -> tuple[int, Headers, bytes]:
        status, headers, pieces = 500, Headers(), list[bytes]()
        messages = iter(({"type": "http.request", "body": body, "more_body": False},))

        async def receive() -> MutableMapping[str, Any]:
            return next(messages, {"type": "http.disconnect"})

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            elif message["type"] == "http.response.body":
                pieces.append(message.get("body", b""))

        await self._application(scope, receive, send)
        return status, headers, b"".join(pieces)


async def _read(protocol: Any, most: int) -> bytes:
    pieces, size = [], 0
    async for piece in protocol:
        size += len(piece)
        if size > most:
            raise Problem(413, "too_large", f"Expected at most {counted(most, 'byte')}.", "Send less data per request.")
        pieces.append(bytes(piece))
    return b"".join(pieces)


def _scope_of(scope: Any) -> MutableMapping[str, Any]:
    client, _, port = scope.client.rpartition(":")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": scope.path,
        "raw_path": scope.path.encode("utf-8", "replace"),
        "query_string": scope.query_string.encode("utf-8", "replace"),
        "root_path": "",
        "headers": [(name.encode("latin-1", "replace"), _bytes(value)) for name, value in scope.headers.items()],
        "client": (client, int(port)) if port.isdigit() else None,
        "server": None,
        "state": {},
        "extensions": {},
    }


def _bytes(value: str) -> bytes:
    return value.encode("latin-1", "replace")
