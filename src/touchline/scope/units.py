"""For each unit of recomputation: the relation that lists the changed ones, and how it narrows what is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_PERSON = "exists (select 1 from scope_persons as s where s.person_id = t.person_id)"
_IDENTIFIER = (
    "exists (select 1 from scope_identifiers as s"
    " where s.organization_id = t.organization_id and s.identifier = t.identifier)"
)
_COST_DAY = (
    "exists (select 1 from scope_cost_days as s where s.organization_id = t.organization_id"
    " and s.source = t.source and s.platform = t.platform and s.account_id = t.account_id"
    " and s.cost_date = t.cost_date)"
)


@dataclass(frozen=True)
class Unit:
    """``scope`` lists the changed units (``None``: all change together); ``narrowed`` are the tables read in part."""

    scope: str | None
    narrowed: Mapping[str, str] = field(default_factory=dict)


_PERSONS = Unit(
    "scope_persons",
    {"tracking_events": _IDENTIFIER, "identities": _IDENTIFIER}
    | dict.fromkeys(("corrections", "session_events", "touchpoints", "conversions", "paths"), _PERSON),
)
_IDENTIFIERS = Unit(
    "scope_identifiers", dict.fromkeys(("tracking_events", "identity_claims", "identity_edges"), _IDENTIFIER)
)

UNITS: Mapping[tuple[str, ...], Unit] = {
    ("organization_id", "identifier"): _IDENTIFIERS,
    ("site_id", "order_id"): Unit(
        "scope_orders",
        {
            "tracking_events": "exists (select 1 from scope_orders as s"
            " where s.site_id = t.site_id and s.order_id = t.order_id)"
        },
    ),
    ("person_id",): _PERSONS,
    ("evidence_id",): Unit(
        "scope_evidence",
        {"touchpoints": "exists (select 1 from scope_evidence as s where s.evidence_id = t.evidence_id)"},
    ),
    ("user_agent",): Unit(
        "scope_agents", {"touchpoints": "exists (select 1 from scope_agents as s where s.user_agent = t.user_agent)"}
    ),
    ("organization_id", "source", "platform", "account_id", "cost_date"): Unit(
        "scope_cost_days", {"cost_rows": _COST_DAY}
    ),
    ("organization_id",): Unit(None),
}
"""By the unit columns of the table that is written."""
