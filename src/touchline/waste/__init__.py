"""Waste: which spend bought nothing, or too little, and why.

A finding is one campaign (or platform, ad set, ad) over one window under one model, with the reason, the severity, the
money, and an explanation that a person can check.
"""

from touchline.stage import River, Stage
from touchline.tables import WASTE_FINDINGS
from touchline.waste.accounts import judged
from touchline.waste.findings import findings

__all__ = ["STAGE", "findings", "judged"]


def _run(river: River) -> None:
    units, days, lags, excluded = (
        river.read(__name__, name, WASTE_FINDINGS)
        for name in ("waste_units", "waste_days", "waste_lags", "waste_excluded_days")
    )
    river.put(WASTE_FINDINGS, findings(judged(units, days, lags, excluded)))


STAGE = Stage("waste", (WASTE_FINDINGS,), _run)
