"""Who earned what: credit, value and spend by a dimension, under one model or under all of them."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.grains import UNATTRIBUTED
from touchline.magnitudes import CREDIT
from touchline.reports.both_periods import Both, both_periods
from touchline.reports.calibration import calibrations
from touchline.reports.dimensions import PERIODS, Basis, By
from touchline.reports.own_totals import OwnTotals, own_totals
from touchline.reports.periods import Compared, Match, compared_with
from touchline.reports.queries import rows
from touchline.reports.question import Question, Window, asked, rate, without_fit
from touchline.reports.self_reported import self_reported
from touchline.reports.side_by_side import ComparisonRow, SideBySide
from touchline.reports.tally import Tally
from touchline.settings import unverified_goal


@dataclass(frozen=True)
class AttributionRow:
    """What one channel, campaign, … cost and earned. Money is micros of the report's currency; rates are fractions."""

    key: str
    """Names the row within its report: a channel, or ``PLATFORM/campaign id/…``."""
    name: str
    """What people call it."""
    platform: str
    """Code of the ad platform; ``""`` where there is none."""
    spend_micros: int | None
    """``None`` where no cost was ever reported, which is not zero, or where it is not known for which site it was. So
    are ``impressions`` and ``clicks``."""
    impressions: int | None
    clicks: int | None
    credit: int
    """Billionths of a conversion: exact, and what adds up."""
    conversions: float
    """Credit as conversions: ``credit / 1e9``."""
    value_micros: int
    share: float | None
    """Of the credit of all rows; ``None`` where there is none to share."""
    cpa: float | None
    """Spend per conversion, in units of the currency."""
    roas: float | None
    """Value per unit of spend."""
    ctr: float | None
    """Clicks per impression."""
    cpc: float | None
    """Spend per click, in units of the currency."""
    new_credit: int
    """Of ``credit``, that of conversions of new customers: each the person's first of the goal among all that are kept.
    The rest is of returning customers."""
    new_conversions: float
    new_value_micros: int
    returning_conversions: float
    returning_value_micros: int
    paid_credit: int
    """Of ``credit``, that of touches that somebody surely paid for: what remains is ambiguous, or is not paid."""
    paid_conversions: float
    paid_value_micros: int
    paid_cpa: float | None
    """``cpa`` over the paid touches alone; ``cpa`` and ``roas`` are blended: they count ambiguous touches too."""
    paid_roas: float | None
    ambiguous_credit: int
    """Of ``credit``, that of touches whose evidence comes on paid and unpaid clicks alike, such as a lone fbclid."""
    ambiguous_value_micros: int
    ambiguous_share: float | None
    """How many of the touches that may have credit are ambiguous, as a fraction."""
    self_reported: int | None
    """Conversions whose customer names this channel or platform when asked; an answer such as Google names several
    channels, and the total counts it once. ``None`` in rows that no answer can name."""
    influenced: int | None
    """Conversions on whose paths a touch of the row is, each whole, whatever the model: a conversion is in all rows of
    its path, so that rows do not add up. ``None`` in the total, and in rows of no touch or of several values."""
    influenced_value_micros: int | None
    """The value of these conversions."""
    own_conversions: float | None
    """Of a channel under a fitted model such as MARKOV, what the model itself gives it: its share of all touched
    conversions. ``conversions`` is the sum of its links, which share each conversion among its own touches."""
    days_before: int | None
    """With how many of the compared days the row is compared: a day, week or month with as many as it has in the
    window, or with fewer where the compared days end before; ``None`` where nothing is compared."""
    conversions_before: float | None
    """Of these days, as is what follows; ``None`` where there are none, or where the row is one of the values that
    share ``(other)`` in one of the two."""
    conversions_change: float | None
    """How many more (or fewer) conversions than before."""
    value_before_micros: int | None
    spend_before_micros: int | None
    share_before: float | None
    share_change: float | None
    """``share`` less ``share_before``, as a fraction of all: these add up to 0."""


@dataclass(frozen=True)
class Verification:
    """How many of the window's conversions, by their own day, rest on a publishable key alone."""

    conversions: int
    """Those that the report counts."""
    unverified: int
    """Those among them that no verified event reports."""
    unverified_share: float | None
    """``unverified / conversions``; ``None`` where there is none."""
    unverified_apart: int
    """Unverified conversions that the report leaves to a goal name of their own, or that their goal leaves out."""


