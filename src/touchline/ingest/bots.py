"""Whether a user agent is a program that crawls, by the patterns that the package ``crawler-user-agents`` keeps."""

from functools import lru_cache
from typing import Any

import re2
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

MATCHED_LENGTH = 512
"""Characters of a user agent that are looked at, so that a hostile one costs no more than a real one."""


@lru_cache(maxsize=1)
def _patterns() -> Any:
    """All patterns as one automaton: 1,500 patterns cost one pass over the text."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 64 << 20
    patterns = re2.Set.SearchSet(options)
    for entry in CRAWLER_USER_AGENTS_DATA:
        patterns.Add(entry["pattern"])
    patterns.Compile()
    return patterns


@lru_cache(maxsize=16_384)
def _bot_name(matched: str) -> str | None:
    matches = _patterns().Match(matched)
    return CRAWLER_USER_AGENTS_DATA[min(matches)]["pattern"].replace("\\", "") if matches else None


def bot_name(user_agent: str) -> str | None:
    """The pattern that says that this is a bot, or ``None`` if it looks like a person's browser.

    >>> bot_name("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
    'Googlebot/'
    >>> bot_name("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/133.0.0.0 Safari/537.36") is None
    True
    """
    return _bot_name(user_agent[:MATCHED_LENGTH])
