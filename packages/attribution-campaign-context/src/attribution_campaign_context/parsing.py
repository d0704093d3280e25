"""What a landing URL and a referrer say about where a visit came from: pure functions of the standard library.

Nothing here raises, whatever it is given, and everything is linear in the length of the input. The rules:

* URLs have the generic syntax of RFC 3986 (appendix B); a backslash ends the host, as in browsers (WHATWG).
* Keys are matched without regard to case.
* Query and fragment are both read (``#utm_…``, ``#?utm_…``, ``#/route?utm_…``).
* The query wins over the fragment where both have a valid value.
* Where a key comes more than once, its first non-empty valid value wins.
* ``utm_source`` and ``utm_medium`` are lower-cased, every other value is kept as it came, trimmed.
* A value that is a placeholder, a template nobody filled in, too long, or has control characters is refused, never
  repaired or cut, and :attr:`Landing.refused` says why. Quotes and brackets that a mail put around a link are no part
  of a value.
* Other tools' names for a UTM parameter count where the parameter itself says nothing
  (:mod:`attribution_campaign_context.vocabularies`).
* Links with broken separators are read as they were meant (:mod:`attribution_campaign_context.broken_links`);
  :attr:`Landing.unread` says which marks could not be.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote

from attribution_campaign_context.addresses import (
    host_of,
    is_same_site,
    page_host,
    referring_host,
    split_address,
    valid_host,
)
from attribution_campaign_context.broken_links import (
    Unread,
    is_odd,
    may_hold_marks,
    odd_pairs,
    path_query,
    unescaped,
)
from attribution_campaign_context.platforms import (
    PROVING,
    TEMPLATED_TAGS,
    parameter_set,
    placement_set,
    platform_of_set,
)
from attribution_campaign_context.registry import AD_REFS, ADSET_REFS, CAMPAIGN_REFS, CLICK_IDS, UTM_KEYS
from attribution_campaign_context.values import (
    CONTROL_CHARACTER,
    MAX_CLICK_ID_LENGTH,
    MAX_UTM_LENGTH,
    PLACEHOLDERS,
    checked_value,
)
from attribution_campaign_context.vocabularies import (
    AFFILIATE_NUMBERS,
    ALIASES,
    AUXILIARY,
    BARE_WORDS,
    COMMON_WORDS,
    EXTRA_TAGS,
    OF_AFFILIATES,
    bare_source,
    known_name,
    without_own_campaigns,
    xtor_tags,
)

__all__ = [
    "CONTROL_CHARACTER",
    "MAX_CLICK_ID_LENGTH",
    "MAX_UTM_LENGTH",
    "PLACEHOLDERS",
    "Landing",
    "checked_value",
    "host_of",
    "is_same_site",
    "parse_landing",
]

_LONGEST_KEY = 64
_QUIET = (COMMON_WORDS - CLICK_IDS.keys()) | BARE_WORDS.keys() | AUXILIARY
"""Names that apps use for other things: what they hold is not reported as refused."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Landing(NamedTuple):
    """What one landing says; every text in it has at least one character."""

    utm: dict[str, str]
    """The UTM parameters that have a valid value, by their lower-case name."""
    click_ids: dict[str, str]
    """The click ids that have a valid value, by their registry name; values keep their case and length."""
    campaign_ref: str | None
    """The ad platform's campaign id."""
    adset_ref: str | None
    ad_ref: str | None
    host: str | None
    """Host of the page: lower case, without port and leading ``www.``; of a page that a translating or caching proxy
    shows, the host of the original."""
    path: str | None
    """Path of the page as it came."""
    referrer_host: str | None
    """Host of the referrer, in the same form; an Android app's is its package name. Where the browser names none, or
    the page's own site, it is that of ``utm_referrer``."""
    refused: dict[str, str]
    """The known parameters that came without any valid value, and the reason: ``placeholder``, ``template``,
    ``too_long``, ``control_character``, ``bad_encoding``, or ``implausible`` for a click id that no platform writes.
    An empty parameter is not refused, it is absent."""
    platform: str | None = None
    """The ad platform that auxiliary parameters prove together, whatever the click ids say."""
    parameter_set: str | None = None
    """Which parameters prove it: a name in :data:`~attribution_campaign_context.registry.PARAMETER_SETS`."""
    tags: Mapping[str, str] = _NOTHING
    """Tags that the six UTM parameters cannot say, by their lower-case name: ``utm_source_platform``, ``mtm_group``."""
    read_from: Mapping[str, str] = _NOTHING
    """The UTM parameters that another name said, and that name: ``{"utm_source": "mtm_source"}``."""
    named_referrer: str | None = None
    """The address in ``utm_referrer``, where it counts as the referrer."""
    unread: tuple[str, ...] = ()
    """Forms of tags that are there and could not be read, of those in
    :data:`~attribution_campaign_context.broken_links.SHAPES`."""

    @property
    def has_marks(self) -> bool:
        """Whether it has tags, click ids, or parameters that prove an ad platform."""
        return bool(self.utm or self.click_ids or self.parameter_set)

    @property
    def proofs(self) -> tuple[str, ...]:
        """The names of the click ids and of the set of parameters, sorted."""
        return tuple(sorted((*self.click_ids, self.parameter_set) if self.parameter_set else self.click_ids))


