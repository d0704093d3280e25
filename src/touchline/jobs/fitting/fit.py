"""What a fit is, and which days it serves. Pure functions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

BEGINNING, END = date(1900, 1, 1), date(2299, 12, 31)
"""The first and the last day that every engine can store."""


@dataclass(frozen=True)
class FitValue:
    """One number of a fit: what it is of, which number it is, and the number."""

    name: str
    """A channel, a measure, or a model and a currency; ``""``: the fit as a whole."""
    statistic: str
    value: float
    site_id: str = ""
    """``""``: all sites of the organization."""


@dataclass(frozen=True)
class Fit:
    """What was computed over everybody in a closed window. It is never changed; a later version may follow it."""

    fit_id: str
    organization_id: str
    kind: str
    version: int
    window_start: date
    window_end: date
    made_at: int
    """Microseconds since 1970."""
    serves_from: date | None
    """The first day that it serves; ``None``: a later version of the same window has replaced it."""
    serves_until: date | None
    values: tuple[FitValue, ...] = ()


def fit_id(organization_id: str, kind: str, window_end: date, version: int) -> str:
    """The name of a fit.

    >>> fit_id("shop", "MARKOV", date(2026, 3, 31), 1)
    'MARKOV/shop/2026-03-31/v1'
    """
    return f"{kind}/{organization_id}/{window_end}/v{version}"


def standing(fits: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The fits that serve, each with its first and last day; a window's newest version stands for the window.

    A day is served by the newest fit whose window ended before it, and a day before all those by the earliest fit:
    never by the time at which a fit was made, so that any past day can be replayed.

    :param fits: rows with ``organization_id``, ``kind``, ``version`` and ``window_end`` at least.
    :returns: the rows with ``serves_from`` and ``serves_until`` (both inclusive); those of one organization and kind
        cover every day exactly once.

    >>> march = {"organization_id": "o", "kind": "MARKOV", "version": 1, "window_end": date(2026, 3, 31)}
    >>> april = march | {"window_end": date(2026, 4, 30)}
    >>> [str(row["serves_until"]) for row in standing([april, march])]
    ['2026-04-30', '2299-12-31']
    """
    newest: dict[tuple[str, str], dict[date, dict[str, Any]]] = defaultdict(dict)
    for row in sorted(fits, key=lambda row: int(row["version"])):
        newest[row["organization_id"], row["kind"]][row["window_end"]] = dict(row)
    return [row for _, windows in sorted(newest.items()) for row in _serving([windows[end] for end in sorted(windows)])]


def _serving(windows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One organization's fits of one kind, by the end of their windows."""
    ends = [row["window_end"] for row in windows[1:]]
    days = pairwise([BEGINNING, *(end + timedelta(days=1) for end in ends), END + timedelta(days=1)])
    return [
        row | {"serves_from": first, "serves_until": after - timedelta(days=1)}
        for row, (first, after) in zip(windows, days, strict=True)
    ]
