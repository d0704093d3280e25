"""The state of a tracked request, and the parts of the server that its steps use."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from touchline.ingest import ConsentRow, Refused, RejectedEvent, Rejection, Row, rejected
from touchline.ingest.context import Context
from touchline.ingest.wire import Posted
from touchline.server.collect.collector import Collector, Outcome
from touchline.server.collect.foreign_pages import ForeignPages
from touchline.server.collect.signatures import Signatures
from touchline.server.collect.taking import DOOR
from touchline.server.collect.unread_fields import UnreadFields
from touchline.server.http.bodies import Body, Patience
from touchline.server.http.keys import Access, Keys
from touchline.server.http.options import ServerOptions
from touchline.server.http.problems import Headers
from touchline.server.http.rate_limits import RateLimits, Ruling
from touchline.server.http.refusals import Refusals
from touchline.server.http.request_context import Headers as Fields
from touchline.server.http.request_context import RequestContext, Sight


class Scope(Protocol):
    """The head of a request."""

    method: str
    client: str

    @property
    def headers(self) -> Fields:
        """Header fields, by lower-case name."""


class Exchange(Body, Protocol):
    """Provides the body and takes the answer; RSGI calls it the protocol."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer."""

    def response_empty(self, status: int, headers: Headers) -> None:
        """Send an answer without a body."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of the server that the steps use."""

    keys: Keys
    limits: RateLimits
    collector: Collector
    options: ServerOptions
    sight: Sight
    refusals: Refusals
    patience: Patience
    foreign_pages: ForeignPages
    signatures: Signatures = field(default_factory=Signatures)
    unread: UnreadFields = field(default_factory=UnreadFields)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a large body is processed."""


@dataclass(slots=True)
class Tracked:
    """A request in progress; a field without a default exists once the step that sets it has run."""

    headers: Fields
    origin: str | None
    exchange: Exchange
    seen: RequestContext
    secret: Access | None = None
    """What its secret key authorizes."""
    size_bytes: int = 0
    """The part of the body that has been read."""
    is_gzip: bool = False
    has_turn: bool = False
    body: bytes = field(init=False)
    """The body as received, and later decompressed."""
    received_at: int = field(init=False)
    """Microseconds since 1970."""
    posted: Posted = field(init=False)
    access: Access = field(init=False)
    """What its key authorizes, secret or publishable."""
    key_ids: list[str] = field(init=False)
    """The keys that authorized it."""
    is_verified: bool = field(init=False)
    """Whether a secret key or signature vouches for its body."""
    ruling: Ruling = field(init=False)
    context: Context = field(init=False)
    total: int = field(init=False)
    """The number of its events."""
    events: list[Row] = field(init=False)
    """The valid events."""
    places: list[int] = field(init=False)
    """The place of each valid event in the request."""
    consents: list[ConsentRow] = field(init=False)
    """The records of consent."""
    refused: list[tuple[int, Refused]] = field(init=False)
    """The rejected events, each with its place."""
    outcome: Outcome = field(init=False)
    answer: tuple[int, Headers, bytes] = field(init=False)
    """Status, header fields, and body."""

    def refuse(self, number: int, rejection: Rejection) -> RejectedEvent:
        """Returns how the valid event with this number is stored if it is rejected after all."""
        return rejected(rejection, DOOR, self.posted.said(self.places[number]), self.context)


Step = Callable[[Parts, Tracked], Awaitable[object] | None]
"""A step; if it returns an awaitable, the caller awaits it."""
