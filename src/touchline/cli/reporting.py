"""``report``, ``explain``, ``waste``, ``health``: the numbers, read."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from cyclopts import App

from touchline.cli import shown
from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.reports.catalog import reports

if TYPE_CHECKING:
    from rich.console import RenderableType

report = App(name="report", help="Who earned the conversions, and by which paths they came.")
explain = App(name="explain", help="How Touchline came to a number.")


_ALONE = ("waste", "health")
"""Reports that are commands of their own."""


@explain.command(name="conversion")
def explain_conversion(conversion: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one conversion: what happened, which touches led to it, and who got how much credit, and why.

    :param conversion: its id, or the id of its order.
    """
    from touchline.reports.explain import explain_conversion

    return read(scope, shown.conversion, explain_conversion, conversion)


@explain.command(name="person")
def explain_person(person: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one person: the names they are known by, and which events and claims tie these together.

    :param person: an anonId, a userId, an e-mail hash, an identifier such as u:42, or the person's id.
    """
    from touchline.reports.person import explain_person

    return read(scope, shown.person, explain_person, person)


def read(
    scope: Scope, show: "Callable[[Any], RenderableType]", ask: "Callable[..., Any]", *words: object, **choices: object
) -> Answer:
    """Ask the engine, which others may read meanwhile."""
    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        found = ask(workspace.engine, organization_id, *words, **choices)
    return Answer(found, partial(show, found))


COMMANDS = (report, explain)


def add_reports(app: App) -> None:
    """Add each report's command, which is made when it is used."""
    for found in reports().values():
        under = app if found.name in _ALONE else report
        under.command(f"touchline.cli.report_commands:{found.name}", name=found.name, help=found.question)
