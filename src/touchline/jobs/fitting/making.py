"""Makes fits of the engine's tables, and finds those that were made."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from touchline.engines import Engine
from touchline.errors import BusyError, UnknownError, UsageError
from touchline.jobs.fitting.counts import Window, counted
from touchline.jobs.fitting.fit import Fit, FitValue, fit_id, standing
from touchline.jobs.fitting.markov import markov
from touchline.jobs.fitting.process_limits import locked_limits
from touchline.jobs.fitting.usual_cpa import usual_cpa
from touchline.jobs.workspace import Workspace
from touchline.ledger import ClashError, schema

Order = Literal["1", "2", "3", "4", "auto"]
"""How many touches back a state of a Markov chain looks."""

DAYS = 90
"""How long the window of a fit is where nobody says."""

SOLVERS: Mapping[str, Callable[[Engine, Window], list[FitValue]]] = {
    "MARKOV": markov,
    "PROCESS_LIMITS": locked_limits,
    "USUAL_CPA": usual_cpa,
}
"""What can be fitted, each with what makes its values."""


def make_fit(
    workspace: Workspace, organization_id: str, *, now: int, kind: str = "MARKOV", window_end: date | None = None,
    days: int = DAYS, order: str = "1",
) -> Fit:  # fmt: skip
    """Fit a closed window of the numbers as they stand, and keep it in the ledger; links follow at the next run.

    :param now: microseconds since 1970: only days that have ended by then may be fitted.
    :param kind: ``MARKOV``, ``PROCESS_LIMITS`` or ``USUAL_CPA``.
    :param window_end: the last day; ``None``: the newest day with data that has ended.
    :param days: how many days the window holds, 1–3650.
    :param order: of MARKOV, how many touches back a state looks; ``auto``: the order whose chain of the window's
        first two thirds predicts its last third best.
    :raises UsageError: if the kind or the order is another, the window is open, or there is too little in it to fit.
    """
    checked_choices(kind, days, order)
    end = _closed(workspace, organization_id, window_end, now)
    window = Window(organization_id, end - timedelta(days=days - 1), end, 0 if order == "auto" else int(order))
    values = SOLVERS[kind](workspace.engine, window)
    return find_fit(workspace, organization_id, _keep(workspace, kind, window, values, now))


def checked_choices(kind: str, days: int, order: str) -> None:
    """Refuse what cannot be fitted.

    :raises UsageError: if the kind, the days or the order is none of its choices.
    """
    if kind not in SOLVERS:
        raise UsageError(f"There is no fit of {kind!r}.", f"Fits are of {', '.join(SOLVERS)}.")
    if not 1 <= days <= 3650:
        raise UsageError(f"A window holds 1 to 3650 days, not {days}.")
    if order not in get_args(Order) or (order != "1" and kind != "MARKOV"):
        raise UsageError(f"The order of MARKOV is one of {', '.join(get_args(Order))}, not {order!r} of {kind}.")


def list_fits(workspace: Workspace, organization_id: str) -> list[Fit]:
    """The organization's fits, without their values, by kind, window and version."""
    rows = workspace.ledger.rows(schema.FITS, organization_id=organization_id)
    serving = {row["fit_id"]: row for row in standing(rows)}
    unused = {"serves_from": None, "serves_until": None}
    fits = [Fit(**(unused | dict(serving.get(row["fit_id"], row)))) for row in rows]
    return sorted(fits, key=lambda fit: (fit.kind, fit.window_end, fit.version))


def find_fit(workspace: Workspace, organization_id: str, named: str) -> Fit:
    """The fit of this id, with its values.

    :raises UnknownError: if the organization has none of this id.
    """
    found = [fit for fit in list_fits(workspace, organization_id) if fit.fit_id == named]
    if not found:
        raise UnknownError(f"There is no fit {named!r}.", "See `touchline fit list`.")
    rows = workspace.ledger.rows(schema.FIT_VALUES, fit_id=named)
    values = (FitValue(row["name"], row["statistic"], row["value"], row["site_id"]) for row in rows)
    return replace(found[0], values=tuple(values))


def last_ended_day(workspace: Workspace, organization_id: str, now: int) -> date:
    """The newest day that has ended on every site.

    :param now: microseconds since 1970.
    """
    moment = datetime.fromtimestamp(now / 1e6, UTC)
    zones = [row["time_zone"] for row in workspace.ledger.rows(schema.SITES, organization_id=organization_id)]
    return min(moment.astimezone(ZoneInfo(zone)).date() for zone in zones) - timedelta(days=1)


def _closed(workspace: Workspace, organization_id: str, window_end: date | None, now: int) -> date:
    """The last day of the window, checked: it has ended on every site."""
    ended = last_ended_day(workspace, organization_id, now)
    if window_end is not None and window_end > ended:
        raise UsageError(f"{window_end} has not ended yet, so a fit to it would not be final.",
                         f"The newest day that has ended on every site is {ended}.")  # fmt: skip
    newest = counted(workspace.engine, "span", Window(organization_id, ended, ended))[0]["newest"]
    if newest is None:
        raise UsageError("There is no data to fit yet.", "Import events, and run `touchline run`.")
    return window_end or min(newest, ended)


def _keep(workspace: Workspace, kind: str, window: Window, values: list[FitValue], now: int) -> str:
    """Enter the fit as the window's next version; returns its id."""
    one: dict[str, Any] = {"organization_id": window.organization_id, "kind": kind, "window_end": window.window_end}
    version = 1 + max((row["version"] for row in workspace.ledger.rows(schema.FITS, **one)), default=0)
    name = fit_id(window.organization_id, kind, window.window_end, version)
    rows = [(name, value.site_id, value.name, value.statistic, value.value) for value in values]
    try:
        with workspace.ledger.transaction() as entry:
            entry.add(schema.FITS, fit_id=name, version=version, window_start=window.window_start, made_at=now, **one)
            entry.add_many(schema.FIT_VALUES, ("fit_id", "site_id", "name", "statistic", "value"), rows)
    except ClashError:
        raise BusyError(f"Another process created {name} in the meantime.", "See `touchline fit list`.") from None
    return name
