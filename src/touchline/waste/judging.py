"""From daily rows to a verdict on every unit: guards first, then what is believed of each, then the judges."""

from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from touchline.waste import guards
from touchline.waste.evidence import COMPLETE, Aims, Days, Flags, Units, added_up, maturities
from touchline.waste.judges import JUDGES, UNTAGGED, click_leak
from touchline.waste.judges.case import WATCHED, Case
from touchline.waste.judges.untagged_spend import is_untagged
from touchline.waste.order_values import moments
from touchline.waste.outages import broken_days
from touchline.waste.posterior import JUDGED, Beliefs, Posterior, averaged, chosen, control, nothing, posterior
from touchline.waste.prior import Floats, Ints, fitted
from touchline.waste.scatter import told
from touchline.waste.stand_ins import StandIns, stand_ins
from touchline.waste.volume import by_spend

_SURE = 0.95
_HIGH_SHARE, _MEDIUM_SHARE = 0.01, 0.003
"""The least expected waste of a severity, as a share of all spend; among many units, less."""
_HIGH_UNITS, _MEDIUM_UNITS = 0.5, 0.15
"""The same as a share of what the average unit spends."""
_HIGH_TARGETS, _MEDIUM_TARGETS = 1.0, 0.5
"""The same in conversions at the target."""
_WITHIN = 0.1
"""Below this probability, a unit with a few conversions is within its target however little it spent."""
_UNKNOWN_LAG_DAYS = 14
"""Without a lag curve, the conversions of this number of days may still be to come."""
_SLICE = 4096

HELD_BACK = "suppressed"
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Recorded:
    """The conversions of anybody in the days that are looked at."""

    conversions: Floats
    """By days before the last of them."""
    newest: int
    """The age of the last day."""
    excluded: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    """The ages of the days that do not count: sources were lost, or they are before the first event."""


@dataclass(frozen=True)
class Verdicts:
    """One row per unit; NaN and ``None`` where nothing can be said."""

    units: Units
    """What was judged: without the days on which nobody's conversions were recorded."""
    reason: Texts
    severity: Texts
    over: Floats
    """P(worse than the target), after the control of false discoveries."""
    waste: Floats
    """Expected waste, in currency units."""
    low: Floats
    high: Floats
    """Between which amounts it lies with a probability of 80 %."""
    cpa: Floats
    """What a conversion may cost: the target, or what stands in for it."""
    missing_days: Floats
    missing_spend: Floats
    missing_conversions: Floats
    lacks_target: Flags
    """Whether nobody says what a conversion may cost, and no sibling stands out: all may do well, or badly."""
    lacks_others: Flags
    """Whether few of its clicks arrive, and no other unit shows how many usually do."""
    dispersion: float


def verdicts(days: Days, units: Units, lag_cdf: Floats, anybody: Recorded | None = None) -> Verdicts:
    """The verdict on every unit of one account.

    :param anybody: all conversions by day; by default, those of the units by their clicks' day.
    """
    rate = _rate_of_targets(units)
    broken = _broken_days(days, units, lag_cdf, anybody, rate)
    is_tracking_broken = guards.is_tracking_broken(broken)
    if anybody is not None and np.isin(days.age, anybody.excluded).any():
        broken = _with_excluded(broken, days, anybody.excluded)
        is_tracking_broken |= not days.spend[~broken[days.age]].any()
    if is_tracking_broken:
        return _held_back(units, guards.TRACKING_BREAK, HELD_BACK)
    if broken.any():
        days = _of_days(days, ~broken)
        units = _again(days, units, lag_cdf)
    # conversions of spend so young that none are expected by now say nothing of what one costs
    if not units.spend.sum() or not (rate or (units.conversions.sum() and units.exposure.sum())):
        held = _held_back(units, guards.INSUFFICIENT_DATA, guards.INSUFFICIENT_DATA)
        held.reason[is_untagged(units)], held.severity[is_untagged(units)] = UNTAGGED, HELD_BACK
        return held
    return _judged(days, units, lag_cdf, rate or units.conversions.sum() / units.exposure.sum())


def _with_excluded(broken: Flags, days: Days, excluded: Ints) -> Flags:
    """By age: whether the day is broken or excluded."""
    count = max(len(broken), int(days.age.max(initial=-1)) + 1)
    return np.append(broken, np.zeros(count - len(broken), bool)) | np.isin(np.arange(count), excluded)


