"""What a run seeks, keeps and binds between the writes: in which order, and for which rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from touchline.table import Table
from touchline.tables import (
    ACCOUNT_MEMBERS,
    AD_COSTS,
    ATTRIBUTION_LINKS,
    COMPONENTS,
    CONVERSIONS,
    CORRECTIONS,
    FIRST_REACHES,
    IDENTIFIERS,
    IDENTITIES,
    IDENTITY_CLAIMS,
    IDENTITY_PAIRS,
    IDENTITY_SIGHTINGS,
    PATHS,
    SESSION_EVENTS,
    SESSIONS,
    SOURCE_HITS,
    TOUCHPOINTS,
    TRACKING_EVENTS,
)


@dataclass(frozen=True)
class Seek:
    """Define ``view`` as the rows of ``table`` whose columns ``by`` are in ``scope``."""

    view: str
    table: Table
    by: tuple[str, ...]
    scope: str


@dataclass(frozen=True)
class Keep:
    """Keep as ``name`` the union of the named queries' results and of the relations named with an ``=``."""

    name: str
    selects: tuple[str, ...]


@dataclass(frozen=True)
class Bind:
    """Define ``view`` as the rows of all ``parts``, which have no row in common."""

    view: str
    parts: tuple[str, ...]


Step = Seek | Keep | Bind

_ACCOUNT = ("organization_id", "account_id")
_IDENTIFIER = ("organization_id", "identifier")
_LINKED = ("organization_id", "linked_identifier")
_COMPONENT = ("organization_id", "component")
_CONVERSION = ("conversion_id",)
_ORDER = ("site_id", "order_id")
_PERSON = ("person_id",)

OF_CROWDED = (SESSION_EVENTS, SESSIONS, SOURCE_HITS, TOUCHPOINTS, CONVERSIONS)
"""Tables with many rows of one crowded person, who is in every run; their rows are replaced one by one."""

COMPARED: Mapping[Table, str] = {COMPONENTS: "components_before", IDENTITIES: "identities_before"}
"""Tables of which a run makes many rows as they stood: only those that differ from what is kept here are written."""


def of_crowded(table: Table) -> str:
    """The view of the crowded persons' stored rows, which do not change until the run replaces those that differ.

    >>> of_crowded(SESSIONS)
    'sessions_of_crowded'
    """
    return f"{table.name}_of_crowded"


