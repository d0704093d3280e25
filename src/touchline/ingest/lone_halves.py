"""Halves of surrogate pairs in JSON of several events: each costs its own event, and not the others beside it.

A browser that cuts a text amid an emoji sends one, and ``JSON.stringify`` writes it as an escape. No decoder takes it.
"""

import re

from touchline.ingest.event import Reason
from touchline.ingest.rejection import Rejection

MARK = rb"\uFfFd"
"""What stands for a half: an escape of its length, spelled as no program spells it."""
_HALVED = Rejection(Reason.MALFORMED, None, "Expected text, but there is half of a surrogate pair.")

_MOST_BYTES = 1 << 18
_MOST_HALVES = 2_000
"""Of a body that is looked through: refusing it must not cost much more than decoding it."""
_RUN = re.compile(rb"(?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})++")
"""Escapes of halves, one after the other; the first is none where the backslash before it escapes its own."""
_PAIR_OR_HALF = re.compile(rb"(\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u....")
_ESCAPE = len(MARK)


def marked(payload: bytes) -> bytes:
    r"""JSON with :data:`MARK` for each half of a surrogate pair that stands alone.

    >>> marked(rb'{"a": "\ud83d", "b": "\ud83d\ude00"}') == rb'{"a": "\uFfFd", "b": "\ud83d\ude00"}'
    True
    """
    if len(payload) > _MOST_BYTES or not 0 < payload.count(rb"\ud") + payload.count(rb"\uD") <= _MOST_HALVES:
        return payload
    return _RUN.sub(_marked_run, payload)


def _marked_run(found: re.Match[bytes]) -> bytes:
    start = before = found.start()
    while before and found.string[before - 1] == 0x5C:
        before -= 1
    text = 0 if (start - before) % 2 == 0 else _ESCAPE
    return found[0][:text] + _PAIR_OR_HALF.sub(lambda one: one[1] or MARK, found[0][text:])


def refusal_of_half(event: bytes) -> Rejection | None:
    """Why an event of :func:`marked` JSON is refused, if one of the halves is in it."""
    return _HALVED if MARK in event else None
