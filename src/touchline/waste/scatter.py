"""How widely conversions scatter from day to day, and what a unit's days say of its rate in spite of that."""

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import digamma, polygamma

from touchline.waste.evidence import Days, dispersion, maturities, summed
from touchline.waste.prior import Floats

_FEWEST_UNITS = 8.0
"""From this number of equal units on, what moves a whole day can be told from what moves one unit."""
_HINT = 1.0
"""How many conversions the account's rate weighs where the likelihood of a unit is approximated."""
_SMALLEST = 1e-9
_LEAST_EXPOSURE = 0.5
"""A unit's effective exposure is no less than that share of what a plain division by the dispersion leaves."""


@dataclass(frozen=True)
class Told:
    """What the days of each unit say of its rate: as much as this number of Poisson conversions of that exposure."""

    conversions: Floats
    exposure: Floats
    dispersion: float


def told(days: Days, lag_cdf: Floats, count: int) -> Told:
    """What the days say, by unit.

    :param days: one row per unit and day.
    :param count: how many units there are.
    """
    exposure = days.spend * maturities(lag_cdf, days.age)
    sums = summed(days.unit, exposure, count)
    conversions = summed(days.unit, days.conversions, count)
    scatter = dispersion(days, exposure, count)
    shared = _shared_by_days(days, exposure, sums, conversions, scatter)
    if shared is not None:
        exposure, scatter = shared
        sums = summed(days.unit, exposure, count)
    if scatter <= 1 + _SMALLEST or not sums.any():
        return Told(conversions, sums, 1.0)
    return _effective(days, exposure, sums, conversions, scatter)


def _shared_by_days(
    days: Days, exposure: Floats, sums: Floats, conversions: Floats, scatter: float
) -> tuple[Floats, float] | None:
    """The exposure by how well each day worked for all units, and the dispersion that is left; ``None``: no matter.

    A day's conversions ``K`` of the ``X`` that its units' own rates make likely scatter by ``φX + σ²X²``; its factor is
    ``(K + c) / (X + c)`` with ``c = φ / σ²``.
    """
    whole = conversions.sum()
    if not whole or whole**2 < _FEWEST_UNITS * (conversions**2).sum():
        return None
    rates = np.divide(conversions, sums, out=np.zeros_like(sums), where=sums > 0)
    mean = exposure * rates[days.unit]
    came, due = np.bincount(days.age, days.conversions), np.bincount(days.age, mean)
    own = np.divide(came, due, out=np.ones_like(due), where=due > 0)
    left = _left(days, mean * own[days.age], conversions, scatter)
    square = ((came - due) ** 2 - left * due * (1 - due / due.sum())).sum() / (due**2).sum()
    if square <= 0:
        return None
    by = left / square
    factors = (came + by) / (due + by)
    worked = exposure * factors[days.age]
    worked *= exposure.sum() / worked.sum()
    return worked, dispersion(days, worked, len(sums))


def _left(days: Days, mean: Floats, conversions: Floats, most: float) -> float:
    """The dispersion of units' days around what the unit and the day make likely, from 1 to ``most``."""
    of_unit, of_day = conversions[days.unit], np.bincount(days.age, mean)[days.age]
    free = [1 - np.divide(mean, whole, out=np.ones_like(mean), where=whole > 0) for whole in (of_unit, of_day)]
    usual = mean * free[0] * free[1]
    room = usual.sum()
    excess = (days.conversions - mean) ** 2 - usual
    return float(min(max(1.0, 1 + excess.sum() / room), most)) if room > 0 else most


def _effective(days: Days, exposure: Floats, sums: Floats, conversions: Floats, scatter: float) -> Told:
    r"""The Poisson likelihood with the slope and the curvature of the negative binomial one, near a unit's likely rate.

    With :math:`\nu = \varphi - 1` and :math:`r_d = \theta e_d / \nu`, the logarithm of the likelihood is
    :math:`\sum_d \ln \Gamma(k_d + r_d) - \ln \Gamma(r_d) - r_d \ln \varphi`: that a burst came says much, how large it
    was little, and a day without any more than a division of all counts by :math:`\varphi` leaves. Fractions of a
    conversion count in proportion to a whole one.
    """
    count, over = len(sums), scatter - 1
    rate = (conversions + _HINT) / (sums + _HINT * sums.sum() / max(conversions.sum(), _HINT))
    is_any = days.conversions > 0
    rows = Days(*(getattr(days, one.name)[is_any] for one in fields(Days)))
    shape = np.maximum(exposure[is_any] * rate[rows.unit] / over, _SMALLEST)
    at_least_one = np.maximum(rows.conversions, 1.0)
    part = np.minimum(rows.conversions, 1.0)
    slope = part * shape * (digamma(at_least_one + shape) - digamma(shape))
    bend = part * shape**2 * (polygamma(1, shape) - polygamma(1, at_least_one + shape))
    slopes, bends = summed(rows.unit, slope, count), summed(rows.unit, bend, count)
    plain = sums * np.log(scatter) / over
    effective = plain - (slopes - bends) / rate
    return Told(bends, np.maximum(effective, _LEAST_EXPOSURE * sums / scatter), scatter)
