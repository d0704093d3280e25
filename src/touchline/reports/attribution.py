"""Who earned what: credit, value and spend by channel, platform, campaign, ad set, ad or source class."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from touchline.engines import Engine
from touchline.reports.question import Window

By = Literal["channel", "source_class", "platform", "campaign", "adset", "ad"]
"""What a report's rows are."""

Basis = Literal["CONVERSION", "TOUCH"]
"""The day that credit is booked to: that of the conversion, or that of the touch."""

UNATTRIBUTED = "(unattributed)"
"""The row of conversions that no touch led to."""


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
    """``None`` where no cost was ever reported, which is not zero. So are ``impressions`` and ``clicks``."""
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


@dataclass(frozen=True)
class AttributionReport:
    """Rows that add up to ``totals``: to every counted conversion, and to all the spend where rows are what costs."""

    organization_id: str
    by: By
    basis: Basis
    model: str
    goal: str
    """``""``: all goals together."""
    currency: str
    other_currencies: tuple[str, ...]
    """Currencies of costs and conversions that are not in this report."""
    window: Window
    rows: tuple[AttributionRow, ...]
    """Most credit first, then most spend; ``(unattributed)`` is a row of its own."""
    totals: AttributionRow


@dataclass(frozen=True)
class ModelCell:
    """What one model gives one row."""

    model: str
    credit: int
    conversions: float
    value_micros: int
    share: float | None
    difference: float
    """Conversions more (or fewer) than under ``LAST_TOUCH``."""
    relative_difference: float | None
    """The difference as a fraction of LAST_TOUCH's conversions; ``None`` where that gives none."""
    cpa: float | None
    roas: float | None


@dataclass(frozen=True)
class ComparisonRow:
    """One channel, campaign, … under every model."""

    key: str
    name: str
    platform: str
    spend_micros: int | None
    models: tuple[ModelCell, ...]
    """In the order of :data:`touchline.settings.MODELS`."""


@dataclass(frozen=True)
class ModelComparison:
    """All the models side by side. What every model agrees on does not hang on the choice of a model."""

    organization_id: str
    by: By
    goal: str
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    models: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]
    totals: ComparisonRow


def attribution_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, by: By = "channel", start: date | None = None,
    end: date | None = None, goal: str | None = None, basis: Basis = "CONVERSION", currency: str | None = None,
) -> AttributionReport:  # fmt: skip
    """Credit, value and spend by row under one model.

    :param model: ``None``: the organization's default model.
    :param start: first day of the window (inclusive); ``None``: the first day with data. ``end`` likewise the last.
    :param goal: ``None``: the organization's primary goal; ``""``: all goals.
    :param currency: ``None``: the organization's.
    :raises UnknownError: if there is no such organization, model or goal.
    :raises UsageError: if the window ends before it starts, or ``by`` or ``basis`` is none of the choices.
    """
    raise NotImplementedError


def model_comparison(  # noqa: PLR0913 - as above
    engine: Engine, organization_id: str, *, by: By = "channel", start: date | None = None, end: date | None = None,
    goal: str | None = None, currency: str | None = None,
) -> ModelComparison:  # fmt: skip
    """Every model side by side, by the day of the conversion; arguments as for :func:`attribution_report`."""
    raise NotImplementedError
