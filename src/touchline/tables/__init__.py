"""Every table of the river: name, columns, key, and the unit by which its rows are replaced.

The engines' DDL is made from these declarations, and a test holds every ``.sql`` file to them. An event's columns are
declared in :mod:`touchline.tracking_event`, the ledger's among them.
"""

from touchline.tables.credit import (
    AD_COSTS,
    ATTRIBUTION_LINKS,
    CAMPAIGNS,
    CROWDED_PERSONS,
    DAILY_ROLLUPS,
    HEALTH_MEASURES,
    HEALTH_SIGNALS,
    HEALTH_VOLUMES,
    PATHS,
    WASTE_FINDINGS,
)
from touchline.tables.given import COST_ROWS, ERASED_EVENTS, IDENTITY_CLAIMS, TRACKING_EVENTS, WITHDRAWN_CLAIMS
from touchline.tables.people import COMPONENTS, IDENTIFIERS, IDENTITIES, IDENTITY_EDGES, IDENTITY_PAIRS, PARTS
from touchline.tables.reference import (
    APP_BROWSERS,
    BLOCKED_IDENTIFIERS,
    CHANNEL_RULES,
    CLICK_FRESHNESS,
    DETOUR_PATTERNS,
    DETOURS,
    FIT_VALUES,
    FITS,
    GOALS,
    GRAINS,
    IGNORED_REFERRERS,
    MODEL_NAMES,
    NO_TOUCHPOINT,
    ORGANIZATIONS,
    SITES,
    TARGETS,
)
from touchline.tables.state import APPLIED_RULES, DEFINITIONS
from touchline.tables.visits import (
    AGENTS,
    CONVERSIONS,
    CORRECTIONS,
    EVIDENCE_CHANNELS,
    SESSION_EVENTS,
    SESSIONS,
    TOUCHPOINTS,
)

__all__ = [
    "AD_COSTS",
    "AGENTS",
    "ALL",
    "APPLIED_RULES",
    "APP_BROWSERS",
    "ATTRIBUTION_LINKS",
    "BLOCKED_IDENTIFIERS",
    "CAMPAIGNS",
    "CHANNEL_RULES",
    "CLICK_FRESHNESS",
    "COMPONENTS",
    "CONVERSIONS",
    "CORRECTIONS",
    "COST_ROWS",
    "CROWDED_PERSONS",
    "DAILY_ROLLUPS",
    "DEFINITIONS",
    "DETOURS",
    "DETOUR_PATTERNS",
    "ERASED_EVENTS",
    "EVIDENCE_CHANNELS",
    "FITS",
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
    "IGNORED_REFERRERS",
    "MODEL_NAMES",
    "NO_TOUCHPOINT",
    "ORGANIZATIONS",
    "PARTS",
    "PATHS",
    "READ_WHOLE",
    "REFERENCE",
    "RIVER",
    "SESSIONS",
    "SESSION_EVENTS",
    "SITES",
    "TARGETS",
    "TOLD",
    "TOUCHPOINTS",
    "TRACKING_EVENTS",
    "WASTE_FINDINGS",
    "WITHDRAWN_CLAIMS",
]

RIVER = (
    IDENTITY_PAIRS, IDENTIFIERS, IDENTITY_EDGES, IDENTITIES,
    CORRECTIONS, SESSION_EVENTS, SESSIONS, CONVERSIONS, TOUCHPOINTS, EVIDENCE_CHANNELS,
    AGENTS, CROWDED_PERSONS, PATHS, ATTRIBUTION_LINKS, AD_COSTS, CAMPAIGNS, DAILY_ROLLUPS, WASTE_FINDINGS,
    HEALTH_MEASURES, HEALTH_VOLUMES, HEALTH_SIGNALS,
)  # fmt: skip
"""The derived tables, in the order in which the stages write them."""

REFERENCE = (
    SITES, ORGANIZATIONS, GOALS, TARGETS, FITS, FIT_VALUES, GRAINS, MODEL_NAMES, NO_TOUCHPOINT, DETOURS,
    DETOUR_PATTERNS, IGNORED_REFERRERS, APP_BROWSERS, BLOCKED_IDENTIFIERS, CLICK_FRESHNESS, CHANNEL_RULES,
)  # fmt: skip
"""Small tables that follow the ledger's settings; replaced whole at the start of every run."""

READ_WHOLE = (*REFERENCE, EVIDENCE_CHANNELS, CROWDED_PERSONS, CAMPAIGNS)
"""Tables that are small however many events there are: a run that reads one reads all of it."""

TOLD = (TRACKING_EVENTS, COST_ROWS, ERASED_EVENTS, IDENTITY_CLAIMS, WITHDRAWN_CLAIMS)
"""Copies of what the ledger was told, which the engine follows by number."""

ALL = {table.name: table for table in (*TOLD, APPLIED_RULES, DEFINITIONS, COMPONENTS, PARTS, *REFERENCE, *RIVER)}
"""Every table an engine holds, by name."""
