"""For each unit of recomputation: the relation that lists the changed ones, and what stands for the tables it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_DATE = "exists (select 1 from scope_dates as s where s.organization_id = t.organization_id and s.rollup_date = t.{})"
_CONVERSION = "exists (select 1 from scope_conversions as s where s.conversion_id = t.conversion_id)"


def made(table: str) -> str:
    """What a run has put into ``table``: all the rows there of the units that changed.

    >>> made("sessions")
    'made_sessions'
    """
    return f"made_{table}"


@dataclass(frozen=True)
class Unit:
    """``scope`` lists the changed units (``None``: all change together).

    Of the tables that are read in part, ``seen`` names the relation that holds what is needed, and ``narrowed`` the
    condition on a row ``t``.
    """

    scope: str | None
    seen: Mapping[str, str] = field(default_factory=dict)
    narrowed: Mapping[str, str] = field(default_factory=dict)


UNITS: Mapping[tuple[str, ...], Unit] = {
    ("organization_id", "identifier"): Unit(
        "scope_identifiers",
        {
            "tracking_events": "events_of_identifiers",
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
    ("organization_id", "rollup_date"): Unit(
        "scope_dates",
        narrowed={"ad_costs": _DATE.format("cost_date"), "attribution_links": _CONVERSION, "conversions": _CONVERSION},
    ),
    ("organization_id", "period"): Unit(
        "scope_periods",
        narrowed={
            "conversions": _DATE.format("conversion_date"),
            "paths": _CONVERSION,
            "touchpoints": _DATE.format("touch_date"),
        },
    ),
    ("organization_id",): Unit(None),
}
"""By the unit columns of the table that is written."""
