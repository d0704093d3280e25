"""Waste: which spend bought nothing, or too little, and why.

A finding is one campaign (or platform, ad set, ad) over one window under one model, with the reason, the severity, the
money, and an explanation that a person can check.
"""

from touchline.stage import River, Stage
from touchline.tables import WASTE_FINDINGS
from touchline.waste.findings import findings


def _run(river: River) -> None:
    river.put(WASTE_FINDINGS, findings(river.read(__name__, "waste_units", WASTE_FINDINGS)))


STAGE = Stage("waste", (WASTE_FINDINGS,), _run)
