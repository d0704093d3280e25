"""Whether a payload says that its visitor refuses consent, however it is broken otherwise."""

import re

from touchline.ingest.wire_faults import Said

_ESCAPED_LETTER = re.compile(rb"\\u00([4-7][0-9a-f])", re.IGNORECASE)
_CHOICE = re.compile(rb"""["']consent\\*["']\s*:(?![\s\\]*(?:["']\s*granted[\s\\]*["']|null\b))""", re.IGNORECASE)
"""A field with another value than ``granted``, or without one."""
_DENIED = re.compile(
    rb"""(?:consent["'\\\s]{0,8}[:=]|^|[,;\t|])["'\\\s]{0,8}denied["'\\\s]{0,8}(?:$|[^\w\s])""",
    re.IGNORECASE | re.MULTILINE,
)
"""The word as a value, or as a whole cell of a row that could not be read."""


def says_refusal(said: Said) -> bool:
    r"""Whether a field ``consent``, at any depth, is anything but ``granted`` or null, in any letter case.

    It reads the text, so that an event that nobody can decode is heard too.

    >>> says_refusal(b'{"consent":"Denied","url":'), says_refusal(b'{"consent": "GRANTED"}'), says_refusal(b"{}")
    (True, False, False)
    """
    if not isinstance(said, bytes):
        return any(str(name).lower() == "consent" and _is_refusal(value) for name, value in said.items())
    text = said
    if b"\0" in text:  # UTF-16
        text = text.replace(b"\0", b"")
    if b"\\u00" in text:
        text = _ESCAPED_LETTER.sub(lambda found: bytes([int(found[1], 16)]), text)
    return _CHOICE.search(text) is not None or _DENIED.search(text) is not None


def _is_refusal(value: object) -> bool:
    return value is not None and not (isinstance(value, str) and value.strip().lower() in {"", "granted"})
