"""Fits: what is computed over everybody in a closed window, and stands until a later window's fit takes over."""

from touchline.jobs.fitting.fit import Fit, FitValue, standing
from touchline.jobs.fitting.making import DAYS, SOLVERS, find_fit, list_fits, make_fit

__all__ = ["DAYS", "SOLVERS", "Fit", "FitValue", "find_fit", "list_fits", "make_fit", "standing"]
