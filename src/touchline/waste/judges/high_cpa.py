"""Conversions that cost more than the target."""

from touchline.waste.evidence import Flags
from touchline.waste.judges.case import WATCHED, Case


def holds(case: Case) -> Flags:
    """Whether a conversion of a unit likely costs more than the target, however the draw of these days was."""
    return case.cpa.over >= WATCHED
