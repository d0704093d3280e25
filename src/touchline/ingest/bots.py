"""Whether a user agent belongs to a program and not a visitor, by the patterns of ``crawler-user-agents`` and our own.

Our own patterns are in the capture package, which detects a declared bot without any dependency.
"""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from attribution_campaign_context.bots import (
    BOT_MARKS,
    BOT_PATTERNS,
    LIBRARY_MARKS,
    MONITOR_MARKS,
    names_only_itself,
    readable,
    without_device,
)
from touchline.ingest.event import Reason
from touchline.pattern_sets import encodable, pattern_set

MATCHED_LENGTH = 512
"""The number of characters of a user agent that are searched, so that a hostile one costs no more than a real one."""

NOT_TAKEN = {
    r"008\/": "the end of a phone's name, as in Desay TS1008/1.0",
    r"AP3A\.240617\.008": "a build of Android 15 on phones of OPPO, OnePlus and realme",
    "Blackboard": "the browser within an app for students, too; the program of its maker is found by its shape",
    "Fluid": "a browser of the Mac",
    "MetaIAB Facebook": "Facebook's browser within the app",
    "Podimo": "an app for podcasts",
    "Sogou": "a browser, too; its crawler calls itself a spider",
    "Viber": "the browser within the app, too",
    "WhatsApp": "people's phones, too; the program that makes previews is among our marks",
}
"""Patterns of the list that also match browsers and phones of people, and which."""

_ENTRIES = tuple(entry for entry in CRAWLER_USER_AGENTS_DATA if entry["pattern"] not in NOT_TAKEN)
_MONITORS = range(len(MONITOR_MARKS))
_LIBRARIES = range(_MONITORS.stop, _MONITORS.stop + len(LIBRARY_MARKS))
_OWN = tuple(map(re.escape, (*MONITOR_MARKS, *LIBRARY_MARKS, *BOT_MARKS))) + BOT_PATTERNS


class Noise(NamedTuple):
    """Why a sender is not a visitor."""

    reason: Reason
    """``BOT``, ``MONITORING``, ``DATACENTRE``, ``INTERNAL`` or ``PREFETCH``."""
    message: str
    """The evidence, in words."""
    field: str | None = None


ONLY_ITSELF = Noise(Reason.BOT, "The user agent names no browser and no device, only a program.", "userAgent")
LIBRARY = Noise(Reason.BOT, "The user agent is a library for HTTP, and no browser.", "userAgent")
"""Noise as a visitor's user agent. As a request's, it may be the owner's backend, which sends for others."""


@cache
def _listed_patterns() -> Any:
    return pattern_set(entry["pattern"] for entry in _ENTRIES)


@cache
def _own_patterns() -> Any:
    return pattern_set(_OWN)


@lru_cache(maxsize=16_384)
def _noise(matched: str) -> Noise | None:
    listed = [_ENTRIES[number] for number in sorted(_listed_patterns().Match(without_device(matched)) or ())]
    own = _own_patterns().Match(readable(matched)) or ()
    is_monitor = any("monitoring" in entry.get("tags", ()) for entry in listed)
    if is_monitor or any(number in _MONITORS for number in own):
        return Noise(Reason.MONITORING, f"The user agent watches whether sites are up{_named(listed)}.", "userAgent")
    if own and all(number in _LIBRARIES for number in own):
        return LIBRARY
    if listed:
        return Noise(Reason.BOT, f"The user agent is a known bot{_named(listed)}.", "userAgent")
    if own:
        return Noise(Reason.BOT, "The user agent says that it is a program.", "userAgent")
    if names_only_itself(matched):
        return ONLY_ITSELF
    return None


def _named(entries: list[dict[str, Any]]) -> str:
    return " ({})".format(entries[0]["pattern"].replace("\\", "")) if entries else ""


def noise_of(user_agent: str) -> Noise | None:
    """What the user agent is if it is no visitor, or ``None`` if it looks like a person's browser.

    >>> noise_of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").message
    'The user agent is a known bot (Googlebot/).'
    >>> noise_of("Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)").reason.value
    'monitoring'
    >>> noise_of("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/133.0.0.0 Safari/537.36") is None
    True
    """
    return _noise(encodable(user_agent[:MATCHED_LENGTH]))
