"""Names out of chance: ids, and instants as the wire writes them."""

from base64 import urlsafe_b64encode

import numpy as np

from touchline.demo.days import Ints


def hex_names(chance: np.random.Generator, count: int, length: int) -> list[str]:
    """``count`` names of ``length`` hexadecimal digits (an even number).

    >>> [len(name) for name in hex_names(np.random.default_rng(1), 2, 16)]
    [16, 16]
    """
    digits = chance.bytes(count * length // 2).hex()
    return [digits[at : at + length] for at in range(0, count * length, length)]


def event_names(chance: np.random.Generator, count: int) -> list[str]:
    """``count`` ids in the shape of a random UUID."""
    return [
        f"{name[:8]}-{name[8:12]}-4{name[13:16]}-a{name[17:20]}-{name[20:]}" for name in hex_names(chance, count, 32)
    ]


def click_names(chance: np.random.Generator, count: int) -> list[str]:
    """``count`` click-id values of 40 characters, capital and small letters mixed as the platforms mix them."""
    letters = urlsafe_b64encode(chance.bytes(count * 30)).decode()
    return [letters[at : at + 40] for at in range(0, count * 40, 40)]


def stamps(times: Ints) -> list[str]:
    """Milliseconds since 1970 as text.

    >>> stamps(np.array([1_782_864_000_500]))
    ['2026-07-01T00:00:00.500Z']
    """
    written: list[str] = np.datetime_as_string(times.astype("datetime64[ms]"), unit="ms", timezone="UTC").tolist()
    return written
