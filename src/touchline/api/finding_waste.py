"""Waste in any table of daily spend and conversions."""

import math
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from touchline.amounts import counted
from touchline.api.given import ArrowTable, any_table_of, is_number, is_text
from touchline.errors import InputError, UsageError
from touchline.waste.evidence import COMPLETE, Aims, Days, added_up, by_day
from touchline.waste.judging import Verdicts, verdicts
from touchline.waste.prior import Floats, Ints

_NUMBERS = ("spend", "conversions", "value")
_LONGEST_DAYS = 3660
_MISSING = pa.struct([("days", pa.int64()), ("spend", pa.float64()), ("conversions", pa.float64()),
                      ("target", pa.float64())])  # fmt: skip


def find_waste(
    daily: ArrowTable,
    *,
    target_cpa: float | None = None,
    target_roas: float | None = None,
    lag_cdf: Sequence[float] | Floats | None = None,
    as_of: date | None = None,
) -> pa.Table:
    r"""Return, for each unit that costs money, how likely it misses its target and what that wastes.

    A unit is whatever spend is decided on: a campaign, an ad, a search term. Of its spend :math:`s_d` on day :math:`d`,
    the share :math:`L(a_d)` of the conversions is in, :math:`a_d` being the days from :math:`d` to ``as_of``; so its
    :math:`k` conversions are held to the exposure :math:`E = \sum_d s_d L(a_d)`. With :math:`\theta` conversions per
    currency unit,

    .. math::
        k \sim \text{Poisson}(\theta E), \qquad
        \theta \sim \sum_j w_j \, \text{Gamma}(200, b_j), \qquad
        \theta \mid k \sim \sum_j w'_j \, \text{Gamma}(200 + k, b_j + E)

    where the weights :math:`w_j` are fitted to all units (empirical Bayes) and, for each parent, to its own units,
    shrunk to the whole. As money often goes where it works, :math:`\theta` is first divided by what the unit's spend
    makes likely: a line of their logarithms, with its slope fitted, too. Where daily conversions scatter more widely
    than Poisson counts, by a factor :math:`\varphi`, :math:`k` and :math:`E` are those of the Poisson likelihood that
    is like the negative binomial one near the unit's likely rate; days on which all units fare better or worse have
    more or less exposure. From that, with the target :math:`t` and the unit's spend :math:`S`,

    .. math::
        \text{p\_over} = P(1/\theta > t) \qquad \text{expected\_waste} = S \cdot E[\max(0, 1 - t\theta)]

    A target ROAS is handled the same way with :math:`\theta V`, :math:`V` being the value of a conversion, shrunk to
    that of all; with both targets, a unit is held to the one that it more likely misses. **False discoveries** are
    controlled: the odds behind ``p_over`` are divided by one factor, at least 1, so that among those at 0.9 or more at
    most 4 % of them, and 0.65 % of all units within their target, are expected to be within their target.

    :param daily: columns ``unit`` (text or integer), ``date``, ``spend``, ``conversions`` (fractions are credit) and
        optionally ``parent`` (whose units are siblings; none: all are) and ``value``; spend and value in one currency.
        Conversions and value are those that the day's spend led to, as known at ``as_of``. Days without spend or
        conversions may be left out.
    :param target_cpa: the most that a conversion may cost. Without any target, the costs per conversion that 50, 58 and
        66 % of the units stay within stand in for it (at least 1, 1.12 and 1.25 times the first, and more where a few
        parents differ), each as likely as the others: ``missing.target`` is the middle one, and no severity is
        ``high``. If no unit then stands out with 0.8 or more, all may do well or badly: they are
        ``insufficient_data``, and ``p_over`` and ``expected_waste`` are null.
    :param target_roas: the least value per currency unit of spend.
    :param lag_cdf: ``lag_cdf[i]`` is the share of conversions that are in ``i`` days after the click; the last share
        holds for all later days. By default, all are in on the day.
    :param as_of: the day of the judgement; by default the last day in ``daily``.
    :returns: one row per unit, in the order of their first rows: ``unit``; ``reason``; ``severity``; ``p_over``;
        ``expected_waste``, which adds up to that of the account; ``interval_low`` and ``interval_high``, between which
        it lies with a probability of 80 %; ``maturity``, the share of the unit's conversions that are in; ``missing``.

        ==================== ====================================================================================
        ``reason``           meaning
        ==================== ====================================================================================
        (null)               nothing speaks against the unit
        ``no_conversions``   it has none, and some were due
        ``high_cpa``         ``p_over`` is 0.8 or more: low below 0.9, medium below 0.95, and high only if the money
                             matters (at least one conversion at the target)
        ``low_roas``         the same for the target ROAS
        ``efficiency_shift`` it is within its target, and its budget was raised: what the later half of the days cost
                             more brought too few conversions (``low``)
        ``insufficient_data`` its spend bought fewer than three conversions at the target, or it is younger than seven
                             days or than the lag of 80 % of conversions; ``missing`` has the ``days`` to wait at its
                             pace, and the ``spend`` and expected ``conversions`` that it lacks. Or nobody set a
                             target, and no unit stands out from the others
        ``tracking_break``   no conversion of anybody was recorded for two days or more, though by chance that
                             comes in less than one case of 10,000: nothing is called waste (``suppressed``), and
                             ``p_over`` is null; the same where a week or more has at most 30 % of the usual
        ``late_costs``       clicks of two days or more after the last costs converted (``suppressed``)
        ==================== ====================================================================================

    :raises InputError: if a column is missing, has the wrong type, contains nulls or negative numbers; if a unit has
        two parents or a day is later than ``as_of``.
    :raises UsageError: if an argument is out of range.

    For how often it is right, see ``docs/explanation/waste.md``. Do not use it on days whose costs are not complete.

    >>> from datetime import timedelta
    >>> days = [date(2026, 1, 1) + timedelta(days=n) for n in range(30)]
    >>> sold = {"good": 1, "bad": 0}
    >>> made = find_waste(
    ...     pa.table(
    ...         {
    ...             "unit": [unit for unit in sold for _ in days],
    ...             "date": days * 2,
    ...             "spend": [40.0] * 60,
    ...             "conversions": [sold[unit] for unit in sold for _ in days],
    ...         }
    ...     ),
    ...     target_cpa=50,
    ... )
    >>> made.select(["unit", "reason", "severity"]).to_pylist()[1]
    {'unit': 'bad', 'reason': 'no_conversions', 'severity': 'high'}
    """
    _require_positive(target_cpa=target_cpa, target_roas=target_roas)
    curve = _curve(lag_cdf)
    rows = any_table_of("daily", daily, ("unit", "date", "spend", "conversions"), ("parent", "value"))
    if target_roas is not None and "value" not in rows.column_names:
        raise InputError("daily lacks value, which target_roas is about.", "Give the column, or a target_cpa.")
    positions, names = _positions(rows, "unit")
    days = by_day(Days(positions, _ages(rows, as_of), *(_numbers(rows, name) for name in _NUMBERS)))
    if target_roas is not None and days.conversions.any() and not days.value.any():
        raise InputError("daily.value is 0 on every day, so no ROAS can be judged.", "Fill it, or give a target_cpa.")
    every = np.ones(len(names))
    aims = Aims(
        every * (math.nan if target_cpa is None else target_cpa),
        every * (math.nan if target_roas is None else target_roas), every > 0, every > 0,
        every == 0, np.zeros(len(names), np.int64), *([0 * every] * 6),
    )  # fmt: skip
    units = added_up(days, _parents(rows, positions, len(names)), curve, aims)
    has_target = target_cpa is not None or target_roas is not None
    return _answer(names, verdicts(days, units, curve), has_target=has_target)


