"""A locked baseline: the process limits that a closed window had, held against every later day."""

from itertools import groupby

from touchline.engines import Engine
from touchline.errors import UsageError
from touchline.health.signals import SHORTEST, SMALLEST, limits_to_lock
from touchline.jobs.fitting.counts import Window, counted
from touchline.jobs.fitting.fit import FitValue


def locked_limits(engine: Engine, window: Window) -> list[FitValue]:
    """The ``centre``, ``lower_limit`` and ``upper_limit`` of every measure of every site with days enough.

    :raises UsageError: if none has days enough.
    """
    days = counted(engine, "measured_days", window)
    values: list[FitValue] = []
    for (site_id, measure), series in groupby(days, key=lambda day: (day["site_id"], day["measure"])):
        limits = limits_to_lock(list(series))
        if limits is not None:
            found = {"centre": limits.centre, "lower_limit": limits.lower, "upper_limit": limits.upper}
            values += [FitValue(measure, statistic, value, site_id) for statistic, value in found.items()]
    if not values:
        raise UsageError(
            f"No measure has {SHORTEST} days of at least {SMALLEST} conversions or landings from"
            f" {window.window_start} to {window.window_end}, so there are no limits to lock.",
            "Name a longer or a later window with --window-end and --days.",
        )
    return values
