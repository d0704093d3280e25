"""What a decoder says is wrong with an event, as a typed refusal: what was expected, what came, and where."""

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
"""What decoding JSON of anybody's may raise."""

_decode_field: Mapping[str, Callable[[bytes], Any]] = {
    name: msgspec.json.Decoder(
        msgspec.defstruct("_Field", [("value", msgspec.Raw, msgspec.Raw(b"null"))], rename={"value": name})
    ).decode
    for name in FIELDS
}
"""One field of an event, as it came: the one that is wrong is looked at, and none beside it. A struct of all fields
compares each key that it does not know with each of them."""

_AT = " - at `$"
"""What msgspec writes between what is wrong and where; what came may say the same, so that the last one counts."""
_IN_EVENTS = ".events[0]"
_MOST_WORDS = 80
"""Characters of what msgspec says that are told: it repeats a whole value, and that may be as long as the body."""
_MISSING = re.compile(r"missing required field `(\w+)`")


_OWN_WORDS = {
    **{name: f"Expected one of {', '.join(found)}" for name, kind in FIELDS.items() if (found := choices_of(kind))},
    "currency": "Expected three letters of ISO 4217",
    "emailHash": "Expected the SHA-256 of the e-mail address, 64 hexadecimal digits",
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
    """The typed refusal for what msgspec says about a payload."""
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
    """What is wrong, and at which field.

    >>> _words_and_path("Expected `str`, got `int` - at `$.metadata.city`")
    ('Expected `str`, got `int`', 'metadata.city')
    """
    at = text.rfind(_AT)
    end, path = (at, text[at + len(_AT) :]) if at >= 0 and text.endswith("`") else (len(text), "`")
    cut = text[:end] if end <= _MOST_WORDS else text[:_MOST_WORDS] + "…"  # all of it may be as long as the body
    return cut, path[:-1].removeprefix(_IN_EVENTS).removeprefix(".")


def is_of_an_event(error: msgspec.ValidationError) -> bool:
    """Whether what is wrong with an envelope of one event is wrong with that event."""
    text = str(error)
    at = text.rfind(_AT)
    return not is_of_unread(error) and at >= 0 and text.startswith(_IN_EVENTS, at + len(_AT))


def _came(payload: Said, path: str) -> str:
    """The value at a path, in words; nothing if nobody can tell."""
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
    """A long text as far as it is shown, cut between two characters: a character takes at most twelve bytes."""
    for end in range(_BEGINNING, _BEGINNING - 12, -1):
        with suppress(*DECODE_ERRORS):
            return msgspec.json.decode(raw[:end] + b'"')
    return msgspec.json.decode(raw)


_MOST_RAW = 500
"""Bytes of a list or an object that is decoded to be shown; of a longer one, the beginning is shown as it came."""
_LONG_RAW = 32_768
"""Bytes of a text beyond which only its beginning is decoded to be shown: refusing it would cost too much."""
_BEGINNING = 2_000
"""Bytes that hold more characters than are shown, however they are spelled."""


def _value_at(found: object, path: str) -> object:
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
