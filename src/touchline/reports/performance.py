"""Performance: what each week or month cost and earned, blended and paid only, and what a new customer cost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.reports.calibration import calibrations
from touchline.reports.dimensions import Basis
from touchline.reports.periods import Compared, Counterparts, Match, Period, compared_with, earlier, first_day, last_day
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, asked, rate

_SUMS = (
    "credit", "value_micros", "paid_credit", "paid_value_micros", "new_customers", "new_value_micros", "new_accounts",
    "new_credit", "new_booked_micros", "paid_new_credit", "calibrated", "calibrated_credit",
)  # fmt: skip


@dataclass(frozen=True)
class PerformanceRow:
    """A day, a week or a month, as far as it lies in the window. Money is micros of the report's currency."""

    start: date
    end: date
    is_whole: bool
    """Whether all its days lie in the window."""
    spend_micros: int | None
    """``None`` where no cost was ever reported, or where it is not known for which site it was."""
    conversions: float
    value_micros: int
    blended_cpa: float | None
    """Spend per conversion, however it came, in units of the currency."""
    blended_roas: float | None
    """Value of all conversions per unit of spend."""
    paid_conversions: float
    """Of the conversions, what the model credits to touches that somebody surely paid for."""
    paid_value_micros: int
    paid_cpa: float | None
    paid_roas: float | None
    roi: float | None
    """What is earned beyond the spend, per unit of spend: ``(value - spend) / spend``."""
    new_customers: int
    """Persons with their first conversion of the goal within the kept history."""
    new_accounts: int
    """Accounts with their first conversion of the goal within the kept history, by any of their members."""
    new_value_micros: int
    """What these first conversions were worth."""
    cac: float | None
    """Spend per new customer, in units of the currency."""
    account_cac: float | None
    """Spend per new account, in units of the currency."""
    new_conversions: float
    """Of ``conversions``, those of new customers, by the day that credit is booked to."""
    returning_conversions: float
    """The other ones, of persons with an earlier conversion of the goal."""
    returning_value_micros: int
    paid_new_conversions: float
    """Of ``paid_conversions``, those of new customers."""
    paid_returning_conversions: float
    paid_cac: float | None
    """Spend per paid conversion of a new customer, in units of the currency."""
    calibrated_conversions: float | None
    """What lift tests of channels make of the conversions: the sum of credit times factor, for the days and channels
    that have one; ``None`` where none has. No other column knows of factors."""
    calibrated_share: float | None
    """How much of the credit has a factor."""
    days_before: int | None
    """With how many of the compared days the row is compared: as many as it has in the window, or fewer where the
    compared days end before; of the total, all of them. ``None`` where nothing is compared."""
    conversions_before: float | None
    """Of these days, as is what follows; ``None`` where there are none."""
    value_before_micros: int | None
    spend_before_micros: int | None
    new_customers_before: int | None
    new_accounts_before: int | None


