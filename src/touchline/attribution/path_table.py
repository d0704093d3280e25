"""Aggregated paths as arrays: how many conversions, and how many people without one, came along each path."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class PathTable:
    """Paths of channels, each with how many people converted on it.

    ``steps`` holds the channels of all paths, path after path, as places in ``channels``; those of path i are
    ``steps[starts[i]:starts[i + 1]]``. The other arrays have one number per path.
    """

    channels: tuple[str, ...]
    """Each channel once, in the order of names."""
    steps: Integers
    starts: Integers
    conversions: Floats
    nulls: Floats
    value: Floats | None = None

    @property
    def lengths(self) -> Integers:
        """The number of touches of each path."""
        return np.diff(self.starts)

    @property
    def paths_of_steps(self) -> Integers:
        """For each step, which path it belongs to."""
        return np.repeat(np.arange(len(self.conversions)), self.lengths)

    def where(self, is_kept: NDArray[np.bool_]) -> "PathTable":
        """Only the steps that are kept; a path may lose all of its steps."""
        kept_before = np.concatenate([[0], np.cumsum(is_kept)])
        return replace(self, steps=self.steps[is_kept], starts=kept_before[self.starts])


def touched(paths: PathTable) -> PathTable:
    """The paths with at least one touch and at least one person.

    >>> paths = PathTable(("a",), np.array([0]), np.array([0, 0, 1]), np.ones(2), np.zeros(2))
    >>> touched(paths).conversions.tolist()
    [1.0]
    """
    is_kept = (paths.lengths > 0) & (paths.conversions + paths.nulls > 0)
    steps = paths.steps[np.repeat(is_kept, paths.lengths)]
    starts = np.concatenate([[0], np.cumsum(paths.lengths[is_kept])])
    value = None if paths.value is None else paths.value[is_kept]
    return PathTable(paths.channels, steps, starts, paths.conversions[is_kept], paths.nulls[is_kept], value)


def sums_at(places: Integers, amounts: Floats, size: int) -> Floats:
    """For each place, the sum of its amounts, added in the order in which they come.

    >>> sums_at(np.array([0, 2, 0]), np.array([1.0, 5.0, 2.0]), 3).tolist()
    [3.0, 0.0, 5.0]
    """
    return np.asarray(np.bincount(places, weights=amounts, minlength=size), np.float64)


def without_direct(paths: PathTable) -> PathTable:
    """The paths without the channel ``Direct``, except those on which there is nothing else.

    >>> paths = PathTable(("Direct", "Email"), np.array([0, 1, 0]), np.array([0, 2, 3]), np.ones(2), np.zeros(2))
    >>> without_direct(paths).steps.tolist()
    [1, 0]
    """
    if "Direct" not in paths.channels:
        return paths
    is_direct = paths.steps == paths.channels.index("Direct")
    owners = paths.paths_of_steps
    others = np.bincount(owners[~is_direct], minlength=len(paths.conversions))
    return paths.where(~is_direct | (others[owners] == 0))


def distinct_channels(paths: PathTable) -> tuple[Integers, Integers]:
    """Each channel once per path: which path, and which channel, by path and then by channel.

    >>> paths = PathTable(("a", "b"), np.array([1, 0, 1]), np.array([0, 3]), np.ones(1), np.zeros(1))
    >>> [array.tolist() for array in distinct_channels(paths)]
    [[0, 0], [0, 1]]
    """
    size = max(1, len(paths.channels))
    pairs = np.unique(paths.paths_of_steps * size + paths.steps)
    return pairs // size, pairs % size


def even_credit(paths: PathTable, amounts: Floats) -> Floats:
    r"""What each channel gets where each path's amount is split evenly among its distinct channels.

    .. math:: \phi_c = \sum_{p \ni c} \frac{a_p}{|S_p|}

    with :math:`S_p` the set of channels of path p. It is the Shapley value of the game in which a coalition is worth
    the amounts of the paths that it holds completely.

    :param amounts: one number per path.
    :returns: one number per channel; they sum to the amounts of the paths with at least one touch.

    >>> paths = PathTable(("a", "b"), np.array([1, 0, 1]), np.array([0, 3]), np.ones(1), np.zeros(1))
    >>> even_credit(paths, np.array([3.0])).tolist()
    [1.5, 1.5]
    """
    owners, channels = distinct_channels(paths)
    sizes = np.bincount(owners, minlength=len(amounts))
    return sums_at(channels, (amounts / np.maximum(sizes, 1))[owners], len(paths.channels))


def settled(parts: Floats, total: float, whole: float | None = None) -> Floats:
    """The parts, moved by less than rounding error so that they sum to ``total`` exactly, in any order.

    Each becomes a multiple of the distance between ``whole`` and the next double, so that no sum up to it is rounded;
    what is then missing goes to the largest part.

    :param parts: numbers from 0 up that sum to ``total``, but for rounding.
    :param total: what they shall sum to: a multiple of that distance.
    :param whole: a larger sum that the parts are part of; by default ``total``.

    >>> thirds = settled(np.array([1 / 3, 1 / 3, 1 / 3]), 1.0).tolist()
    >>> thirds[2] + thirds[1] + thirds[0] == 1.0
    True
    """
    if not len(parts) or total == 0:
        return np.zeros(len(parts))
    grid = float(np.spacing(total if whole is None else whole))
    units = np.rint(parts / grid)
    units[np.argmax(units)] += total / grid - units.sum()
    return units * grid
