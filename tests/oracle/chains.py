"""Paths and what models make of them, by the plain definitions: slow, in dictionaries and fractions."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import factorial

Path = tuple[tuple[str, ...], int, int]
"""The channels of a path in order, how many converted along it, and how many did not."""
State = tuple[str, ...]

START: State = ()
CONVERSION: State = ("(conversion)",)
NULL: State = ("(null)",)


def channels_of(paths: Sequence[Path]) -> list[str]:
    """Each channel once, by name."""
    return sorted({channel for channels, _, _ in paths for channel in channels})


def steps(paths: Sequence[Path], order: int) -> Counter[tuple[State, State]]:
    """How often a state followed another; a state is the last ``order`` channels."""
    counted: Counter[tuple[State, State]] = Counter()
    for channels, conversions, nulls in paths:
        visited = [START, *(channels[max(0, n + 1 - order) : n + 1] for n in range(len(channels)))]
        for step in pairwise(visited):
            counted[step] += conversions + nulls
        counted[visited[-1], CONVERSION] += conversions
        counted[visited[-1], NULL] += nulls
    return +counted


def conversion_rate(counted: Mapping[tuple[State, State], int], removed: str | None = None) -> float:
    """Send everybody along, step by step, until nobody is on the way; states with ``removed`` are null."""
    leaving: Counter[State] = Counter()
    following: dict[State, list[tuple[State, float]]] = {}
    for (here, _), number in counted.items():
        leaving[here] += number
    for (here, there), number in counted.items():
        following.setdefault(here, []).append((there, number / leaving[here]))
    on_the_way, converted = {START: 1.0}, 0.0
    while sum(on_the_way.values()) > 1e-14:
        arriving: dict[State, float] = {}
        for here, people in on_the_way.items():
            for there, share in following[here]:
                if there == CONVERSION:
                    converted += people * share
                elif there != NULL and removed not in there:
                    arriving[there] = arriving.get(there, 0.0) + people * share
        on_the_way = arriving
    return converted


def removal_effect(paths: Sequence[Path], order: int, channel: str) -> float:
    """The share of conversions that is lost if the channel, wherever it is in a state, leads nowhere."""
    counted = steps(paths, order)
    return 1 - conversion_rate(counted, channel) / conversion_rate(counted)


def _ends(first: Fraction, last: Fraction, of_two: Fraction, count: int) -> list[Fraction]:
    """Shares of the first, of those between, and of the last; ``of_two`` is the first's where there are two."""
    if count == 1:
        return [Fraction(1)]
    if count == 2:
        return [of_two, 1 - of_two]
    return [first, *[(1 - first - last) / (count - 2)] * (count - 2), last]


def _of_last_other(channels: Sequence[str]) -> list[Fraction]:
    credited = max((n for n, channel in enumerate(channels) if channel != "Direct"), default=len(channels) - 1)
    return [Fraction(n == credited) for n in range(len(channels))]


SHARES: Mapping[str, Callable[[Sequence[str]], list[Fraction]]] = {
    "FIRST_TOUCH": lambda channels: [Fraction(n == 0) for n in range(len(channels))],
    "LAST_TOUCH": lambda channels: [Fraction(n == len(channels) - 1) for n in range(len(channels))],
    "LINEAR": lambda channels: [Fraction(1, len(channels)) for _ in channels],
    "POSITION_BASED": lambda channels: _ends(Fraction(2, 5), Fraction(2, 5), Fraction(1, 2), len(channels)),
    "LAST_NON_DIRECT": _of_last_other,
    "J_SHAPED": lambda channels: _ends(Fraction(1, 5), Fraction(3, 5), Fraction(1, 4), len(channels)),
    "INVERSE_J": lambda channels: _ends(Fraction(3, 5), Fraction(1, 5), Fraction(3, 4), len(channels)),
    "SHAPLEY": lambda channels: [Fraction(1, len({*channels}) * channels.count(channel)) for channel in channels],
}
"""By model: the share of each touch of a path."""


def credit(paths: Sequence[tuple[Sequence[str], Fraction]], model: str) -> dict[str, Fraction]:
    """What each channel gets of the amounts of the paths, under a rule model; without a touch it is under ``""``."""
    found: dict[str, Fraction] = {}
    for channels, amount in paths:
        parts = zip(channels, SHARES[model](channels), strict=True) if channels else [("", Fraction(1))]
        for channel, share in parts:
            found[channel] = found.get(channel, Fraction(0)) + share * amount
    return found


def shapley(worth: Callable[[frozenset[str]], Fraction], players: Sequence[str]) -> dict[str, Fraction]:
    """The mean of what a player adds, over every order in which they can come."""
    size = len(players)
    found = dict.fromkeys(players, Fraction(0))
    for player in players:
        others = [other for other in players if other != player]
        for mask in range(2 ** len(others)):
            before = frozenset(other for n, other in enumerate(others) if mask >> n & 1)
            orders = Fraction(factorial(len(before)) * factorial(size - len(before) - 1), factorial(size))
            found[player] += orders * (worth(before | {player}) - worth(before))
    return found
