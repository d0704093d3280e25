"""For each unit of recomputation: the relation that lists the changed ones, and what stands for the tables it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from touchline.table import Table


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
        | {name: made(name) for name in ("session_events", "touchpoints", "conversions")},
    ),
    ("conversion_id",): Unit(
        "scope_conversions",
        {"conversions": "conversions_of_scope"} | {name: made(name) for name in ("touchpoints", "paths")},
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
"""By the unit columns of the table that is written; what goes by identifier is in :data:`IDENTITY`."""

_CLOSED = {"identity_pairs": "pairs_of_closed", "identifiers": "identifiers_of_ends", "parts": "parts_of_closed"}
IDENTITY: Mapping[str, Unit] = {
    "identity_pairs": Unit(
        "scope_touched", {"tracking_events": "events_of_touched", "identity_claims": "claims_of_touched"}
    ),
    "identifiers": Unit(
        "scope_touched", {"tracking_events": "events_of_touched", "identity_pairs": "pairs_of_touched"}
    ),
    "components": Unit("scope_closed", _CLOSED),
    "parts": Unit("scope_closed"),
    "identity_edges": Unit("scope_closed", _CLOSED),
    "identities": Unit(
        "scope_closed",
        _CLOSED | {"identifiers": "identifiers_of_closed", "components": "components_of_closed"},
    ),
}
"""By table: pairs go by the identifiers that something new shows, what is judged by all that may hang together."""


def unit_of(table: Table) -> Unit:
    """How the rows of ``table`` are recomputed."""
    return IDENTITY.get(table.name) or UNITS[table.unit]
