"""Everything at once, for a page that one can read from top to bottom, with the proof that the numbers add up."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from touchline.engines import Engine
from touchline.grains import UNATTRIBUTED
from touchline.magnitudes import CREDIT
from touchline.reports.attribution import AttributionReport, ModelComparison, attribution_report, model_comparison
from touchline.reports.checks import Check, conservation_checks
from touchline.reports.dimensions import MISSING, By
from touchline.reports.health import HealthReport, health_report
from touchline.reports.journeys import JourneysReport, journeys_report
from touchline.reports.queries import rows
from touchline.reports.question import Question, Window, asked
from touchline.reports.tally import NO_PLATFORM
from touchline.reports.trust import Trust, trust_of
from touchline.reports.waste import WasteReport, waste_report

__all__ = ["Check", "Day", "Overview", "conservation_checks", "overview"]

SHOWN: tuple[By, ...] = ("platform", "source", "landing_page", "device", "city")
"""The dimensions on the page."""


@dataclass(frozen=True)
class Day:
    """One day of the window."""

    day: date
    conversions: int
    value_micros: int
    spend_micros: int | None
    """``None`` on a day without a cost report, and of one of several sites: costs name no site."""
    is_signal: bool
    """Whether a measure of health of the page's goal and site left its limits on this day."""


@dataclass(frozen=True)
class Overview:
    """All reports for one question, and the checks over everything that is stored."""

    organization_id: str
    name: str
    currency: str
    other_currencies: tuple[str, ...]
    model: str
    goal: str
    site_id: str
    """``""``: all sites together."""
    window: Window
    lookback_days: int
    days: tuple[Day, ...]
    channels: AttributionReport
    campaigns: AttributionReport
    dimensions: tuple[AttributionReport, ...]
    """By each of :data:`SHOWN` that has a value."""
    models: ModelComparison
    """By channel."""
    journeys: JourneysReport
    waste: WasteReport
    health: HealthReport
    trust: Trust
    """Of the goal, the site and the days of the page."""
    checks: tuple[Check, ...]

    @property
    def is_conserved(self) -> bool:
        """Whether every check holds."""
        return all(check.is_held for check in self.checks)


class _Asked(TypedDict):
    goal: str
    start: date | None
    end: date | None
    currency: str
    site: str | None


def overview(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, goal: str | None = None,
    start: date | None = None, end: date | None = None, currency: str | None = None, site: str | None = None,
) -> Overview:  # fmt: skip
    """All reports for one question; arguments as for :func:`touchline.reports.attribution.attribution_report`.

    Waste and health look at days of their own, as they say: the waste window, and all that was measured. The checks are
    over all sites.
    """
    question = asked(
        engine, organization_id, model=model, goal=goal, start=start, end=end, currency=currency, site=site
    )
    asked_again: _Asked = {
        "goal": question.goal, "start": start, "end": end, "currency": question.currency, "site": site,
    }  # fmt: skip
    trust = trust_of(engine, question)
    return Overview(
        organization_id=organization_id,
        name=question.name,
        currency=question.currency,
        other_currencies=question.other_currencies,
        model=question.model,
        goal=question.goal,
        site_id=question.site_id,
        window=question.window,
        lookback_days=question.lookback_days,
        days=_days(engine, question, set(trust.days)),
        channels=attribution_report(engine, organization_id, by="channel", **asked_again, model=question.model),
        campaigns=attribution_report(engine, organization_id, by="campaign", **asked_again, model=question.model),
        dimensions=_dimensions(engine, question, asked_again),
        models=model_comparison(engine, organization_id, by="channel", **asked_again),
        journeys=journeys_report(engine, organization_id, **asked_again),
        waste=waste_report(engine, organization_id, model=question.model, currency=question.currency, site=site),
        health=health_report(engine, organization_id, site=site),
        trust=trust,
        checks=conservation_checks(engine, organization_id),
    )


def _dimensions(engine: Engine, question: Question, asked_again: _Asked) -> tuple[AttributionReport, ...]:
    """The reports that say more than that nothing is known."""
    found = (
        attribution_report(engine, question.organization_id, by=by, **asked_again, model=question.model)
        for by in SHOWN
    )  # fmt: skip
    unknown = {MISSING, UNATTRIBUTED, NO_PLATFORM}
    return tuple(report for report in found if any(row.key not in unknown for row in report.rows))


def _days(engine: Engine, question: Question, signals: set[date]) -> tuple[Day, ...]:
    return tuple(
        Day(
            day=row["day"],
            conversions=row["credit"] // CREDIT,
            value_micros=row["value_micros"],
            spend_micros=row["spend_micros"],
            is_signal=row["day"] in signals,
        )
        for row in rows(engine, "days", **question.parameters, model=question.model)
    )
