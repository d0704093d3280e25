"""Performance: what each week or month cost and earned, blended and paid only, and what a new customer cost."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.reports.attribution import Basis
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, asked, rate

Period = Literal["week", "month"]
_SUMS = ("credit", "value_micros", "paid_credit", "paid_value_micros", "new_customers", "new_value_micros")


@dataclass(frozen=True)
class PerformanceRow:
    """A week or a month, as far as it lies in the window. Money is micros of the report's currency."""

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
    new_value_micros: int
    """What these first conversions were worth."""
    cac: float | None
    """Spend per new customer, in units of the currency."""


@dataclass(frozen=True)
class PerformanceReport:
    """Rows that add up to ``totals``."""

    organization_id: str
    per: Period
    basis: Basis
    model: str
    goal: str
    site_id: str
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    customers_since: date | None
    """The first day of which a conversion is kept: a customer who bought before it counts as new."""
    rows: tuple[PerformanceRow, ...]
    totals: PerformanceRow | None
    """``None`` where there is no data at all."""


def performance_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, per: Period = "week", model: str | None = None, start: date | None = None,
    end: date | None = None, goal: str | None = None, basis: Basis = "CONVERSION", currency: str | None = None,
    site: str | None = None,
) -> PerformanceReport:  # fmt: skip
    """What each week (from Monday) or month cost and earned.

    Arguments as for :func:`touchline.reports.attribution.attribution_report`. New customers are counted by the day of
    their conversion, whatever the ``basis``; a day's costs are of no one site.

    :raises UsageError: if ``per`` or ``basis`` is none of the choices.
    """
    for name, value, choices in (("per", per, get_args(Period)), ("basis", basis, get_args(Basis))):
        if value not in choices:
            raise UsageError(f"{name} is one of {', '.join(choices)}, not {value!r}.")
    question = asked(
        engine, organization_id, model=model, goal=goal, start=start, end=end, currency=currency, site=site
    )
    days = _days(engine, question, basis)
    made: dict[date, list[Row]] = defaultdict(list)
    for day in days:
        made[first_day(day["day"], per)].append(day)
    window = question.window
    return PerformanceReport(
        **question.answered,
        per=per,
        basis=basis,
        model=question.model,
        customers_since=rows(engine, "kept_since", **question.parameters)[0]["first_day"],
        rows=tuple(_row(first, last_day(first, per), window, made[first]) for first in sorted(made)),
        totals=_row(window.start, window.end, window, days) if window.start and window.end else None,
    )


def _days(engine: Engine, question: Question, basis: Basis) -> list[Row]:
    parameters = {**question.parameters, "model": question.model, "basis": basis}
    found: dict[date, Row] = defaultdict(dict)
    for name in ("performance", "paid_by_day", "new_customers"):
        for row in rows(engine, name, **parameters):
            found[row["day"]] |= row
    return [found[day] for day in sorted(found)]


def first_day(day: date, per: Period) -> date:
    """The first day of the week or month of a day.

    >>> first_day(date(2026, 3, 5), "week"), first_day(date(2026, 3, 5), "month")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 1))
    """
    return day - timedelta(days=day.weekday()) if per == "week" else day.replace(day=1)


def last_day(first: date, per: Period) -> date:
    """The last day of the week or month that begins on a day.

    >>> last_day(date(2026, 3, 2), "week"), last_day(date(2026, 12, 1), "month")
    (datetime.date(2026, 3, 8), datetime.date(2026, 12, 31))
    """
    after = first + timedelta(days=7) if per == "week" else (first + timedelta(days=31)).replace(day=1)
    return after - timedelta(days=1)


def _row(start: date, end: date, window: Window, days: Iterable[Row]) -> PerformanceRow:
    listed = list(days)
    sums = {name: sum(day.get(name) or 0 for day in listed) for name in _SUMS}
    costs = [day["spend_micros"] for day in listed if day.get("spend_micros") is not None]
    spend_micros = sum(costs) if costs else None
    spend = None if spend_micros is None else spend_micros / 1e6
    is_whole = bool(window.start and window.end and window.start <= start and end <= window.end)
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
        new_value_micros=sums["new_value_micros"],
        cac=rate(spend, sums["new_customers"]),
    )
