"""``report``, ``explain``, ``waste``, ``health``: the numbers, read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from cyclopts import App, Parameter

from touchline.cli import shown
from touchline.cli.answer import SCOPE, Amount, Answer, Scope, Whole
from touchline.cli.setting_up import micros

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.engines import Engine

report = App(name="report", help="Who earned the conversions, and by which paths they came.")
explain = App(name="explain", help="How Touchline came to a number.")


@Parameter(name="*")
@dataclass(frozen=True)
class Asked(Scope):
    """What every report may be asked."""

    goal: str | None = None
    """The goal whose conversions count; "" is all goals. Else the setting primary_goal."""
    start: date | None = None
    """The first day; else the first with data."""
    end: date | None = None
    """The last day; else the last with data."""
    currency: str | None = None
    """Whose money is reported; else the organization's."""

    @property
    def question(self) -> dict[str, Any]:
        """The arguments that every report shares."""
        return {"goal": self.goal, "start": self.start, "end": self.end, "currency": self.currency}


ASKED = Asked()
"""Nothing said."""


@report.command(name="attribution")
def attribution(
    *, by: str = "channel", model: str | None = None, basis: str = "CONVERSION", asked: Asked = ASKED
) -> Answer:
    """Show credit, value and spend under one model.

    :param by: what the rows are: channel, source_class, platform, campaign, adset or ad.
    :param model: the attribution model; else the setting default_model.
    :param basis: the day that credit is booked to: of the CONVERSION, or of the TOUCH.
    """
    from touchline.reports.attribution import attribution_report

    return _read(asked, shown.attribution, attribution_report, by=by, model=model, basis=basis, **asked.question)


@report.command(name="models")
def models(*, by: str = "channel", asked: Asked = ASKED) -> Answer:
    """Compare all the models side by side.

    :param by: what the rows are: channel, source_class, platform, campaign, adset or ad.
    """
    from touchline.reports.attribution import model_comparison

    return _read(asked, shown.comparison, model_comparison, by=by, **asked.question)


@report.command(name="journeys")
def journeys(*, limit: Whole = 20, asked: Asked = ASKED) -> Answer:
    """Show the paths by which people came to convert.

    :param limit: how many paths to show; the others are one row.
    """
    from touchline.reports.journeys import journeys_report

    return _read(asked, shown.journeys, journeys_report, limit=limit, **asked.question)


@explain.command(name="conversion")
def explain_conversion(conversion: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one conversion: what happened, which touches led to it, and who got how much credit, and why.

    :param conversion: its id, or the id of its order.
    """
    from touchline.reports.explain import explain_conversion

    return _read(scope, shown.conversion, explain_conversion, conversion)


@explain.command(name="person")
def explain_person(person: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one person: the names they are known by, and which events and claims tie these together.

    :param person: an anonId, a userId, an e-mail hash, an identifier such as u:42, or the person's id.
    """
    from touchline.reports.person import explain_person

    return _read(scope, shown.person, explain_person, person)


def waste(
    *, model: str | None = None, grain: str = "CAMPAIGN", severity: str | None = None,
    min_waste: Amount = Decimal(0), limit: Whole = 100, currency: str | None = None, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """List the spend that earned nothing or too little, and what to do about it.

    :param model: the attribution model; else the setting default_model.
    :param grain: what is looked at: PLATFORM, CAMPAIGN, ADSET or AD.
    :param severity: only high, medium or low ones.
    :param min_waste: leave out what wasted less, in currency units.
    :param limit: how many to list.
    :param currency: whose money is reported; else the organization's.
    """
    from touchline.reports.waste import waste_report

    return _read(
        scope, shown.waste, waste_report, model=model, grain=grain, severity=severity,
        min_waste_micros=micros(min_waste, "--min-waste"), limit=limit, currency=currency,
    )  # fmt: skip


def health(*, days: Whole | None = None, scope: Scope = SCOPE) -> Answer:
    """Say whether the numbers can be trusted, and on which days they cannot.

    :param days: how many of the last days with data to look at; else all.
    """
    from touchline.reports.health import health_report

    return _read(scope, shown.health, health_report, days=days)


def _read(
    scope: Scope, show: "Callable[[Any], RenderableType]", ask: "Callable[..., Any]", *words: object, **choices: object
) -> Answer:
    """Ask the engine, which others may read meanwhile."""
    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        engine: Engine = workspace.engine
        found = ask(engine, organization_id, *words, **choices)
    return Answer(found, partial(show, found))


COMMANDS = (report, explain, waste, health)