def _require_positive(**targets: float | None) -> None:
    for name, target in targets.items():
        if target is not None and not (is_number(target) and math.isfinite(target) and target > 0):
            raise UsageError(f"{name} is a number above 0, not {target!r}.")


def _curve(given: Sequence[float] | Floats | None) -> Floats:
    if given is None:
        return COMPLETE
    try:
        curve = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        curve = np.empty(0)
    is_curve = curve.ndim == 1 and len(curve) and np.isfinite(curve).all() and (np.diff(curve) >= 0).all()
    if not is_curve or curve[0] < 0 or not 0 < curve[-1] <= 1:
        raise UsageError(
            "lag_cdf is a list of shares that never falls, each from 0 to 1 and the last above 0: the share of"
            f" conversions that are in 0, 1, 2 … days after the click; not {given!r:.100}."
        )
    return curve


def _positions(rows: pa.Table, name: str) -> tuple[Ints, pa.Array]:
    """The position of each row's name among the different ones, and those in the order of their first rows."""
    column = rows[name]
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not (is_text(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind)):
        raise InputError(f"daily.{name} is text or an integer, not {kind}.", "Convert it.")
    if name == "unit" and column.null_count:
        raise InputError(f"{column.null_count} of {rows.num_rows} daily rows have no unit.", "Fill it.")
    plain = pa.large_string() if is_text(kind) else pa.int64() if pa.types.is_integer(kind) else pa.null()
    values = column.cast(kind).cast(plain).combine_chunks()
    found = values.dictionary_encode("encode")
    return found.indices.to_numpy(zero_copy_only=False).astype(np.int64), found.dictionary.cast(kind)


