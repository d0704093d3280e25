"""Ids that are linked with more others than one person can have: shared, hard-coded, or made up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from touchline.identity.graphs import Flags, Integers
from touchline.magnitudes import DAY_MICROS

WEEK_MICROS = 7 * DAY_MICROS
_NO_LIMIT = np.iinfo(np.int64).max - 1


@dataclass(frozen=True)
class Limit:
    """The most ids of one type that one other id may be linked with; ``None``: any number."""

    ever: int | None = None
    per_week: int | None = None
    """New ones within any seven days."""


NAMES_LIMIT = Limit(ever=100)
"""User ids or addresses of one id: a shared tablet has dozens, a browser id that many browsers send has thousands."""
DEVICES_LIMIT = Limit(ever=1_000, per_week=200)
"""Browsers of one id: even with a new cookie on each visit, one person does not have more."""


@dataclass(frozen=True)
class Edges:
    """Numbered edges: their ends, times (microseconds since 1970) and tiers, each of shape ``(edges,)``."""

    one: Integers
    other: Integers
    observed_at: Integers
    tier: Integers

    def only(self, chosen: Flags | Integers) -> "Edges":
        """Some of the edges."""
        return Edges(self.one[chosen], self.other[chosen], self.observed_at[chosen], self.tier[chosen])


def over_limit(edges: Edges, type_of: Integers, limits: Sequence[Limit], is_proof: Flags) -> Flags:
    """Which edges tie an id to a type of which it has too many: all of that type or none, in whatever order they come.

    Guesses are counted together with proofs, but proofs alone among themselves, so that no number of guesses can part
    what is proven.

    :param type_of: the type of each node.
    :param limits: of each type, how many ids of it one id may be linked with.
    :param is_proof: which edges are proofs.
    """
    over: Flags = np.zeros(len(edges.one), dtype=bool)
    hubs = _of_hubs(edges, len(type_of), limits)
    if len(hubs) == 0:
        return over
    edges, is_proof = edges.only(hubs), is_proof[hubs]
    proven = _crowded(edges.only(is_proof), type_of, limits)
    crowded = _crowded(edges, type_of, limits)
    for ends, others in ((edges.one, edges.other), (edges.other, edges.one)):
        key = _keys(ends, others, type_of, limits)
        over[hubs] |= np.isin(key, proven) | (np.isin(key, crowded) & ~is_proof)
    return over


def _of_hubs(edges: Edges, nodes: int, limits: Sequence[Limit]) -> Integers:
    """The edges of ids with more edges than the smallest limit: few, and only these are worth sorting."""
    numbers = [number for limit in limits for number in (limit.ever, limit.per_week) if number is not None]
    if not numbers:
        return np.zeros(0, dtype=np.int64)
    linked = np.bincount(edges.one, minlength=nodes) + np.bincount(edges.other, minlength=nodes)
    is_hub = linked > min(numbers)
    if not is_hub.any():
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(is_hub[edges.one] | is_hub[edges.other])


def _keys(ends: Integers, others: Integers, type_of: Integers, limits: Sequence[Limit]) -> Integers:
    """An id together with the type of what it is linked with."""
    return ends * len(limits) + type_of[others]


def _crowded(edges: Edges, type_of: Integers, limits: Sequence[Limit]) -> Integers:
    """The keys with too many different others."""
    ever = np.array([_number(limit.ever) for limit in limits], dtype=np.int64)
    week = np.array([_number(limit.per_week) for limit in limits], dtype=np.int64)
    ends, others = np.concatenate([edges.one, edges.other]), np.concatenate([edges.other, edges.one])
    times = np.concatenate([edges.observed_at, edges.observed_at])
    key, times = _first_times(_keys(ends, others, type_of, limits), others, times)
    kind = key % len(limits)
    places = np.arange(len(key)) - np.searchsorted(key, key)
    too_many = places >= ever[kind]
    start = np.arange(len(key)) - week[kind]
    is_within = places >= week[kind]
    too_many |= is_within & (times - times[np.where(is_within, start, 0)] < WEEK_MICROS)
    crowded: Integers = np.unique(key[too_many])
    return crowded


def _first_times(key: Integers, others: Integers, times: Integers) -> tuple[Integers, Integers]:
    """Each key once per different other, with the time of the first edge between them; by key and time."""
    order = np.lexsort((times, others, key))
    key, others, times = key[order], others[order], times[order]
    is_first = np.ones(len(key), dtype=bool)
    is_first[1:] = (key[1:] != key[:-1]) | (others[1:] != others[:-1])
    key, times = key[is_first], times[is_first]
    order = np.lexsort((times, key))
    return key[order], times[order]


def _number(limit: int | None) -> int:
    return _NO_LIMIT if limit is None else limit


def limits_of(
    types: Sequence[str], names: Sequence[str], given: Mapping[str, tuple[int | None, int | None]]
) -> list[Limit]:
    """The limit of each type: the given one, else that of names or of devices."""
    return [Limit(*given[kind]) if kind in given else NAMES_LIMIT if kind in names else DEVICES_LIMIT for kind in types]
