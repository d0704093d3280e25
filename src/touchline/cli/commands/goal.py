"""``goal``: what counts as a conversion."""

from decimal import Decimal

from cyclopts import App

from touchline.cli.amounts import micros
from touchline.cli.answer import SCOPE, Amount, Answer, Scope, Switch
from touchline.cli.listing import listed, rows_of_organization, said
from touchline.settings import UnverifiedHandling

goal = App(name="goal", help="What counts as a conversion.")


@goal.command(name="set")
def set_goal(  # noqa: PLR0913 - a goal's fields are the command's options
    name: str, /, *, signal: str = "other", event_type: str = "CONVERSION", event_name: str = "",
    milestone: Switch = False, default_value: Amount = Decimal(0), unverified: UnverifiedHandling = "count",
    scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Add a goal, or replace the one of this name.

    :param name: the goal's name.
    :param signal: what reaching it signals: lead, signup, first_use, payment or other.
    :param event_type: the type of the events that reach it: CONVERSION, CUSTOM, PAGE_VIEW or IDENTIFY.
    :param event_name: the name of the events that reach it; without one, any.
    :param milestone: a person reaches it once only, such as a signup.
    :param default_value: the value of one that comes without, in currency units.
    :param unverified: what becomes of conversions that only a publishable key reported: count; apart, under a goal name
        of their own; or leave_out.
    """
    from touchline.jobs import setup

    value = micros(default_value, "--default-value") or 0
    made = setup.Goal(name, signal, event_type, event_name, milestone, value, unverified)
    with scope.opened() as workspace:
        setup.set_goal(workspace, workspace.organization(scope.organization)["organization_id"], made)
    return said(made, f"Goal {name} is set; the numbers follow at the next `touchline run`.")


@goal.command(name="list")
def list_goals(*, scope: Scope = SCOPE) -> Answer:
    """List the goals."""
    columns = (
        "goal", "signal_type", "event_type", "event_name", "is_milestone", "default_value_micros",
        "unverified_handling",
    )  # fmt: skip
    rows = rows_of_organization(scope, "GOALS", columns)
    return listed("goals", rows, columns)


@goal.command(name="remove")
def remove_goal(name: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Forget a goal; its conversions go at the next run.

    :param name: the goal's name.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        setup.remove_goal(workspace, workspace.organization(scope.organization)["organization_id"], name)
    return said({"goal": name}, f"Goal {name} is removed; the numbers follow at the next `touchline run`.")


COMMAND = goal
