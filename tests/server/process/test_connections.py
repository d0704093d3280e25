"""Idle and half-open connections: they end, and however many there are, others are heard."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from tests.server.collect.test_track import view
from tests.server.conftest import WIDE, Place
from tests.server.serving import Server, serving
from touchline.server.process.connections import MOST_DESCRIPTORS, granian_settings, raise_descriptors

HALF_HEAD = b"POST /api/track HTTP/1.1\r\nhost: shop.example\r\ncontent-"
WHOLE = b"GET /healthz HTTP/1.1\r\nhost: shop.example\r\n\r\n"
MANY = 1_300


@pytest.fixture
def crowded(place: Place) -> Iterator[Server]:
    """A server with as many descriptors as most systems give, and little patience."""
    raise_descriptors()  # the connections of this side
    environment = {"IDLE_SECONDS": "1", "DESCRIPTORS": "1024"}
    with serving(place.home.path, WIDE, environment) as running:
        yield running


def connected(server: Server, sent: bytes) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", server.port), 10)
    opened.sendall(sent)
    return opened


@pytest.mark.parametrize("sent", [b"", HALF_HEAD, WHOLE], ids=["silent", "half a head", "between two requests"])
def test_a_connection_that_says_nothing_is_ended(crowded: Server, sent: bytes) -> None:
    with connected(crowded, sent) as opened:
        opened.settimeout(20)
        answer = b"".join(iter(partial(opened.recv, 65_536), b""))  # to the end of the connection
    assert bool(answer) == (sent == WHOLE)


@pytest.mark.parametrize("sent", [b"", HALF_HEAD], ids=["silent", "half a head"])
def test_a_crowd_of_them_keeps_nobody_out(crowded: Server, place: Place, sent: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(connected(crowded, sent))
        began = time.monotonic()
        assert crowded.send({"publicKey": place.publishable, **view(1)}).status == 200
        assert time.monotonic() - began < 20


def test_the_limit_is_raised_as_far_as_it_may_be() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[1]), before[1]))
        raised = raise_descriptors()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == raised == min(before[1], MOST_DESCRIPTORS)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("descriptors", [1_024, 65_536])
def test_files_can_be_opened_however_many_are_connected(descriptors: int) -> None:
    assert granian_settings(descriptors)["backpressure"] <= descriptors - 200
