"""``goal``: what counts as a conversion."""

from decimal import Decimal

from cyclopts import App

from touchline.cli.amounts import micros
from touchline.cli.answer import SCOPE, Amount, Answer, Scope, Switch
from touchline.cli.listing import currency_of, listed, rows_of_organization, said
from touchline.cli.managing import manager_of
from touchline.settings import PathOwner, UnverifiedHandling

goal = App(name="goal", help="What counts as a conversion.")


@goal.command(name="set")
def set_goal(  # noqa: PLR0913 - a goal's fields are the command's options
    name: str, /, *, signal: str = "other", event_type: str = "CONVERSION", event_name: str = "",
    milestone: Switch = False, default_value: Amount = Decimal(0), unverified: UnverifiedHandling = "count",
    owner: PathOwner = "person", retention: float | None = None, scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Add a goal, or replace the goal with this name.

    :param name: the goal's name.
    :param signal: the kind of conversion: lead, signup, first_use, payment, or other.
    :param event_type: the event type to match: CONVERSION, CUSTOM, PAGE_VIEW, or IDENTIFY.
    :param event_name: the event name that the goal matches; by default any name.
    :param milestone: count the goal once per person, such as a signup.
    :param default_value: the value of conversions sent without one, in currency units.
    :param unverified: how to treat conversions that only a publishable key reported: count; apart, under a separate
        goal name; or leave_out.
    :param owner: whose touches lead to the goal: those of the person who reaches it, or those of all members of the
        person's account, such as a company with several users.
    :param retention: count each day on which a person has such events once, worth the default value times (1 + days
        since the first one) to the power of this number, from -3 to 1; -0.5, for example.
    """
    from touchline.jobs import setup
    from touchline.jobs.managing import numbers

    value = micros(default_value, "--default-value") or 0
    made = setup.Goal(name, signal, event_type, event_name, milestone, value, unverified, owner, retention)
    with scope.opened() as workspace:
        numbers.set_goal(manager_of(workspace, scope.organization), made)
    return said(made, f"Goal {name} is set. The next `touchline run` updates the numbers.")


@goal.command(name="list")
def list_goals(*, scope: Scope = SCOPE) -> Answer:
    """List the goals."""
    columns = (
        "goal", "signal_type", "event_type", "event_name", "is_milestone", "default_value_micros",
        "unverified_handling", "path_owner", "retention_exponent",
    )  # fmt: skip
    rows = rows_of_organization(scope, "GOALS", columns)
    return listed("goals", rows, columns, currency_of(scope))


@goal.command(name="remove")
def remove_goal(name: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Remove a goal; the next run removes its conversions.

    :param name: the goal's name.
    """
    from touchline.jobs.managing import numbers

    with scope.opened() as workspace:
        numbers.remove_goal(manager_of(workspace, scope.organization), name)
    return said({"goal": name}, f"Goal {name} is removed. The next `touchline run` updates the numbers.")


COMMAND = goal
