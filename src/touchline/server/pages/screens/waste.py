"""Waste: the spend that earned nothing or too little, most money first, with what speaks for and against it."""

from dataclasses import dataclass

from touchline.reports.waste import WasteReport
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen


@dataclass(frozen=True)
class Waste:
    """What the screen shows."""

    report: WasteReport
    grain: str


def waste(desk: Desk, asked: Asked) -> Waste:
    """What the screen shows: the stored findings, of the waste window and the primary goal."""
    grain = asked.view.by or "CAMPAIGN"
    limit = asked.view.limit or SCREEN.rows
    choices = asked.choices("waste", grain=grain, goal=None, start=None, end=None, limit=limit)
    return Waste(desk.report("waste", **choices), grain)


SCREEN = Screen(
    name="waste", place=6, title="Waste", answer=waste, rows=20,
    by={"CAMPAIGN": "Campaigns", "PLATFORM": "Ad platforms", "ADSET": "Ad sets", "AD": "Ads"},
)  # fmt: skip