@dataclass(frozen=True)
class PerformanceReport:
    """Rows that add up to ``totals``."""

    organization_id: str
    per: Period
    basis: Basis
    model: str
    goal: str
    site_id: str
    account_id: str
    """The account whose conversions are counted; ``""``: whatever the account."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    compared: Compared | None
    """``None``: nothing is compared."""
    customers_since: date | None
    """The first day of which a conversion is kept: a customer who bought before it counts as new."""
    rows: tuple[PerformanceRow, ...]
    totals: PerformanceRow | None
    """``None`` where there is no data at all."""


def performance_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, per: Period = "week", model: str | None = None, start: date | None = None,
    end: date | None = None, goal: str | None = None, basis: Basis = "CONVERSION", currency: str | None = None,
    site: str | None = None, account: str | None = None, compare: str | None = None, match: Match = "weekdays",
) -> PerformanceReport:  # fmt: skip
    """What each day, week (from Monday) or month cost and earned.

    Arguments as for :func:`touchline.reports.attribution.attribution_report`. New customers and accounts are counted by
    the day of their conversion, whatever the ``basis``; a day's costs are of no account, and of one
    site where all costs of the window are mapped to sites.

    :raises UsageError: if ``per`` or ``basis`` is none of the choices.
    """
    for name, value, choices in (("per", per, get_args(Period)), ("basis", basis, get_args(Basis))):
        if value not in choices:
            raise UsageError(f"{name} is one of {', '.join(choices)}, not {value!r}.")
    question = asked(
        engine,
        organization_id,
        model=model,
        goal=goal,
        start=start,
        end=end,
        currency=currency,
        site=site,
        account=account,
    )
    compared = compared_with(question, compare, match)
    days = _days(engine, question, basis)
    before = _days(engine, earlier(question, compared), basis) if compared else None
    window = question.window
    return PerformanceReport(
        **question.answered,
        per=per,
        basis=basis,
        model=question.model,
        compared=compared,
        customers_since=rows(engine, "kept_since", **question.parameters)[0]["first_day"],
        rows=tuple(_rows(window, per, days, compared, before)),
        totals=_total(window, days, compared, before),
    )


def _rows(
    window: Window, per: Period, days: Iterable[Row], compared: Compared | None, before: Iterable[Row] | None
) -> Iterator[PerformanceRow]:
    """A row for each day, week or month with data, of its own or of the days that it is compared with."""
    if window.start is None or window.end is None:
        return
    counterparts = Counterparts(window.start, window.end, compared) if compared else None
    now, then = _grouped(((day["day"], day) for day in days), per), _grouped((), per)
    if counterparts is not None:
        then = _grouped(((counterparts.day_of(day["day"]), day) for day in before or ()), per)
    for first in sorted({*now, *then}):
        last = last_day(first, per)
        days_before = counterparts.number(first, last) if counterparts else None
        yield _row(first, last, window, now[first], then[first] if days_before else None, days_before)


def _total(
    window: Window, days: Iterable[Row], compared: Compared | None, before: Iterable[Row] | None
) -> PerformanceRow | None:
    if window.start is None or window.end is None:
        return None
    return _row(window.start, window.end, window, days, before, compared.days if compared else None)


def _grouped(days: Iterable[tuple[date | None, Row]], per: Period) -> dict[date, list[Row]]:
    """Rows under the first day of the week or month of their day; those without a day are left out."""
    grouped: dict[date, list[Row]] = defaultdict(list)
    for day, row in days:
        if day is not None:
            grouped[first_day(day, per)].append(row)
    return grouped


def _days(engine: Engine, question: Question, basis: Basis) -> list[Row]:
    parameters = {**question.parameters, "model": question.model, "basis": basis}
    found: dict[date, Row] = defaultdict(dict)
    for name in ("performance", "paid_by_day", "new_customers", "new_by_day"):
        for row in rows(engine, name, **parameters):
            found[row["day"]] |= row
    lifts = calibrations(engine, question, "channel", basis, lambda row: (row["day"], row["model"]), is_daily=True)
    for (day, model), lift in lifts.items():
        if model == question.model:
            found[day] |= {"day": day, "calibrated": lift.conversions, "calibrated_credit": lift.credit}
    return [found[day] for day in sorted(found)]


def _summed(days: Iterable[Row]) -> tuple[dict[str, Any], int | None]:
    """The sums of days, and their spend."""
    listed = list(days)
    costs = [day["spend_micros"] for day in listed if day.get("spend_micros") is not None]
    return {name: sum(day.get(name) or 0 for day in listed) for name in _SUMS}, sum(costs) if costs else None


def _row(
    start: date, end: date, window: Window, days: Iterable[Row], before: Iterable[Row] | None, days_before: int | None
) -> PerformanceRow:  # fmt: skip
    sums, spend_micros = _summed(days)
    past, earlier_spend = ({}, None) if before is None else _summed(before)
    spend = None if spend_micros is None else spend_micros / 1e6
    is_whole = start in window and end in window
    value = sums["value_micros"]
    return PerformanceRow(
        start=start,
        end=end,
        is_whole=is_whole,
        spend_micros=spend_micros,
        conversions=sums["credit"] / CREDIT,
        value_micros=value,
        blended_cpa=rate(spend, sums["credit"] / CREDIT),
        blended_roas=rate(value, spend_micros),
        paid_conversions=sums["paid_credit"] / CREDIT,
        paid_value_micros=sums["paid_value_micros"],
        paid_cpa=rate(spend, sums["paid_credit"] / CREDIT),
        paid_roas=rate(sums["paid_value_micros"], spend_micros),
        roi=rate(None if spend_micros is None else value - spend_micros, spend_micros),
        new_customers=sums["new_customers"],
        new_accounts=sums["new_accounts"],
        new_value_micros=sums["new_value_micros"],
        cac=rate(spend, sums["new_customers"]),
        account_cac=rate(spend, sums["new_accounts"]),
        new_conversions=sums["new_credit"] / CREDIT,
        returning_conversions=(sums["credit"] - sums["new_credit"]) / CREDIT,
        returning_value_micros=value - sums["new_booked_micros"],
        paid_new_conversions=sums["paid_new_credit"] / CREDIT,
        paid_returning_conversions=(sums["paid_credit"] - sums["paid_new_credit"]) / CREDIT,
        paid_cac=rate(spend, sums["paid_new_credit"] / CREDIT),
        calibrated_conversions=sums["calibrated"] if sums["calibrated_credit"] else None,
        calibrated_share=rate(sums["calibrated_credit"], sums["credit"]) if sums["calibrated_credit"] else None,
        days_before=days_before,
        conversions_before=past["credit"] / CREDIT if past else None,
        value_before_micros=past.get("value_micros"),
        spend_before_micros=earlier_spend,
        new_customers_before=past.get("new_customers"),
        new_accounts_before=past.get("new_accounts"),
    )
