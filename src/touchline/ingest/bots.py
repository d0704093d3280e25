"""Whether a user agent is a program and no visitor, by the patterns that ``crawler-user-agents`` keeps."""

from functools import lru_cache
from typing import Any, NamedTuple

import re2
from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from touchline.ingest.event import Reason

MATCHED_LENGTH = 512
"""Characters of a user agent that are looked at, so that a hostile one costs no more than a real one."""


class Noise(NamedTuple):
    """Why somebody who sends is no visitor."""

    reason: Reason
    """``BOT``, ``MONITORING``, ``DATACENTRE``, ``INTERNAL`` or ``PREFETCH``."""
    message: str
    """What says so, for a person."""
    field: str | None = None


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
def _noise(matched: str) -> Noise | None:
    matches = _patterns().Match(matched)
    if not matches:
        return None
    entries = [CRAWLER_USER_AGENTS_DATA[number] for number in sorted(matches)]
    name = entries[0]["pattern"].replace("\\", "")
    if any("monitoring" in entry.get("tags", ()) for entry in entries):
        return Noise(Reason.MONITORING, f"The user agent watches whether sites are up ({name}).", "userAgent")
    return Noise(Reason.BOT, f"The user agent is a known bot ({name}).", "userAgent")


def noise_of(user_agent: str) -> Noise | None:
    """What the user agent is if it is no visitor, or ``None`` if it looks like a person's browser.

    >>> noise_of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").message
    'The user agent is a known bot (Googlebot/).'
    >>> noise_of("Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)").reason.value
    'monitoring'
    >>> noise_of("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/133.0.0.0 Safari/537.36") is None
    True
    """
    return _noise(user_agent[:MATCHED_LENGTH])