def parse_landing(url: str | None, referrer: str | None = None, *, tag_names: Mapping[str, str] = _NOTHING) -> Landing:
    """Reads the campaign marks of a landing URL, and the host of its referrer.

    ``url`` may be absolute, relative or without a scheme. ``tag_names`` are a site's own names of UTM parameters, in
    lower case: ``{"kampagne": "utm_campaign"}``.

    >>> landing = parse_landing(
    ...     "https://www.shop.com/a?UTM_Source=Google&gclid=Cj0_x#utm_term=x", "https://www.google.com/"
    ... )
    >>> landing.utm, landing.click_ids, landing.host, landing.referrer_host
    ({'utm_source': 'google', 'utm_term': 'x'}, {'gclid': 'Cj0_x'}, 'shop.com', 'google.com')
    >>> parse_landing("https://shop.com/a&utm_medium=email?pk_campaign=May").utm
    {'utm_medium': 'email', 'utm_campaign': 'May'}
    """
    referrer_host = referring_host(referrer) if referrer else None
    if not url:
        return Landing({}, {}, None, None, None, None, None, referrer_host, {})
    authority, path, query, fragment = split_address(unescaped(url) if "u00" in url else url)
    host = page_host(authority) if authority else None
    # Most pages have no mark at all: this much is done for each of them, and all else for the others.
    is_path_plain = ("=" not in path and "&" not in path and "%" not in path and path.isascii()) or not may_hold_marks(
        path
    )
    if is_path_plain and not query and not fragment:
        return Landing({}, {}, None, None, None, host, path or None, referrer_host, {})
    pieces = query.split("&") if query else []
    hits: list[tuple[str, str]] | None = None
    if query.count("=") == len(pieces) and not is_odd(query):
        hits = _hits(pieces) if pieces else []
        if not hits and is_path_plain and not fragment and not tag_names:
            return Landing({}, {}, None, None, None, host, path or None, referrer_host, {})
    reading = _Reading(host, tag_names)
    if query:
        reading.read(query, hits)
    if not is_path_plain:
        reading.read_path(path)
    if fragment:
        reading.read_fragment(fragment)
    return reading.landing(path, referrer_host)


def _hits(pieces: list[str]) -> list[tuple[str, str]]:
    """The known parameters of a plain query, raw."""
    hits = []
    for pair in pieces:
        key, _, raw = pair.partition("=")
        if raw and len(key) <= _LONGEST_KEY:
            name = known_name(key)
            if name is not None:
                hits.append((name, raw))
    return hits


