"""Natural process limits: of single values (XmR), and of rates over denominators that vary (I-prime)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrik, ndtri, pdtrik

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Center = Literal["mean", "median"]
Constants = Literal["published", "exact"]

_D2, _D3 = 2 / np.sqrt(np.pi), float(np.sqrt(2 - 4 / np.pi))
"""Mean and standard deviation of the range of two values of a normal distribution with standard deviation 1."""
_D4 = float(np.sqrt(2) * ndtri(0.75))
"""Its median."""


class Factors(NamedTuple):
    """By what an average moving range is multiplied."""

    limits: float
    """To the distance of the limits from the center."""
    ranges: float
    """To the upper limit of moving ranges."""


FACTORS: Mapping[tuple[str, str], Factors] = {
    ("mean", "published"): Factors(2.66, 3.268),
    ("median", "published"): Factors(3.145, 3.865),
    ("mean", "exact"): Factors(3 / _D2, 1 + 3 * _D3 / _D2),
    ("median", "exact"): Factors(3 / _D4, (_D2 + 3 * _D3) / _D4),
}
"""By center and constants. Published: D. J. Wheeler, *Understanding Variation*; exact: for a normal distribution."""

_FEW = 5.0
"""Below this many expected cases (or expected non-cases), a count is too skewed for limits from moving ranges."""
_RARE = 1.0
"""The same for counts without a denominator, which are judged by their own moving ranges for as long as possible."""
_TAIL = 0.00135
"""The chance beyond three standard deviations on one side."""


@dataclass(frozen=True)
class ProcessLimits:
    """Where a stable process stays: ``lower`` ≤ x ≤ ``upper`` around ``centre``."""

    centre: float
    lower: float
    upper: float


@dataclass(frozen=True)
class NaturalLimits:
    """Where a stable process stays: ``lower`` ≤ x ≤ ``upper``; arrays have shape ``(n,)``, of ranges ``(n - 1,)``."""

    center: float
    lower: Floats
    upper: Floats
    ranges: Floats
    """The moving ranges."""
    average_range: float
    """The mean or median of the baseline's moving ranges; of normalized ones where there are denominators."""
    ranges_upper: Floats
    """The upper limit of each moving range."""


def natural_limits(
    values: Floats, sizes: Floats | None, baseline: Flags, *, center: Center, constants: Constants, screen: bool,
) -> NaturalLimits:  # fmt: skip
    r"""The natural process limits of a series, from its baseline.

    .. math:: \bar x \pm 2.66 \cdot \overline{mR}, \qquad mR_t = |x_t - x_{t-1}|

    and for rates over denominators :math:`n_t` (the I-prime chart), whose variance falls with the denominator,

    .. math:: \frac{\sum n_t x_t}{\sum n_t} \pm \frac{2.66}{\sqrt{n_t}} \cdot \overline{r}, \qquad
              r_t = |x_t - x_{t-1}| \Big/ \sqrt{\tfrac 1 2 (1/n_t + 1/n_{t-1})}

    which are the limits above where all denominators are equal.

    Rates and counts of rare cases are skewed, and their moving ranges are often 0: where fewer than 5 cases (or
    non-cases) are expected, the limits are at least the binomial ones with 0.135 % beyond each; for counts without a
    denominator the Poisson ones, where fewer than 1 is expected.

    :param values: shape ``(n,)``, in time order: single values, or rates.
    :param sizes: shape ``(n,)``, the denominators of the rates, above 0; ``None``: values are single.
    :param baseline: shape ``(n,)``: the points that limits are made of; at least two neighbors.
    :param center: whether center and average range are means or medians.
    :param constants: ``published`` as in Wheeler's books, ``exact`` for the normal distribution.
    :param screen: leave out, once, moving ranges beyond their upper limit (Nelson); medians need no screening.

    Source of the I-prime chart: W. A. Taylor, *Normalized Individuals Control Chart* (2018).
    """
    factors = FACTORS[center, constants]
    of_one = np.ones(len(values)) if sizes is None else sizes
    scale = np.sqrt((1 / of_one[1:] + 1 / of_one[:-1]) / 2)
    ranges = np.abs(np.diff(values))
    normal = (ranges / scale)[baseline[1:] & baseline[:-1]]
    based, weights = values[baseline], of_one[baseline]
    if center == "median":
        middle, average = float(np.median(based)), float(np.median(normal))
    else:
        middle = float(np.clip((based * weights).sum() / weights.sum(), based.min(), based.max()))
        average = screened_mean(normal, factors.ranges) if screen else float(normal.mean())
    spread = factors.limits * average / np.sqrt(of_one)
    lower, upper = middle - spread, middle + spread
    if sizes is not None and (values >= 0).all() and (values <= 1).all():
        lower, upper = at_least_binomial(lower, upper, sizes, _smoothed(based, weights))
    elif sizes is None and middle < _RARE and (values >= 0).all() and (values == np.floor(values)).all():
        lower = np.minimum(lower, 0.0)
        upper = np.maximum(upper, np.ceil(pdtrik(1 - _TAIL, (based.sum() + 0.5) / len(based))))
    return NaturalLimits(middle, lower, upper, ranges, average, factors.ranges * average * scale)


def screened_mean(ranges: Floats, factor: float) -> float:
    """The mean of moving ranges without those beyond their upper limit, ``factor`` times the mean of all (Nelson).

    >>> screened_mean(np.array([1.0] * 9 + [100.0]), 3.268)
    1.0
    """
    return float(ranges[ranges <= factor * ranges.mean()].mean())


def _smoothed(rates: Floats, sizes: Floats) -> float:
    """The baseline's rate, never 0 or 1: the mean of Jeffreys' posterior."""
    return float(((rates * sizes).sum() + 0.5) / (sizes.sum() + 1))


def at_least_binomial(
    lower: Floats, upper: Floats, sizes: Floats, rate: Floats | float
) -> tuple[Floats, Floats]:  # fmt: skip
    """Limits of rates, widened to the binomial ones where few cases are expected; shape ``(n,)`` each.

    >>> at_least_binomial(np.array([0.0]), np.array([0.0]), np.array([20.0]), 0.01)
    (array([0.]), array([0.1]))
    """
    whole = np.maximum(np.floor(sizes), 1)
    is_rare = whole * np.minimum(rate, 1 - rate) < _FEW
    most = np.ceil(bdtrik(1 - _TAIL, whole, rate)) / whole
    least = (whole - np.ceil(bdtrik(1 - _TAIL, whole, 1 - rate))) / whole
    return np.where(is_rare, np.minimum(lower, least), lower), np.where(is_rare, np.maximum(upper, most), upper)
