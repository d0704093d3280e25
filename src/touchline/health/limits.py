"""Natural process limits of a series (an XmR chart's X part)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from touchline.health.natural_limits import FACTORS


@dataclass(frozen=True)
class ProcessLimits:
    """Where a stable process stays: ``lower`` ≤ x ≤ ``upper`` around ``centre``."""

    centre: float
    lower: float
    upper: float


def process_limits(values: NDArray[np.float64]) -> ProcessLimits:
    r"""The natural process limits of a series, from medians, so that one broken day does not hide itself.

    .. math:: \tilde x \pm 3.145 \cdot \widetilde{mR}, \qquad mR_t = |x_t - x_{t-1}|

    :param values: shape ``(n,)``, n ≥ 2, in time order.
    :returns: the limits; those of a constant series are the constant.
    :raises ValueError: if there are fewer than two values.

    Source: D. J. Wheeler, *Understanding Variation*; constants as in ``docs/decisions/process-limits.md``.
    Not for series with a trend or a weekly pattern: take those out first.

    >>> process_limits(np.array([5.0, 5.0, 5.0]))
    ProcessLimits(centre=5.0, lower=5.0, upper=5.0)
    """
    if len(values) < 2:
        raise ValueError(f"Process limits need at least two values, not {len(values)}.")
    centre = float(np.median(values))
    spread = FACTORS["median", "published"].limits * float(np.median(np.abs(np.diff(values))))
    return ProcessLimits(centre, centre - spread, centre + spread)