@dataclass(frozen=True)
class AttributionReport:
    """Rows that add up to ``totals``: to every counted conversion, and to all the spend where rows are what costs."""

    organization_id: str
    by: By
    basis: Basis
    compared: Compared | None
    """``None``: nothing is compared."""
    share_moved: float | None
    """How much of all credit lies in other rows than in the compared days, 0–1; ``None`` where that is not known of one
    of the rows."""
    model: str
    goal: str
    """``""``: all goals together."""
    site_id: str
    """The site whose conversions are counted; ``""``: all sites together."""
    account_id: str
    """The account whose conversions are counted; ``""``: whatever the account."""
    currency: str
    other_currencies: tuple[str, ...]
    """Currencies of costs and conversions that are not in this report."""
    window: Window
    rows: tuple[AttributionRow, ...]
    """Most credit first, then most spend; ``(unattributed)`` is a row of its own."""
    totals: AttributionRow
    unassigned_spend_micros: int
    """Spend of the window on what is of several sites, or of none that is known: it is in no row of one site."""
    verification: Verification


@dataclass(frozen=True)
class ModelComparison:
    """All the models side by side. What every model agrees on does not hang on the choice of a model."""

    organization_id: str
    by: By
    goal: str
    site_id: str
    """``""``: all sites together."""
    account_id: str
    """The account whose conversions are counted; ``""``: whatever the account."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    compared: Compared | None
    """``None``: nothing is compared."""
    drift: tuple[float | None, ...]
    """Of each model, how much of all credit lies in other rows than in the compared days, 0–1; ``None`` where that is
    not known of one of the rows."""
    models: tuple[str, ...]
    baseline: str
    """The model that the others are compared with."""
    share_moved: tuple[float | None, ...]
    """Of each model, how much of all credit is in other rows than under the baseline, 0–1; ``None`` without credit."""
    without_fit: tuple[str, ...]
    """Models that are left out because the organization has no fit for them yet."""
    rows: tuple[ComparisonRow, ...]
    totals: ComparisonRow
    unassigned_spend_micros: int
    """As in :class:`AttributionReport`."""


def attribution_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, by: By = "channel", start: date | None = None,
    end: date | None = None, goal: str | None = None, basis: Basis = "CONVERSION", currency: str | None = None,
    site: str | None = None, account: str | None = None, compare: str | None = None, match: Match = "weekdays",
) -> AttributionReport:  # fmt: skip
    """Credit, value and spend by row under one model.

    :param model: ``None``: the organization's default model.
    :param start: first day of the window (inclusive); ``None``: the first day with data. ``end`` likewise the last.
    :param goal: ``None``: the organization's primary goal; ``""``: all goals.
    :param basis: the day that credit is booked to. Costs are booked to their own day either way.
    :param currency: ``None``: the organization's.
    :param site: count the conversions of this site alone, with all the touches that led to them; ``None``: all sites.
        Costs name no site: they are in the rows that are of this site alone, and ``None`` in the others.
    :param account: count the conversions of this account alone, by any of its names; ``None``: whatever the account.
        Costs are of no account, so that there is no spend.
    :param compare: ``previous``, ``last-year``, or ``START..END``; ``None``: nothing.
    :param match: see :func:`touchline.reports.periods.compared_with`, like ``compare``.
    :raises UnknownError: if there is no such organization, model, goal, site or account.
    :raises UsageError: if the window ends before it starts, or ``by`` or ``basis`` is none of the choices.
    """
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
    both, costs = both_periods(engine, question, by, basis, compared := compared_with(question, compare, match))
    ordered = sorted(both.rows, key=lambda tally: _order(tally, question.model, by))
    totals = both.totals
    said, own = self_reported(engine, question, by), own_totals(engine, question, by, basis)
    return AttributionReport(
        **question.answered,
        by=by,
        basis=basis,
        model=question.model,
        compared=compared,
        share_moved=both.moved(question.model),
        rows=tuple(_row(tally, question.model, both, said.conversions(by, tally.key), own) for tally in ordered),
        totals=_row(totals, question.model, both, said.conversions(by), own),
        unassigned_spend_micros=costs.of_no_one_site,
        verification=_verification(engine, question),
    )


def model_comparison(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, by: By = "channel", start: date | None = None, end: date | None = None,
    goal: str | None = None, currency: str | None = None, site: str | None = None, account: str | None = None,
    compare: str | None = None, match: Match = "weekdays", baseline: str = "LAST_TOUCH",
) -> ModelComparison:  # fmt: skip
    """Every model side by side, by the day of the conversion; arguments as for :func:`attribution_report`.

    :param baseline: the model that the others are compared with.
    """
    question = asked(
        engine,
        organization_id,
        model=baseline,
        goal=goal,
        start=start,
        end=end,
        currency=currency,
        site=site,
        account=account,
    )
    both, costs = both_periods(engine, question, by, "CONVERSION", compared := compared_with(question, compare, match))
    ordered = sorted(both.rows, key=lambda tally: _order(tally, baseline, by))
    said, own = self_reported(engine, question, by), own_totals(engine, question, by, "CONVERSION")
    lifts = calibrations(engine, question, by, "CONVERSION", lambda row: (row["model"], row["entity_id"]))
    compare_row = SideBySide(both, question.models, baseline, by, said, own, lifts)
    return ModelComparison(
        **question.answered,
        by=by,
        compared=compared,
        drift=tuple(both.moved(model) for model in question.models),
        models=question.models,
        baseline=baseline,
        share_moved=compare_row.share_moved,
        without_fit=without_fit(question.models),
        rows=tuple(map(compare_row.row, ordered)),
        totals=compare_row.row(both.totals),
        unassigned_spend_micros=costs.of_no_one_site,
    )


def _verification(engine: Engine, question: Question) -> Verification:
    named = unverified_goal(question.goal) if question.goal else ""
    found = rows(engine, "unverified", **question.parameters, unverified_goal=named)[0]
    conversions, unverified = int(found["conversions"]), int(found["unverified"])
    return Verification(conversions, unverified, rate(unverified, conversions), int(found["unverified_apart"]))


def _order(tally: Tally, model: str, by: By) -> tuple[bool, int, int, str]:
    """Most credit first; days in their order."""
    if by in PERIODS:
        return False, 0, 0, tally.key
    return tally.key == UNATTRIBUTED, -tally.credit[model], -(tally.spend_micros or 0), tally.key


def _row(tally: Tally, model: str, both: Both, self_reported_conversions: int | None, own: OwnTotals) -> AttributionRow:
    totals, before = both.totals, both.before(tally.key)
    credit, value_micros = tally.credit[model], tally.value_micros[model]
    spend = _units(tally.spend_micros)
    return AttributionRow(
        key=tally.key,
        name=tally.name,
        platform=tally.platform,
        spend_micros=tally.spend_micros,
        impressions=tally.impressions,
        clicks=tally.clicks,
        credit=credit,
        conversions=credit / CREDIT,
        value_micros=value_micros,
        share=rate(credit, totals.credit[model]),
        cpa=rate(spend, credit / CREDIT),
        roas=rate(value_micros, tally.spend_micros),
        ctr=rate(tally.clicks, tally.impressions),
        cpc=rate(spend, tally.clicks),
        new_credit=(new := tally.new_credit[model]),
        new_conversions=new / CREDIT,
        new_value_micros=(new_value := tally.new_value_micros[model]),
        returning_conversions=(credit - new) / CREDIT,
        returning_value_micros=value_micros - new_value,
        paid_credit=tally.paid_credit[model],
        paid_conversions=tally.paid_credit[model] / CREDIT,
        paid_value_micros=tally.paid_value_micros[model],
        paid_cpa=rate(spend, tally.paid_credit[model] / CREDIT),
        paid_roas=rate(tally.paid_value_micros[model], tally.spend_micros),
        ambiguous_credit=tally.ambiguous_credit[model],
        ambiguous_value_micros=tally.ambiguous_value_micros[model],
        ambiguous_share=rate(tally.ambiguous_touches[model], tally.touches[model]),
        self_reported=self_reported_conversions,
        influenced=tally.influenced,
        influenced_value_micros=tally.influenced_value_micros,
        days_before=both.days_before(tally.key),
        conversions_before=before.credit[model] / CREDIT if before else None,
        own_conversions=own.conversions(model, tally.key),
        conversions_change=(credit - before.credit[model]) / CREDIT if before else None,
        value_before_micros=before.value_micros[model] if before else None,
        spend_before_micros=before.spend_micros if before else None,
        share_before=both.share_before(tally.key, model),
        share_change=both.share_change(tally, model),
    )


def _units(micros: int | None) -> float | None:
    return None if micros is None else micros / 1e6
