"""Removes personal data and secrets from all that is stored of an event, by the capture library's list of kinds.

An accepted event's texts, ids and properties are scrubbed one by one (:func:`kept_text`, :func:`kept_id`,
:func:`kept_properties`), and its URLs by :mod:`touchline.ingest.landings`. A rejected event has no reliable fields, so
its text is searched as a whole (:func:`scrubbed_text`). The cost is proportional to the length of the text.
"""

import re
from collections.abc import Collection
from typing import Any

from attribution_campaign_context.personal_kinds import KINDS, OWN, kind_of_key, plain_name
from attribution_campaign_context.personal_text import hashed_id, kind_in, marked, plain_form, scrub_text
from attribution_campaign_context.scrub import REDACTED, scrub_url
from touchline.redaction import EVERYTHING, Redaction

PREFIX = "scrubbed: "
"""The prefix of the names under which what was taken out is counted, among the fields that Touchline does not read."""
LEAST_CARD = 10**12
"""The smallest number that can be a payment card."""

_ABSOLUTE = r"""(?:https?:)?//[^\s"'<>\\]++"""
_ABSOLUTE_URL = re.compile(_ABSOLUTE)
_URL = re.compile(rf"""{_ABSOLUTE}|(?<![\w./-])[\w./-]*+\?[^\s"'<>\\]++""")
_FIELD = re.compile(r'"((?:[^"\\]|\\.){1,64}+)"(\s*+:\s*+)(?:"(?:[^"\\]|\\.)*+"|-?[0-9][0-9.eE+-]*+)')


def kept_text(text: str, key: str, redaction: Redaction, kinds: set[str]) -> str:
    """A text as it is stored, with marks for what was taken out, whose kinds are added to ``kinds``.

    >>> found = set()
    >>> kept_text("Account of ann@corp.example at https://a.example/?token=x", "title", EVERYTHING, found)
    'Account of [email] at https://a.example/?token=redacted'
    >>> sorted(found)
    ['scrubbed: email', 'scrubbed: secret']
    """
    kept, found = marked(text, key)
    if found:
        kinds.update(map(PREFIX.__add__, found))
    if "=" in kept and "?" in kept:
        kept, before = _without_parameters(kept, redaction), kept
        if kept != before:
            kinds.add(f"{PREFIX}secret")
    return _ruled(kept, redaction, kinds) if redaction.rules else kept


def _without_parameters(text: str, redaction: Redaction = EVERYTHING) -> str:
    pattern = _URL if "?" in text else _ABSOLUTE_URL
    # A pattern whose every match has some text is not tried where that is not: one text is found far faster.
    return pattern.sub(lambda found: scrub_url(found.group(), redaction.keys, redaction.kept_keys), text)


def _ruled(text: str, redaction: Redaction, kinds: set[str]) -> str:
    kept, matched = redaction.ruled(text)
    if matched:
        kinds.add(f"{PREFIX}{OWN.name}")
    return kept


def kept_id(text: str, kinds: set[str] | None = None) -> str:
    """An id as it is stored: with the SHA-256 of an e-mail address, a phone number, an address or a token in its place.

    An e-mail address has the hash that ``emailHash`` has, so that it can be joined with it.

    >>> kept_id("42"), kept_id("Ann@corp.example")[:16], kept_id("crm:ann%40corp.example")[:20]
    ('42', '25a04c95e5b8390d', 'crm:25a04c95e5b8390d')
    """
    kept = hashed_id(text)
    if kept != text and kinds is not None:
        kinds.add(f"{PREFIX}{kind_in(text, 'version') or 'ip'}")
    return kept


def email_hash_in(text: str) -> str | None:
    """The hash of an id that is an e-mail address, as :func:`kept_id` stores it; ``None`` for any other id.

    >>> email_hash_in("42"), (email_hash_in("Ann@corp.example") or "")[:16]
    (None, '25a04c95e5b8390d')
    """
    text = plain_form(text.strip())
    is_email = "@" in text and scrub_text(text, "id") == KINDS["email"].mark
    return kept_id(text) if is_email else None


def kept_properties(found: dict[str, Any], redaction: Redaction, kinds: set[str]) -> dict[str, Any]:
    """Properties as they are stored: values, and names of fields, at every depth.

    >>> kept_properties({"phone": "0170 1234567", "a": {"note": "to ann@b.example", "n": 7}}, EVERYTHING, set())
    {'phone': '[phone]', 'a': {'note': 'to [email]', 'n': 7}}
    """
    kept = dict[str, Any]()
    for key, value in found.items():
        name = kept_text(key, "", redaction, kinds)
        while name != key and name in kept:
            name += "+"
        kept[name] = _kept_value(key, value, redaction, kinds)
    return kept


def _kept_value(key: str, value: Any, redaction: Redaction, kinds: set[str]) -> Any:
    if value is None or isinstance(value, bool) or value in ("", [], {}):
        return value
    kind = _kind_of(key, redaction)
    if kind is None and isinstance(value, int | float) and abs(value) >= LEAST_CARD:
        kind = kind_in(f"{value:.0f}", key)
    if kind is not None:
        kinds.add(f"{PREFIX}{kind}")
        return OWN.mark if kind == OWN.name else KINDS[kind].mark
    if isinstance(value, str):
        return kept_text(value, key, redaction, kinds)
    if isinstance(value, list):
        return [_kept_value(key, inner, redaction, kinds) for inner in value]
    return kept_properties(value, redaction, kinds) if isinstance(value, dict) else value


def _kind_of(key: str, redaction: Redaction) -> str | None:
    if redaction.keys or redaction.kept_keys:
        name = plain_name(key)
        if name in redaction.keys:
            return OWN.name
        if name in redaction.kept_keys:
            return None
    return kind_of_key(key)


def scrubbed_text(text: str) -> str:
    """Text of a rejected event for storage, without personal data.

    >>> scrubbed_text('{"url": "https://a.example/?token=x", "emailHash": "ann@b.example", "ip": "192.0.2.7"}')
    '{"url": "https://a.example/?token=redacted", "emailHash": "redacted", "ip": "redacted"}'
    >>> scrubbed_text("at 2026-03-02T09:10:00Z")
    'at 2026-03-02T09:10:00Z'
    """
    if '":' in text or '" :' in text:
        text = _FIELD.sub(_without_value, text)
    if "?" in text or "//" in text or "\\/" in text:
        text = _without_parameters(text.replace("\\/", "/"))
    return scrub_text(text, replace=lambda _kind, _piece: REDACTED)


def _without_value(found: re.Match[str]) -> str:
    return found[0] if kind_of_key(found[1]) is None else f'"{found[1]}"{found[2]}"{REDACTED}"'


def message_of_kind(name: str) -> str | None:
    """The message about a name under which something is counted that was taken out; ``None`` for any other name.

    >>> message_of_kind("scrubbed: email"), message_of_kind("sku")
    ('scrubbed: It had an e-mail address in it, which was taken out before it was kept.', None)
    """
    if not name.startswith(PREFIX):
        return None
    says = {**{kind.name: kind.says for kind in KINDS.values()}, OWN.name: OWN.says}.get(name.removeprefix(PREFIX))
    return says and f"{PREFIX}It had {says} in it, which was taken out before it was kept."


def names_of_kinds(kinds: Collection[str]) -> tuple[str, ...]:
    """The names under which kinds are counted.

    >>> names_of_kinds(["email"])
    ('scrubbed: email',)
    """
    return tuple(f"{PREFIX}{kind}" for kind in kinds)
