"""``/api/manage/goals``: what counts as a conversion."""

from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, QueryParameter

from touchline.files.money import MAX_MICROS
from touchline.jobs.managing import numbers
from touchline.jobs.managing.manager import Change, Manager
from touchline.jobs.naming import TakenError
from touchline.jobs.setup import SIGNAL_TYPES
from touchline.jobs.setup import Goal as Wanted
from touchline.jobs.workspace import Row
from touchline.ledger import schema
from touchline.server.api.managing.management import (
    READING,
    WRITING,
    Management,
    OrganizationQuery,
    check_body,
    columns_of,
    in_thread,
    stored,
    taken,
    tells,
)
from touchline.server.api.managing.paths import PATH

_ABOUT = {
    "retentionExponent": "retention", "signalType": "signal type", "unverifiedHandling": "unverified",
    "pathOwner": "owned by", "eventType": "reached by", "eventName": "event", "goal": "a goal",
}  # fmt: skip
_GOAL = QueryParameter(name="goal", max_length=200, description="The goal's name.")


class GoalBody(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A goal as it is to be: what is left out is as for a new goal."""

    signal_type: Annotated[str, msgspec.Meta(description=f"{', '.join(SIGNAL_TYPES)}.")] = "other"
    event_type: Annotated[str, msgspec.Meta(description="CONVERSION, CUSTOM, PAGE_VIEW or IDENTIFY.")] = "CONVERSION"
    event_name: str = ""
    """The name of the events that reach it; empty: any."""
    is_milestone: bool = False
    """Whether a person reaches it once only."""
    default_value_micros: Annotated[int, msgspec.Meta(ge=0, lt=MAX_MICROS)] = 0
    """What one is worth that comes without a value, in millionths of the currency."""
    unverified_handling: Annotated[str, msgspec.Meta(description="count, apart or leave_out.")] = "count"
    path_owner: Annotated[str, msgspec.Meta(description="person or account.")] = "person"
    retention_exponent: float | None = None
    """For a goal of retention: from -3 to 1."""


class Goal(msgspec.Struct, rename="camel"):
    """A goal."""

    goal: str
    signal_type: str
    event_type: str
    event_name: str
    is_milestone: bool
    default_value_micros: int
    unverified_handling: str
    path_owner: str
    retention_exponent: float | None


class PutGoal(Goal):
    """A goal that is as it was to be."""

    change: Change = "same"


class Goals(msgspec.Struct):
    """The goals of an organization."""

    goals: list[Goal]


def routes(management: Management) -> list[HTTPRouteHandler]:
    """List, set and remove."""

    @get(f"{PATH}/goals", summary="List the goals", operation_id="listGoals", description=tells("viewer"),
         response_description="The goals.", **READING)  # fmt: skip
    @in_thread
    def listed(request: Request[Any, Any, Any], organization: OrganizationQuery = None) -> Goals:
        with management.reading(request, organization) as manager:
            return Goals([Goal(**columns_of(Goal, row)) for row in _rows(manager)])

    @put(f"{PATH}/goals", summary="Set a goal", operation_id="putGoal",
         description=tells("editor", "Adds it, or replaces the goal of its name; sent again, it changes nothing. 409"
                           " with `existing` if another goal takes the same events."),
         response_description="The goal, and what changed.", **WRITING)  # fmt: skip
    @in_thread
    def put_goal(
        request: Request[Any, Any, Any], data: JSONBody[GoalBody], goal: Annotated[str, _GOAL],
        organization: OrganizationQuery = None,
    ) -> PutGoal:  # fmt: skip
        with management.changing(request, organization, _ABOUT, "editor") as manager:
            check_body(data)
            stored("goal", goal)
            try:
                change = numbers.set_goal(manager, Wanted(goal, **msgspec.structs.asdict(data)))
            except TakenError as error:
                taken(error, _ABOUT, [Goal(**columns_of(Goal, row)) for row in _rows(manager) if _is_taking(row, data)])
            (found,) = _rows(manager, goal=goal)
            return PutGoal(**columns_of(Goal, found), change=change)

    @delete(f"{PATH}/goals", status_code=204, summary="Remove a goal", operation_id="removeGoal",
            description=tells("editor"), response_description="Its conversions go at the next run.",
            **WRITING)  # fmt: skip
    @in_thread
    def remove(
        request: Request[Any, Any, Any], goal: Annotated[str, _GOAL],
        organization: OrganizationQuery = None,
    ) -> None:  # fmt: skip
        with management.changing(request, organization, {}, "editor") as manager:
            stored("goal", goal)
            numbers.remove_goal(manager, goal)

    return [listed, put_goal, remove]


def _rows(manager: Manager, **where: Any) -> list[Row]:
    return [*manager.workspace.ledger.rows(schema.GOALS, organization_id=manager.organization, **where)]


def _is_taking(row: Row, data: GoalBody) -> bool:
    return (row["event_type"], row["event_name"]) == (data.event_type, data.event_name)
