"""A decoder's error as a typed rejection: what was expected, what was received, and where."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from touchline.ingest.event import Reason
from touchline.ingest.rejection import Rejection, shortened
from touchline.ingest.unread import is_of_unread
from touchline.ingest.wire_event import FIELDS, choices_of

Said = bytes | Mapping[str, object]
"""JSON of the wire, or the fields of one event as a mapping."""

DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""The errors that decoding untrusted JSON may raise."""

_decode_field: Mapping[str, Callable[[bytes], Any]] = {
    name: msgspec.json.Decoder(
        msgspec.defstruct("_Field", [("value", msgspec.Raw, msgspec.Raw(b"null"))], rename={"value": name})
    ).decode
    for name in FIELDS
}
"""One field of an event as received; only the wrong one is decoded. A struct of all fields would compare each
unknown key with all of its names."""

_AT = " - at `$"
"""The text of msgspec between error and path; the value may contain it too, so the last one counts."""
_IN_EVENTS = ".events[0]"
_MOST_WORDS = 80
"""Characters of msgspec's error that are shown: it repeats whole values, which may be as long as the body."""
_MISSING = re.compile(r"missing required field `(\w+)`")


_OWN_WORDS = {
    **{name: f"Expected one of {', '.join(found)}" for name, kind in FIELDS.items() if (found := choices_of(kind))},
    "currency": "Expected three letters of ISO 4217",
    "emailHash": "Expected the SHA-256 of the e-mail address, 64 hexadecimal digits",
    "ipHash": "Expected a keyed hash of the address, 64 hexadecimal digits, and never the address",
    "valueMicros": "Expected a whole number of millionths, such as 12500000 for 12.50",
    **dict.fromkeys(
        ("occurredAt", "sentAt"), "Expected an ISO-8601 time with Z or an offset, such as 2026-01-31T12:00:00Z"
    ),
}
_REASONS = (
    (re.compile(r"\AObject missing required field"), Reason.MISSING_FIELD),
    (re.compile(r"\AExpected `array` of length"), Reason.OUT_OF_RANGE),
    (re.compile(r"of length >= 1\b"), Reason.MISSING_FIELD),
    (re.compile(r"of length <= "), Reason.TOO_LONG),
    (re.compile(r"\AInvalid enum value"), Reason.UNKNOWN_VALUE),
    (re.compile(r"matching regex"), Reason.UNKNOWN_VALUE),
    (re.compile(r"\ANumber out of range"), Reason.OUT_OF_RANGE),
)


def rejection_of(error: msgspec.ValidationError, payload: Said) -> Rejection:
    """The typed rejection for msgspec's error about a payload."""
    words, path = _words_and_path(str(error))
    missing = _MISSING.search(words)
    if missing:
        field = f"{path}.{missing.group(1)}" if path else missing.group(1)
        return Rejection(Reason.MISSING_FIELD, field, f"{field} is missing.")
    if not path:
        return Rejection(Reason.MALFORMED, None, f"{words}.")
    reason = next((reason for pattern, reason in _REASONS if pattern.search(words)), Reason.WRONG_TYPE)
    came = _came(payload, path)
    return Rejection(reason, path, f"{path}: {_OWN_WORDS.get(path, words)}{came}.")


def _words_and_path(text: str) -> tuple[str, str]:
    """Split an error into its words and the path of the field.

    >>> _words_and_path("Expected `str`, got `int` - at `$.metadata.city`")
    ('Expected `str`, got `int`', 'metadata.city')
    """
    at = text.rfind(_AT)
    end, path = (at, text[at + len(_AT) :]) if at >= 0 and text.endswith("`") else (len(text), "`")
    cut = text[:end] if end <= _MOST_WORDS else text[:_MOST_WORDS] + "…"  # all of it may be as long as the body
    return cut, path[:-1].removeprefix(_IN_EVENTS).removeprefix(".")


def is_of_an_event(error: msgspec.ValidationError) -> bool:
    """Whether the error of an envelope with one event is in that event."""
    text = str(error)
    at = text.rfind(_AT)
    return not is_of_unread(error) and at >= 0 and text.startswith(_IN_EVENTS, at + len(_AT))


def _came(payload: Said, path: str) -> str:
    """The value at a path, in words; empty if it cannot be read."""
    if not isinstance(payload, bytes):
        return f", but it is {shortened(_value_at(payload, path))}"
    name, _, rest = path.partition(".")
    try:
        if name not in _decode_field:
            return f", but it is {shortened(_value_at(msgspec.json.decode(payload), path))}"
        raw = bytes(_decode_field[name](payload).value)
        if len(raw) > _MOST_RAW and not rest and raw[:1] in b"[{":
            return f", but it is {raw[:_MOST_RAW].decode(errors='replace')[:79]}…"
        found = _beginning(raw) if len(raw) > _LONG_RAW and raw[:1] == b'"' else msgspec.json.decode(raw)
    except DECODE_ERRORS:
        return ""
    return f", but it is {shortened(_value_at(found, rest) if rest else found)}"


def _beginning(raw: bytes) -> object:
    """The start of a long text, cut between two characters: a character takes at most twelve bytes."""
    for end in range(_BEGINNING, _BEGINNING - 12, -1):
        with suppress(*DECODE_ERRORS):
            return msgspec.json.decode(raw[:end] + b'"')
    return msgspec.json.decode(raw)


_MOST_RAW = 500
"""Bytes of a list or an object that is decoded for display; of a longer one, the start is shown as received."""
_LONG_RAW = 32_768
"""The number of bytes of a text above which only its start is decoded for display: rejecting it would cost too much."""
_BEGINNING = 2_000
"""Bytes that hold more characters than are shown, however they are spelled."""


def _value_at(found: object, path: str) -> object:
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
