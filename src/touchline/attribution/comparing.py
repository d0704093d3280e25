"""How far models are from one another."""

import numpy as np
from numpy.typing import NDArray

from touchline.attribution.path_table import Floats


def total_variation(shares: Floats, others: Floats) -> float:
    r"""How much of all credit lies elsewhere under the other model.

    .. math:: TV = \frac{1}{2} \sum_c |p_c - q_c|

    :param shares: shape ``(n,)``, summing to one.
    :param others: the same of the other model.
    :returns: 0–1: 0 where the models agree, 1 where no channel has credit under both.

    >>> round(total_variation(np.array([0.5, 0.5, 0.0]), np.array([0.2, 0.5, 0.3])), 6)
    0.3
    """
    return float(np.abs(shares - others).sum() / 2)


def ranks(shares: Floats) -> NDArray[np.int64]:
    """The place of each share among all, 1 for the largest; equal shares have the same place.

    >>> ranks(np.array([0.2, 0.5, 0.2, 0.1])).tolist()
    [2, 1, 2, 4]
    """
    return np.asarray(1 + len(shares) - np.searchsorted(np.sort(shares), shares, side="right"), np.int64)