BEFORE: Mapping[str, tuple[Step, ...]] = {
    "identity_pairs": (
        Keep("scope_touched", ("identifiers_touched",)),
        Seek("sought_events", TRACKING_EVENTS, _IDENTIFIER, "scope_touched"),
        Keep("events_of_touched", ("events_of_identifiers",)),
        Seek("sought_claims", IDENTITY_CLAIMS, _IDENTIFIER, "scope_touched"),
        Keep("claims_of_touched", ("=sought_claims",)),
    ),
    "identifiers": (
        Keep("scope_touched_links", ("links_touched",)),
        Seek("sought_pairs", IDENTITY_PAIRS, _LINKED, "scope_touched_links"),
        Keep("pairs_of_others", ("pairs_of_others",)),
        Bind("pairs_of_touched", ("made_identity_pairs", "pairs_of_others")),
        Seek("sought_identifiers", IDENTIFIERS, _IDENTIFIER, "scope_touched"),
        Keep("identifiers_before", ("=sought_identifiers",)),
    ),
    "identities": (
        Keep("identifiers_of_closed", ("identifiers_within",)),
        Seek("sought_identities", IDENTITIES, _IDENTIFIER, "scope_closed"),
        Keep("identities_before", ("=sought_identities",)),
    ),
    "corrections": (
        Keep("scope_remerged", ("accounts_remerged",)),
        Seek("members_of_remerged", ACCOUNT_MEMBERS, _ACCOUNT, "scope_remerged"),
        Keep("scope_orders_named", ("orders_named",)),
        Seek("sought_corrections", CORRECTIONS, _ORDER, "scope_orders_named"),
        Keep("scope_orders", ("orders",)),
        Seek("corrections_of_orders", CORRECTIONS, _ORDER, "scope_orders"),
        Keep("scope_persons_first", ("persons_of_identities", "members_remerged")),
        Seek("sought_events", TRACKING_EVENTS, _ORDER, "scope_orders"),
        Keep("events_of_orders", ("events_of_orders",)),
        Keep("scope_identifiers_of_orders", ("identifiers_of_orders",)),
        Seek("sought_identities", IDENTITIES, _IDENTIFIER, "scope_identifiers_of_orders"),
        Keep("identities_of_orders", ("=made_identities", "=sought_identities")),
    ),
    "session_events": (
        Keep("scope_rates", ("rates",)),
        Seek(
            "conversions_rated", CONVERSIONS, ("organization_id", "native_currency", "conversion_date"), "scope_rates"
        ),
        Keep("scope_persons", ("persons", "persons_rated")),
        Keep("scope_persons_added", ("persons_added",)),
        Seek("sought_identities", IDENTITIES, _PERSON, "scope_persons_added"),
        Keep("identities_of_scope", ("identities_of_scope",)),
        Keep("identities_added", ("=sought_identities",)),
        Bind("identities_of_persons", ("identities_of_scope", "identities_added")),
        Keep("scope_identifiers_added", ("identifiers_added",)),
        Seek("sought_events", TRACKING_EVENTS, _IDENTIFIER, "scope_identifiers_added"),
        Keep("events_added", ("events_of_identifiers",)),
        Bind("events_of_persons", ("events_of_identifiers", "events_added")),
        Keep("scope_crowded", ("crowded",)),
        Keep("scope_ordinary", ("ordinary",)),
        *(Seek(of_crowded(table), table, _PERSON, "scope_crowded") for table in OF_CROWDED),
        Seek("sought_sessions", SESSIONS, _PERSON, "scope_persons"),
        Keep("sessions_before", ("sessions_before",)),
        Seek("sought_touchpoints", TOUCHPOINTS, _PERSON, "scope_persons"),
        Keep("touchpoints_before", ("touchpoints_before",)),
        Seek("sought_conversions", CONVERSIONS, _PERSON, "scope_persons"),
        Keep("conversions_before", ("=sought_conversions",)),
        Keep("scope_touches_before", ("touches_before",)),
        Keep("evidence_channels_before", ("evidence_before",)),
        Keep("scope_cost_days", ("cost_days",)),
    ),
    "health_blocks": (
        Keep("scope_health_sites", ("health_sites",)),
        Keep("health_blocks_before", ("=health_blocks",)),
    ),
    "account_members": (
        Seek("claims_of_persons", IDENTITY_CLAIMS, _IDENTIFIER, "identities_of_persons"),
        Seek("sought_members", ACCOUNT_MEMBERS, _PERSON, "scope_persons"),
        Keep("account_members_before", ("=sought_members",)),
    ),
    "paths": (
        Keep(
            "scope_conversions",
            (
                "conversions_of_ordinary",
                "conversions_changed",
                "conversions_of_touches",
                "conversions_uncrowded",
                "conversions_of_accounts",
                "conversions_of_members",
            ),
        ),
        Keep("conversions_of_scope", ("conversions_of_scope",)),
        Keep("conversions_of_scope_before", ("conversions_of_scope_before",)),
        Seek("sought_paths", PATHS, _CONVERSION, "scope_conversions"),
        Keep("paths_before", ("=sought_paths",)),
    ),
    "attribution_links": (
        Seek("sought_links", ATTRIBUTION_LINKS, _CONVERSION, "scope_conversions"),
        Keep("attribution_links_before", ("=sought_links",)),
    ),
    "ad_costs": (
        Seek("sought_costs", AD_COSTS, AD_COSTS.unit, "scope_cost_days"),
        Keep("ad_costs_before", ("ad_costs_before",)),
    ),
    "campaigns": (
        Keep("campaigns_before", ("=campaigns",)),
        Seek("costs_of_days", AD_COSTS, AD_COSTS.unit, "scope_cost_days"),
        Keep("scope_campaigns", ("campaigns",)),
    ),
    "campaign_names": (Keep("campaign_names_before", ("=campaign_names",)),),
    "channel_spend": (Keep("scope_spend_days", ("spend_days",)),),
}
AFTER: Mapping[str, tuple[Step, ...]] = {
    "identifiers": (
        Seek("identifiers_of_touched", IDENTIFIERS, _IDENTIFIER, "scope_touched"),
        Keep("scope_crossed", ("identifiers_crossed",)),
        Keep("scope_crossed_links", ("links_crossed",)),
        Seek("pairs_from_crossed", IDENTITY_PAIRS, _IDENTIFIER, "scope_crossed"),
        Seek("pairs_to_crossed", IDENTITY_PAIRS, _LINKED, "scope_crossed_links"),
        Keep("scope_reached", ("identifiers_reached",)),
        Seek("components_of_reached", COMPONENTS, _IDENTIFIER, "scope_reached"),
        Keep("scope_components", ("components_reached",)),
        Seek("sought_components", COMPONENTS, _COMPONENT, "scope_components"),
        Keep("components_before", ("=sought_components",)),
        Keep("scope_closed", ("identifiers_closed",)),
        Seek("sought_pairs", IDENTITY_PAIRS, _IDENTIFIER, "scope_closed"),
        Keep("pairs_of_closed", ("=sought_pairs",)),
        Seek("sightings_of_closed", IDENTITY_SIGHTINGS, _IDENTIFIER, "scope_closed"),
        Keep("scope_ends", ("identifiers_of_ends",)),
        Seek("sought_identifiers", IDENTIFIERS, _IDENTIFIER, "scope_ends"),
        Keep("identifiers_of_ends", ("=sought_identifiers",)),
    ),
    "identities": (
        Keep("scope_identifiers", ("identifiers",)),
        Keep("scope_persons_before", ("persons_before",)),
        Keep("scope_moved", ("identifiers_moved",)),
        Seek("sought_events", TRACKING_EVENTS, _IDENTIFIER, "scope_moved"),
        Keep("events_of_moved", ("events_of_identifiers",)),
        Bind("events_of_identifiers", ("events_of_touched", "events_of_moved")),
        Keep("scope_accounts_claimed", ("accounts_claimed",)),
        Keep("scope_merging", ("accounts_merging",)),
        Keep("merged_accounts_before", ("=merged_accounts",)),
        Keep("scope_names_merging", ("names_merging",)),
        Seek("claims_of_merging", IDENTITY_CLAIMS, _IDENTIFIER, "scope_names_merging"),
    ),
    "touchpoints": (
        Keep("scope_evidence", ("evidence",)),
        Keep("scope_agents", ("agents",)),
    ),
    "account_members": (
        Keep("scope_accounts", ("accounts_touched",)),
        Seek("members_of_accounts", ACCOUNT_MEMBERS, _ACCOUNT, "scope_accounts"),
        Keep("scope_members", ("members_of_touched",)),
        Seek("sought_members", ACCOUNT_MEMBERS, _PERSON, "scope_members"),
        Keep("members_of_others", ("=sought_members",)),
        Bind("account_members_of_scope", ("made_account_members", "members_of_others")),
        Bind("account_members_of_scope_before", ("account_members_before", "members_of_others")),
        Keep("scope_accounts_recomputed", ("accounts_recomputed",)),
        Keep("scope_colleagues", ("colleagues",)),
        Bind("scope_persons_credited", ("scope_persons", "scope_colleagues")),
        Seek("first_reaches_of_colleagues", FIRST_REACHES, _PERSON, "scope_colleagues"),
        Seek("sought_conversions", CONVERSIONS, _PERSON, "scope_colleagues"),
        Keep("conversions_of_colleagues", ("=sought_conversions",)),
        Seek("sought_touchpoints", TOUCHPOINTS, _PERSON, "scope_colleagues"),
        Keep("touchpoints_of_colleagues", ("=sought_touchpoints",)),
        Keep("touches_of_colleagues", ("touches_of_colleagues",)),
        Bind("touchpoints_of_scope", ("made_touchpoints", "touchpoints_of_colleagues")),
        Bind("touchpoints_of_scope_before", ("touchpoints_before", "touches_of_colleagues")),
        Keep("evidence_of_colleagues", ("evidence_of_colleagues",)),
        Bind("evidence_channels_held", ("evidence_channels_before", "evidence_of_colleagues")),
    ),
    "first_reaches": (Bind("first_reaches_of_scope", ("made_first_reaches", "first_reaches_of_colleagues")),),
    "campaign_names": (
        Keep("scope_names", ("names",)),
        Keep("scope_touches_renamed", ("touches_renamed",)),
        Keep("scope_conversions_renamed", ("conversions_renamed",)),
        Keep("scope_persons_renamed", ("persons_renamed",)),
        Keep("scope_persons_named", ("persons_named",)),
    ),
    "health_blocks": (
        Keep("health_blocks_known", ("=health_blocks", "=health_blocks_before")),
        Keep("scope_blocks", ("blocks_changed", "blocks_young", "blocks_newest", "blocks_fitted")),
        Keep("measures_of_windows", ("measures_of_windows",)),
        Keep("volumes_of_windows", ("volumes_of_windows",)),
    ),
}
