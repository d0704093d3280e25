"""Rules of process behavior charts, one window at a time: slow, and obviously right."""

from collections.abc import Callable, Sequence
from itertools import pairwise

Windows = dict[str, tuple[int, Callable[[Sequence[float], Sequence[float]], bool]]]


def _count(zones: Sequence[float], beyond: float) -> int:
    return sum(zone > beyond for zone in zones)


def _rises(values: Sequence[float]) -> bool:
    return sorted(set(values)) == list(values)


def _alternates(values: Sequence[float]) -> bool:
    ups = [after > before for before, after in pairwise(values)]
    equal = [after == before for before, after in pairwise(values)]
    return not any(equal) and not any(one == other for one, other in pairwise(ups))


ABOVE: dict[str, Windows] = {
    "wheeler": {
        "1": (1, lambda _, zones: zones[0] > 3),
        "2": (4, lambda _, zones: _count(zones, 1.5) >= 3),
        "3": (8, lambda _, zones: _count(zones, 0) == 8),
    },
    "nhs": {
        "1": (1, lambda _, zones: zones[0] > 3),
        "2": (3, lambda _, zones: _count(zones, 2) >= 2),
        "3": (7, lambda _, zones: _count(zones, 0) == 7),
        "4": (7, lambda values, _: _rises(values)),
    },
    "western_electric": {
        "1": (1, lambda _, zones: zones[0] > 3),
        "2": (3, lambda _, zones: _count(zones, 2) >= 2),
        "3": (5, lambda _, zones: _count(zones, 1) >= 4),
        "4": (8, lambda _, zones: _count(zones, 0) == 8),
    },
    "nelson": {
        "1": (1, lambda _, zones: zones[0] > 3),
        "2": (9, lambda _, zones: _count(zones, 0) == 9),
        "3": (6, lambda values, _: _rises(values)),
        "4": (14, lambda values, _: _alternates(values)),
        "5": (3, lambda _, zones: _count(zones, 2) >= 2),
        "6": (5, lambda _, zones: _count(zones, 1) >= 4),
        "7": (15, lambda _, zones: _count([-abs(zone) for zone in zones], -1) == 15),
        "8": (8, lambda _, zones: _count([abs(zone) for zone in zones], 1) == 8),
    },
}
"""By set and rule, the length of a window and whether it breaks the rule upward."""


def broken_windows(values: Sequence[float], zones: Sequence[float], rules: str) -> set[tuple[int, int]]:
    """Each rule and the start of each full window that breaks it upward."""
    return {
        (int(number), start)
        for number, (length, breaks) in ABOVE[rules].items()
        for start in range(len(values) - length + 1)
        if breaks(values[start : start + length], zones[start : start + length])
    }
