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
    tail = int.from_bytes(os.urandom(10), "big")
    high = time.time_ns() // 1_000_000 << 16 | 0x7000 | tail >> 68
    low = 1 << 63 | tail & 0x3FFF_FFFF_FFFF_FFFF
    digits = f"{high:016x}{low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
