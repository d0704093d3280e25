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


_FORM_FACTORS: dict[str, DeviceType] = {"tablet": "tablet", "mobile": "mobile", "desktop": "desktop"}
_DESKTOPS = ("windows", "macos", "linux", "chrome os", "chromium os")


def hinted_device(mobile: str, platform: str = "", form_factors: str = "") -> DeviceType | None:
    """The device as a browser's client hints say it; ``None`` where they do not, and the user agent has to.

    The arguments are the header fields ``Sec-CH-UA-Mobile``, ``-Platform`` and ``-Form-Factors``, empty where absent.

    >>> hinted_device("?0", '"Android"'), hinted_device("?0", '"macOS"'), hinted_device("?1", form_factors='"Tablet"')
    ('tablet', 'desktop', 'tablet')
    """
    named = form_factors.lower()
    told = next((device for word, device in _FORM_FACTORS.items() if f'"{word}"' in named), None)
    if told is not None:
        return told
    if mobile == "?1":
        return "mobile"
    system = platform.strip('" ').lower()
    if mobile != "?0":
        return None
    return "tablet" if system == "android" else "desktop" if system in _DESKTOPS else None
