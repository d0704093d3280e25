"""Waste: the spend that earned nothing or too little, most money first, with what speaks for and against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from touchline.errors import UsageError
from touchline.jobs.finding_states import STATES, is_open, with_decisions
from touchline.reports.report import MOST_ROWS
from touchline.reports.waste import SEVERITIES, WasteFinding, WasteReport
from touchline.reports.words import REASONS
from touchline.server.pages.asked import Asked
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen
from touchline.server.pages.view import View

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "severity": {one: one.capitalize() for one in SEVERITIES},
    "reason": REASONS,
    "state": {"open": "Open", **{one: one.capitalize() for one in STATES}},
}
"""By filter, what it may be, with what people call it."""


@dataclass(frozen=True)
class Waste:
    """What the screen shows."""

    report: WasteReport
    grain: str
    open: tuple[WasteFinding, ...]
    """Nothing is decided about these, or they were snoozed and their day has come."""
    decided: tuple[WasteFinding, ...]
    is_filtered: bool
    hidden: int
    """How many further findings there are; of filtered ones, how many the filters leave."""
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _CHOICES)


def waste(desk: Desk, asked: Asked) -> Waste:
    """What the screen shows: the stored findings, of the waste window and the primary goal."""
    grain, view, today = asked.view.by or "CAMPAIGN", asked.view, desk.today
    _check(view)
    most, is_filtered = view.limit or SCREEN.rows, any((view.platform, view.severity, view.reason, view.state))
    choices = asked.choices(
        "waste", grain=grain, goal=None, start=None, end=None, limit=MOST_ROWS if is_filtered else most
    )
    report = desk.now(with_decisions, report=desk.report("waste", **choices))
    kept = [one for one in report.findings if _is_asked(one, view, today)]
    shown = kept[:most]
    return Waste(
        report,
        grain,
        tuple(one for one in shown if is_open(one, today)),
        tuple(one for one in shown if not is_open(one, today)),
        is_filtered,
        (len(kept) if is_filtered else report.count) - len(shown),
    )


def _check(view: View) -> None:
    for name, choices in _CHOICES.items():
        value = getattr(view, name)
        if value and value not in choices:
            raise UsageError(f"{name} must be one of {', '.join(choices)}, not {value!r:.80}.")


def _is_asked(finding: WasteFinding, view: View, today: date) -> bool:
    state = "open" if is_open(finding, today) else finding.decision
    wanted = (view.platform, view.severity, view.reason, view.state)
    found = (finding.platform, finding.severity, finding.reason, state)
    return all(one in {"", other} for one, other in zip(wanted, found, strict=True))


SCREEN = Screen(
    name="waste", place=6, title="Waste", answer=waste, uses=("model",), rows=20,
    by={"CAMPAIGN": "Campaigns", "PLATFORM": "Ad platforms", "ADSET": "Ad sets", "AD": "Ads"},
)  # fmt: skip
