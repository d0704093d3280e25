"""``finding``: what is decided about findings of waste."""

from cyclopts import App

from touchline.cli.answer import SCOPE, Answer, Day, Scope
from touchline.cli.clock import now_micros
from touchline.cli.listing import listed, rows_of_organization, said

finding = App(name="finding", help="Accept, dismiss or snooze findings of waste.")


@finding.command(name="set")
def set_finding(
    finding_id: str, state: str, /, *, note: str = "", until: Day | None = None, scope: Scope = SCOPE
) -> Answer:  # fmt: skip
    """Decide about a finding; the decision stays whatever days are judged.

    :param finding_id: the finding's id, from `touchline waste`.
    :param state: accepted, dismissed, or snoozed.
    :param note: why.
    :param until: the day from which a snoozed finding is open again.
    """
    from touchline.jobs import finding_states

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        finding_states.set_state(
            workspace, organization_id, finding_id, state, note=note, until=until, now=now_micros()
        )  # fmt: skip
    document = {
        "finding_id": finding_id,
        "state": state,
        "until_date": None if until is None else until.isoformat(),
        "note": note,
    }
    return said(document, f"Finding {finding_id} is {state}.")


@finding.command(name="list")
def list_findings(*, scope: Scope = SCOPE) -> Answer:
    """List what was decided."""
    columns = ("finding_id", "state", "until_date", "note")
    return listed("findings", rows_of_organization(scope, "FINDING_STATES", columns), columns)


@finding.command(name="remove")
def remove_finding(finding_id: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Forget what was decided about a finding.

    :param finding_id: the finding's id.
    """
    from touchline.jobs import finding_states

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        finding_states.remove_state(workspace, organization_id, finding_id)
    return said({"finding_id": finding_id}, "What was decided is forgotten.")


COMMAND = finding
