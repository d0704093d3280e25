"""For each unit of recomputation: the relation that lists the changed units, and what is read in place of tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from touchline.table import Table
from touchline.tables import READ_WHOLE


def made(table: str) -> str:
    """The relation with the rows that a run has written to ``table``: all rows of the changed units.

    >>> made("sessions")
    'made_sessions'
    """
    return f"made_{table}"


@dataclass(frozen=True)
class Unit:
    """``scope`` lists the changed units (``None``: all change together).

    ``seen`` names, by table, the relation with the rows that the unit needs, if :func:`part_of` cannot derive it, or if
    the run has kept the rows already. If rows of one unit depend on rows of others (``is_closed``), nothing is derived,
    and ``seen`` must name every table.
    """

    scope: str | None
    seen: Mapping[str, str] = field(default_factory=dict)
    is_closed: bool = False


@dataclass(frozen=True)
class Part:
    """What a run sees of a table: the rows of ``relation``.

    If ``by`` is not empty, the relation is a view to be defined: the rows of the table whose columns ``by`` are in
    ``scope``.
    """

    relation: str
    by: tuple[str, ...] = ()
    scope: str = ""


UNITS: Mapping[tuple[str, ...], Unit] = {
    ("site_id", "order_id"): Unit(
        "scope_orders", {"tracking_events": "events_of_orders", "identities": "identities_of_orders"}
    ),
    ("person_id",): Unit(
        "scope_persons",
        {
            "tracking_events": "events_of_persons",
            "identities": "identities_of_persons",
            "identity_claims": "claims_of_persons",
        },
    ),
    ("conversion_id",): Unit(
        "scope_conversions",
        {
            "conversions": "conversions_of_scope",
            "touchpoints": "touchpoints_of_scope",
            "account_members": "account_members_of_scope",
            "first_reaches": "first_reaches_of_scope",
        },
    ),
    ("evidence_id",): Unit("scope_evidence"),
    ("user_agent",): Unit("scope_agents"),
    ("organization_id", "source", "platform", "account_id", "cost_date"): Unit("scope_cost_days"),
    ("organization_id", "platform", "cost_date"): Unit("scope_spend_days"),
    ("organization_id", "platform", "campaign_id"): Unit("scope_campaigns"),
    ("organization_id", "site_id"): Unit("scope_health_sites"),
    ("organization_id", "site_id", "block_start"): Unit(
        "scope_blocks", {"health_measures": "measures_of_windows", "health_volumes": "volumes_of_windows"}
    ),
    ("organization_id",): Unit(None),
}
"""By the unit columns of the written table; tables that are recomputed by identifier are in :data:`IDENTITY`."""

_CLOSED = {"identity_pairs": "pairs_of_closed", "identifiers": "identifiers_of_ends"}
IDENTITY: Mapping[str, Unit] = {
    "identity_pairs": Unit(
        "scope_touched",
        {"tracking_events": "events_of_touched", "identity_claims": "claims_of_touched"},
        is_closed=True,
    ),
    "identity_sightings": Unit(
        "scope_touched",
        {"tracking_events": "events_of_touched", "identity_claims": "claims_of_touched"},
        is_closed=True,
    ),
    "identifiers": Unit(
        "scope_touched", {"tracking_events": "events_of_touched", "identity_pairs": "pairs_of_touched"}, is_closed=True
    ),
    "components": Unit("scope_closed", _CLOSED, is_closed=True),
    "parts": Unit(
        "scope_closed",
        _CLOSED | {"components": made("components"), "identity_sightings": "sightings_of_closed"},
        is_closed=True,
    ),
    "refused_pairs": Unit("scope_closed", is_closed=True),
    "identity_edges": Unit("scope_closed", _CLOSED | {"refused_pairs": made("refused_pairs")}, is_closed=True),
    "identities": Unit(
        "scope_closed",
        {
            "identifiers": "identifiers_of_closed",
            "components": made("components"),
            "parts": made("parts"),
            "identity_edges": made("identity_edges"),
        },
        is_closed=True,
    ),
    "merged_accounts": Unit("scope_merging", {"identity_claims": "claims_of_merging"}, is_closed=True),
}
"""By table: pairs are recomputed by touched identifier, everything solved from them by whole components."""


def unit_of(table: Table) -> Unit:
    """How the rows of ``table`` are recomputed."""
    return IDENTITY.get(table.name) or UNITS[table.unit]


def part_of(read: Table, written: Table) -> Part | None:
    """What a run sees of the table ``read`` when it writes ``written``; ``None``: all of it.

    If both tables have the same unit, this run has already written ``read`` and kept the rows. Otherwise a unit needs
    the rows that have its columns.

    :raises LookupError: if neither is the case, and ``read`` is not declared as read whole.

    >>> from touchline.tables import AD_COSTS, AGENTS, CAMPAIGN_NAMES, SESSIONS, TOUCHPOINTS
    >>> part_of(TOUCHPOINTS, AGENTS)
    Part(relation='touchpoints_of_agents', by=('user_agent',), scope='scope_agents')
    >>> part_of(TOUCHPOINTS, SESSIONS).relation, part_of(CAMPAIGN_NAMES, AD_COSTS)
    ('made_touchpoints', None)
    """
    unit = unit_of(written)
    if unit.scope is None or read in READ_WHOLE:
        return None
    if read.name in unit.seen:
        return Part(unit.seen[read.name])
    if not unit.is_closed and read.unit == written.unit and read.sought:
        return Part(made(read.name))
    if not unit.is_closed and set(written.unit) <= set(read.column_names):
        return Part(f"{read.name}_of_{unit.scope.removeprefix('scope_')}", written.unit, unit.scope)
    raise LookupError(
        f"{written.name} reads {read.name}, but it is not declared which of its rows {', '.join(written.unit)} needs."
        f" Name a relation in scope/units.py, or declare {read.name} in READ_WHOLE if it is small."
    )
