"""What a source of several words says where nobody knows it: ``weekly-newsletter``, ``klaviyo_flow``, ``sms_blast``."""

import re
from functools import lru_cache

from touchline.channels.medium_parts import channel_part, meaning_of_parts, parts_of
from touchline.channels.sources import UNKNOWN, Source, source_of_word

_CHANNELS = frozenset({"affiliate", "audio", "email", "push", "sms", "social"})
"""What a source can be, of all that parts can mean."""
_IN_NAMES = frozenset({"mail", "push", "social", "audio"})
"""Words that are in the names of papers, shops and places, too: they count only where every other part is known."""
_COUNT = re.compile(r"[a-z]{2}|(?:kw|cw|w|wk|week|q|ep|no|nr|v)?[0-9]+|[0-9]+[a-z]{1,2}")
"""A country, a week, a number of an issue, …"""
_NUMBER_BEHIND = re.compile(r"(?<=[a-z])[0-9]+$")


@lru_cache(maxsize=16_384)
def source_called(word: str) -> tuple[Source, bool]:
    """The source that a word of ``utm_source`` (lower case) means, and whether the word itself says it is an ad.

    A source that is on no list is read by its parts, as a medium is: what they say is its category.

    >>> source_called("weekly-newsletter")[0].category, source_called("klaviyo_flow")[0].category
    ('email', 'email')
    >>> source_called("push")[0].category, source_called("royal-mail")[0].category, source_called("ig")[0].name
    ('push', '', 'Instagram')
    """
    source, is_ad = source_of_word(word)
    if source is not UNKNOWN or "." in word:
        return source, is_ad
    category = _category(_NUMBER_BEHIND.sub("", word))
    return (Source(category, "") if category else UNKNOWN), False


def _category(word: str) -> str:
    category = meaning_of_parts(word)[0]
    if category not in _CHANNELS:
        return ""
    says = {part: channel_part(part) for part in parts_of(word)}
    is_plain = any(meaning == category and part not in _IN_NAMES for part, meaning in says.items())
    is_known = all(meaning or _COUNT.fullmatch(part) for part, meaning in says.items())
    return category if is_plain or is_known else ""
