"""The clock of the commands."""

import time


def now_micros() -> int:
    """The time, in microseconds since 1970."""
    return time.time_ns() // 1000