def _parents(rows: pa.Table, positions: Ints, count: int) -> Ints:
    if "parent" not in rows.column_names:
        return np.zeros(count, np.int64)
    parents, _ = _positions(rows, "parent")
    lowest, highest = np.full(count, len(parents)), np.full(count, -1)
    np.minimum.at(lowest, positions, parents)
    np.maximum.at(highest, positions, parents)
    [torn] = np.nonzero(lowest != highest)
    if len(torn):
        unit = rows["unit"][int(np.argmax(positions == torn[0]))]
        raise InputError(
            f"More than one parent: {counted(len(torn), 'unit')}, the first {unit.as_py()!r}.",
            "Put the parent's id in front of the unit's, if these are different units.",
        )
    return lowest


def _numbers(rows: pa.Table, name: str) -> Floats:
    if name not in rows.column_names:
        return np.zeros(rows.num_rows)
    column = rows[name]
    kind = column.type
    is_numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if rows.num_rows and not is_numeric:
        raise InputError(f"daily.{name} is a number, not {kind}.", "Convert it.")
    if column.null_count:
        raise InputError(f"{column.null_count} of {rows.num_rows} daily rows have no {name}.", "Fill it, with 0 if so.")
    numbers = np.asarray(column.cast(pa.float64(), safe=False).to_numpy())
    wrong = numbers[~(np.isfinite(numbers) & (numbers >= 0))]
    if len(wrong):
        raise InputError(
            f"daily.{name} is {wrong[0]:g} in one row; expected a number from 0 up in all {rows.num_rows}.",
            "Subtract credits and refunds from the days that they correct.",
        )
    return numbers


def _ages(rows: pa.Table, as_of: date | None) -> Ints:
    column = rows["date"]
    kind = column.type
    if rows.num_rows and not (pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None)):
        raise InputError(f"daily.date is a date, not {kind}.", "Convert it to dates, as the ad account counts days.")
    if column.null_count:
        raise InputError(f"{column.null_count} of {rows.num_rows} daily rows have no date.", "Fill it.")
    days = column.cast(pa.date32(), safe=False).cast(pa.int32()).to_numpy().astype(np.int64)
    last = _day(as_of) if as_of is not None else int(days.max(initial=0))
    late = int((days > last).sum())
    if late:
        raise InputError(
            f"{late} of {rows.num_rows} daily rows are later than as_of, {as_of}.",
            "Leave them out, and count only conversions known by then; or give a later as_of.",
        )
    ages = np.asarray(last - days)
    if ages.max(initial=0) > _LONGEST_DAYS:
        raise InputError(f"daily goes back {ages.max()} days from as_of; expected ten years at most.", "Cut it.")
    return ages


def _day(as_of: object) -> int:
    if not isinstance(as_of, date):
        raise UsageError(f"as_of is a date, such as date(2026, 1, 31), not {as_of!r}.")
    day = as_of.date() if isinstance(as_of, datetime) else as_of
    return (day - date(1970, 1, 1)).days


def _answer(names: pa.Array, found: Verdicts, *, has_target: bool) -> pa.Table:
    """The verdicts as a table."""
    units, lacks = found.units, found.missing_days > 0
    unsaid = np.full(len(names), has_target) | np.isnan(found.cpa)
    missing = pa.StructArray.from_arrays(
        [
            pa.array(found.missing_days.astype(np.int64), mask=~lacks),
            pa.array(found.missing_spend, mask=~lacks),
            pa.array(found.missing_conversions, mask=~lacks),
            pa.array(found.cpa, mask=unsaid),
        ],
        fields=list(_MISSING),
        mask=pa.array(~lacks & unsaid),
    )
    return pa.table(
        {
            "unit": names,
            "reason": pa.array(found.reason, pa.string()),
            "severity": pa.array(found.severity, pa.string()),
            "p_over": pa.array(found.over, from_pandas=True),
            "expected_waste": pa.array(found.waste, from_pandas=True),
            "interval_low": pa.array(found.low, from_pandas=True),
            "interval_high": pa.array(found.high, from_pandas=True),
            "maturity": units.maturity,
            "missing": missing,
        }
    )
