"""One conversion, explained: what happened, which touches led to it, who got how much credit, and why."""

from dataclasses import dataclass
from datetime import datetime

from touchline.engines import Engine


@dataclass(frozen=True)
class Refund:
    """A refund or cancellation of the conversion's order."""

    kind: str
    """``refund`` or ``cancellation``."""
    occurred_at: datetime
    refunded_micros: int | None
    """``None``: all of it."""


@dataclass(frozen=True)
class Credit:
    """What one model gives one touch."""

    model: str
    credit: int
    """Billionths of the conversion."""
    weight: float
    value_micros: int


@dataclass(frozen=True)
class Touch:
    """One touch of the path."""

    touchpoint_id: str
    occurred_at: datetime
    days_before: float
    """Days from the touch to the conversion."""
    channel: str
    source_class: str
    platform: str
    """Code of the ad platform, or ``""``."""
    marks: dict[str, str]
    """What the landing carried: ``utm_source``, …, ``click_ids``, ``campaign_ref``, ``referrer``; as it was sent."""
    landing_url: str | None
    reason: str
    """The code of the evidence that decided the channel."""
    reason_in_words: str
    rule_version: str
    is_eligible: bool
    eligibility: str
    """Why it may, or may not, get credit."""
    position: int
    """Its place among the eligible touches, from 1; 0 where it is not eligible."""
    credits: tuple[Credit, ...]
    """One per model, in the order of :data:`touchline.settings.MODELS`; empty where it is not eligible."""


@dataclass(frozen=True)
class ModelSum:
    """Whether a model's credits of this conversion add up."""

    model: str
    credit: int
    value_micros: int
    is_whole: bool
    """Whether they add up to exactly one conversion and exactly its value."""


@dataclass(frozen=True)
class ConversionExplanation:
    """Everything that is known of one conversion."""

    organization_id: str
    site_id: str
    conversion_id: str
    order_id: str | None
    goal: str
    signal_type: str
    occurred_at: datetime
    status: str
    is_counted: bool
    counting: str
    """Why it counts, or does not."""
    currency: str
    gross_value_micros: int
    refunded_micros: int
    value_micros: int
    event_count: int
    """How many events reported it."""
    self_reported_source: str | None
    refunds: tuple[Refund, ...]
    person_id: str
    identifiers: tuple[str, ...]
    """The names that the person is known by."""
    lookback_days: int
    touches: tuple[Touch, ...]
    """The path, first touch first."""
    outside_lookback: int
    """Touches of the person that lie too far before the conversion."""
    unattributed: tuple[Credit, ...]
    """The credit that no touch gets, per model; empty where the path has a touch."""
    sums: tuple[ModelSum, ...]
    """One per model; empty where the conversion does not count."""


def explain_conversion(engine: Engine, organization_id: str, conversion_id: str) -> ConversionExplanation:
    """The conversion of this id, or of this order id.

    :raises UnknownError: if there is none; the hint names order ids that look alike.
    :raises UsageError: if several conversions have this order id; the hint names them.
    """
    raise NotImplementedError
