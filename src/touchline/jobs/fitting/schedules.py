"""Fits that are made on a schedule: of every week or month that has ended, once there is one that no fit is of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from touchline.errors import UnknownError, UsageError
from touchline.jobs.clocks import is_ahead
from touchline.jobs.fitting.fit import Fit
from touchline.jobs.fitting.making import DAYS, checked_choices, last_ended_day, make_fit
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.magnitudes import DAY_MICROS

Every = Literal["week", "month"]
"""How often a fit is made: of windows that end with a week (on Sunday), or with a month."""


@dataclass(frozen=True)
class FitSchedule:
    """One kind of fit of an organization, made again and again."""

    organization_id: str
    kind: str
    every: Every
    days: int
    order: str
    tried_at: int | None
    """When a fit was last tried (microseconds since 1970); ``None``: never."""
    refusal: str
    """Why that was refused; ``""`` where it was not."""


@dataclass(frozen=True)
class Outcome:
    """What became of a fit that was due."""

    schedule: FitSchedule
    fit_id: str
    """``""``: it was refused."""
    refusal: str


def set_schedule(
    workspace: Workspace, organization_id: str, *, kind: str = "MARKOV", every: str = "month", days: int = DAYS,
    order: str = "1",
) -> FitSchedule:  # fmt: skip
    """Make fits of a kind on a schedule, which ``touchline serve`` follows; takes the place of the kind's earlier one.

    :param kind: as of :func:`make_fit`, like ``days`` and ``order``.
    :param every: ``week`` or ``month``: the windows end with it.
    :raises UsageError: if one of them is none of its choices.
    """
    checked_choices(kind, days, order)
    if every not in get_args(Every):
        raise UsageError(f"every is one of {', '.join(get_args(Every))}, not {every!r:.80}.")
    with workspace.ledger.transaction() as entry:
        entry.put(
            schema.FIT_SCHEDULES, organization_id=organization_id, kind=kind, every=every, days=days, order=order,
            tried_at=None, refusal="",
        )  # fmt: skip
    return next(one for one in list_schedules(workspace, organization_id) if one.kind == kind)


def list_schedules(workspace: Workspace, organization_id: str) -> list[FitSchedule]:
    """The organization's schedules, by kind."""
    rows = workspace.ledger.rows(schema.FIT_SCHEDULES, organization_id=organization_id)
    return sorted((FitSchedule(**row) for row in rows), key=lambda one: one.kind)


def remove_schedule(workspace: Workspace, organization_id: str, kind: str) -> None:
    """Make no further fits of a kind on a schedule; those that there are stay.

    :raises UsageError: if there is no such kind.
    :raises UnknownError: if there is no such schedule.
    """
    checked_choices(kind, DAYS, "1")
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.FIT_SCHEDULES, organization_id=organization_id, kind=kind):
            raise UnknownError(f"There is no schedule of {kind!r:.80}.", "See `touchline fit schedule list`.")


def newest_end(every: Every, ended: date) -> date:
    """The last day of the newest week or month that has ended.

    :param ended: the newest day that has ended.

    >>> newest_end("week", date(2026, 3, 7)), newest_end("month", date(2026, 3, 31))
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 31))
    """
    if every == "week":
        return ended - timedelta(days=(ended.weekday() + 1) % 7)
    after = ended + timedelta(days=1)
    return after.replace(day=1) - timedelta(days=1)


def due_schedules(workspace: Workspace, now: int) -> list[FitSchedule]:
    """Of all organizations, the schedules of which a fit is due: what was refused is tried again a day later.

    A refusal, or a window's end, that is still to come is of a clock that was ahead, and counts for nothing.
    """
    schedules = [FitSchedule(**row) for row in workspace.ledger.rows(schema.FIT_SCHEDULES)]
    return sorted(
        (one for one in schedules if _is_due(workspace, one, now)), key=lambda one: (one.organization_id, one.kind)
    )


def make_due_fits(workspace: Workspace, now: int, *, after_each: Callable[[], None] = lambda: None) -> list[Outcome]:
    """Make the fits that are due; one that is refused, such as of too few conversions, keeps no other from being made.

    :param after_each: called after each fit.
    """
    outcomes = []
    for one in due_schedules(workspace, now):
        made, refusal = _tried(workspace, one, now)
        with workspace.ledger.transaction() as entry:
            where = {"organization_id": one.organization_id, "kind": one.kind}
            entry.change(schema.FIT_SCHEDULES, where, tried_at=now, refusal=refusal)
        outcomes.append(Outcome(one, made.fit_id if made else "", refusal))
        after_each()
    return outcomes


def _tried(workspace: Workspace, one: FitSchedule, now: int) -> tuple[Fit | None, str]:
    try:
        made = make_fit(
            workspace, one.organization_id, now=now, kind=one.kind, window_end=_end(workspace, one, now),
            days=one.days, order=one.order,
        )  # fmt: skip
    except UsageError as error:
        return None, str(error)
    return made, ""


def _is_due(workspace: Workspace, one: FitSchedule, now: int) -> bool:
    is_refused = one.tried_at is not None and one.refusal and not is_ahead(one.tried_at, now)
    if is_refused and now - (one.tried_at or 0) < DAY_MICROS:
        return False
    end, ended = _end(workspace, one, now), last_ended_day(workspace, one.organization_id, now)
    fits = workspace.ledger.rows(schema.FITS, organization_id=one.organization_id, kind=one.kind)
    return not any(end <= fit["window_end"] <= ended for fit in fits)


def _end(workspace: Workspace, one: FitSchedule, now: int) -> date:
    return newest_end(one.every, last_ended_day(workspace, one.organization_id, now))
