"""Markov chains of order 1 to 4: people step from touch to touch, to conversion or to nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import splu

from touchline.attribution.path_table import Floats, Integers, PathTable, sums_at

LARGEST_ORDER = 4
MOST_STATES = 6_000
"""The most states of a chain: its counts, and their shares, take less than a gigabyte."""
MOST_MARKS = 1 << 22
"""The most states that are possible, so that each has a mark of its own: 32 MiB of places."""
Visits = Callable[[Integers], Floats]
"""Of some places, their columns of the expected numbers of visits, ``N``: shape ``(n + 1, places)``."""


@dataclass(frozen=True)
class Chain:
    """How often each state followed another.

    A state is the last ``order`` channels of a path, or all of them while there are fewer.
    """

    states: Integers
    """Shape ``(n, order)``: the channels of each state, the newest last; -1 where there is none yet. They are sorted by
    the newest channel."""
    transitions: Floats
    """Shape ``(n + 1, n + 2)``. Rows: the start, then the states. Columns: the states, then conversion, then null."""
    value: Floats
    """Shape ``(n + 1,)``: the value of the conversions that followed each row's state."""

    @property
    def channels(self) -> Integers:
        """Shape ``(n,)``: the channel at which each state is."""
        return self.states[:, -1]


@dataclass(frozen=True)
class Effects:
    """What a chain says: how likely conversion is, and what share is lost without each channel."""

    conversion_rate: float
    removal: Floats
    """Shape ``(channels,)``, each in 0–1."""
    value_removal: Floats
    """The same of the value; all 0 where there is none."""


def state_numbers(paths: PathTable, order: int) -> tuple[Integers, Integers]:
    """The state at each step, as a number, and the distinct states.

    :returns: shape ``(steps,)``, places in the second; and shape ``(n, order)``, sorted by their newest channel.

    >>> paths = PathTable(("a", "b"), np.array([0, 1, 1]), np.array([0, 3]), np.ones(1), np.zeros(1))
    >>> numbers, states = state_numbers(paths, 2)
    >>> [states[number].tolist() for number in numbers]
    [[-1, 0], [0, 1], [1, 1]]
    """
    positions = np.arange(len(paths.steps)) - paths.starts[paths.paths_of_steps]
    columns = [paths.steps]
    for back in range(1, order):
        earlier = np.concatenate([np.full(min(back, len(paths.steps)), -1), paths.steps[:-back]])
        columns.append(np.where(positions >= back, earlier, -1))
    base = len(paths.channels) + 1
    keys = np.zeros(len(paths.steps), np.int64)
    for column in columns:
        keys = keys * base + column + 1
    distinct, numbers = _ranked(keys, base**order)
    states = np.empty((len(distinct), order), np.int64)
    for place in range(order):
        states[:, place] = distinct // base**place % base - 1
    return numbers, states


def _ranked(keys: Integers, space: int) -> tuple[Integers, Integers]:
    """The distinct keys in order, and for each key its place among them.

    :param space: what every key is below. Where it is not much larger than the number of keys, a mark for each
        possible key takes the place of a sort.
    """
    if space > MOST_MARKS:
        distinct, places = np.unique(keys, return_inverse=True)
        return distinct, places
    is_present = np.zeros(space, np.bool_)
    is_present[keys] = True
    places_of_keys = np.cumsum(is_present) - 1
    return np.flatnonzero(is_present), places_of_keys[keys]


def chain_of(numbers: Integers, states: Integers, paths: PathTable) -> Chain:
    """Count the steps from state to state, each as often as people went along its path.

    :param numbers: the state at each step, from :func:`state_numbers`.
    :param states: the distinct states, from :func:`state_numbers`.
    :param paths: paths with at least one touch each.
    """
    size = len(states) + 2
    conversion, null = size - 2, size - 1
    people = paths.conversions + paths.nulls
    firsts, lasts = numbers[paths.starts[:-1]], numbers[paths.starts[1:] - 1] + 1
    along = np.repeat(people, paths.lengths)
    along[paths.starts[1:] - 1] = 0.0  # nobody goes from the end of one path to the start of the next
    going_on = (numbers[:-1] + 1) * size + numbers[1:]
    counted = sums_at(going_on, along[:-1], (size - 1) * size).reshape(size - 1, size)
    counted[0] = sums_at(firsts, people, size)
    counted[:, conversion] = sums_at(lasts, paths.conversions, size - 1)
    counted[:, null] = sums_at(lasts, paths.nulls, size - 1)
    value = np.zeros(size - 1)
    if paths.value is not None:
        value = sums_at(lasts, paths.value, size - 1)
    return Chain(states, counted, value)


def probabilities(transitions: Floats) -> Floats:
    """Counts of steps as the share of each in its row."""
    shares: Floats = transitions / transitions.sum(axis=1, keepdims=True)
    return shares


