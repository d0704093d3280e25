"""Goals and targets: what counts as a conversion, what could count as one, and what a conversion may cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchline.engines import Engine
from touchline.jobs.platforms import platforms
from touchline.jobs.setup import SIGNAL_TYPES
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.reports.queries import rows
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen
from touchline.server.pages.screens.imports import counted_from
from touchline.server.pages.view import View

Row = Mapping[str, Any]
_PAYMENTS = ("order", "purchase", "payment", "checkout", "subscri", "transaction", "sale")
_SIGNUPS = ("sign_up", "signup", "register", "registration", "account")
_LEADS = ("lead", "form", "contact", "quote", "demo", "call", "download")


@dataclass(frozen=True)
class Suggestion:
    """Events that could be a goal."""

    goal: str
    """A name for it."""
    event_type: str
    event_name: str
    signal_type: str
    events: int
    with_value: int


@dataclass(frozen=True)
class Goals:
    """What the screen shows."""

    goals: tuple[Row, ...]
    primary_goal: str
    suggestions: tuple[Suggestion, ...]
    """Most events first, those that bring a value in front."""
    targets: tuple[Row, ...]
    currency: str
    platforms: tuple[str, ...]
    signal_types: tuple[str, ...] = SIGNAL_TYPES


def goals(desk: Desk, _view: View) -> Goals:
    """What the screen shows."""
    set_goals = desk.now(_goals)
    taken = {(row["event_type"], row["event_name"]) for row in set_goals}
    named = {row["goal"] for row in set_goals}
    found = [_suggestion(row, named) for row in counted_from(desk, _candidates) if not _is_taken(row, taken)]
    return Goals(
        goals=tuple(set_goals),
        primary_goal=desk.now(Workspace.settings).primary_goal,
        suggestions=tuple(sorted(found, key=lambda one: (one.with_value == 0, -one.events, one.event_name))),
        targets=tuple(desk.now(_targets)),
        currency=desk.now(Workspace.organization)["currency"],
        platforms=tuple(str(one["platform"]) for one in desk.now(platforms)),
    )


def _is_taken(row: Row, taken: set[tuple[str, str]]) -> bool:
    """Whether a goal that was set since the last run takes the events."""
    return bool(taken & {(row["event_type"], row["event_name"]), (row["event_type"], "")})


def _suggestion(row: Row, named: set[str]) -> Suggestion:
    event_name = row["event_name"]
    wanted = event_name or "conversion"
    name = wanted if wanted not in named else f"{wanted} ({row['event_type'].lower()})"
    return Suggestion(
        name, row["event_type"], event_name, signal_of(event_name, has_value=row["with_value"] > 0), row["events"],
        row["with_value"],
    )  # fmt: skip


def signal_of(event_name: str, *, has_value: bool) -> str:
    """What reaching a goal probably signals, by the name of its events.

    >>> signal_of("Purchase", has_value=True), signal_of("newsletter_signup", has_value=False)
    ('payment', 'signup')
    """
    name = event_name.casefold()
    for signal, words in (("payment", _PAYMENTS), ("signup", _SIGNUPS), ("lead", _LEADS)):
        if any(word in name for word in words):
            return signal
    return "payment" if has_value else "other"


def _candidates(engine: Engine, organization_id: str) -> list[Row]:
    return [*rows(engine, "goal_candidates", organization_id=organization_id)]


def _goals(workspace: Workspace, organization_id: str) -> Sequence[Row]:
    return workspace.ledger.rows(schema.GOALS, organization_id=organization_id)


def _targets(workspace: Workspace, organization_id: str) -> Sequence[Row]:
    return workspace.ledger.rows(schema.TARGETS, organization_id=organization_id)


SCREEN = Screen(name="goals", place=10, title="Goals", set_up=goals)
