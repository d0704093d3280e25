"""The kind of device that a user agent runs on, by a few tokens; see ``docs/decisions/channel-ladder.md``."""

from typing import Literal

DeviceType = Literal["desktop", "mobile", "tablet"]

LONGEST_USER_AGENT = 512
"""Characters that are looked at: nothing beyond them tells a device."""

_RULES: tuple[tuple[DeviceType, tuple[str, ...]], ...] = (
    ("desktop", ("smart-tv", "smarttv", "googletv", "android tv", "appletv", "crkey", "; aft", "bravia", "windows nt")),
    ("tablet", ("ipad", "tablet", "kindle", "silk/", "playbook", "sm-t", "nexus 7", "nexus 9", "nexus 10", "xoom")),
    ("mobile", ("mobi", "iphone", "ipod", "phone", "blackberry", "bb10", "symbian", "opera mini", "dalvik", "okhttp")),
    ("tablet", ("android",)),  # Android's browsers say "Mobile" on phones only
    ("mobile", ("midp", "webos")),
)


def device_type(user_agent: str | None) -> DeviceType:
    """``desktop``, ``mobile`` or ``tablet``; ``desktop`` where nothing tells, as for ``None``.

    An iPad that presents itself as a Mac, which is what iPads do by default, counts as a desktop.

    >>> device_type("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148")
    'mobile'
    """
    text = (user_agent or "")[:LONGEST_USER_AGENT].lower()
    return next((device for device, tokens in _RULES if any(token in text for token in tokens)), "desktop")
