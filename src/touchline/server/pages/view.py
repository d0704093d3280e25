"""What a page shows, as its address says it: every choice is a parameter, and a link is made of nothing else."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, urlencode

from touchline.characters import unstorable
from touchline.errors import UsageError
from touchline.numerals import date_of, whole_of

PERIODS: Mapping[str, str] = MappingProxyType({
    "7d": "Last 7 days", "28d": "Last 28 days", "90d": "Last 90 days", "365d": "Last 365 days",
    "month": "Month to date", "last-month": "Last month", "year": "Year to date", "all": "All time",
})  # fmt: skip
"""The presets of the period, each of which ends on the last day with data, with their names."""
COMPARISONS: Mapping[str, str] = MappingProxyType({
    "previous": "Previous period", "last-year": "Same period last year", "none": "No comparison",
})  # fmt: skip
MATCHES: Mapping[str, str] = MappingProxyType({"weekdays": "Match weekdays", "dates": "Match dates"})
LONGEST = 1_024
"""Characters of a parameter."""
MOST_ROWS = 1_000
"""Rows that a table may show."""

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "period": PERIODS, "compare": COMPARISONS, "match": MATCHES, "intervals": {"yes": "With intervals"},
}  # fmt: skip
_KEYS = {"start": "from", "end": "to"}
"""The parameters that go by another name than their field."""


@dataclass(frozen=True)
class View:
    """One view of a screen; what is left out of an address has the value that stands here.

    >>> View.parsed("by=source&model=").by, View(site="shop", limit=50).query
    ('source', 'site=shop&limit=50')
    """

    org: str = ""
    """The organization; ``""``: the only one that the person sees."""
    site: str = ""
    """``""``: all sites."""
    goal: str | None = None
    """``""``: all goals; ``None``: the primary goal."""
    period: str = "28d"
    """A preset; what ``start`` and ``end`` say comes first."""
    start: date | None = None
    end: date | None = None
    compare: str = "previous"
    match: str = "weekdays"
    model: str = ""
    """``""``: the default model."""
    versus: str = ""
    """The model from which that one's numbers are shown to differ; ``""``: none."""
    by: str = ""
    """What the rows are; ``""``: what the screen shows first."""
    path: str = ""
    """Where in a tree, or which one of a list; ``""``: at its top."""
    q: str = ""
    """Rows whose name contains it."""
    platform: str = ""
    """Findings of this ad platform; ``""``: of any. The three that follow are of findings, too."""
    severity: str = ""
    reason: str = ""
    state: str = ""
    """What was decided about them, or ``open``."""
    intervals: str = ""
    """``yes``: with what could be chance in each number; ``""``: without."""
    sort: str = ""
    """The column by which rows are sorted, with ``-`` in front for the greatest first; ``""``: the screen's order."""
    after: str = ""
    """The place after which a list goes on, as its last page names it; ``""``: from its start."""
    limit: int = 0
    """The most rows of a table; 0: as many as the screen shows first."""

    @classmethod
    def parsed(cls, query: str) -> "View":
        """The view that an address asks for.

        :param query: what stands behind its question mark.
        :raises UsageError: if a parameter is unknown, is given twice, or has a value that it cannot have.
        """
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        twice = next((key for key, times in Counter(key for key, _ in pairs).items() if times > 1), None)
        if twice is not None:
            raise UsageError(f"{twice!r:.80} is given twice.", "Name it once.")
        names = {_key(one.name): one.name for one in fields(cls)}
        unknown = next((key for key, _ in pairs if key not in names), None)
        if unknown is not None:
            raise UsageError(f"There is no parameter {unknown!r:.80} here.", f"There are {', '.join(names)}.")
        found = cls(**{names[key]: _read(key, text) for key, text in pairs if text or key == "goal"})
        if found.start and found.end and found.start > found.end:
            raise UsageError(
                f"The period ends on {found.end}, before it starts on {found.start}.", "Exchange the days."
            )
        return replace(found, period=cls.period) if found.start or found.end else found

    @property
    def query(self) -> str:
        """The view as parameters, in one order, without what is as it is anyway; ``""`` for the first view."""
        chosen = {_key(one.name): getattr(self, one.name) for one in fields(self)}
        usual = {_key(one.name): one.default for one in fields(self)}
        return urlencode({key: str(value) for key, value in chosen.items() if value != usual[key]})

    @property
    def chosen(self) -> dict[str, str]:
        """The parameters of :attr:`query`, one by one."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def changed(self, **choices: Any) -> "View":
        """The view with other choices, by the names of fields.

        >>> View(site="shop", period="7d").changed(period="90d").query
        'site=shop&period=90d'
        """
        return replace(self, **choices)

    def address(self, path: str) -> str:
        """The address of the view on a screen.

        >>> View(by="source").address("/models")
        '/models?by=source'
        """
        return f"{path}?{self.query}" if self.query else path


def _key(name: str) -> str:
    return _KEYS.get(name, name)


def _read(key: str, text: str) -> Any:
    if len(text) > LONGEST:
        raise UsageError(f"{key} has more than {LONGEST} characters.")
    if unstorable(text):
        raise UsageError(f"{key} must be text without a NUL character, not {text!r:.80}.")
    if key in _CHOICES and text not in _CHOICES[key]:
        raise UsageError(f"{key} must be one of {', '.join(_CHOICES[key])}, not {text!r:.80}.")
    if key in _KEYS.values():
        return _day(key, text)
    if key == "limit":
        return _number(text)
    return text


def _day(key: str, text: str) -> date:
    found = date_of(text)
    if found is None:
        raise UsageError(f"{key} must be a day, YYYY-MM-DD, not {text!r:.80}.")
    return found


def _number(text: str) -> int:
    found = whole_of(text)
    if found is None or not 1 <= found <= MOST_ROWS:
        raise UsageError(f"limit must be a whole number from 1 to {MOST_ROWS:,}, not {text!r:.80}.")
    return found
