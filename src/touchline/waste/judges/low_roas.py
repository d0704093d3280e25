"""Conversions that bring back less than the target."""

from touchline.waste.evidence import Flags
from touchline.waste.judges.case import WATCHED, Case


def holds(case: Case) -> Flags:
    """Whether a unit likely brings back less value than the target per currency unit of spend."""
    return case.roas.over >= WATCHED
