"""Rules that a series breaks when its process changed: points outside the limits, runs, trends, crowded zones."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Signal:
    """Points that break a rule together."""

    rule: int
    """The rule's number in its set, from 1."""
    name: str
    indices: tuple[int, ...]
    """All points that break it, from 0."""
    side: str
    """``above`` or ``below`` the center; of a trend ``rising`` or ``falling``; ``both`` where sides do not matter."""
    completed_at: tuple[int, ...]
    """The points at which the rule was complete: what one could know on the day."""


@dataclass(frozen=True)
class Series:
    """What rules look at."""

    zones: Floats
    """Each point's distance from the center in thirds of the distance to the limit on its side, shape ``(n,)``: 0 on
    the center, 3 on the upper limit, -3 on the lower."""
    steps: NDArray[np.int64]
    """1, 0 or -1: whether a point is above, equal to, or below the one before; shape ``(n - 1,)``."""


Rule = Callable[[Series], Iterator[tuple[str, Flags, int, int]]]
"""From a series to, for each side, its name, the points that count, how many of how many neighbors must."""


def zones_of(values: Floats, center: Floats | float, lower: Floats, upper: Floats) -> Floats:
    """Where each point lies; differences that only floating-point arithmetic makes are none."""
    above = values > center
    width = np.where(above, upper - center, center - lower) / 3
    distance = values - center
    distance[np.isclose(values, center, rtol=1e-9, atol=0)] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        zones = np.where(distance == 0, 0.0, distance / width)
    on_limit = np.isclose(np.abs(zones), 3.0, rtol=1e-9, atol=0)
    return np.where(on_limit, np.sign(zones) * 3.0, zones)


def _outside(series: Series) -> Iterator[tuple[str, Flags, int, int]]:
    yield "above", series.zones > 3, 1, 1
    yield "below", series.zones < -3, 1, 1


def _some_of(needed: int, of: int, beyond: float) -> Rule:
    def found(series: Series) -> Iterator[tuple[str, Flags, int, int]]:
        yield "above", series.zones > beyond, needed, of
        yield "below", series.zones < -beyond, needed, of

    return found


def _run(length: int) -> Rule:
    return _some_of(length, length, 0.0)


def _trend(length: int) -> Rule:
    def found(series: Series) -> Iterator[tuple[str, Flags, int, int]]:
        yield "rising", series.steps > 0, length - 1, length - 1
        yield "falling", series.steps < 0, length - 1, length - 1

    return found


def _alternating(length: int) -> Rule:
    def found(series: Series) -> Iterator[tuple[str, Flags, int, int]]:
        yield "both", series.steps[1:] * series.steps[:-1] < 0, length - 2, length - 2

    return found


def _within(length: int, zone: float) -> Rule:
    def found(series: Series) -> Iterator[tuple[str, Flags, int, int]]:
        yield "both", np.abs(series.zones) < zone, length, length

    return found


def _beyond(length: int, zone: float) -> Rule:
    def found(series: Series) -> Iterator[tuple[str, Flags, int, int]]:
        yield "both", np.abs(series.zones) > zone, length, length

    return found


RULE_SETS: Mapping[str, Mapping[str, Rule]] = {
    "wheeler": {
        "outside the limits": _outside,
        "3 of 4 nearer to a limit than to the center": _some_of(3, 4, 1.5),
        "8 in a row on one side": _run(8),
    },
    "nhs": {
        "outside the limits": _outside,
        "2 of 3 in the outer third": _some_of(2, 3, 2.0),
        "7 in a row on one side": _run(7),
        "7 in a row rising or falling": _trend(7),
    },
    "western_electric": {
        "outside the limits": _outside,
        "2 of 3 beyond 2 sigma": _some_of(2, 3, 2.0),
        "4 of 5 beyond 1 sigma": _some_of(4, 5, 1.0),
        "8 in a row on one side": _run(8),
    },
    "nelson": {
        "outside the limits": _outside,
        "9 in a row on one side": _run(9),
        "6 in a row rising or falling": _trend(6),
        "14 in a row alternating": _alternating(14),
        "2 of 3 beyond 2 sigma": _some_of(2, 3, 2.0),
        "4 of 5 beyond 1 sigma": _some_of(4, 5, 1.0),
        "15 in a row within 1 sigma": _within(15, 1.0),
        "8 in a row beyond 1 sigma": _beyond(8, 1.0),
    },
}
"""Sets of rules, each numbered from 1 in its order. Sources: D. J. Wheeler, *Understanding Variation*; NHS England,
*Making Data Count*; Western Electric, *Statistical Quality Control Handbook* (1956); L. S. Nelson, *The Shewhart
Control Chart: Tests for Special Causes*, Journal of Quality Technology 16 (1984)."""


def broken_rules(values: Floats, zones: Floats, rules: str) -> list[Signal]:
    """The signals of a series under a set of rules, by rule and time.

    A point on the center, or equal to the one before, ends a run or a trend. A rule that stays broken is one signal;
    each point outside the limits is one of its own.
    """
    series = Series(zones, np.sign(np.diff(values)).astype(np.int64))
    return [
        signal
        for number, (name, rule) in enumerate(RULE_SETS[rules].items(), start=1)
        for signal in sorted(_signals(series, number, name, rule), key=lambda found: found.indices)
    ]


def _signals(series: Series, number: int, name: str, rule: Rule) -> Iterator[Signal]:
    for side, counts, needed, of in rule(series):
        before = len(series.zones) - len(counts)  # a step needs the points before it, too
        for members, completed in _together(counts, needed, of):
            indices = range(members[0], members[-1] + before + 1) if before else members
            yield Signal(number, name, tuple(indices), side, tuple(place + before for place in completed))


def _together(counts: Flags, needed: int, of: int) -> Iterator[tuple[list[int], list[int]]]:
    """The points that count, and those that complete ``needed`` among the last ``of``; overlapping windows as one."""
    if len(counts) < needed:
        return
    padded = np.concatenate([np.zeros(of - 1, dtype=np.bool_), counts])
    completes = np.flatnonzero(counts & (sliding_window_view(padded, of).sum(axis=1) >= needed))
    breaks = np.flatnonzero(np.diff(completes) >= of) + 1
    for group in np.split(completes, breaks):
        if len(group):
            window = np.arange(max(group[0] - of + 1, 0), group[-1] + 1)
            yield window[counts[window]].tolist(), group.tolist()