def effects_of(chain: Chain, channel_count: int) -> Effects:
    r"""Solve a chain: the conversion rate and the removal effects of all channels, from one inverse.

    .. math:: RE_c = 1 - \frac{P(\text{conversion} \mid c \to \text{null})}{P(\text{conversion})}
              = \frac{N_{sC}\, N_{CC}^{-1}\, b_C}{b_s}, \qquad N = (I - Q)^{-1}, \quad b = N r

    with Q the probabilities of steps among start and states, r those of the step to conversion, s the start, and C the
    states at channel c. :math:`N_{sC} N_{CC}^{-1}` is how likely each state of C is the first of them that is
    reached, :math:`b_C` how likely conversion is from there. A state that only remembers c comes after one of C, so
    that it goes with them. For the value, r holds the mean value of a conversion after each state as well.

    :returns: effects in the order of the channels' numbers; a channel on no path has 0.
    """
    shares = probabilities(chain.transitions)
    size = len(shares)
    visits, sums_over_visits = _visits(shares, is_dense=chain.states.shape[1] == 1)
    converted = chain.transitions[:, -2]
    worth = shares[:, -2] * np.divide(chain.value, converted, out=np.zeros(size), where=converted > 0)
    reaching, earning = sums_over_visits(shares[:, -2]), sums_over_visits(worth)
    removal, value_removal = np.zeros(channel_count), np.zeros(channel_count)
    bounds = np.searchsorted(chain.channels, np.arange(channel_count + 1)) + 1
    for channel in range(channel_count):
        places = np.arange(bounds[channel], bounds[channel + 1])
        columns = visits(places)
        first_reached = np.linalg.solve(columns[places].T, columns[0])
        removal[channel] = first_reached @ reaching[places] / reaching[0]
        value_removal[channel] = first_reached @ earning[places] / earning[0] if earning[0] else 0.0
    return Effects(float(reaching[0]), np.clip(removal, 0.0, 1.0), np.clip(value_removal, 0.0, 1.0))


def _visits(shares: Floats, *, is_dense: bool) -> tuple[Visits, Callable[[Floats], Floats]]:
    """``N``, by its columns, and its product with a vector; it is the inverse of ``I - Q``.

    :param is_dense: whether any state may follow any other, as in a chain of order 1: one inverse is the fastest then.
        A state of a higher order is followed by as many states as there are channels, which leaves most of ``Q``
        empty: its factors answer in a fraction of the time, and the inverse is never held.
    """
    size = len(shares)
    if is_dense:
        leaving = np.eye(size)
        leaving[:, 1:] -= shares[:, :-2]
        inverse: Floats = np.asarray(np.linalg.inv(leaving), dtype=np.float64)
        return (lambda places: inverse[:, places]), partial(np.matmul, inverse)
    rows, columns = np.nonzero(shares[:, :-2])
    among = csc_array((shares[rows, columns], (rows, columns + 1)), shape=(size, size))
    factors = splu(csc_array(eye_array(size) - among))

    def of(places: Integers) -> Floats:
        units = np.zeros((size, len(places)))
        units[places, np.arange(len(places))] = 1.0
        return np.asarray(factors.solve(units), dtype=np.float64)

    return of, factors.solve


def removal_of_each(transitions: Floats, value: Floats) -> tuple[Floats, Floats]:
    """The removal effects of many chains of order 1 on the same channels, as :func:`effects_of` defines them.

    A channel on no path of a chain has no effect in it, and a chain without a conversion has none at all.

    :param transitions: shape ``(chains, n + 1, n + 2)``: each as in :class:`Chain`.
    :param value: shape ``(chains, n + 1)``: the value of the conversions that followed each row's state.
    :returns: the effects on conversions and on value, shape ``(chains, n)`` each.
    """
    size = transitions.shape[1]
    leaving = transitions.sum(axis=2, keepdims=True)
    shares = np.divide(transitions, leaving, out=np.zeros_like(transitions), where=leaving > 0)
    among = np.zeros((len(transitions), size, size))
    among[:, :, 1:] = shares[:, :, :-2]
    visits = np.linalg.inv(np.eye(size) - among)
    worth = np.divide(value, leaving[:, :, 0], out=np.zeros_like(value), where=leaving[:, :, 0] > 0)
    reached = visits[:, 0, 1:] / np.diagonal(visits, axis1=1, axis2=2)[:, 1:]
    effects = []
    for ending in (shares[:, :, -2], worth):
        from_each = np.einsum("bij,bj->bi", visits, ending)
        start = from_each[:, :1]
        effects.append(np.divide(reached * from_each[:, 1:], start, out=np.zeros_like(reached), where=start > 0))
    return np.clip(effects[0], 0.0, 1.0), np.clip(effects[1], 0.0, 1.0)
