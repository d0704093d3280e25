"""``fit``: what is computed over everybody, made on demand and kept."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from cyclopts import App
from rich.text import Text

from touchline.amounts import UNKNOWN
from touchline.cli.answer import SCOPE, Answer, Day, Scope, Whole
from touchline.cli.clock import now_micros
from touchline.cli.listing import listed, rows_of_organization, said
from touchline.cli.terminal import stacked, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.fitting import Fit


fit = App(name="fit", help="Fit models and baselines to all data in a past window. A fit is used until the next one.")


@fit.command(name="make")
def make(
    *, kind: str = "MARKOV", window_end: Day | None = None, days: Whole = 90, order: str = "1", scope: Scope = SCOPE
) -> Answer:
    """Fit a model or baseline to a past window, and save it; the next run uses it.

    :param kind: MARKOV (a model), PROCESS_LIMITS (a fixed health baseline), or USUAL_CPA (a cost baseline for waste).
    :param window_end: the last day of the window, in the past; by default the newest past day with data.
    :param days: the length of the window in days.
    :param order: of MARKOV, how many touches back a state looks: 1, 2, 3 or 4; auto: the order that says most about
        the window's last third, fitted to what came before.
    """
    from touchline.jobs import fitting

    with scope.opened(is_reading=True) as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        made = fitting.make_fit(
            workspace, organization_id, now=now_micros(), kind=kind, window_end=window_end, days=days, order=order
        )
    return Answer(made, lambda: stacked(_shown(made), Text("The next `touchline run` updates the numbers.")))


@fit.command(name="list")
def list_fits(*, scope: Scope = SCOPE) -> Answer:
    """List the fits, and the days that each applies to."""
    from touchline.jobs import fitting

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        fits = fitting.list_fits(workspace, organization_id)
    return Answer(fits, partial(_listed, fits))


@fit.command(name="show")
def show(name: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Show the numbers of a fit.

    :param name: the fit's id, from `touchline fit list`.
    """
    from touchline.jobs import fitting

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        found = fitting.find_fit(workspace, organization_id, name)
    return Answer(found, partial(_shown, found))


schedule = App(name="schedule", help="Let `touchline serve` make fits of every week or month that has ended.")
fit.command(schedule)


@schedule.command(name="set")
def set_schedule(
    *, kind: str = "MARKOV", every: str = "month", days: Whole = 90, order: str = "1", scope: Scope = SCOPE
) -> Answer:
    """Make fits of a kind on a schedule, in the place of the kind's earlier one.

    :param kind: MARKOV, PROCESS_LIMITS, or USUAL_CPA.
    :param every: week or month: each window ends with the newest one that has ended.
    :param days: the length of each window in days.
    :param order: of MARKOV, as `touchline fit make` takes it.
    """
    from touchline.jobs import fitting

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        made = fitting.set_schedule(workspace, organization_id, kind=kind, every=every, days=days, order=order)
    return Answer(made, lambda: Text(f"{made.kind} is fitted every {made.every} from now on, by `touchline serve`."))


@schedule.command(name="list")
def list_schedules(*, scope: Scope = SCOPE) -> Answer:
    """List the schedules, and why the last fit was refused where it was."""
    columns = ("kind", "every", "days", "order", "refusal")
    return listed("schedules", rows_of_organization(scope, "FIT_SCHEDULES", columns), columns)


@schedule.command(name="remove")
def remove_schedule(kind: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Make no further fits of a kind on a schedule; those that there are stay.

    :param kind: MARKOV, PROCESS_LIMITS, or USUAL_CPA.
    """
    from touchline.jobs import fitting

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        fitting.remove_schedule(workspace, organization_id, kind)
    return said({"kind": kind}, f"No further fits of {kind} are made on a schedule.")


def _listed(fits: "Sequence[Fit]") -> "RenderableType":
    if not fits:
        return Text("There are no fits. See `touchline fit make --help`.")
    rows = [(one.fit_id, str(one.window_start), str(one.window_end), _served(one)) for one in fits]
    return table("Fits", ("fit", "window from", "to", "serves"), rows)


def _shown(found: "Fit") -> "RenderableType":
    title = f"{found.fit_id}: fitted to {found.window_start} to {found.window_end}, serves {_served(found)}"
    statistics = sorted({value.statistic for value in found.values})
    cells = {(value.site_id, value.name, value.statistic): f"{value.value:,.4g}" for value in found.values}
    keys = sorted({key[:2] for key in cells})
    has_sites = any(site_id for site_id, _ in keys)
    rows = [
        [
            *([site_id] if has_sites else []),
            name or "(all)",
            *(cells.get((site_id, name, s), UNKNOWN) for s in statistics),
        ]
        for site_id, name in keys
    ]
    return table(title, (*(["site"] if has_sites else []), "of", *(f">{name}" for name in statistics)), rows)


def _served(found: "Fit") -> str:
    """The days in words; the first fit serves whatever came before, the newest whatever comes."""
    from touchline.jobs.fitting.fit import BEGINNING, END

    if found.serves_from is None:
        return "nothing: a later version replaced it"
    since = "" if found.serves_from == BEGINNING else f"from {found.serves_from}"
    until = "" if found.serves_until == END else f"until {found.serves_until}"
    return " ".join(filter(None, (since, until))) or "every day"


COMMAND = fit
