"""``explain``: how Touchline came to a number."""

from typing import TYPE_CHECKING

from cyclopts import App

from touchline.cli import shown
from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.clock import now_micros
from touchline.cli.reading import read_home

if TYPE_CHECKING:
    from touchline.jobs.auditing import Action
    from touchline.jobs.workspace import Workspace
    from touchline.reports.explain import ConversionExplanation
    from touchline.reports.person import PersonExplanation

explain = App(name="explain", help="Explain how Touchline computed a number.")


@explain.command(name="conversion")
def explain_conversion(conversion: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one conversion: its history, the touches that led to it, and the credit of each touch, with reasons.

    :param conversion: its id, or the id of its order.
    """
    from touchline.reports.explain import explain_conversion

    def asked(workspace: "Workspace", organization_id: str) -> "ConversionExplanation":
        return explain_conversion(workspace.engine, organization_id, workspace.ledger.keyed(conversion))

    found = read_home(scope, shown.conversion, asked)
    _note(scope, "looked", "at one conversion and its history")
    return found


@explain.command(name="person")
def explain_person(person: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show one person: their ids, and the events and claims that link those ids.

    :param person: an anonId, a userId, an e-mail address or its hash, an identifier such as u:42, or the person's id.
    """
    from touchline.reports.person import explain_person

    def asked(workspace: "Workspace", organization_id: str) -> "PersonExplanation":
        return explain_person(workspace.engine, organization_id, person, keyed=workspace.ledger.keyed)

    found = read_home(scope, shown.person, asked)
    _note(scope, "looked", "at a person's ids")
    return found


def _note(scope: Scope, action: "Action", detail: str) -> None:
    from touchline.jobs import auditing

    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        auditing.note(workspace.ledger, organization_id, action, detail, now=now_micros())


COMMAND = explain