def _broken_days(days: Days, units: Units, lag_cdf: Floats, anybody: Recorded | None, rate: float) -> Flags:
    """By age."""
    count = int(days.age.max(initial=-1)) + 1
    spent_days = np.count_nonzero(np.bincount(days.age, days.spend))
    due = units.exposure.sum() * rate if rate else guards.NEEDED_CONVERSIONS * (spent_days >= guards.NEEDED_DAYS)
    if anybody is None:
        exposure = _by_age(days, days.spend * maturities(lag_cdf, days.age), count)
        newest = _UNKNOWN_LAG_DAYS if lag_cdf is COMPLETE else 0
        return broken_days(exposure, _by_age(days, days.conversions, count), due=due, newest_partial=newest)
    everybody = np.append(anybody.conversions, np.zeros(max(0, count - anybody.newest - len(anybody.conversions))))
    oldest = max(int(units.oldest.max(initial=-1)) - anybody.newest, int(np.flatnonzero(everybody).max(initial=-1)))
    broken = broken_days((np.arange(len(everybody)) <= oldest).astype(np.float64), everybody, due=due)
    return np.append(np.zeros(anybody.newest, bool), broken)


def _by_age(days: Days, values: Floats, count: int) -> Floats:
    return np.bincount(days.age, values, count).astype(np.float64)


def _judged(days: Days, units: Units, lag_cdf: Floats, hint: float) -> Verdicts:
    if units.value.any() and units.conversions.any():
        value, square = moments(days, units)
    else:  # where no value is recorded at all, no ROAS can be told
        value = square = np.ones(len(units.parents))
        units = replace(units, target_roas=np.full(len(units.parents), np.nan))
    known = told(days, lag_cdf, len(units.parents))
    pace = by_spend(known.conversions, known.exposure, units.spend / np.maximum(1, units.days))
    conversions, exposure = known.conversions, known.exposure * pace
    prior = fitted(conversions, exposure, units.parents, hint=hint)
    usual = stand_ins(prior, units.parents)
    cpa = np.where(has_no_target(units), usual.usual, units.target_cpa)
    parts = []
    for start in range(0, len(cpa), _SLICE):
        part = slice(start, start + _SLICE)
        rates = posterior(prior, conversions[part], exposure[part], units.parents[part])
        parts.append((
            _against_cpa(rates, usual, units.target_cpa[part], units.target_roas[part], pace[part]),
            _against_roas(rates, units.target_roas[part], value[part] * pace[part], square[part] * pace[part] ** 2),
        ))  # fmt: skip
    of_cpa, of_roas = (_joined(column) for column in zip(*parts, strict=True))
    cost = np.where(np.isnan(cpa), usual.usual, cpa)
    is_late = guards.has_late_costs(days, units.feeds)
    return _graded(Case(units, of_cpa, of_roas, is_late, cost, known.dispersion), lag_cdf)


def _against_cpa(rates: Posterior, usual: StandIns, cpa: Floats, roas: Floats, pace: Floats) -> Beliefs:
    """What is believed against the targets, and against what stands in for one where there is none at all."""
    has_cpa, has_none = ~np.isnan(cpa), np.isnan(cpa) & np.isnan(roas)
    found = nothing(len(cpa))
    if has_cpa.any():
        found.put(has_cpa, rates.of(has_cpa).against(1 / (cpa * pace)[has_cpa]))
    if has_none.any():
        theirs = rates.of(has_none)
        by_cost = {cost: theirs.against(1 / (cost * pace[has_none])) for cost in {*usual.for_units, *usual.for_money}}
        for_units, for_money = (
            averaged([by_cost[cost] for cost in costs]) for costs in (usual.for_units, usual.for_money)
        )
        found.put(has_none, replace(for_money, over=for_units.over))
    return found


def _against_roas(rates: Posterior, roas: Floats, value: Floats, square: Floats) -> Beliefs:
    """What is believed against the targets of value by spend.

    :param value: by unit, what a conversion is worth; ``square``: the mean of its square.
    """
    has_roas, found = ~np.isnan(roas), nothing(len(roas))
    if has_roas.any():
        found.put(has_roas, rates.of(has_roas).times(value[has_roas], square[has_roas], roas[has_roas]))
    return found


