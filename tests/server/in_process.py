"""The hot path in this process, without a server around it: what one request costs can be counted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.server.conftest import WIDE, Place
from tests.server.heads import Head
from tests.server.refusals import Request
from touchline.server.collect.application import Application, create
from touchline.server.http.options import ServerOptions

CLIENT = "198.51.100.7:4711"
"""From where a request comes, unless a test says otherwise."""


@dataclass
class Scope:
    """A request's head, as Granian gives it."""

    headers: Head
    method: str = "POST"
    client: str = CLIENT
    path: str = "/api/track"


@dataclass
class Protocol:
    """Gives the body at once, and keeps the answer."""

    sent: bytes
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    is_read: bool = False

    async def __call__(self) -> bytes:
        self.is_read = True
        return self.sent

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        self.is_read = True
        yield self.sent

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, dict(headers), body

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, dict(headers)


@asynccontextmanager
async def collecting(place: Place, **options: object) -> AsyncIterator[Application]:
    """The application of a home, begun, until the block ends."""
    application = create(place.home, ServerOptions(**{**WIDE, **options}))  # type: ignore[arg-type]
    await application.start()
    try:
        yield application
    finally:
        await application.stop()


async def answered(application: Application, request: Request, client: str = CLIENT) -> Protocol:
    protocol = Protocol(request.body)
    await application.track(Scope(request.head, client=client), protocol)
    return protocol
