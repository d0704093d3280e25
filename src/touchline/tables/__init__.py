"""Every table of the river: name, columns, key, and the unit by which its rows are replaced.

The engines' DDL is made from these declarations, and a test holds every ``.sql`` file to them. An event's columns are
declared in :mod:`touchline.tracking_event`, the ledger's among them.
"""

from touchline.tables.credit import (
    ACCOUNT_ROLLUPS,
    AD_COSTS,
    ATTRIBUTION_LINKS,
    CAMPAIGN_CLICKS,
    CAMPAIGN_NAMES,
    CAMPAIGNS,
    CHANNEL_SPEND,
    CROWDED_PERSONS,
    DAILY_ROLLUPS,
    FIRST_REACHES,
    HEALTH_MEASURES,
    HEALTH_SIGNALS,
    HEALTH_VOLUMES,
    PATHS,
    WASTE_FINDINGS,
)
from touchline.tables.given import (
    COST_ROWS,
    ERASED_EVENTS,
    IDENTITY_CLAIMS,
    REPORTING_RATES,
    TRACKING_EVENTS,
    WITHDRAWN_CLAIMS,
)
from touchline.tables.people import (
    ACCOUNT_MEMBERS,
    COMPONENTS,
    IDENTIFIERS,
    IDENTITIES,
    IDENTITY_EDGES,
    IDENTITY_PAIRS,
    IDENTITY_SIGHTINGS,
    MERGED_ACCOUNTS,
    PARTS,
    REFUSED_PAIRS,
)
from touchline.tables.reference import (
    APP_BROWSERS,
    BLOCKED_IDENTIFIERS,
    CAMPAIGN_ALIASES,
    CHANNEL_RULES,
    CLICK_FRESHNESS,
    CLICK_KINDS,
    COST_SITES,
    DETOUR_PATTERNS,
    DETOURS,
    FIT_VALUES,
    FITS,
    GOALS,
    GRAINS,
    IGNORED_REFERRERS,
    LIFT_FACTORS,
    MODEL_NAMES,
    NO_TOUCHPOINT,
    ORGANIZATIONS,
    OWN_MODEL_CHANNELS,
    OWN_MODEL_MILESTONES,
    OWN_MODELS,
    RETENTION_VALUES,
    SITES,
    TARGETS,
)
from touchline.tables.state import APPLIED_RULES, DEFINITIONS, MOVED_CONVERSIONS
from touchline.tables.visits import (
    AGENTS,
    CONVERSIONS,
    CORRECTIONS,
    EVIDENCE_CHANNELS,
    SESSION_EVENTS,
    SESSIONS,
    SOURCE_HITS,
    TOUCHPOINTS,
)

__all__ = [
    "ACCOUNT_MEMBERS",
    "ACCOUNT_ROLLUPS",
    "AD_COSTS",
    "AGENTS",
    "ALL",
    "APPLIED_RULES",
    "APP_BROWSERS",
    "ATTRIBUTION_LINKS",
    "BLOCKED_IDENTIFIERS",
    "CAMPAIGNS",
    "CAMPAIGN_ALIASES",
    "CAMPAIGN_CLICKS",
    "CAMPAIGN_NAMES",
    "CHANNEL_RULES",
    "CHANNEL_SPEND",
    "CLICK_FRESHNESS",
    "CLICK_KINDS",
    "COMPONENTS",
    "CONVERSIONS",
    "CORRECTIONS",
    "COST_ROWS",
    "COST_SITES",
    "CROWDED_PERSONS",
    "DAILY_ROLLUPS",
    "DEFINITIONS",
    "DETOURS",
    "DETOUR_PATTERNS",
    "ERASED_EVENTS",
    "EVIDENCE_CHANNELS",
    "FIRST_REACHES",
    "FITS",
    "FIT_TABLES",
    "FIT_VALUES",
    "GOALS",
    "GRAINS",
    "HEALTH_MEASURES",
    "HEALTH_SIGNALS",
    "HEALTH_VOLUMES",
    "IDENTIFIERS",
    "IDENTITIES",
    "IDENTITY_CLAIMS",
    "IDENTITY_EDGES",
    "IDENTITY_PAIRS",
    "IDENTITY_SIGHTINGS",
    "IGNORED_REFERRERS",
    "LIFT_FACTORS",
    "MERGED_ACCOUNTS",
    "MODEL_NAMES",
    "MOVED_CONVERSIONS",
    "NO_TOUCHPOINT",
    "ORGANIZATIONS",
    "OWN_MODELS",
    "OWN_MODEL_CHANNELS",
    "OWN_MODEL_MILESTONES",
    "PARTS",
    "PATHS",
    "READ_WHOLE",
    "REFERENCE",
    "REFUSED_PAIRS",
    "REPORTING_RATES",
    "RETENTION_VALUES",
    "RIVER",
    "SESSIONS",
    "SESSION_EVENTS",
    "SITES",
    "SOURCE_HITS",
    "TARGETS",
    "TOLD",
    "TOUCHPOINTS",
    "TRACKING_EVENTS",
    "WASTE_FINDINGS",
    "WITHDRAWN_CLAIMS",
]