def _graded(case: Case, lag_cdf: Floats) -> Verdicts:
    units, cpa = case.units, case.cost
    is_spent = units.spend > 0
    raw = np.fmax(case.cpa.over, case.roas.over)
    factor = control(raw[is_spent & units.is_tagged])
    case = replace(case, cpa=case.cpa.doubted(factor), roas=case.roas.doubted(factor))
    worst = _worse(case)
    lacks_days, lacks_spend, lacks_conversions = guards.missing(units, lag_cdf, cpa)
    is_within = (raw <= _WITHIN) & (units.conversions >= guards.NEEDED_CONVERSIONS)
    is_thin = (lacks_days > 0) & ~is_within & is_spent
    reason, severity = np.full((2, len(cpa)), None, np.object_)
    waste = units.spend * worst.share
    grades = _grades(worst.over, waste, units, cpa)
    for judge in reversed(JUDGES):
        holds = judge.holds(case) & is_spent
        reason[holds] = judge.reason
        severity[holds] = grades[holds] if judge.is_waste else HELD_BACK
    is_held_back = severity == HELD_BACK
    lacks_target = guards.lacks_target(has_no_target(units), raw >= WATCHED) & is_spent & ~is_held_back
    lacks_others = click_leak.lacks_others(case) & is_spent & ~is_held_back
    is_thin &= ~(is_held_back | lacks_others)
    is_insufficient = is_thin | lacks_target | lacks_others
    reason[is_insufficient] = severity[is_insufficient] = guards.INSUFFICIENT_DATA
    is_silent = is_held_back | ~is_spent | lacks_target | lacks_others
    waste = np.where(lacks_target | lacks_others, np.nan, np.where(is_silent, 0.0, waste))
    return Verdicts(
        units, reason, severity, np.where(is_silent, np.nan, worst.over), waste,
        np.where(is_silent, np.nan, units.spend * worst.low), np.where(is_silent, np.nan, units.spend * worst.high),
        cpa, lacks_days * is_thin, lacks_spend * is_thin, lacks_conversions * is_thin, lacks_target,
        lacks_others, case.dispersion,
    )  # fmt: skip


def _grades(over: Floats, waste: Floats, units: Units, cpa: Floats) -> Texts:
    """How grave each would be; without a target of its own, no more than medium."""
    spend, has_target = units.spend, ~(np.isnan(units.target_cpa) & np.isnan(units.target_roas)) & units.is_own_target
    average = spend.sum() / max(1, np.count_nonzero(spend))
    high = np.maximum(min(_HIGH_SHARE * spend.sum(), _HIGH_UNITS * average), _HIGH_TARGETS * cpa)
    medium = np.maximum(min(_MEDIUM_SHARE * spend.sum(), _MEDIUM_UNITS * average), _MEDIUM_TARGETS * cpa)
    is_high = (over >= _SURE) & (waste >= high) & has_target
    is_medium = (over >= JUDGED) & (waste >= medium)
    return np.where(is_high, "high", np.where(is_medium, "medium", "low")).astype(np.object_)


def _worse(case: Case) -> Beliefs:
    """By unit, what is believed against the target that it more likely misses."""
    is_roas = np.isnan(case.cpa.over) | (case.roas.over > case.cpa.over)
    return chosen(is_roas, case.roas, case.cpa)


def has_no_target(units: Units) -> Flags:
    """By unit: whether nothing says what a conversion may cost."""
    return np.asarray(np.isnan(units.target_cpa) & np.isnan(units.target_roas))


def _joined(parts: tuple[Beliefs, ...]) -> Beliefs:
    names = [field.name for field in fields(Beliefs)]
    return Beliefs(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _rate_of_targets(units: Units) -> float:
    """Conversions per currency unit of spend at the targets of cost per conversion; 0 where there are none."""
    has_target = ~np.isnan(units.target_cpa) & (units.spend > 0)
    spend = units.spend[has_target]
    return float((spend / units.target_cpa[has_target]).sum() / spend.sum()) if spend.sum() else 0.0


def _held_back(units: Units, reason: str, severity: str) -> Verdicts:
    count = len(units.parents)
    nothing, zero = np.full(count, np.nan), np.zeros(count)
    texts = np.full((2, count), None, np.object_)
    texts[0, units.spend > 0], texts[1, units.spend > 0] = reason, severity
    return Verdicts(
        units, texts[0], texts[1], nothing, zero, nothing, nothing, units.target_cpa,
        zero, zero, zero, zero > 0, zero > 0, 1.0,
    )  # fmt: skip


def _of_days(days: Days, is_kept: Flags) -> Days:
    kept = is_kept[days.age]
    return Days(*(getattr(days, field.name)[kept] for field in fields(Days)))


def _again(days: Days, units: Units, lag_cdf: Floats) -> Units:
    return added_up(days, units.parents, lag_cdf, Aims(*(getattr(units, field.name) for field in fields(Aims))))
