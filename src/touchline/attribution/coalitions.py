"""Shapley values: what each player of a game adds to the worth of the coalitions that it can join."""

from collections.abc import Callable
from math import factorial

import numpy as np

from touchline.attribution.path_table import Floats, Integers, PathTable, distinct_channels, sums_at

MOST_EXACT = 20
"""The number of players up to which all coalitions are looked at: a million of them."""

Marginals = Callable[[Integers], Floats]
"""From an order in which players come, what each adds to those before it, by player."""


def shapley_values(worths: Floats) -> Floats:
    r"""The Shapley value of each player, from the worth of every coalition.

    .. math:: \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(n - |S| - 1)!}{n!} \bigl(v(S \cup \{i\}) - v(S)\bigr)

    :param worths: shape ``(2**n,)``; bit i of a place says that player i is in the coalition.
    :returns: shape ``(n,)``; they sum to the worth of all players less the worth of none.

    >>> shapley_values(np.array([0.0, 1.0, 2.0, 4.0])).tolist()  # the first alone 1, the second alone 2, both 4
    [1.5, 2.5]
    """
    size = len(worths).bit_length() - 1
    chances = np.array([factorial(k) * factorial(size - k - 1) / factorial(size) for k in range(size)])
    members = np.zeros(1, np.int64)
    for _ in range(size):
        members = np.concatenate([members, members + 1])
    values = np.zeros(size)
    for player in range(size):
        without, joined = np.moveaxis(worths.reshape(-1, 2, 2**player), 1, 0)
        before = members.reshape(-1, 2, 2**player)[:, 0, :]
        values[player] = (chances[before] * (joined - without)).sum()
    return values


def subset_sums(amounts: Floats) -> Floats:
    """For each coalition, the sum of the amounts of all coalitions that it contains, itself included.

    :param amounts: shape ``(2**n,)``, one for each coalition.

    >>> subset_sums(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [0.0, 1.0, 2.0, 8.0]
    """
    sums = amounts.copy()
    for player in range(len(amounts).bit_length() - 1):
        halves = sums.reshape(-1, 2, 2**player)
        halves[:, 1, :] += halves[:, 0, :]
    return sums


def sampled_values(marginals: Marginals, size: int, samples: int, seed: int) -> tuple[Floats, Floats]:
    """The mean of what each player adds over random orders, each taken forwards and backwards.

    :param samples: the number of orders; an odd number is rounded up.
    :returns: the values and their standard errors, shape ``(size,)`` each. The values sum to the worth of all players
        less the worth of none.
    """
    chance = np.random.default_rng(seed)
    pairs = -(-samples // 2)
    total, squares = np.zeros(size), np.zeros(size)
    for _ in range(pairs):
        order = chance.permutation(size).astype(np.int64)
        added = (marginals(order) + marginals(order[::-1])) / 2
        total += added
        squares += added**2
    mean = total / pairs
    spread = np.maximum(squares / pairs - mean**2, 0) * pairs / (pairs - 1)
    return mean, np.sqrt(spread / pairs)


class RateGame:
    """The game in which a coalition is worth the conversion rate of the paths that it holds completely.

    A coalition that holds no path is worth nothing.

    :param paths: paths with at least one touch and at least one person each.
    """

    def __init__(self, paths: PathTable) -> None:
        self._size = len(paths.channels)
        owners, self._members = distinct_channels(paths)
        self._starts = np.searchsorted(owners, np.arange(len(paths.conversions)))
        self._conversions, self._people = paths.conversions, paths.conversions + paths.nulls
        self._merge()

    def _merge(self) -> None:
        """Add up paths with the same channels, which random numbers of the channels recognize."""
        marks = np.random.default_rng(0).integers(2**63, size=self._size, dtype=np.uint64)
        if not len(self._starts):
            return
        _, firsts, groups = np.unique(
            np.add.reduceat(marks[self._members], self._starts), return_index=True, return_inverse=True
        )
        lengths = np.diff(np.append(self._starts, len(self._members)))
        is_kept = np.zeros(len(self._starts), np.bool_)
        is_kept[firsts] = True
        rank = np.empty(len(firsts), np.int64)
        rank[np.argsort(firsts)] = np.arange(len(firsts))  # kept in the order in which they come
        self._members = self._members[np.repeat(is_kept, lengths)]
        self._starts = np.concatenate([[0], np.cumsum(lengths[is_kept])[:-1]])
        self._conversions = sums_at(rank[groups], self._conversions, len(firsts))
        self._people = sums_at(rank[groups], self._people, len(firsts))

    def worths(self) -> Floats:
        """The worth of every coalition, shape ``(2**n,)``."""
        if not len(self._starts):
            return np.zeros(2**self._size)
        masks = np.bitwise_or.reduceat(np.left_shift(1, self._members), self._starts)
        conversions = subset_sums(sums_at(masks, self._conversions, 2**self._size))
        return _rate(conversions, subset_sums(sums_at(masks, self._people, 2**self._size)))

    def marginals(self, order: Integers) -> Floats:
        """What each player adds to those before it."""
        turns = np.empty(self._size, np.int64)
        turns[order] = np.arange(self._size)
        complete = np.maximum.reduceat(turns[self._members], self._starts)
        conversions = np.cumsum(sums_at(complete, self._conversions, self._size))
        rates = _rate(conversions, np.cumsum(sums_at(complete, self._people, self._size)))
        return np.diff(rates, prepend=0.0)[turns]


def _rate(conversions: Floats, people: Floats) -> Floats:
    return np.divide(conversions, people, out=np.zeros(len(people)), where=people > 0)


def ordered_credit(paths: PathTable, amounts: Floats) -> tuple[Integers, Integers, Floats]:
    r"""The Shapley value of each channel at each position of the paths.

    .. math:: \phi_{c,i} = \sum_{p:\, p_i = c} \frac{a_p}{|S_p|\; n_{p,c}}

    with :math:`S_p` the channels of path p, and :math:`n_{p,c}` how often c is on it. Over all positions they sum to
    the value of the channel in :func:`touchline.attribution.path_table.even_credit`.

    :returns: channels, positions from 1, and values, by channel and then by position.
    """
    owners = paths.paths_of_steps
    positions = np.arange(len(owners)) - paths.starts[owners]
    size = max(1, len(paths.channels))
    _, firsts, times = np.unique(owners * size + paths.steps, return_inverse=True, return_counts=True)
    distinct = np.bincount(distinct_channels(paths)[0], minlength=len(amounts))
    shares = (amounts / np.maximum(distinct, 1))[owners] / times[firsts]
    longest = int(paths.lengths.max(initial=0)) or 1
    cells, places = np.unique(paths.steps * longest + positions, return_inverse=True)
    return cells // longest, cells % longest + 1, sums_at(places, shares, len(cells))
