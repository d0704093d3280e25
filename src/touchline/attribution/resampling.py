"""The bootstrap over persons: what else the credit could have been, if other persons like these had come."""

import numpy as np

from touchline.attribution.path_table import Floats

BUCKETS = 200
"""Into as many groups persons are put by a hash of their ids; groups are drawn, so that a resample is one product."""
FEWEST_CONVERSIONS = 20
"""With fewer conversions, the interval of a row is narrower than it should be."""


def drawn_weights(resamples: int, seed: int) -> Floats:
    """How often each group is in each resample, drawn with replacement: shape ``(resamples, BUCKETS)``.

    >>> drawn_weights(3, seed=1).sum(axis=1).tolist()
    [200.0, 200.0, 200.0]
    """
    chance = np.random.default_rng(seed)
    drawn = chance.multinomial(BUCKETS, np.full(BUCKETS, 1 / BUCKETS), size=resamples)
    return drawn.astype(np.float64)


def interval(draws: Floats, level: float) -> tuple[Floats, Floats]:
    r"""The percentile interval of each column: it leaves out :math:`(1 - \text{level}) / 2` of the draws on each side.

    :param draws: shape ``(resamples, n)``.
    :returns: the low and the high ends, shape ``(n,)`` each.

    >>> low, high = interval(np.arange(101.0)[:, np.newaxis], 0.9)
    >>> low.round(9).tolist(), high.round(9).tolist()
    ([5.0], [95.0])
    """
    if not draws.shape[1]:
        return np.zeros(0), np.zeros(0)
    tail = (1 - level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return low, high


def p_values(differences: Floats) -> Floats:
    r"""How surprising each difference would be if there were none.

    .. math:: p = \min\Bigl(1,\; \frac{2 + 2 \min(\#\{d \le 0\}, \#\{d \ge 0\})}{B + 1}\Bigr)

    :param differences: resampled differences d, shape ``(B, n)``.
    :returns: shape ``(n,)``, each above 0 and up to 1.

    >>> p_values(np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]])).tolist()
    [0.5, 1.0]
    """
    count = len(differences) + 1
    below = (1 + (differences <= 0).sum(axis=0)) / count
    above = (1 + (differences >= 0).sum(axis=0)) / count
    return np.asarray(np.minimum(1.0, 2 * np.minimum(below, above)), np.float64)


def shares_of(draws: Floats) -> Floats:
    """Each row as shares of its sum; a row of nothing stays nothing.

    >>> shares_of(np.array([[1.0, 3.0], [0.0, 0.0]])).tolist()
    [[0.25, 0.75], [0.0, 0.0]]
    """
    totals = draws.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(draws, totals, out=np.zeros_like(draws), where=totals > 0), np.float64)
