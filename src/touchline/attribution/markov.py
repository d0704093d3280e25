"""The Markov model of order 1: what would be lost without a channel."""

import numpy as np
from numpy.typing import NDArray

from touchline.attribution.chains import Chain, effects_of


def removal_effects(transitions: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Each channel's removal effect: the share of conversions that is lost where the channel leads nowhere.

    People step from the start over channels to one of two ends, conversion or null; where they go next depends on
    where they are and on nothing before (order 1). Removing channel c sends everybody who comes to it to null:

    .. math:: RE_c = 1 - \frac{P(\text{conversion} \mid c \to \text{null})}{P(\text{conversion})}
              = \frac{N_{sc}}{N_{cc}} \cdot \frac{b_c}{b_s}, \qquad N = (I - Q)^{-1}, \quad b = N r

    with Q the probabilities of steps among start and channels, r those of the step to conversion, s the start. The
    first factor is the probability of ever coming to c, the second how likely conversion is from there. One inverse
    serves all channels.

    :param transitions: counts of steps, shape ``(n + 1, n + 2)``, none negative. Rows: the start, then the n channels.
        Columns: the n channels in the same order, then conversion, then null.
    :returns: shape ``(n,)``, each in 0–1. They do not sum to one; :func:`model_credit` makes shares of them.
    :raises ValueError: if the shape is another, a count is negative, a state is never left, no end can be reached
        from one, or nothing converts.

    Source: E. Anderl, I. Becker, F. von Wangenheim, J. H. Schumann, *Mapping the customer journey*, International
    Journal of Research in Marketing 33 (2016). It is solved here, not simulated, so that the answer has no noise.

    Not for what a channel causes: journeys are observed, and people who would convert anyway meet many channels. Not
    for channels with a handful of conversions either: their removal effects are mostly chance.

    One path over a, b and c that converts, one over a alone that does not, and one over b and c that does not:

    >>> steps = np.array([[2, 1, 0, 0, 0], [0, 1, 0, 0, 1], [0, 0, 2, 0, 0], [0, 0, 0, 1, 1]], dtype=np.float64)
    >>> removal_effects(steps).round(3).tolist()
    [0.5, 1.0, 1.0]
    >>> model_credit(removal_effects(steps), 1).round(3).tolist()
    [0.2, 0.4, 0.4]
    """
    _check(transitions)
    channels = np.arange(len(transitions) - 1)
    return effects_of(Chain(channels[:, np.newaxis], transitions, np.zeros(len(transitions))), len(channels)).removal


def model_credit(effects: NDArray[np.float64], conversions: float) -> NDArray[np.float64]:
    r"""The conversions that the model itself gives each channel.

    .. math:: \text{credit}_c = \frac{RE_c}{\sum_k RE_k} \cdot \text{conversions}

    :param effects: removal effects, shape ``(n,)``, each in 0–1, not all zero.
    :param conversions: how many conversions had a path.
    :returns: shape ``(n,)``; sums to ``conversions``.
    :raises ValueError: if all removal effects are zero.

    Not the sum of the attribution links: those share out each conversion among its own touches.

    >>> model_credit(np.array([0.5, 1.0]), 30).tolist()
    [10.0, 20.0]
    """
    if not effects.sum() > 0:
        raise ValueError("There is no credit to distribute: every removal effect is zero.")
    credit: NDArray[np.float64] = conversions * effects / effects.sum()
    return credit


def _check(transitions: NDArray[np.float64]) -> None:
    rows, columns = transitions.shape if transitions.ndim == 2 else (0, 0)
    if rows < 2 or columns != rows + 1:
        raise ValueError(f"Transitions have shape (n + 1, n + 2) with n of at least 1, not {transitions.shape}.")
    if (transitions < 0).any():
        raise ValueError("A count of steps is negative.")
    if (transitions.sum(axis=1) == 0).any():
        raise ValueError("A state is never left: every touch has a next one, a conversion or null after it.")
    can_end = transitions[:, -2:].sum(axis=1) > 0
    can_convert = transitions[:, -2] > 0
    for _ in range(rows):
        can_end |= transitions[:, :-2] @ can_end[1:] > 0
        can_convert |= transitions[:, :-2] @ can_convert[1:] > 0
    if not can_end.all():
        raise ValueError("Some states have no path to an end state.")
    if not can_convert[0]:
        raise ValueError("There are no conversions, so removal effects are undefined.")
