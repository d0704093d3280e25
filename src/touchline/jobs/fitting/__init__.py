"""Fits: what is computed over everybody in a closed window, and stands until a later window's fit takes over."""

from touchline.jobs.fitting.fit import Fit, FitValue, standing
from touchline.jobs.fitting.making import DAYS, SOLVERS, find_fit, list_fits, make_fit
from touchline.jobs.fitting.schedules import (
    FitSchedule,
    due_schedules,
    list_schedules,
    make_due_fits,
    remove_schedule,
    set_schedule,
)

__all__ = [
    "DAYS",
    "SOLVERS",
    "Fit",
    "FitSchedule",
    "FitValue",
    "due_schedules",
    "find_fit",
    "list_fits",
    "list_schedules",
    "make_due_fits",
    "make_fit",
    "remove_schedule",
    "set_schedule",
    "standing",
]
