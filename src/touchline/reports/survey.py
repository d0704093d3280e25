"""Which source a customer's own answer names, by rule data; what an answer does not name stays unknown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from touchline.channels.sources import platform_of, source_of_word
from touchline.data_rows import data_rows
from touchline.reports.question import rate

_CHANNELS = {
    "search": ("Paid Search", "Organic Search", "Paid Shopping", "Organic Shopping", "Cross-network", "Display"),
    "social": ("Paid Social", "Organic Social"),
    "video": ("Paid Video", "Organic Video"),
    "email": ("Email",),
    "sms": ("SMS",),
    "ai": ("AI Assistant",),
    "affiliate": ("Affiliates",),
    "referral": ("Referral",),
    "shopping": ("Paid Shopping", "Organic Shopping"),
    "display": ("Display", "Cross-network"),
    "native": ("Display", "Cross-network"),
    "direct": ("Direct",),
}
"""By category of a source, the channels by which people come from it."""
_MOST_WORDS = 100
_LONGEST_NAME = 3
"""Words of a name that are read together: ``duck duck go``."""


@dataclass(frozen=True)
class Named:
    """What an answer names; both are empty where it names nothing that tracking can see."""

    channels: frozenset[str]
    """Each of them may be meant: nobody says whether the result of a search was an ad."""
    platforms: frozenset[str]
    """Codes of the ad platforms that sell clicks from the sources named."""


@lru_cache(maxsize=8_192)
def named_by(answer: str) -> Named:
    """What an answer names: a source's name, or else the sources among its words.

    >>> sorted(named_by("saw you on insta").channels), *named_by("saw you on insta").platforms
    (['Organic Social', 'Paid Social'], 'META')
    >>> named_by("a friend")
    Named(channels=frozenset(), platforms=frozenset())
    """
    found = list(_by_words(answer.casefold())) or list(_by_name(answer.casefold().strip(" .!")))
    channels = frozenset(channel for category, _ in found for channel in _CHANNELS.get(category, ()))
    return Named(channels, frozenset(filter(None, (platform_of(name) for _, name in found))))


def agrees(answer: str, channel: str) -> bool | None:
    """Whether the answer names the channel; ``None`` where it names nothing that tracking can see.

    >>> agrees("Google", "Paid Search"), agrees("an Instagram ad", "Email"), agrees("A friend", "Email")
    (True, False, None)
    """
    channels = named_by(answer).channels
    return channel in channels if channels else None


def agreement(agreed: int, named: int) -> float | None:
    """The share that names what was tracked, among the conversions whose answer names what tracking can see.

    An answer such as a friend is in neither number: nothing that is tracked could agree with it, or contradict it.

    :param agreed: conversions whose answer names a channel with credit, or the row's own.
    :param named: conversions whose answer names a channel at all, or the row's own.

    >>> agreement(1, 4), agreement(0, 0)
    (0.25, None)
    """
    return rate(agreed, named)


CHANNELS = tuple(sorted({channel for channels in _CHANNELS.values() for channel in channels}))
"""The channels that an answer can name; each has one bit of a mask."""


def mask_of(channels: Iterable[str]) -> int:
    """Some of :data:`CHANNELS` as one number.

    >>> mask_of([CHANNELS[0], CHANNELS[2]]), mask_of(["Audio"])
    (5, 0)
    """
    chosen = frozenset(channels)
    return sum(1 << place for place, channel in enumerate(CHANNELS) if channel in chosen)


CODES = "".join(f"|{channel}={mask_of([channel]):07}" for channel in CHANNELS)
"""Each channel's number as text, which a statement in SQL looks up."""


def _by_words(text: str) -> Iterable[tuple[str, str]]:
    """The category and the source's name of each word, the longest names first."""
    known, words = _known_words(), re.findall(r"\w+", text)[:_MOST_WORDS]
    place = 0
    while place < len(words):
        sizes = range(min(_LONGEST_NAME, len(words) - place), 0, -1)
        size = next((size for size in sizes if " ".join(words[place : place + size]) in known), 0)
        if size:
            yield known[" ".join(words[place : place + size])]
        place += size or 1


def _by_name(text: str) -> Iterable[tuple[str, str]]:
    """The source whose name or host is the whole answer."""
    source, _ = source_of_word(text)
    if source.category:
        yield source.category, source.name


@lru_cache(maxsize=1)
def _known_words() -> dict[str, tuple[str, str]]:
    return {row["word"]: (row["category"], row["source"]) for row in data_rows("survey_words.csv")}
