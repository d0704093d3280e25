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


_NO = re.compile(
    rb"""["']consent\\*["']\s*:[\s\\]*["']?\s*(?:false|0|no|off|deny|denied|declined|refused|rejected)\b""",
    re.IGNORECASE,
)
"""The field with a word or a value that everybody understands as a refusal."""


def says_no(said: Said) -> bool:
    """Whether a field ``consent`` says no by another value than ``denied``, as ``false`` does: that is no fault.

    >>> says_no(b'{"consent": false}'), says_no({"consent": "No"}), says_no(b'{"consent": "maybe"}')
    (True, True, False)
    """
    if isinstance(said, bytes):
        return _NO.search(said) is not None
    values = [value for name, value in said.items() if str(name).lower() == "consent" and isinstance(value, str | int)]
    return any(_NO.fullmatch(f'"consent":{str(value).strip()}'.encode(errors="replace")) for value in values)


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
