"""Times that a clock which was ahead has left behind: they say nothing, and must not be waited for."""

from touchline.magnitudes import MINUTE_SECONDS

SLACK_MICROS = MINUTE_SECONDS * 1_000_000
"""How far the clocks of two machines that are right may be apart."""


def is_ahead(at: int, now: int) -> bool:
    """Whether something was recorded under a clock that was ahead.

    :param at: when it is said to have been, in microseconds since 1970, as is ``now``.

    >>> is_ahead(at=60_000_000, now=0), is_ahead(at=60_000_001, now=0)
    (False, True)
    """
    return at - now > SLACK_MICROS
