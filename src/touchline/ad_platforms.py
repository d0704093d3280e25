"""Ad platforms: one code for each, whatever a file, a request or a person calls it.

The names are in ``data/ad_platforms.csv``. Case, spaces and punctuation do not matter: ``Facebook Ads``,
``facebook_ads`` and ``FACEBOOK-ADS`` are one name.
"""

import re
from collections.abc import Collection
from difflib import get_close_matches
from functools import cache

from touchline.data_rows import data_rows

_MOST_CHARACTERS = 64


@cache
def _codes() -> dict[str, str]:
    """The code of each platform by its names, and by the code itself."""
    rows = data_rows("ad_platforms.csv")
    return {row["platform"]: row["platform"] for row in rows} | {
        platform_key(row["name"]): row["platform"] for row in rows
    }


def platform_key(name: str) -> str:
    """A name as names are compared: capitals, with an underscore for all between letters and digits.

    >>> platform_key(" Google-Ads "), platform_key("!!")
    ('GOOGLE_ADS', '')
    """
    return re.sub(r"[^A-Z0-9]+", "_", name[: 4 * _MOST_CHARACTERS].strip().upper()).strip("_")


def platform_of(name: str, declared: Collection[str] = ()) -> str | None:
    """The code of the ad platform that a name means; ``None`` where it is unknown.

    :param declared: further codes that the caller knows.

    >>> platform_of("Facebook Ads"), platform_of("adwords"), platform_of("bing"), platform_of("Googel")
    ('META', 'GOOGLE_ADS', 'MICROSOFT_ADS', None)
    """
    key = platform_key(name)
    return key if key in declared else _codes().get(key)


def is_platform_code(code: str) -> bool:
    """Whether a text can be the code of a platform: at most 64 capitals, digits and underscores.

    >>> is_platform_code("PODCASTS"), is_platform_code("Podcasts"), is_platform_code("")
    (True, False, False)
    """
    return bool(code) and code == platform_key(code) and len(code) <= _MOST_CHARACTERS


def known_platforms() -> dict[str, list[str]]:
    """The names of the common platforms, by code.

    >>> known_platforms()["REDDIT"]
    ['Reddit', 'Reddit Ads']
    """
    found: dict[str, list[str]] = {}
    for row in data_rows("ad_platforms.csv"):
        found.setdefault(row["platform"], []).append(row["name"])
    return found


def nearest_platforms(name: str, declared: Collection[str] = ()) -> list[str]:
    """The codes of known platforms whose names come closest to an unknown one, at most three.

    >>> nearest_platforms("Googel Ads")
    ['GOOGLE_ADS', 'YAHOO']
    """
    known = _codes() | {code: code for code in declared}
    close = get_close_matches(platform_key(name)[:_MOST_CHARACTERS], known, n=6, cutoff=0.6)
    return list(dict.fromkeys(known[key] for key in close))[:3]
