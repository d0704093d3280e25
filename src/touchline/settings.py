"""Settings: where the data lives, and what an organization may choose about its numbers.

The only place that reads the environment. Everything else receives a :class:`Home` or :class:`OrganizationSettings`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from touchline.errors import UsageError

Direct = Literal["unless_only", "include"]
"""Whether Direct touches get credit: only on paths that have nothing else, or like any other touch."""

MODELS = ("FIRST_TOUCH", "LAST_TOUCH", "LINEAR", "TIME_DECAY", "POSITION_BASED")
"""The attribution models of this release, in the order in which they are shown."""

BLOCKED_IDENTIFIERS = frozenset(
    {
        "", "-1", "0", "00000000-0000-0000-0000-000000000000", "[object object]", "anonymous", "anon", "false",
        "guest", "id", "n/a", "na", "nan", "nil", "none", "not set", "(not set)", "null", "true", "undefined",
        "unknown", "user", "userid", "user_id",
    }
)  # fmt: skip
"""Values (lower case) that name nobody: a tag that sends ``"null"`` for everybody must not make one giant person."""


@dataclass(frozen=True)
class Home:
    """The folder of one Touchline: ``ledger.db`` (what was told to us) and ``engine.duckdb`` (derived)."""

    path: Path

    @property
    def ledger_file(self) -> Path:
        """The ledger, in the embedded default."""
        return self.path / "ledger.db"

    @property
    def engine_file(self) -> Path:
        """The engine, in the embedded default."""
        return self.path / "engine.duckdb"

    @property
    def exists(self) -> bool:
        """Whether there is a ledger."""
        return self.ledger_file.is_file()


def home_from(environment: Mapping[str, str] | None = None) -> Home:
    """The home named by ``TOUCHLINE_HOME``, or ``~/.touchline``.

    >>> home_from({"TOUCHLINE_HOME": "/srv/touchline"}).ledger_file.as_posix()
    '/srv/touchline/ledger.db'
    """
    named = (os.environ if environment is None else environment).get("TOUCHLINE_HOME", "")
    return Home(Path(named).expanduser() if named else Path.home() / ".touchline")


def wants_traceback(environment: Mapping[str, str] | None = None) -> bool:
    """Whether ``TOUCHLINE_DEBUG`` asks to see where an unexpected error came from.

    >>> wants_traceback({"TOUCHLINE_DEBUG": "1"}), wants_traceback({})
    (True, False)
    """
    return (os.environ if environment is None else environment).get("TOUCHLINE_DEBUG", "") not in {"", "0"}


@dataclass(frozen=True)
class OrganizationSettings:
    """What an organization may choose; each field is one name of ``touchline settings``."""

    lookback_days: int = 30
    """How many days before a conversion a touch may lie and still get credit (inclusive), 1–3650."""
    half_life_days: float = 7.0
    """Days in which the TIME_DECAY weight of a touch halves, 0.01–3650."""
    direct: Direct = "unless_only"
    """``unless_only``: Direct gets credit only where the path has nothing else. ``include``: like any other channel."""
    default_model: str = "LAST_TOUCH"
    """The model that reports and the waste list use where none is named."""
    primary_goal: str = ""
    """The goal that reports count where none is named; empty means all goals together."""
    waste_window_days: int = 30
    """How many days, up to the newest day with data, the waste list looks at, 1–3650."""
    retention_days: int = 0
    """How many days an event is kept after it happened, 1–36500; 0 keeps events until somebody erases them."""

    def changed(self, name: str, text: str) -> "OrganizationSettings":
        """These settings with one of them set from text.

        Raises :class:`UsageError` if there is no such setting or the text is not a value of it.

        >>> OrganizationSettings().changed("lookback_days", "90").lookback_days
        90
        """
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if name not in values:
            raise UsageError(f"There is no setting {name!r}.", f"Settings are: {', '.join(values)}.")
        values[name] = _checked(name, text)
        return OrganizationSettings(**values)


_RANGES: dict[str, tuple[type, float, float]] = {
    "lookback_days": (int, 1, 3650),
    "half_life_days": (float, 0.01, 3650),
    "waste_window_days": (int, 1, 3650),
    "retention_days": (int, 0, 36_500),
}
_CHOICES: dict[str, tuple[str, ...]] = {"direct": ("unless_only", "include"), "default_model": MODELS}


def _checked(name: str, text: str) -> object:
    if name in _CHOICES:
        if text not in _CHOICES[name]:
            raise UsageError(f"{name} is one of {', '.join(_CHOICES[name])}, not {text!r}.")
        return text
    if name not in _RANGES:
        return text
    kind, low, high = _RANGES[name]
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise UsageError(f"{name} is a number from {low:g} to {high:g}, not {text!r}.")
    return value
