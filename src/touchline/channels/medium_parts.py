"""What a medium of several words says: ``email_newsletter``, ``banner_728x90``, ``smscampaign``."""

import re
from collections.abc import Mapping
from functools import lru_cache

from touchline.channels.reference import medium_part_rows, medium_rows, qualifier_rows
from touchline.channels.sources import source_of_word

_BETWEEN = re.compile(r"[-_ .+|/:&,;()]+")
_JOINED = re.compile(r"(?<![a-z])(e|pre|mid|connected|streaming)[-_ ](?=mail|roll|tv)")
"""Words that are one, however they are written: ``e-mail``, ``pre-roll``, ``connected_tv``."""
_SIZE = re.compile(r"[0-9]{2,4}x[0-9]{2,4}")
_MOST_PARTS = 8
_SHORTEST_PART = 2
_SHORTEST_NAME = 5
"""Of a tool: shorter names are words for much else."""
_BY_RANK = (
    "none",
    "affiliate",
    "email",
    "sms",
    "push",
    "display",
    "audio",
    "paid",
    "social",
    "referral",
    "search",
    "ad-of-seller",
)
"""Which part decides: what names a channel of its own goes before where and how the message stood."""
_CHANNELS = frozenset({"affiliate", "email", "sms", "push", "social"})
"""Categories of sources whose names stand for the channel in a medium: ``whatsapp_message``."""
_UNPAID = frozenset(
    {
        "post", "posts", "profile", "bio", "linkinbio", "link", "links", "group", "groups", "page", "organic", "status",
        "story", "channel", "server", "community",
    }
)  # fmt: skip
"""Words of a place that is no ad's, whatever else is said of it."""


def meaning_of_parts(word: str) -> tuple[str, str]:
    """What the parts of a medium (lower case) say together: a meaning and a category, both empty where there is none.

    >>> meaning_of_parts("email_newsletter"), meaning_of_parts("banner_728x90"), meaning_of_parts("read-me")
    (('email', ''), ('display', 'display'), ('', ''))
    >>> meaning_of_parts("desktop_feed"), meaning_of_parts("smscampaign")
    (('ad-of-seller', ''), ('sms', ''))
    """
    parts = parts_of(word)
    if not 0 < len(parts) <= _MOST_PARTS:
        return "", ""
    meanings = [_meaning(part) for part in parts]
    found = min((meaning for meaning in meanings if meaning[0] in _BY_RANK), key=_rank, default=None)
    if found is not None:
        is_social_ad = found == ("paid", "") and any(meaning[0] == "social" for meaning in meanings)
        return ("", "") if found[0] == "none" else ("paid", "social") if is_social_ad else found
    return ("ad-of-seller", "") if len(parts) > 1 and _is_placement(parts) else ("", "")


def parts_of(word: str) -> list[str]:
    """The parts of a word (lower case): those between its signs or, where it has none, two that are known.

    >>> parts_of("e-mail_newsletter"), parts_of("smscampaign"), parts_of("")
    (['email', 'newsletter'], ['sms', 'campaign'], [])
    """
    parts = [part for part in _BETWEEN.split(_JOINED.sub(r"\1", word)) if part]
    return _cut(parts[0]) if len(parts) == 1 else parts


def channel_part(part: str) -> str:
    """What a part means by the list of parts; that of a tool's name is ``tool``, of an unknown one ``""``.

    >>> channel_part("newsletter"), channel_part("flow"), channel_part("klaviyo"), channel_part("zebra")
    ('email', 'neutral', 'tool', '')
    """
    known = _parts().get(part)
    return known[0] if known is not None else "tool" if _meaning(part)[0] else ""


def _rank(meaning: tuple[str, str]) -> int:
    return _BY_RANK.index(meaning[0])


def _meaning(part: str) -> tuple[str, str]:
    known = _parts().get(part)
    if known is not None:
        return known
    if _SIZE.fullmatch(part):
        return "display", "display"
    source = source_of_word(part)[0] if len(part) >= _SHORTEST_NAME else None
    return (source.category, "") if source is not None and source.category in _CHANNELS else ("", "")


def _cut(word: str) -> list[str]:
    """A word without separators as two parts that are known, of which one says something; else the word alone."""
    known = _parts()
    for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        start, end = word[:place], word[place:]
        if start in known and end in known and (known[start][0], known[end][0]) != ("neutral", "neutral"):
            return [start, end]
    return [word]


def _is_placement(parts: list[str]) -> bool:
    """Whether the parts are words of ad platforms' templates alone, one of which means an ad."""
    means = [_places().get(part, "") for part in parts]
    return all(means) and "paid" in means and _UNPAID.isdisjoint(parts)


@lru_cache(maxsize=1)
def _parts() -> Mapping[str, tuple[str, str]]:
    return {part: (means, category) for part, means, category in medium_part_rows()}


@lru_cache(maxsize=1)
def _places() -> Mapping[str, str]:
    sellers = {word: "paid" for word, means, _ in medium_rows() if means == "ad-of-seller"}
    return sellers | {word: means for word, means, _ in qualifier_rows()}
