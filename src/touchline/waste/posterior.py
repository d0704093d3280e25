"""What a unit's own conversions and its siblings say together: how likely it is over target, and what that wastes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
from scipy.special import gammainc, gammaincinv, gammaln

from touchline.waste.evidence import Flags, summed
from touchline.waste.prior import SHAPE, Floats, Ints, Prior, likelihood

JUDGED = 0.9
"""From this probability on, a unit is called wasteful."""
_FALSE_SHARE, _GOOD_SHARE, _GOOD_UNITS = 0.04, 0.0065, 0.02
"""The most that may be expected to be false: of those found, and of all that are within their target."""
_TAIL = 0.1
_LEAST_SPREAD = 1e-9
_LEAST_DOUBT = 1e-12
_FAR = 12.0
"""From this number of standard deviations on, a part lies on one side of a rate as a whole."""


@dataclass(frozen=True)
class Beliefs:
    """By unit, against one target."""

    over: Floats
    """P(the unit is worse than its target)."""
    share: Floats
    """The expected share of its spend that buys nothing at the target."""
    low: Floats
    high: Floats
    """Between which shares it lies with a probability of 80 %."""

    def doubted(self, factor: float) -> "Beliefs":
        """The same with the odds of being over divided by a factor."""
        return replace(self, over=self.over / (self.over + factor * (1 - self.over)))

    def put(self, units: Flags, beliefs: "Beliefs") -> None:
        """Have these beliefs of some of the units."""
        for field in fields(Beliefs):
            getattr(self, field.name)[units] = getattr(beliefs, field.name)


@dataclass(frozen=True)
class Posterior:
    """By unit: the weights and the Gamma distributions of its rate."""

    weights: Floats
    shapes: Floats
    inverse_scales: Floats
    """One row per unit, one column per part, as ``weights``."""

    def of(self, units: Flags) -> "Posterior":
        """That of some of the units."""
        return Posterior(self.weights[units], self.shapes[units], self.inverse_scales[units])

    @cached_property
    def mean(self) -> Floats:
        """E[rate], by unit."""
        return np.asarray((self.weights * self.shapes / self.inverse_scales).sum(1))

    @cached_property
    def square(self) -> Floats:
        """E[rate²], by unit."""
        return np.asarray((self.weights * self.shapes * (self.shapes + 1) / self.inverse_scales**2).sum(1))

    @cached_property
    def _bounds(self) -> tuple[Floats, Floats]:
        """Between which rates it lies with a probability of 80 %."""
        return _quantiles(self.mean, self.square)

    @cached_property
    def _likely(self) -> tuple[Ints, Ints]:
        """The units and parts that weigh anything."""
        units, parts = np.nonzero(self.weights > _LEAST_DOUBT)
        return units, parts

    def against(self, least: Floats) -> Beliefs:
        """What is believed of rates that should reach ``least``, by unit.

        Parts that lie far from it are above or below it as a whole.
        """
        units, parts = self._likely
        weights, shapes = self.weights[units, parts], self.shapes[units, 0]
        scaled = self.inverse_scales[units, parts] * least[units]
        away = (scaled - shapes) / np.sqrt(shapes)
        below, short = np.heaviside(away, 0.0), np.maximum(0.0, 1 - shapes / scaled)
        near = np.abs(away) < _FAR
        shape, at = shapes[near], scaled[near]
        below[near] = part = gammainc(shape, at)
        last = np.exp(shape * np.log(at) - at - gammaln(self.shapes[:, 0] + 1)[units[near]])
        short[near] = np.maximum(0.0, part - shape / at * (part - last))  # P(a + 1, x) = P(a, x) - xᵃe⁻ˣ / Γ(a + 1)
        over, share = (np.minimum(1.0, summed(units, weights * values, len(least))) for values in (below, short))
        return Beliefs(over, share, *_shares_between(self._bounds, least))

    def times(self, mean: Floats, square: Floats, least: Floats) -> Beliefs:
        """The same of rate × value, which is taken to be Gamma with the product's first two moments.

        :param mean: E[value], by unit.
        :param square: E[value²], by unit.
        """
        first, second = self.mean * mean, self.square * square
        shape, scale = _moments(first, second)
        below = np.minimum(1.0, gammainc(shape, least / scale))
        short = below - first / least * gammainc(shape + 1, least / scale)
        return Beliefs(below, np.maximum(short, 0.0), *_shares_between(_quantiles(first, second), least))


def posterior(prior: Prior, conversions: Floats, exposure: Floats, parents: Ints) -> Posterior:
    """The posterior of every unit."""
    joint = likelihood(conversions, exposure, prior.inverse_scales) * prior.weights[parents]
    return Posterior(
        joint / joint.sum(1, keepdims=True),
        (SHAPE + conversions)[:, None],
        prior.inverse_scales[None, :] + exposure[:, None],
    )


def averaged(beliefs: Sequence[Beliefs]) -> Beliefs:
    """What is believed where each of several targets is as likely as the others."""
    return Beliefs(*(np.mean([getattr(one, field.name) for one in beliefs], axis=0) for field in fields(Beliefs)))


def nothing(count: int) -> Beliefs:
    """What is believed of this many units without a target."""
    return Beliefs(*np.full((len(fields(Beliefs)), count), np.nan))


def chosen(is_first: Flags, first: Beliefs, second: Beliefs) -> Beliefs:
    """By unit, one of two beliefs."""
    names = [field.name for field in fields(Beliefs)]
    return Beliefs(*(np.where(is_first, getattr(first, name), getattr(second, name)) for name in names))


def control(over: Floats) -> float:
    """The factor by which odds are divided, at least 1, so that a judgement at 0.9 finds few good units.

    Found are the likeliest, as many as keep the expected number of good units among them below ``_FALSE_SHARE`` of
    those found and below ``_GOOD_SHARE`` of all good units, or ``_GOOD_UNITS`` where hardly any unit is good; the
    factor takes the next one below 0.9.
    """
    ranked = np.sort(over)[::-1]
    good = np.cumsum(1 - ranked)
    allowed = np.minimum(_FALSE_SHARE * np.arange(1, len(ranked) + 1), np.maximum(_GOOD_SHARE * good[-1:], _GOOD_UNITS))
    found = np.flatnonzero((good <= allowed) & (ranked >= JUDGED))
    first_left_out = float(ranked[found[-1] + 1 if len(found) else 0 :][:1].sum())
    if first_left_out < JUDGED:
        return 1.0
    odds = first_left_out / max(1 - first_left_out, _LEAST_DOUBT)
    return odds * (1 - JUDGED) / JUDGED * (1 + _LEAST_SPREAD)


def discovered(chance: Floats, is_tested: Flags) -> Flags:
    """Which of the tested units stand out, under the same limits of false discoveries as :func:`control`.

    :param chance: how likely each would be as it is by chance alone. Of ``n`` tested units, ``n`` times the chance of
        the last one found are expected among the found ones though nothing is wrong with them.

    >>> discovered(np.array([0.001, 0.03, 0.001]), np.array([True, True, False])).tolist()
    [True, False, False]
    """
    ranked = np.sort(chance[is_tested])
    count = len(ranked)
    allowed = np.minimum(_FALSE_SHARE * np.arange(1, count + 1), max(_GOOD_SHARE * count, _GOOD_UNITS))
    [found] = np.nonzero(count * ranked <= allowed)
    return np.asarray(is_tested & (chance <= (ranked[found[-1]] if len(found) else -1.0)))


def _quantiles(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Between which values a Gamma distribution with these moments lies with a probability of 80 %."""
    shape, scale = _moments(first, second)
    return gammaincinv(shape, _TAIL) * scale, gammaincinv(shape, 1 - _TAIL) * scale


def _shares_between(bounds: tuple[Floats, Floats], least: Floats) -> tuple[Floats, Floats]:
    worst, best = bounds
    return np.maximum(0.0, 1 - best / least), np.maximum(0.0, 1 - worst / least)


def _moments(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Shape and scale of the Gamma distribution with these moments."""
    spread = np.maximum(second - first**2, _LEAST_SPREAD * first**2)
    return first**2 / spread, spread / first