class _Reading:
    """What was found in one URL so far, by parameter, and what was refused."""

    __slots__ = ("found", "host", "notes", "numbers", "refused", "tag_names")

    def __init__(self, host: str | None, tag_names: Mapping[str, str]) -> None:
        self.host = host
        self.tag_names = tag_names
        self.found: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.numbers: dict[str, str] = {}
        """Small numbers under the names of affiliates' ids."""
        self.notes: set[str] = set()

    def read(self, query: str, hits: list[tuple[str, str]] | None = None) -> None:
        """Takes the first valid value of each known parameter; a refused one is noted if it is the first of its name.

        ``hits`` are the known parameters, where the query is known to be plain.
        """
        pairs = odd_pairs(query, Unread(self.notes.add, self._is_own_address)) if hits is None else hits
        for name, raw in pairs:
            self._take(name, raw)
        if self.tag_names:
            self._read_own_names(query)

    def read_path(self, path: str) -> None:
        """Takes the parameters of a path whose question mark is missing or is written otherwise."""
        query, is_one_enough = path_query(path)
        if not query:
            return
        before = dict(self.found)
        self.read(query)
        if not is_one_enough and len(self.found) - len(before) < 2:
            self.found = before
            self.notes.add("single_in_path")

    def read_fragment(self, fragment: str) -> None:
        """Takes the parameters of a fragment that the query does not have."""
        text = fragment.partition(":~:")[0].lstrip("!?/&")
        if "=" not in text and "%3" not in text and text.isascii():
            return
        start, question, after = text.partition("?")
        self.read(after if question and "=" not in start else text)

    def landing(self, path: str, referrer_host: str | None) -> Landing:
        """What was found, in order."""
        utm: dict[str, str] = {}
        clicks: dict[str, str] = {}
        found, refused, others = self.found, self.refused, False
        if self.numbers and not OF_AFFILIATES.isdisjoint(found):
            found |= self.numbers
        for name, value in found.items():
            if refused:
                refused.pop(name, None)
            if name in UTM_KEYS:
                utm[name] = value
            elif name in CLICK_IDS:
                clicks[name] = value
            else:
                others = True
        if "msclkid" in clicks:
            _without_copies(clicks, refused)
        read_from = tags = _NOTHING
        named = group = None
        if others:
            read_from = self._with_aliases(utm, clicks, referrer_host)
            tags = {name: found[name] for name in found if name in EXTRA_TAGS}
            named = self._named_referrer(referrer_host)
            referrer_host = host_of(named) if named else referrer_host
        if not PROVING.isdisjoint(found):
            group = parameter_set(found, utm.get("utm_source", ""))
        elif not TEMPLATED_TAGS.isdisjoint(utm):
            group = placement_set(utm)
        return Landing(
            utm,
            clicks,
            _first(found, CAMPAIGN_REFS),
            _first(found, ADSET_REFS),
            _first(found, AD_REFS),
            self.host,
            path or None,
            referrer_host,
            refused,
            platform_of_set(group),
            group,
            tags,
            read_from,
            named,
            tuple(sorted(self.notes)),
        )

    def _take(self, name: str, raw: str) -> None:
        if name in self.found:
            return
        is_word = name not in CLICK_IDS and len(raw) <= MAX_UTM_LENGTH
        value, reason = _word(name, raw) if is_word else _checked(name, raw)
        if value is not None:
            self.found[name] = value
        elif reason is not None and name not in _QUIET:
            self.refused.setdefault(name, reason)
            if name in AFFILIATE_NUMBERS and raw.isdecimal():
                self.numbers.setdefault(name, raw)

    def _read_own_names(self, query: str) -> None:
        """Takes the parameters that the site names in its own words."""
        for pair in query.split("&"):
            key, _, raw = pair.partition("=")
            name = self.tag_names.get(unquote(key).strip().lower()) if raw and len(key) <= _LONGEST_KEY else None
            if name is not None:
                self._take(name, raw)

    def _with_aliases(
        self, utm: dict[str, str], clicks: Mapping[str, str], referrer_host: str | None
    ) -> Mapping[str, str]:
        """Fills what the UTM parameters leave out from other names, and says which."""
        found, read_from = without_own_campaigns(self.found), {}
        for name in found:
            if name in ALIASES:
                for alias, key in ALIASES.items():
                    if alias in found and key not in utm:
                        utm[key], read_from[key] = _as(key, found[alias]), alias
                break
        coded = {key: value for key, value in xtor_tags(found.get("xtor", "")).items() if key not in utm}
        utm |= coded
        read_from |= dict.fromkeys(coded, "xtor")
        is_foreign = referrer_host is not None and not is_same_site(referrer_host, self.host)
        if "utm_source" not in utm and not clicks and not is_foreign:
            for word, key in BARE_WORDS.items():
                if word not in found or key in utm or (key != "utm_source" and not utm):
                    continue
                value = bare_source(word, found[word]) if key == "utm_source" else found[word]
                if value is not None:
                    host = host_of(value) if "." in value and key == "utm_source" else None
                    if not (host and is_same_site(host, self.host)):
                        utm[key], read_from[key] = _as(key, host or value), word
        return read_from

    def _named_referrer(self, referrer_host: str | None) -> str | None:
        """The address in ``utm_referrer``, if the browser names no other site than the page's own."""
        named = self.found.get("utm_referrer")
        if named is None or (referrer_host is not None and not is_same_site(referrer_host, self.host)):
            return None
        host = host_of(named)
        return None if host is None or is_same_site(host, self.host) else named

    def _is_own_address(self, raw: str) -> bool:
        """Whether an address in a parameter, encoded any number of times, is of the page's own site."""
        text = raw
        for _ in range(4):
            if "%" not in text[:24] and "%3A" not in text and "%2F" not in text:
                break
            text = unquote(text)
        authority = split_address(text)[0]
        return not authority or is_same_site(valid_host(authority), self.host)


def _without_copies(clicks: dict[str, str], refused: dict[str, str]) -> None:
    """Search Ads 360 writes the click id of another search engine as ``gclid``, too: that is no click of Google's."""
    if clicks.get("gclid") == clicks["msclkid"]:
        for name in {"gclid", "gclsrc"} & clicks.keys():
            del clicks[name]
            refused[name] = "implausible"


def _decoded(name: str, raw: str) -> str | None:
    """Percent-decoded text. Bad UTF-8 becomes U+FFFD, except in a click id, which is exact or nothing.

    A plus sign is a space in words, but in a click id it is a plus sign: these are opaque, and none has spaces.
    """
    if name in CLICK_IDS:
        if "%" not in raw:
            return raw
        try:
            return unquote(raw, errors="strict")
        except UnicodeDecodeError:
            return None
    if "+" in raw:
        raw = raw.replace("+", " ")
    return unquote(raw) if "%" in raw else raw


def _checked(name: str, raw: str) -> tuple[str | None, str | None]:
    text = _decoded(name, raw)
    return checked_value(name, text) if text is not None else (None, "bad_encoding")


_word = lru_cache(maxsize=4096)(_checked)
"""The same for what is no click id: a campaign's words come with each of its clicks."""


def _as(key: str, value: str) -> str:
    """A value under the name of a UTM parameter."""
    return value.lower() if key in {"utm_source", "utm_medium"} else value


def _first(found: dict[str, str], names: tuple[str, ...]) -> str | None:
    for name in names:
        if name in found:
            value = found[name]
            return value.partition("_")[2] or value if name == "cmc_adid" else value
    return None
