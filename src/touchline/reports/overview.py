"""Everything at once, for a page that one can read from top to bottom, with the proof that the numbers add up."""

from dataclasses import dataclass
from datetime import date

from touchline.engines import Engine
from touchline.reports.attribution import AttributionReport, ModelComparison
from touchline.reports.health import HealthReport
from touchline.reports.journeys import JourneysReport
from touchline.reports.question import Window
from touchline.reports.waste import WasteReport


@dataclass(frozen=True)
class Check:
    """One law of conservation, held against the tables."""

    name: str
    """What is checked, in words."""
    unit: str
    """``credit`` (billionths), or a currency (micros)."""
    expected: int
    found: int
    is_held: bool
    """Whether both are the same number, exactly."""


@dataclass(frozen=True)
class Day:
    """One day of the window."""

    day: date
    conversions: int
    value_micros: int
    spend_micros: int | None
    """``None`` on a day without a cost report."""
    is_signal: bool
    """Whether a measure of health left its limits on this day."""


@dataclass(frozen=True)
class Overview:
    """All reports for one question, and the checks over everything that is stored."""

    organization_id: str
    name: str
    currency: str
    model: str
    goal: str
    window: Window
    lookback_days: int
    days: tuple[Day, ...]
    channels: AttributionReport
    campaigns: AttributionReport
    models: ModelComparison
    """By channel."""
    journeys: JourneysReport
    waste: WasteReport
    health: HealthReport
    checks: tuple[Check, ...]

    @property
    def is_conserved(self) -> bool:
        """Whether every check holds."""
        return all(check.is_held for check in self.checks)


def overview(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, goal: str | None = None,
    start: date | None = None, end: date | None = None, currency: str | None = None,
) -> Overview:  # fmt: skip
    """All reports for one question; arguments as for :func:`touchline.reports.attribution.attribution_report`."""
    raise NotImplementedError


def conservation_checks(engine: Engine, organization_id: str) -> tuple[Check, ...]:
    """Every model's credit against the counted conversions and their value, and every grain's spend against the costs.

    Over all that is stored: all days, goals and currencies (each currency by itself).
    """
    raise NotImplementedError
