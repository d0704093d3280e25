"""A reason to reject something before its event is known."""

from typing import NamedTuple

from touchline.ingest.event import Reason


class Rejection(NamedTuple):
    """A rejection: a step or a reader returns it instead of raising, so that the other events continue."""

    reason: Reason
    field: str | None
    """The field that is wrong, in the words of the wire or of the mapped file."""
    message: str
    """Expected and actual value, in words."""
    payload: str = ""
    """The rejected text, if it never became an event."""


def shortened(value: object, limit: int = 80) -> str:
    """A value for a message: its repr, cut.

    >>> shortened("x" * 100, limit=10)
    "'xxxxxxxx…"
    """
    try:
        text = repr(value[: 2 * limit] if isinstance(value, str | bytes) else value)
    except ValueError:  # Python does not write integers of more than 4,300 digits
        return "an integer of thousands of digits"
    return text if len(text) <= limit else text[: limit - 1] + "…"
