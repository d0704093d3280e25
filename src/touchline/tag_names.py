"""An organization's own names of UTM parameters: what its links say in place of ``utm_*``."""

import re

from attribution_campaign_context.registry import CLICK_IDS, UTM_KEYS
from touchline.errors import UsageError

TagNames = tuple[tuple[str, str], ...]
"""Pairs of a parameter's name, in lower case, and the UTM parameter that it stands for."""

MOST_TAG_NAMES = 20
_NAME = re.compile(r"[a-z0-9_.\-\[\]]{1,64}")
_EXAMPLE = "Write it as kampagne=utm_campaign, quelle=utm_source."


def tag_names_of(text: str) -> TagNames:
    """The pairs in the setting ``tag_names``.

    :raises UsageError: if it is anything but pairs of a name and a UTM parameter.

    >>> tag_names_of(" Kampagne = utm_campaign,quelle=utm_source ")
    (('kampagne', 'utm_campaign'), ('quelle', 'utm_source'))
    """
    names: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in text.lower().split(","))):
        own, _, key = (part.strip() for part in pair.partition("="))
        if not _NAME.fullmatch(own):
            raise UsageError(f"tag_names: {own[:80]!r} is not the name of a parameter.", _EXAMPLE)
        if key not in UTM_KEYS:
            known = ", ".join(sorted(UTM_KEYS))
            raise UsageError(f"tag_names: {own} is to stand for one of {known}, not for {key[:80]!r}.", _EXAMPLE)
        if own in UTM_KEYS or own in CLICK_IDS:
            raise UsageError(f"tag_names: {own} has a meaning of its own already.", "Leave it out.")
        if names.setdefault(own, key) != key:
            raise UsageError(f"tag_names: {own} is to stand for two parameters.", "Leave one of them out.")
    if len(names) > MOST_TAG_NAMES:
        raise UsageError(f"tag_names: More than {MOST_TAG_NAMES}.", _EXAMPLE)
    return tuple(names.items())
