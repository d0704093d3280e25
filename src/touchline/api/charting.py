"""Process behavior charts of any series: what is ordinary variation, and what has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from numpy.typing import NDArray

from touchline.amounts import counted
from touchline.errors import InputError, UsageError
from touchline.extras import needing_charts
from touchline.health.natural_limits import Center, Constants, NaturalLimits, natural_limits
from touchline.health.run_rules import RULE_SETS, Signal, broken_rules, zones_of

if TYPE_CHECKING:
    import altair as alt

Floats = NDArray[np.float64]
Baseline = int | slice | Sequence[bool] | NDArray[np.bool_] | None


@dataclass(frozen=True)
class ProcessChart:
    """A process behavior chart: see :func:`xmr`."""

    values: Floats
    """The points, shape ``(n,)``; with denominators, the rates."""
    center: float
    lower: float | Floats
    """The lower natural process limit; one for each point, shape ``(n,)``, where limits differ from point to point."""
    upper: float | Floats
    moving_range: float
    """The average moving range of the baseline, which the limits are made of."""
    moving_range_upper: float | Floats
    """The upper limit of moving ranges; shape ``(n - 1,)`` where they differ."""
    moving_ranges: Floats
    """How far each point is from the one before, shape ``(n - 1,)``."""
    signals: tuple[Signal, ...]
    """What broke the rules, by rule and time."""
    moving_range_signals: tuple[Signal, ...]
    """Moving ranges above their upper limit; each index is of the later of the two points."""

    def chart(self, width: int = 600) -> "alt.VConcatChart":
        """The two charts, values above moving ranges, for a notebook or :func:`altair.Chart.save`."""
        with needing_charts("A chart"):
            from touchline.api.behavior_chart import Panel, drawn  # noqa: PLC0415 - altair takes a second to load

        broken = {point for signal in self.signals for point in signal.indices}
        far = {point for signal in self.moving_range_signals for point in signal.indices}
        values = Panel("Values", 180, 0, self.values, self.center, (self.lower, self.upper), broken)
        ranges = Panel("Moving ranges", 90, 1, self.moving_ranges, self.moving_range, (self.moving_range_upper,), far)
        return drawn((values, ranges), width)


def xmr(
    values: Sequence[float] | NDArray[Any], *, denominators: Sequence[float] | NDArray[Any] | None = None,
    baseline: Baseline = None, constants: Constants = "published", center: Center = "mean", screen: bool = True,
    rules: str = "wheeler",
) -> ProcessChart:  # fmt: skip
    r"""Return the process behavior chart of a series: its natural limits, and the points that break the rules.

    .. math:: \bar x \pm 2.66 \cdot \overline{mR}, \qquad mR_t = |x_t - x_{t-1}|, \qquad
              mR \le 3.268 \cdot \overline{mR}

    With ``denominators`` it is the I-prime chart: the limits of a rate over a small denominator are wider,
    :math:`2.66 \, \overline{r} / \sqrt{n_t}` with :math:`r_t = |x_t - x_{t-1}| / \sqrt{(1/n_t + 1/n_{t-1})/2}`, and the
    center is weighted by the denominators.

    :param values: the series in time order, at least two finite numbers. With ``denominators``: rates, or counts, which
        are divided by them: whole numbers of which one is above 1.
    :param denominators: how much each rate is of, above 0; same length.
    :param baseline: the points that the limits are made of: a number of first points, a slice, or a flag for each
        point. Limits stay locked for all others. ``None``: all points.
    :param constants: ``"published"`` (2.66 and 3.268; for medians 3.145 and 3.865) or ``"exact"`` (2.6587, 3.2665,
        3.1451, 3.8641).
    :param center: ``"mean"``, or ``"median"`` for center and moving range, which outliers move less.
    :param screen: leave moving ranges above their own upper limit out of the average, once, so that one broken day in
        the baseline does not widen the limits; unless all others are 0. Not for medians.
    :param rules: ``"wheeler"`` (outside; 3 of 4 nearer to a limit than to the center; 8 on one side), ``"nhs"``,
        ``"western_electric"`` or ``"nelson"``.
    :returns: limits, moving ranges and signals. A signal has ``rule`` (from 1, in the order of the set), ``name``,
        ``indices``, ``side`` and ``completed_at``. A point on the center ends a run; with denominators, the whole
        number of cases that is nearest to the center is on it.
    :raises InputError: if a value or denominator is missing, or their numbers differ.
    :raises UsageError: if an option is none of its choices, or the baseline holds no two neighbors.

    Rates and counts of rare cases get limits that fit them instead of limits of width 0: where fewer than 5 cases (or
    non-cases) are expected, at least the binomial ones; for whole numbers below 1 on average, the Poisson ones.

    Sources: D. J. Wheeler, *Understanding Variation*; W. A. Taylor, *Normalized Individuals Control Chart*;
    L. S. Nelson, *Control Charts for Individual Measurements*, Journal of Quality Technology 14 (1982), for screening.

    Do not use it for a series with a trend or a weekday pattern: chart the residuals, or weekly sums. All rules
    together signal in about every third stable series of 30 points: act on rule 1, look at the others.

    >>> chart = xmr([10, 12, 11, 13, 11, 12, 30], baseline=6)
    >>> round(chart.center, 2), round(chart.upper, 2)
    (11.5, 15.76)
    >>> [(signal.rule, signal.indices, signal.side) for signal in chart.signals]
    [(1, (6,), 'above')]
    """
    _require("constants", constants, get_args(Constants))
    _require("center", center, get_args(Center))
    _require("rules", rules, tuple(RULE_SETS))
    points, sizes = _numbers("values", values), None
    if denominators is not None:
        sizes = _sizes(denominators, len(points))
        points = points / sizes if _are_counts(points) else points
    flags = _based(baseline, len(points))
    limits = natural_limits(points, sizes, flags, center=center, constants=constants, screen=screen)
    if screen and not limits.average_range:  # all that is left is no variation at all
        limits = natural_limits(points, sizes, flags, center=center, constants=constants, screen=False)
    return _chart(points, sizes, limits, rules)


def _chart(points: Floats, sizes: Floats | None, limits: NaturalLimits, rules: str) -> ProcessChart:
    zones = zones_of(points, limits.center, limits.lower, limits.upper)
    if sizes is not None:
        zones[_are_nearest(points * sizes, limits.center * sizes)] = 0.0
    apart = zones_of(limits.ranges, 0.0, -limits.ranges_upper, limits.ranges_upper)
    far = (np.flatnonzero(apart > 3) + 1).tolist()
    return ProcessChart(
        values=points, center=limits.center, lower=_one(limits.lower), upper=_one(limits.upper),
        moving_range=limits.average_range, moving_range_upper=_one(limits.ranges_upper), moving_ranges=limits.ranges,
        signals=tuple(broken_rules(points, zones, rules)),
        moving_range_signals=tuple(Signal(1, "outside the limits", (place,), "above", (place,)) for place in far),
    )  # fmt: skip


def _are_nearest(cases: Floats, expected: Floats) -> NDArray[np.bool_]:
    """Which whole numbers of cases are the nearest to the center that their denominators allow: they are on it.

    On which side of them the center lies is an accident of the baseline. As all of them would be on one side, runs of
    eight would complete on up to half as many points again of a stable rate.
    """
    are_whole = bool(np.isclose(cases, np.rint(cases), rtol=0, atol=1e-6).all())
    return np.asarray(are_whole & (np.abs(cases - expected) < 0.5))


def _one(limits: Floats) -> float | Floats:
    """A limit that is the same at every point, as one number."""
    return float(limits[0]) if (limits == limits[0]).all() else limits


def _require(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"{name} is one of {', '.join(choices)}, not {value!r}.")


def _are_counts(points: Floats) -> bool:
    """Whether values are whole numbers, and not all of them 0 or 1, which rates can be, too."""
    return bool((points == np.floor(points)).all() and (points > 1).any())


def _numbers(name: str, given: Sequence[float] | NDArray[Any]) -> Floats:
    try:
        numbers = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} are numbers: {error}.", "Leave out points without a value.") from error
    if numbers.ndim != 1 or len(numbers) < 2:
        raise InputError(f"{name} are at least two numbers in a row, not of shape {numbers.shape}.")
    missing = np.flatnonzero(~np.isfinite(numbers))
    if len(missing):
        raise InputError(f"{name}[{missing[0]}] is {numbers[missing[0]]}, one of {len(missing)} that are no numbers.",
                         "Leave out points without a value.")  # fmt: skip
    return numbers


def _sizes(given: Sequence[float] | NDArray[Any], count: int) -> Floats:
    sizes = _numbers("denominators", given)
    if len(sizes) != count:
        raise InputError(
            f"{counted(count, 'value')} came with {counted(len(sizes), 'denominator')}.", "Give each value its own."
        )
    small = np.flatnonzero(sizes <= 0)
    if len(small):
        raise InputError(f"denominators[{small[0]}] is {sizes[small[0]]:g}, which nothing can be a share of.",
                         "Leave out points without a denominator.")  # fmt: skip
    return sizes


def _based(baseline: Baseline, count: int) -> NDArray[np.bool_]:
    flags = np.zeros(count, dtype=np.bool_)
    if baseline is None:
        flags[:] = True
    elif isinstance(baseline, slice):
        flags[baseline] = True
    elif isinstance(baseline, int) and not isinstance(baseline, bool):
        if not 2 <= baseline <= count:
            raise UsageError(f"The baseline is the first 2 to {count} points, not {baseline}.")
        flags[:baseline] = True
    else:
        given = np.asarray(baseline)
        if given.shape != flags.shape or given.dtype != np.bool_:
            raise UsageError(f"The baseline is a number of points, a slice, or {count} flags.")
        flags = given
    if not (flags[1:] & flags[:-1]).any():
        raise UsageError("The baseline holds no two neighbors, so there is no moving range.", "Choose more points.")
    return flags
