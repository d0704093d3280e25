"""Waste: the spend that earned nothing or too little, most money first, with what speaks for and against it."""

from dataclasses import dataclass

from touchline.jobs.finding_states import is_open, with_decisions
from touchline.reports.waste import WasteFinding, WasteReport
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen


@dataclass(frozen=True)
class Waste:
    """What the screen shows."""

    report: WasteReport
    grain: str
    open: tuple[WasteFinding, ...]
    """Nothing is decided about these, or they were snoozed and their day has come."""
    decided: tuple[WasteFinding, ...]


def waste(desk: Desk, asked: Asked) -> Waste:
    """What the screen shows: the stored findings, of the waste window and the primary goal."""
    grain = asked.view.by or "CAMPAIGN"
    limit = asked.view.limit or SCREEN.rows
    choices = asked.choices("waste", grain=grain, goal=None, start=None, end=None, limit=limit)
    report = desk.now(with_decisions, report=desk.report("waste", **choices))
    today = desk.today
    return Waste(
        report,
        grain,
        tuple(one for one in report.findings if is_open(one, today)),
        tuple(one for one in report.findings if not is_open(one, today)),
    )


SCREEN = Screen(
    name="waste", place=6, title="Waste", answer=waste, uses=("model",), rows=20,
    by={"CAMPAIGN": "Campaigns", "PLATFORM": "Ad platforms", "ADSET": "Ad sets", "AD": "Ads"},
)  # fmt: skip
