"""The table that marketing mix models read: what each channel cost and earned in each week, without a gap."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.magnitudes import CREDIT
from touchline.reports.periods import Period, first_day, last_day
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, asked
from touchline.reports.tally import spend_of_site

Layout = Literal["long", "wide"]
"""Whether the table has a row for each week and channel, or one for each week with columns for each channel."""

_COSTS = ("spend_micros", "impressions", "clicks")


@dataclass(frozen=True)
class MixRow:
    """One channel in one week, as far as the week lies in the window. Money is micros of the report's currency."""

    start: date
    end: date
    is_whole: bool
    """Whether all days of the week lie in the window."""
    channel: str
    spend_micros: int | None
    """``None`` where the channel has no cost in the whole window, or where no cost of the week is reported at all; 0
    where costs of the week are reported and none is of the channel. So are ``impressions`` and ``clicks``."""
    impressions: int | None
    clicks: int | None
    credit: int
    """Billionths of a conversion, by the day of the conversion."""
    conversions: float
    value_micros: int


@dataclass(frozen=True)
class MixReport:
    """Rows that add up, in every week, to all its conversions and all its spend."""

    organization_id: str
    per: Period
    layout: Layout
    model: str
    goal: str
    site_id: str
    account_id: str
    """The account whose conversions are counted; ``""``: whatever the account. No cost is of an account."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    rows: tuple[MixRow, ...]
    """Every week of the window with every channel that has anything in it, by week and channel."""
    unassigned_spend_micros: int
    """Of one of several sites, all spend of the window: channels have none unless all of it is of the site."""


def mix_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, per: Period = "week", layout: Layout = "long", model: str | None = None,
    start: date | None = None, end: date | None = None, goal: str | None = None, currency: str | None = None,
    site: str | None = None, account: str | None = None,
) -> MixReport:  # fmt: skip
    """What each channel cost and earned in each week (from Monday), day or month.

    Arguments as for :func:`touchline.reports.attribution.attribution_report`.

    :param layout: of the table; the rows are the same in both.
    :raises UsageError: if ``per`` or ``layout`` is none of the choices.
    """
    for name, value, choices in (("per", per, get_args(Period)), ("layout", layout, get_args(Layout))):
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
    costs = spend_of_site(engine, question, "CAMPAIGN", question.window)
    has_costs = costs.is_whole and not question.account_id
    spent = rows(engine, "spend_by_channel_and_day", **question.parameters, grain="CAMPAIGN") if has_costs else []
    return MixReport(
        organization_id=question.organization_id,
        goal=question.goal,
        site_id=question.site_id,
        account_id=question.account_id,
        currency=question.currency,
        other_currencies=question.other_currencies,
        window=question.window,
        per=per,
        layout=layout,
        model=question.model,
        rows=tuple(_rows(engine, question, per, spent)),
        unassigned_spend_micros=0 if costs.is_whole else costs.of_site + costs.of_no_one_site,
    )


def _rows(engine: Engine, question: Question, per: Period, spent: Iterable[Row]) -> Iterator[MixRow]:
    of = "credit_of_account_by_channel_and_day" if question.account_id else "credit_by_channel_and_day"
    earned = rows(engine, of, **question.parameters, model=question.model)
    costs, won = _by_place(spent, per, _COSTS), _by_place(earned, per, ("credit", "value_micros"))
    with_costs = {first for first, _ in costs}
    costing = {channel for _, channel in costs}
    channels = sorted({channel for _, channel in (*costs, *won)})
    for first in _firsts(question.window, per):
        for channel in channels:
            is_known = first in with_costs and channel in costing
            sums = costs[first, channel] if is_known else None
            yield _row(first, channel, per, question.window, sums, won[first, channel])


def _by_place(found: Iterable[Row], per: Period, names: Iterable[str]) -> dict[tuple[date, str], Counter[str]]:
    """Sums of days and channels by week and channel."""
    sums: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
    for row in found:
        sums[first_day(row["day"], per), row["channel"]].update({name: row[name] for name in names})
    return sums


def _firsts(window: Window, per: Period) -> Iterator[date]:
    """The first day of each week of the window."""
    if window.start is not None and window.end is not None:
        first = first_day(window.start, per)
        while first <= window.end:
            yield first
            first = last_day(first, per) + timedelta(days=1)


def _row(
    first: date, channel: str, per: Period, window: Window, costs: Counter[str] | None, won: Counter[str]
) -> MixRow:  # fmt: skip
    last = last_day(first, per)
    spend_micros, impressions, clicks = (None if costs is None else costs[name] for name in _COSTS)
    return MixRow(
        start=first,
        end=last,
        is_whole=first in window and last in window,
        channel=channel,
        spend_micros=spend_micros,
        impressions=impressions,
        clicks=clicks,
        credit=won["credit"],
        conversions=won["credit"] / CREDIT,
        value_micros=won["value_micros"],
    )
