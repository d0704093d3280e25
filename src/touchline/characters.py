"""Which characters text may have that came from outside, so that every database keeps it to the letter."""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MAX_AD_ID_BYTES = 512
"""Bytes in UTF-8 that the id of a campaign, an ad set or an ad may have: an index holds all three, and PostgreSQL
indexes at most 2,704 bytes of a row."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BINARY = {
    b"\x1f\x8b": "a gzip file", b"PK\x03\x04": "an Excel or zip file", b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an Excel file of before 2007", b"%PDF-": "a PDF", b"SQLite format 3\0": "a SQLite file",
    b"\xfd7zXZ\0": "an xz file", b"\x28\xb5\x2f\xfd": "a zstd file", b"BZh": "a bzip2 file",
}  # fmt: skip
"""Kinds of files that come under a wrong name, by their first bytes."""
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f\x7f-\xff]")
_CONTROL_OF_ID = re.compile("[\0-\x1f\x7f\ud800-\udfff]")
MARK = rb"\uFfFd"
"""What stands for a half: an escape of its length, spelled as no program spells it."""
_MOST_BYTES = 1 << 18
_MOST_HALVES = 2_000
"""Of a body that is looked through: refusing it must not cost much more than decoding it."""
_RUN = re.compile(rb"(?:\\u[dD][89a-fA-F][0-9a-fA-F]{2})++")
"""Escapes of halves, one after the other; the first is none where the backslash before it escapes its own."""
_PAIR_OR_HALF = re.compile(rb"(\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u....")
_ESCAPE = len(MARK)


def unstorable(text: str) -> str | None:
    r"""What no database keeps, in words, if the text has it.

    >>> unstorable("a\0b"), unstorable("\ud800"), unstorable("café\n")
    ('a NUL character', 'an unpaired surrogate', None)
    """
    if "\0" not in text:
        try:
            text.encode()
        except UnicodeEncodeError:
            pass  # it has half of a surrogate pair
        else:
            return None
    return _words(_UNSTORABLE.search(text))


def storable(text: str) -> str:
    r"""The text with a replacement character for each that no database keeps.

    >>> storable("a\0b")
    'a\ufffdb'
    """
    return text if text.isprintable() else _UNSTORABLE.sub(REPLACEMENT, text)


def control_in_id(text: str) -> str | None:
    r"""The control character that an id has, in words. Ids are compared to the letter, and nobody sees one of these.

    >>> control_in_id("order\x1b7"), control_in_id("order 7")
    ('a control character (U+001B)', None)
    """
    return None if text.isprintable() else _words(_CONTROL_OF_ID.search(text))


def cleaned(text: str) -> str:
    r"""Text for people, with a replacement character for each control character but tabs and line breaks.

    >>> cleaned("Sale\x0b50 %\n")
    'Sale�50 %\n'
    """
    return text if text.isprintable() else _CONTROL.sub(REPLACEMENT, text)


def is_longer(text: str, most_bytes: int) -> bool:
    """Whether the text takes more than ``most_bytes`` in UTF-8.

    >>> is_longer("é" * 300, 512), is_longer("e" * 300, 512)
    (True, False)
    >>> is_longer("e" * 512, 512), is_longer("e" * 513, 512)
    (False, True)
    """
    return len(text) > most_bytes or (not text.isascii() and len(text.encode(errors="replace")) > most_bytes)


def encoding_of(content: bytes) -> str:
    r"""The encoding that bytes which are not UTF-8 seem to have.

    >>> encoding_of("Größe".encode("latin-1")), encoding_of("a,b".encode("utf-16-le"))
    ('Latin-1 or Windows-1252', 'UTF-16')
    """
    if content.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    start = content[:4_096]
    is_wide = start.startswith((b"\xff\xfe", b"\xfe\xff")) or start[::2].count(0) > len(start) // 4
    return "UTF-16" if is_wide or start[1::2].count(0) > len(start) // 4 else "Latin-1 or Windows-1252"


def binary_kind(start: bytes) -> str | None:
    r"""What a file is that is no text, by how it begins; ``None`` where it may be text.

    >>> binary_kind(b"\x1f\x8b\x08\0"), binary_kind(b"PK\x03\x04\x14\0"), binary_kind(b"PAR1,cost")
    ('a gzip file', 'an Excel or zip file', None)
    """
    kind = next((kind for sign, kind in _BINARY.items() if start.startswith(sign)), None)
    return kind if _NO_TEXT.search(start[:1_024]) else None


def is_wide(start: bytes) -> bool:
    r"""Whether bytes are UTF-16 or UTF-32, with a mark at their start or, where they are ASCII otherwise, without one.

    >>> is_wide("a,b".encode("utf-16")), is_wide("a,b,c".encode("utf-16-le")), is_wide(b"a,b\0\n")
    (True, True, False)
    """
    if start.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return True
    evens, odds = start[:512:2], start[1:512:2]
    return any(len(zeros) > 1 and not zeros.strip(b"\0") and b"\0" not in letters
               for zeros, letters in ((evens, odds), (odds, evens)))  # fmt: skip


def _words(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    if found[0] == "\0":
        return "a NUL character"
    code = ord(found[0])
    return "an unpaired surrogate" if code >= 0xD800 else f"a control character (U+{code:04X})"


def marked(payload: bytes, most_bytes: int = _MOST_BYTES) -> bytes:
    r"""JSON with :data:`MARK` for each an unpaired surrogate that stands alone.

    :param most_bytes: of JSON that is looked through; longer one stays as it is, as does one of too many halves.

    >>> marked(rb'{"a": "\ud83d", "b": "\ud83d\ude00"}') == rb'{"a": "\uFfFd", "b": "\ud83d\ude00"}'
    True
    """
    halves = payload.count(rb"\ud") + payload.count(rb"\uD") if len(payload) <= most_bytes else 0
    if not 0 < halves <= _MOST_HALVES:
        return payload
    return _RUN.sub(_marked_run, payload)


def _marked_run(found: re.Match[bytes]) -> bytes:
    start = before = found.start()
    while before and found.string[before - 1] == 0x5C:
        before -= 1
    text = 0 if (start - before) % 2 == 0 else _ESCAPE
    return found[0][:text] + _PAIR_OR_HALF.sub(lambda one: one[1] or MARK, found[0][text:])
