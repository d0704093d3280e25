"""Health: whether the numbers of a window can be trusted, and on which days they cannot."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.reports.question import Window


@dataclass(frozen=True)
class HealthRate:
    """A measure over the whole window: a sum over a sum."""

    measure: str
    """``behavioural_coverage``, ``direct_only_rate``, ``no_touch_rate`` or ``direct_landing_rate``."""
    meaning: str
    """The measure in words."""
    numerator: int
    denominator: int
    value: float | None


@dataclass(frozen=True)
class HealthPoint:
    """A measure on one day."""

    period: date
    numerator: int
    denominator: int
    value: float | None
    is_signal: bool


@dataclass(frozen=True)
class HealthSeries:
    """A measure of one site from day to day, with the limits that its own history predicts."""

    site_id: str
    measure: str
    centre: float | None
    """``None``, as the limits are, where there are too few days to say."""
    lower_limit: float | None
    upper_limit: float | None
    points: tuple[HealthPoint, ...]


@dataclass(frozen=True)
class HealthSignal:
    """A day on which a measure left its limits."""

    site_id: str
    period: date
    measure: str
    direction: str
    value: float
    centre: float
    lower_limit: float
    upper_limit: float
    sentence: str
    """What happened, in words."""


@dataclass(frozen=True)
class SourceAnswer:
    """What customers said, against the channel that LAST_TOUCH names."""

    answer: str
    channel: str
    conversions: int
    agrees: bool | None
    """``None`` where the answer names no source that could be tracked."""


@dataclass(frozen=True)
class HealthReport:
    """Coverage, series, signals, and whether customers agree."""

    organization_id: str
    window: Window
    rates: tuple[HealthRate, ...]
    """The first three add up to one."""
    series: tuple[HealthSeries, ...]
    signals: tuple[HealthSignal, ...]
    """Newest first."""
    answers: tuple[SourceAnswer, ...]
    """Most conversions first."""
    answered: int
    """Counted conversions whose customer answered."""
    agreement: float | None
    """Of the answers that name a source, the fraction that names the tracked one; ``None`` where there are none."""
    is_healthy: bool | None
    """``None`` where there is too little data to say."""
    verdict: str
    """One sentence for a person."""


def health_report(engine: Engine, organization_id: str, *, days: int | None = None) -> HealthReport:
    """Coverage over the last ``days`` days with data (``None``: all), with the days that stand out.

    :raises UnknownError: if there is no such organization.
    :raises UsageError: if ``days`` is less than 1.
    """
    raise NotImplementedError
