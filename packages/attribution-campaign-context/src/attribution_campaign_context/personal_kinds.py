"""The one list of kinds of personal data and secrets, and which kind a field is by its name.

The list is the data file ``personal_kinds.toml``: URLs (:mod:`attribution_campaign_context.scrub`) and texts
(:mod:`attribution_campaign_context.personal_text`) are scrubbed by it, and Touchline uses the same.
"""

import re
import tomllib
from collections.abc import Mapping
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
PLAIN_SEGMENTS = frozenset(_listed("segments", "plain"))
"""Path segments before an id or a version."""
_PLAIN_KEYS, _PLAIN_WORDS = frozenset(_listed("keys", "plain")), frozenset(_listed("last_words", "plain"))
_TAG_PREFIXES = tuple(_listed("prefixes", "plain"))

_DULL = re.compile(r"[\W_]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[0-9]+")
_LONGEST_REMEMBERED = 64
_MOST_WORDS = 3


def plain_name(key: str) -> str:
    """A name as the list writes it: lower case, letters and digits only.

    >>> plain_name("First-Name"), plain_name("X%2DForwarded-For")
    ('firstname', 'xforwardedfor')
    """
    return _DULL.sub("", (unquote(key) if "%" in key else key).lower())


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


def is_plain_key(key: str) -> bool:
    """Whether a field of this name holds an id or a version, whose digits are what they are.

    >>> is_plain_key("campaign_id"), is_plain_key("osVersion"), is_plain_key("utm_content"), is_plain_key("note")
    (True, True, True, False)
    """
    return _is_plain(key) if len(key) <= _LONGEST_REMEMBERED else _is_plain.__wrapped__(key)


@lru_cache(maxsize=4_096)
def _is_plain(key: str) -> bool:
    name = plain_name(key)
    if name.endswith("id") or key.lower().startswith(_TAG_PREFIXES):
        return True
    return name in _PLAIN_KEYS or any(end in _PLAIN_WORDS for end in _ends(key))


def _by_ending(name: str, endings: Mapping[str, str]) -> str | None:
    return next((kind for end, kind in endings.items() if name.endswith(end)), None)


def _ends(key: str) -> list[str]:
    """The last words of a name joined: of ``billingFirstName`` ``name``, ``firstname`` and ``billingfirstname``."""
    words = [word.lower() for word in _WORDS.findall(key[-_LONGEST_REMEMBERED:])][-_MOST_WORDS:]
    return ["".join(words[-count:]) for count in range(1, len(words) + 1)]