RIVER = (
    IDENTITY_PAIRS, IDENTITY_SIGHTINGS, IDENTIFIERS, IDENTITY_EDGES, IDENTITIES, MERGED_ACCOUNTS,
    CORRECTIONS, SESSION_EVENTS, SESSIONS, CONVERSIONS, SOURCE_HITS, TOUCHPOINTS, EVIDENCE_CHANNELS,
    AGENTS, ACCOUNT_MEMBERS, CROWDED_PERSONS, FIRST_REACHES, PATHS, ATTRIBUTION_LINKS, AD_COSTS, CAMPAIGNS,
    CAMPAIGN_NAMES, CAMPAIGN_CLICKS, CHANNEL_SPEND, DAILY_ROLLUPS, ACCOUNT_ROLLUPS, WASTE_FINDINGS,
    HEALTH_MEASURES, HEALTH_VOLUMES, HEALTH_SIGNALS,
)  # fmt: skip
"""The derived tables, in the order in which the stages write them."""

REFERENCE = (
    SITES, ORGANIZATIONS, GOALS, TARGETS, FITS, FIT_VALUES, GRAINS, MODEL_NAMES, NO_TOUCHPOINT, DETOURS,
    DETOUR_PATTERNS, CLICK_KINDS, IGNORED_REFERRERS, APP_BROWSERS, BLOCKED_IDENTIFIERS, CLICK_FRESHNESS, CHANNEL_RULES,
    CAMPAIGN_ALIASES, COST_SITES, OWN_MODELS, OWN_MODEL_CHANNELS, OWN_MODEL_MILESTONES, LIFT_FACTORS, RETENTION_VALUES,
)  # fmt: skip
"""Small tables that follow the ledger's settings; replaced whole at the start of every run."""

FIT_TABLES = (FITS, FIT_VALUES)
"""The tables of the reference that change what links say without changing anything before them."""

READ_WHOLE = (*REFERENCE, EVIDENCE_CHANNELS, CROWDED_PERSONS, CAMPAIGN_NAMES, MERGED_ACCOUNTS, REPORTING_RATES)
"""Tables that are small however many events there are: a run that reads one reads all of it."""

TOLD = (TRACKING_EVENTS, COST_ROWS, REPORTING_RATES, ERASED_EVENTS, IDENTITY_CLAIMS, WITHDRAWN_CLAIMS)
"""Copies of what the ledger was told, which the engine follows by number."""

ALL = {
    table.name: table
    for table in (
        *TOLD,
        APPLIED_RULES,
        DEFINITIONS,
        MOVED_CONVERSIONS,
        COMPONENTS,
        PARTS,
        REFUSED_PAIRS,
        *REFERENCE,
        *RIVER,
    )
}
"""Every table an engine holds, by name."""
