"""For each unit of recomputation: the relation that lists the changed ones, and what stands for the tables it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def made(table: str) -> str:
    """What a run has put into ``table``: all the rows there of the units that changed.

    >>> made("sessions")
    'made_sessions'
    """
    return f"made_{table}"


@dataclass(frozen=True)
class Unit:
    """``scope`` lists the changed units (``None``: all change together).

    Of the tables that are read in part, ``seen`` names the relation that holds what is needed.
    """

    scope: str | None
    seen: Mapping[str, str] = field(default_factory=dict)


UNITS: Mapping[tuple[str, ...], Unit] = {
    ("organization_id", "identifier"): Unit(
        "scope_identifiers",
        {
            "tracking_events": "events_of_identifiers",
            "identity_claims": "claims_of_identifiers",
            "identity_edges": made("identity_edges"),
            "components": "components_of_identifiers",
        },
    ),
    ("site_id", "order_id"): Unit(
        "scope_orders", {"tracking_events": "events_of_orders", "identities": "identities_of_orders"}
    ),
    ("person_id",): Unit(
        "scope_persons",
        {
            "tracking_events": "events_of_persons",
            "identities": "identities_of_persons",
            "corrections": "corrections_of_persons",
        }
        | {name: made(name) for name in ("session_events", "touchpoints", "conversions", "paths")},
    ),
    ("evidence_id",): Unit("scope_evidence", {"touchpoints": "touchpoints_of_evidence"}),
    ("user_agent",): Unit("scope_agents", {"touchpoints": "touchpoints_of_agents"}),
    ("organization_id", "source", "platform", "account_id", "cost_date"): Unit(
        "scope_cost_days", {"cost_rows": "cost_rows_of_days"}
    ),
    ("organization_id", "platform"): Unit(
        "scope_cost_platforms", {"cost_rows": "cost_rows_of_platforms", "ad_costs": "ad_costs_of_platforms"}
    ),
    ("organization_id",): Unit(None),
}
"""By the unit columns of the table that is written."""
