"""What a server may be told; every option has a default that is safe on the open internet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServerOptions:
    """The options of one server."""

    redis_url: str = ""
    """Where several processes share their rate limits; else each process keeps its own."""
    events_per_minute_of_site: int = 10_000
    events_per_minute_of_key: int = 10_000
    events_per_minute_of_client: int = 3_000
    """Of one part of the network: an office behind one address is one, too."""
    is_open_without_redis: bool = False
    """Whether events are taken uncounted while Redis is away; else the answer is 503 until it is back."""
    needs_origin: bool = False
    """Whether a publishable key is refused where no ``Origin`` says from which page; only browsers send one."""
    commit_wait_seconds: float = 0.003
    """How long a commit waits for more requests to join it, while more are coming."""
    commit_rows: int = 2_000
    """Rows after which a commit waits for no more."""
    waiting_rows: int = 20_000
    """Events that may wait for a commit; beyond, the answer is 503."""
    waiting_bytes: int = 64 * 1024 * 1024
    """Bytes of bodies that may wait for a commit, likewise."""
    answer_seconds: float = 15.0
    """How long a request waits for its commit before it is told to come again."""
    body_seconds: float = 10.0
    """How long a client may take to send its body."""
