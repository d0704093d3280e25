"""What a conversion of a unit is worth, from its own and its siblings'."""

import numpy as np

from touchline.waste.evidence import Days, Flags, Units
from touchline.waste.prior import Floats

_LEAST_VARIANCE = 0.01
_FLOOR = 0.01
"""The least value of a unit's conversions, as a share of the usual one: a logarithm needs one."""


def moments(days: Days, units: Units) -> tuple[Floats, Floats]:
    """E[value] and E[value²] of a conversion, by unit.

    The logarithm of a unit's value of a conversion is normal: around what all conversions are worth, as widely as the
    units differ, and around its own mean, with the scatter of its daily values divided by its conversions. There have
    to be value and conversions.
    """
    usual = units.value.sum() / units.conversions.sum()
    has_any = units.conversions > 0
    own = np.divide(units.value, units.conversions, out=np.full_like(units.value, usual), where=has_any)
    own = np.log(np.maximum(own, _FLOOR * usual))
    doubt = _scatter(days, units) / np.where(has_any, units.conversions, np.inf)
    spread = max(_LEAST_VARIANCE, _variance(own, has_any) - float(doubt[has_any].mean()))
    weight = np.where(has_any, spread / (spread + doubt), 0.0)
    mean, variance = weight * own + (1 - weight) * np.log(usual), spread * (1 - weight)
    return np.exp(mean + variance / 2), np.exp(2 * mean + 2 * variance)


def _scatter(days: Days, units: Units) -> float:
    """The squared coefficient of variation of one conversion's value, from days of the same unit."""
    is_day = days.conversions > 0
    unit, counts, value = days.unit[is_day], days.conversions[is_day], days.value[is_day]
    mean = units.value[unit] / units.conversions[unit]
    is_known = mean > 0
    unit, counts, value, mean = unit[is_known], counts[is_known], value[is_known], mean[is_known]
    freedom = len(unit) - len(np.unique(unit))
    if freedom < 1:
        return 1.0
    return max(_LEAST_VARIANCE, float(((value / mean - counts) ** 2 / counts).sum() / freedom))


def _variance(values: Floats, chosen: Flags) -> float:
    return float(values[chosen].var()) if chosen.sum() > 1 else 0.0
