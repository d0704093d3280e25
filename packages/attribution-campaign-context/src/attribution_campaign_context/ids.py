"""Ids that sort by the time at which they were made."""

import os
import time


def uuid7() -> str:
    """A new UUID of version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then 74 random bits.

    >>> a = uuid7()
    >>> len(a), a[14], a[19] in "89ab"
    (36, '7', True)

    Do not use it where an id must not tell when it was made.
    """
    when = f"{time.time_ns() // 1_000_000:012x}"
    chance = os.urandom(10).hex()
    return f"{when[:8]}-{when[8:]}-7{chance[:3]}-{_VARIANT[chance[3]]}{chance[4:7]}-{chance[7:19]}"


_VARIANT = {digit: "89ab"[number & 3] for number, digit in enumerate("0123456789abcdef")}
"""The digit that holds the variant, from a random one: two bits of it are fixed."""
