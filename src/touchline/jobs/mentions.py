"""Whether the text that is kept of a rejected event mentions a person: by an id, or by an order of theirs."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from touchline.ingest import of_browsers, value_of
from touchline.placeholders import names_somebody

_STARTS = re.compile(r"(?<!\w)(?=.)", re.DOTALL)
"""Where a word of its own may begin."""
_NAMING = re.compile(r'"(?:anonId|userId|emailHash|visitor_id|user_id|email_hash)"\s*:\s*"((?:[^"\\]|\\.)*)"')
_BROWSER = re.compile(r'"anonId"\s*:\s*"((?:[^"\\]|\\.)*)"')
_OF_BROWSERS = of_browsers("")
_ORDER = re.compile(
    r'"order[ _-]?(?:id|number|no|nr|ref|reference)?"\s*:\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<number>\d+))',
    re.IGNORECASE,
)
"""A field of an order's number, as the wire and most shops call it."""


class Mentions:
    """Searches texts for a person, each in one pass, however many ids and orders the person has.

    :param identifiers: of the person.
    :param orders: by site and number, those that are nobody else's.
    """

    def __init__(self, identifiers: Collection[str], orders: Collection[tuple[str, str]]) -> None:
        self._words: defaultdict[int, set[str]] = defaultdict(set)
        self._browsers = {name for name in identifiers if name.startswith(_OF_BROWSERS)}
        for word in _forms(name for name in identifiers if name not in self._browsers):
            self._words[len(word)].add(word)
        self._orders = orders

    def are_in(self, site_id: str, text: str) -> bool:
        """Whether the text has one of the ids as a separate word, or names an order of theirs and nobody else.

        >>> mentions = Mentions(["v:shop:bob"], {("shop", "A-1"): True})
        >>> [mentions.are_in("shop", text) for text in ('"Bob"', '"bobby"', '{"orderId": "A-1"}')]
        [True, False, True]
        >>> mentions.are_in("shop", '{"orderId": "A-1", "anonId": "eve"}')
        False
        """
        return (
            self._has_an_id(text.lower())
            or (bool(self._orders) and self._names_only_an_order(site_id, text))
            or (bool(self._browsers) and self._is_of_a_browser(site_id, text))
        )

    def _is_of_a_browser(self, site_id: str, text: str) -> bool:
        found = (_decoded(match[1]).strip() for match in _BROWSER.finditer(text))
        return any(of_browsers(f"v:{site_id}:{visitor}") in self._browsers for visitor in found)

    def _has_an_id(self, text: str) -> bool:
        for start in _STARTS.finditer(text):
            place = start.start()
            for length, words in self._words.items():
                end = place + length
                if text[place:end] in words and not _continues(text, end):
                    return True
        return False

    def _names_only_an_order(self, site_id: str, text: str) -> bool:
        found = (match["number"] or _decoded(match["text"]) for match in _ORDER.finditer(text))
        if not any((site_id, order_id) in self._orders for order_id in found):
            return False
        return not any(names_somebody(_decoded(match[1])) for match in _NAMING.finditer(text))


def _forms(identifiers: Iterable[str]) -> Iterator[str]:
    """The ids as texts have them: as they are, and as JSON writes them."""
    for identifier in identifiers:
        value = value_of(identifier)
        yield value.lower()
        yield json.dumps(value)[1:-1].lower()


def _continues(text: str, end: int) -> bool:
    return end < len(text) and (text[end].isalnum() or text[end] == "_")


def _decoded(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text
