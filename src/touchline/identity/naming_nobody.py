"""Which of many different ids name nobody: :func:`touchline.placeholders.names_somebody` for columns."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from touchline.identity.graphs import Flags
from touchline.placeholders import BLOCKED_IDENTIFIERS, names_somebody

_HEAD = 8
"""How many bytes are read for a digit and a second character. Nearly all ids have both, and need no more checks."""

_START = 4
"""How many bytes are compared with those of the values that name nobody and have digits."""
_LISTED_STARTS = np.array(
    [
        int.from_bytes(bytes(byte | 32 for byte in value.encode()[:_START].ljust(_START, b" ")), "little")
        for value in BLOCKED_IDENTIFIERS
        if any(character.isdigit() for character in value)
    ],
    dtype=np.uint32,
)


def naming_nobody(ids: pa.LargeStringArray, own: Collection[str]) -> Flags:
    """Which ids name nobody, or are in ``own`` (whatever the case, and white space around them).

    >>> naming_nobody(pa.array(["42", "NULL", "kiosk"], pa.large_string()), ["Kiosk"]).tolist()
    [False, True, True]
    """
    names_nobody: Flags = np.zeros(len(ids), dtype=bool)
    if own:
        listed = pa.array(sorted({value.strip().lower() for value in own}), pa.large_string())
        written = pc.utf8_lower(pc.utf8_trim_whitespace(ids))
        names_nobody |= pc.is_in(written, value_set=listed).to_numpy(zero_copy_only=False)
    doubtful = np.flatnonzero(_may_name_nobody(ids))
    values = ids.take(pa.array(doubtful)).to_pylist()
    names_nobody[doubtful] |= np.fromiter((not names_somebody(value) for value in values), bool, len(values))
    return names_nobody


def _may_name_nobody(ids: pa.LargeStringArray) -> Flags:
    """All ids that name nobody, and few others: those that may be a word, one character again and again, or encoded."""
    _, offsets, data = ids.buffers()
    starts = np.frombuffer(offsets, np.int64)[ids.offset : ids.offset + len(ids) + 1]
    lengths, starts = np.diff(starts), starts[:-1]
    text = np.frombuffer(data or b"", np.uint8)
    if len(text) == 0:
        return np.ones(len(ids), dtype=bool)

    def byte(place: int) -> npt.NDArray[np.uint8]:
        found: npt.NDArray[np.uint8] = text[np.minimum(starts + place, len(text) - 1)]
        return np.where(place < lengths, found, 0).astype(np.uint8)

    first = byte(0)
    has_digit, differs = _is_digit(first), np.zeros(len(ids), dtype=bool)
    start = first.astype(np.uint32) | 32
    for place in range(1, _HEAD):
        other = byte(place)
        has_digit |= _is_digit(other)
        differs |= _is_plain(other) & ((other | 32) != (first | 32))
        if place < _START:
            start |= (other.astype(np.uint32) | 32) << (8 * place)
    may_be_listed = np.isin(start, _LISTED_STARTS)
    may_be_encoded = pc.match_substring(ids, "%").to_numpy(zero_copy_only=False)
    answer: Flags = ~(_is_plain(first) & differs & has_digit) | may_be_listed | may_be_encoded
    return answer


def _is_digit(byte: npt.NDArray[np.uint8]) -> Flags:
    answer: Flags = (byte - np.uint8(ord("0"))) < 10  # wraps around below 0
    return answer


def _is_plain(byte: npt.NDArray[np.uint8]) -> Flags:
    answer: Flags = _is_digit(byte) | (((byte | np.uint8(32)) - np.uint8(ord("a"))) < 26)
    return answer
