"""What the times in a request tell of a browser's clock: by how much it was off when the request left."""

from collections.abc import Iterable

from touchline.magnitudes import DAY_MICROS

SECOND_MICROS = 1_000_000
TOLERANCE_MICROS = 5 * SECOND_MICROS
"""Between sending and receiving so much may pass, on a slow connection, while both clocks are right."""
MOST_SKEW_MICROS = 30 * DAY_MICROS
"""A clock that is further off loads no page by HTTPS; such a send time says nothing of the clock."""


def correction(occurred_at: int, sent_at: int, received_at: int) -> int:
    """What is to be added to ``occurred_at``, in microseconds; 0 where the send time shows no clock to be off.

    An event that waited to be sent keeps its age, and none happens after it was received. A send time before the event
    itself is not believed: the clock was set in between.

    >>> correction(occurred_at=DAY_MICROS + 10, sent_at=DAY_MICROS + 30, received_at=100) == 70 - DAY_MICROS
    True
    """
    skew = received_at - sent_at
    if not TOLERANCE_MICROS < abs(skew) <= MOST_SKEW_MICROS or occurred_at - sent_at > TOLERANCE_MICROS:
        return 0
    return min(occurred_at + skew, received_at) - occurred_at


def bound(occurred_at: int, received_at: int) -> int:
    """What is to be added to ``occurred_at``, in microseconds, because nothing happens after it was received.

    A little may be between two clocks that are right, and what is more than a day ahead is no time of an event.

    >>> bound(occurred_at=DAY_MICROS, received_at=100) == 100 - DAY_MICROS, bound(occurred_at=90, received_at=100)
    (True, 0)
    """
    return received_at - occurred_at if TOLERANCE_MICROS < occurred_at - received_at <= DAY_MICROS else 0


def sent_at_least(occurred_at: Iterable[int], received_at: int) -> int | None:
    """When a browser that names no send time sent its events by its own clock, if that clock is ahead.

    It sent them after the latest had happened. Times that :func:`bound` leaves alone say nothing.

    >>> sent_at_least([10 * SECOND_MICROS, 70 * SECOND_MICROS], received_at=20 * SECOND_MICROS)
    70000000
    """
    return max((time for time in occurred_at if bound(time, received_at)), default=None)


def whole_seconds(micros: int) -> int:
    """The nearest number of seconds.

    >>> whole_seconds(-600_400_000)
    -600
    """
    return round(micros / SECOND_MICROS)
