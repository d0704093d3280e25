"""The one list of kinds of personal data and secrets, and which kind a field is by its name.

The list is the data file ``personal_kinds.toml``: URLs (:mod:`attribution_campaign_context.scrub`) and texts
(:mod:`attribution_campaign_context.personal_text`) are scrubbed by it, and Touchline uses the same.
"""

import re
import tomllib
from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple
from urllib.parse import unquote


class Kind(NamedTuple):
    """One kind, as the data file declares it."""

    name: str
    mark: str
    """What stands in a text where something of the kind was taken out, such as ``[email]``."""
    says: str
    """The kind in words, with its article."""


_DATA: Mapping[str, Mapping[str, Any]] = tomllib.loads(
    files("attribution_campaign_context").joinpath("personal_kinds.toml").read_text(encoding="utf-8")
)
KINDS: Mapping[str, Kind] = {
    name: Kind(name, facts["mark"], facts["says"]) for name, facts in _DATA.items() if "mark" in facts
}
"""By name, in the order in which texts are searched for them."""
OWN = Kind("own", "[redacted]", "something that the organization's own rules redact")
"""The kind of an organization's own keys and rules."""


def _listed(column: str, *names: str) -> dict[str, str]:
    """The words of a column, each with its kind."""
    chosen = names or tuple(KINDS)
    return {word: name for name in chosen for word in str(_DATA[name].get(column, "")).split()}


_KEYS, _ENDINGS, _LAST_WORDS = _listed("keys"), _listed("endings"), _listed("last_words")
URL_KEYS: Mapping[str, str] = {**_KEYS, **_listed("url_keys")}
"""Names of parameters whose values are taken out of URLs, with their kinds."""
URL_ENDINGS: Mapping[str, str] = {**_ENDINGS, **_listed("url_endings")}
"""Endings of such names."""
SECRET_SEGMENTS = frozenset(_listed("keys", "segments"))
"""Path segments after which a segment of 16 or more characters is a secret."""
_PREFIXES = tuple(_listed("prefixes", "ids"))

_DULL = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[0-9]+")
_LONGEST_NAME = 160
"""No name of the list is longer, with a mark between any two of its letters."""
_LONGEST_REMEMBERED = 64
_MOST_WORDS = 3


def plain_name(key: str) -> str:
    """A name as the list writes it: lower case, letters and digits only.

    >>> plain_name("First-Name"), plain_name("X%2DForwarded-For")
    ('firstname', 'xforwardedfor')
    """
    name = key[:_LONGEST_NAME]
    name = (unquote(name) if "%" in name else name).lower()
    return name if name.isalnum() else _DULL.sub("", name)


def kind_of_key(key: str) -> str | None:
    """The kind of what a field of this name holds; ``None`` where the name says nothing.

    >>> kind_of_key("billingFirstName"), kind_of_key("client_ip"), kind_of_key("product_name"), kind_of_key("version")
    ('name', 'ip', None, None)
    """
    return _kind_of(key) if len(key) <= _LONGEST_REMEMBERED else _kind_of.__wrapped__(key)


@lru_cache(maxsize=4_096)
def _kind_of(key: str) -> str | None:
    name = plain_name(key)
    found = _KEYS.get(name) or _by_ending(name, _ENDINGS)
    return found or next((_LAST_WORDS[end] for end in _ends(key) if end in _LAST_WORDS), None)


def kind_of_parameter(key: str) -> str | None:
    """The kind of what a parameter of this name in a URL holds: :func:`kind_of_key`, and names that say it there alone.

    >>> kind_of_parameter("code"), kind_of_key("code"), kind_of_parameter("X-Amz-Signature"), kind_of_parameter("page")
    ('secret', None, 'secret', None)
    """
    name = plain_name(key)
    return URL_KEYS.get(name) or _by_ending(name, URL_ENDINGS) or kind_of_key(key)


class Digits(Enum):
    """What bare digits in a value are."""

    ANYTHING = auto()
    ID = auto()
    """Of an id or a campaign tag: they are no card, and hexadecimals are no secret."""
    VERSION = auto()
    """Of a version: four numbers are no address, either."""


def digits_of_key(key: str) -> Digits:
    """What digits in a field of this name are.

    >>> digits_of_key("campaign_id"), digits_of_key("osVersion"), digits_of_key("utm_content"), digits_of_key("note")
    (<Digits.ID: 2>, <Digits.VERSION: 3>, <Digits.ID: 2>, <Digits.ANYTHING: 1>)
    """
    return _digits_of(key) if len(key) <= _LONGEST_REMEMBERED else _digits_of.__wrapped__(key)


@lru_cache(maxsize=4_096)
def _digits_of(key: str) -> Digits:
    name, ends = plain_name(key), _ends(key)
    for kind, (keys, last_words) in _DIGITS.items():
        if name in keys or not last_words.isdisjoint(ends):
            return kind
    return Digits.ID if name.endswith("id") or key.lower().startswith(_PREFIXES) else Digits.ANYTHING


_DIGITS = {
    kind: (frozenset(_listed("keys", name)), frozenset(_listed("last_words", name)))
    for kind, name in ((Digits.VERSION, "versions"), (Digits.ID, "ids"))
}
DIGITS_AFTER: Mapping[str, Digits] = {
    **dict.fromkeys(_listed("segments", "ids"), Digits.ID),
    **dict.fromkeys(_listed("segments", "versions"), Digits.VERSION),
}
"""What digits in a path segment are, by the segment before it."""


def _by_ending(name: str, endings: Mapping[str, str]) -> str | None:
    return next((kind for end, kind in endings.items() if name.endswith(end)), None)


def _ends(key: str) -> list[str]:
    """The last words of a name joined: of ``billingFirstName`` ``name``, ``firstname`` and ``billingfirstname``."""
    words = [word.lower() for word in _WORDS.findall(key[-_LONGEST_REMEMBERED:])][-_MOST_WORDS:]
    return ["".join(words[-count:]) for count in range(1, len(words) + 1)]
