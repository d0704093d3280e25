"""The kind of device that a user agent runs on, by rules in a table; see ``docs/decisions/channel-ladder.md``."""

import re
from functools import cache
from typing import Any, Literal, NamedTuple, cast

from touchline.channels.reference import rows
from touchline.pattern_sets import encodable, pattern_set

DeviceType = Literal["desktop", "mobile", "tablet"]

LONGEST_USER_AGENT = 512
"""Characters that are looked at: nothing beyond them tells a device."""

_MODEL = re.compile(
    r"(?:android|\badr|harmonyos)[ /-]?[\d._]*[;)]? ?"  # the system, or "(Linux; U; Adr 4.2; en-US; GT-P3100)"
    r"(?:harmonyos; ?)?(?:u; ?)?"
    r"(?:[a-z]{2}(?:[-_][a-z]{2,4}){0,2}; ?)?"  # the language
    r"([^;)]{1,60}?)(?= build| miui|[;)/]|$)",
    re.IGNORECASE,
)
"""The maker's name of an Android device, which a user agent has after the system's version."""


class _Line(NamedTuple):
    """A row of ``data/devices.csv``."""

    device: str
    reads: str
    pattern: str
    about: str


class _Rules(NamedTuple):
    """The rules as two automata, of which each matches all its patterns in one pass over a text."""

    devices: tuple[DeviceType, ...]
    """What each row tells, in the order of the rows."""
    agents: Any
    agent_rows: tuple[int, ...]
    """The row of each pattern that reads the whole user agent."""
    models: Any
    model_rows: tuple[int, ...]


@cache
def _rules() -> _Rules:
    """``data/devices.csv``, read and compiled once."""
    lines = [_Line(*row) for row in rows("devices.csv")]
    agents, agent_rows = _lines_that_read(lines, "agent")
    models, model_rows = _lines_that_read(lines, "model")
    devices = cast("tuple[DeviceType, ...]", tuple(line.device for line in lines))
    return _Rules(devices, agents, agent_rows, models, model_rows)


def _lines_that_read(lines: list[_Line], reads: str) -> tuple[Any, tuple[int, ...]]:
    numbers = tuple(number for number, line in enumerate(lines) if line.reads == reads)
    return pattern_set((lines[number].pattern for number in numbers), ignores_case=True), numbers


def device_type(user_agent: str | float | None) -> DeviceType:
    """``desktop``, ``mobile`` or ``tablet``; ``desktop`` where nothing tells, as for ``None`` and ``NaN``.

    What stays in its place, such as a television set, a game console or a car, counts as a desktop; a watch as mobile;
    a reader as a tablet. An iPad that presents itself as a Mac, which is what iPads do by default, counts as a desktop.

    >>> device_type("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148")
    'mobile'
    >>> device_type("Mozilla/5.0 (Linux; Android 9; Lenovo TB-8505F) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile")
    'tablet'
    """
    if not isinstance(user_agent, str):
        return "desktop"
    rules = _rules()
    text = encodable(user_agent[:LONGEST_USER_AGENT])
    found = [rules.agent_rows[number] for number in rules.agents.Match(text) or ()]
    model = _MODEL.search(text)
    if model is not None:
        found += [rules.model_rows[number] for number in rules.models.Match(model[1]) or ()]
    return rules.devices[min(found)] if found else "desktop"


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
