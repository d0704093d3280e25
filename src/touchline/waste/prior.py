"""What siblings say about a unit before its own conversions do: a mixture of Gamma distributions, fitted to all units.

The rate of a unit is conversions per currency unit of spend. One Gamma distribution would have to be narrow for an
account whose units are alike and wide for one with a few that never convert; a mixture on a fixed grid can be both, and
each of its parts still has a closed form with Poisson counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.sparse import csr_array
from scipy.special import gammainc

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHAPE = 200.0
"""The shape of each part: its rates vary by 1/√200 = 7 %."""
_STEP = 0.1
"""The distance between parts, as the logarithm of the rate: a little more than the width of one."""
_LOWEST, _HIGHEST = -45, 24
_PLACES = np.arange(-16, 17) * 0.075
_DEVIATIONS = np.array([0.02, 0.05, 0.08, 0.11, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.3])
"""Between which places and widths the base is chosen: how far the rates of units spread, as that logarithm."""
_USUAL_DEVIATION, _DEVIATION_DOUBT = 0.6, 1.0
"""How far they are thought to spread before there is data, and how surely."""
_PLACE_DOUBT = 1.0
"""How surely their middle is thought to lie at the hint."""
_HINT_CONVERSIONS = 3.0
"""How many conversions the hint weighs when the grid is placed."""
_ANYWHERE = 1e-6
"""How much of the base lies anywhere on the grid, so that no unit is impossible."""
_BASE_UNITS = 12.0
"""How many units the base weighs against the data."""
_WHOLE_UNITS = 24.0
"""How many units of a parent the whole account weighs."""
_ROUNDS = 150
_STILL = 1e-6
_MOST_UNITS = 4_000
"""From how many units the prior is fitted at most; of more, evenly chosen ones."""
_NEAR, _TINY = 1e-14, 1e-300
"""How close a quantile is to the exact one, as a share of it, however small it is."""


@dataclass(frozen=True)
class Prior:
    """Parts with their inverse scales, and how much each weighs among the siblings of each parent."""

    inverse_scales: Floats
    """``b`` of each part: its mean rate is ``SHAPE / b``."""
    weights: Floats
    """One row per parent, one column per part; a row adds up to one."""

    def quantile(self, parents: Ints, share: float) -> float:
        """The rate below which this share of units with these parents lies."""
        weights = np.bincount(parents, minlength=len(self.weights)) @ self.weights / len(parents)

        def excess(rate: float) -> float:
            return float(weights @ gammainc(SHAPE, self.inverse_scales * rate)) - share

        return float(brentq(excess, 0.0, 2 * SHAPE / float(self.inverse_scales.min()), xtol=_TINY, rtol=_NEAR))


def fitted(conversions: Floats, exposure: Floats, parents: Ints, *, hint: float) -> Prior:
    """The prior of every parent by expectation and maximization (EM), each shrunk to the whole.

    :param conversions: by unit.
    :param exposure: by unit: spend times the share of its conversions that are in.
    :param parents: by unit, the row of its parent in ``weights``.
    :param hint: a rate that is thought likely where there is hardly any data.
    """
    count = parents.max(initial=-1) + 1
    chosen = slice(None, None, -(-len(parents) // _MOST_UNITS))
    conversions, exposure, parents = conversions[chosen], exposure[chosen], parents[chosen]
    center = (conversions.sum() + _HINT_CONVERSIONS) / (exposure.sum() + _HINT_CONVERSIONS / hint)
    steps = np.arange(_LOWEST, _HIGHEST + 1)
    inverse_scales = SHAPE / (center * np.exp(_STEP * steps))
    likelihoods = likelihood(conversions, exposure, inverse_scales)
    own = 1 - 1 / len(parents)  # as if each unit were judged by the others alone
    whole = base = _base(likelihoods, own, steps, np.log(hint / center))
    for _ in range(_ROUNDS):
        before, whole = whole, _pulled(own * _shares(likelihoods * whole).sum(0), base, _BASE_UNITS)
        if np.abs(whole - before).max() < _STILL:
            break
    weights = np.repeat(whole[None, :], count, axis=0)
    units = np.arange(len(parents))
    children = csr_array((np.full(len(units), own), (parents, units)), shape=(count, len(units)))
    for _ in range(_ROUNDS // 5):
        weights = _pulled(children @ _shares(likelihoods * weights[parents]), whole, _WHOLE_UNITS)
    return Prior(inverse_scales, weights)


def likelihood(conversions: Floats, exposure: Floats, inverse_scales: Floats) -> Floats:
    """How likely each part makes each unit's conversions (negative binomial), up to a factor of the unit's own."""
    k, e, b = conversions[:, None], exposure[:, None], inverse_scales[None, :]
    log = SHAPE * np.log(b) - (SHAPE + k) * np.log(b + e)
    return np.asarray(np.exp(log - log.max(1, keepdims=True, initial=-np.inf)))


def _base(likelihoods: Floats, own: float, steps: Ints, place: float) -> Floats:
    """The bells on the grid, weighted by how likely they make the data and how close they are to what was thought."""
    places, widths = (values.ravel() for values in np.meshgrid(_PLACES, _DEVIATIONS))
    bells = np.exp(-0.5 * ((steps[None, :] * _STEP - places[:, None]) / widths[:, None]) ** 2)
    bells = _pulled(bells / bells.sum(1, keepdims=True), np.full(len(steps), 1 / len(steps)), _ANYWHERE)
    doubt = ((np.log(widths / _USUAL_DEVIATION) / _DEVIATION_DOUBT) ** 2 + ((places - place) / _PLACE_DOUBT) ** 2) / 2
    merit = own * np.log(likelihoods @ bells.T).sum(0) - doubt
    merit = np.exp(merit - merit.max())
    return np.asarray(merit / merit.sum() @ bells)


def _shares(joint: Floats) -> Floats:
    return np.asarray(joint / joint.sum(1, keepdims=True))


def _pulled(sums: Floats, to: Floats, by: float) -> Floats:
    """Weights from counts of units, pulled to others as by this number of units."""
    found = sums + by * to
    return np.asarray(found / found.sum(-1, keepdims=True))
