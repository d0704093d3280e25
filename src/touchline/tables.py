"""Every table of the river: name, columns, key, and the unit by which its rows are replaced.

The engines' DDL is made from these declarations, and a test holds every ``.sql`` file to them. An event's columns are
declared in :mod:`touchline.tracking_event`, the ledger's among them.
"""

from touchline.table import Column, Kind, Table
from touchline.table import table as _table
from touchline.tracking_event import EVENT_FIELDS, Mark

TRACKING_EVENTS = Table(
    "tracking_events",
    (
        Column("organization_id", Kind.TEXT, is_nullable=False),
        *(field.column for field in EVENT_FIELDS if Mark.LEDGER_ONLY not in field.marks),
        Column("sequence", Kind.INTEGER, is_nullable=False),
    ),
    key=("site_id", "event_id"),
    unit=("identifier",),
    sought=(("organization_id", "identifier"), ("site_id", "order_id")),
    looked_up=(("sequence",),),
)

IDENTITY_CLAIMS = _table(
    "identity_claims",
    """
    text: organization_id identifier linked_identifier source
    time: claimed_at
    int: claim
    """,
    key="claim",
    unit="organization_id identifier",
)

IDENTITY_PAIRS = _table(
    "identity_pairs",
    """
    text: organization_id identifier linked_identifier
    time: first_seen_at
    int: event_count claim_count
    bool: is_verified is_blocked
    """,
    key="organization_id identifier linked_identifier",
    unit="organization_id identifier",
    sought="organization_id identifier, organization_id linked_identifier",
)
"""What events and claims show of two identifiers; which of it is believed is in ``identity_edges``."""

IDENTIFIERS = _table(
    "identifiers",
    """
    text: organization_id identifier
    time: first_seen_at
    int: unverified_users unverified_emails unverified_visitors
    text: crowded_by
    """,
    key="organization_id identifier",
    sought="organization_id identifier",
)

IDENTITY_EDGES = _table(
    "identity_edges",
    """
    text: organization_id identifier linked_identifier
    time: first_seen_at
    int: event_count claim_count
    bool: is_verified is_refused
    text: reason
    """,
    key="organization_id identifier linked_identifier",
    unit="organization_id identifier",
    sought="organization_id identifier",
)

IDENTITIES = _table(
    "identities",
    "text: organization_id identifier~ person_id~\ntime: first_seen_at",
    key="organization_id identifier",
    sought="person_id, organization_id identifier",
)

CORRECTIONS = _table(
    "corrections",
    """
    text: organization_id site_id event_id order_id person_id kind
    time: occurred_at
    int: refunded_micros?
    text: currency?
    bool: is_verified is_applied
    text: reason
    """,
    key="site_id event_id",
    unit="site_id order_id",
    sought="person_id, site_id order_id",
)

SESSION_EVENTS = _table(
    "session_events",
    """
    text: organization_id site_id person_id session_id event_id identifier type
    time: occurred_at session_started_at
    bool: is_visit is_landing
    text: referrer_host? marks? started_because?
    bool: is_own_link
    """,
    key="site_id event_id",
    unit="person_id",
    sought="person_id",
)

SESSIONS = _table(
    "sessions",
    """
    text: organization_id site_id person_id session_id identifier
    time: started_at ended_at
    date: started_date
    int: event_count page_view_count
    text: landing_url? user_agent? device_type? city? district? started_because
    """,
    key="session_id",
    unit="person_id",
    sought="person_id",
)

TOUCHPOINTS = _table(
    "touchpoints",
    """
    text: organization_id site_id person_id touchpoint_id session_id evidence_id
    time: occurred_at counted_at
    date: touch_date
    bool: is_landing has_past_click
    text: account_id? landing_url? referrer_host? utm_source? utm_medium? utm_campaign? utm_term? utm_content? utm_id?
    text: click_id_names? campaign_ref? adset_ref? ad_ref? user_agent? app?
    """,
    key="touchpoint_id",
    unit="person_id",
    sought="person_id",
    looked_up="evidence_id, organization_id touch_date",
)

CONVERSIONS = _table(
    "conversions",
    """
    text: organization_id site_id person_id conversion_id session_id? goal signal_type order_id? account_id?
    time: occurred_at
    date: conversion_date
    text: currency
    int: gross_value_micros refunded_micros value_micros
    text: status
    bool: is_counted is_verified
    int: event_count
    text: self_reported_source?
    """,
    key="conversion_id",
    unit="person_id",
    sought="person_id",
    looked_up="organization_id conversion_date",
)

EVIDENCE_CHANNELS = _table(
    "evidence_channels",
    """
    text: evidence_id utm_source? utm_medium? utm_campaign? click_id_names? referrer_host? app?
    bool: has_past_click
    text: source_class channel platform reason rule_id ruleset_version ignored? contradictions?
    bool: is_paid?
    float: confidence
    """,
    key="evidence_id",
)

AGENTS = _table("agents", "text: user_agent device_type", key="user_agent")

CROWDED_PERSONS = _table(
    "crowded_persons", "text: organization_id person_id\nint: touch_count conversion_count", key="person_id"
)

PATHS = _table(
    "paths",
    """
    text: organization_id person_id conversion_id touchpoint_id channel
    time: occurred_at
    int: age_micros
    bool: is_eligible
    int: position touchpoint_count eligible_count idle_count
    """,
    key="conversion_id touchpoint_id",
    unit="conversion_id",
    sought="conversion_id",
)

ATTRIBUTION_LINKS = _table(
    "attribution_links",
    """
    text: organization_id person_id conversion_id touchpoint_id model
    int: position touchpoint_count
    text: channel
    int: credit
    float: weight
    int: value_micros
    text: fit_id
    """,
    key="conversion_id touchpoint_id model",
    unit="conversion_id",
    sought="conversion_id",
    looked_up="touchpoint_id",
)

AD_COSTS = _table(
    "ad_costs",
    """
    text: organization_id source account_id
    date: cost_date
    text: platform campaign_id adset_id ad_id currency
    int: impressions clicks spend_micros load_number
    """,
    key="organization_id source platform account_id cost_date campaign_id adset_id ad_id currency",
    unit="organization_id source platform account_id cost_date",
    looked_up="organization_id cost_date",
)

CAMPAIGNS = _table(
    "campaigns",
    """
    text: organization_id grain platform campaign_id adset_id ad_id name
    date: first_date last_date
    """,
    key="organization_id grain platform campaign_id adset_id ad_id",
    unit="organization_id platform",
)

DAILY_ROLLUPS = _table(
    "daily_rollups",
    """
    text: organization_id site_id
    date: rollup_date
    text: basis grain entity_id platform campaign_id adset_id ad_id goal currency model
    int: credit source_count
    wide: impressions clicks spend_micros value_micros
    """,
    key="organization_id rollup_date basis grain entity_id goal currency model site_id",
    sums="impressions clicks spend_micros credit value_micros source_count",
)

WASTE_FINDINGS = _table(
    "waste_findings",
    """
    text: organization_id finding_id
    date: window_start window_end
    text: model grain entity_id platform campaign_id adset_id ad_id name currency reason severity
    int: spend_micros waste_micros credit value_micros
    text: explanation fit_id
    """,
    key="organization_id finding_id",
    unit="organization_id",
)

HEALTH_MEASURES = _table(
    "health_measures",
    """
    text: organization_id site_id channel
    date: period
    text: measure
    int: numerator denominator
    """,
    key="organization_id site_id channel period measure",
    sums="numerator denominator",
)

HEALTH_SIGNALS = _table(
    "health_signals",
    """
    text: organization_id site_id channel
    date: period
    text: measure direction
    float: value centre lower_limit upper_limit
    text: fit_id
    """,
    key="organization_id site_id channel period measure",
    unit="organization_id",
)

RIVER = (
    IDENTITY_PAIRS, IDENTIFIERS, IDENTITY_EDGES, IDENTITIES,
    CORRECTIONS, SESSION_EVENTS, SESSIONS, CONVERSIONS, TOUCHPOINTS, EVIDENCE_CHANNELS,
    AGENTS, CROWDED_PERSONS, PATHS, ATTRIBUTION_LINKS, AD_COSTS, CAMPAIGNS, DAILY_ROLLUPS, WASTE_FINDINGS,
    HEALTH_MEASURES, HEALTH_SIGNALS,
)  # fmt: skip
"""The derived tables, in the order in which the stages write them."""

# What the engine is told by the ledger before a run; small, and replaced whole.

SITES = _table("sites", "text: organization_id site_id name domain time_zone", key="site_id")

ORGANIZATIONS = _table(
    "organizations",
    """
    text: organization_id name currency direct default_model primary_goal session_policy
    int: lookback_days half_life_micros waste_window_days unverified_links unverified_names session_gap_minutes
    int: touches_per_path crowded_touches crowded_conversions crowded_touches_per_path clock_tolerance_seconds
    """,
    key="organization_id",
)

GOALS = _table(
    "goals",
    """
    text: organization_id goal signal_type event_type event_name
    bool: is_milestone
    int: default_value_micros
    text: unverified_handling unverified_goal
    """,
    key="organization_id goal",
)

TARGETS = _table(
    "targets",
    """
    text: organization_id platform campaign_id
    int: target_cpa_micros?
    float: target_roas?
    """,
    key="organization_id platform campaign_id",
)

COST_ROWS = _table(
    "cost_rows",
    """
    text: organization_id source account_id
    date: cost_date
    text: platform campaign_id campaign_name adset_id adset_name ad_id ad_name currency
    int: impressions clicks spend_micros load_number
    """,
    key="",
    unit="load_number organization_id source account_id cost_date platform",
)
"""A report may have the same ad's day in several rows, even equal ones."""

ERASED_EVENTS = _table("erased_events", "int: tombstone sequence", key="tombstone")
"""The numbers of events that the ledger has no more: an erasure or a retention period took them."""

WITHDRAWN_CLAIMS = _table("withdrawn_claims", "int: tombstone claim", key="tombstone")
"""The numbers of identity claims that the ledger has no more: they were withdrawn, or erased."""

FITS = _table(
    "fits",
    """
    text: fit_id organization_id kind
    int: version
    date: window_start window_end serves_from serves_until
    """,
    key="fit_id",
)
"""The fits that stand, each with the days that it serves; a fit that a later version replaced is left out."""

FIT_VALUES = _table(
    "fit_values", "text: fit_id site_id name statistic\nfloat: value", key="fit_id site_id name statistic"
)

GRAINS = _table("grains", "text: grain\nint: depth", key="grain")
MODEL_NAMES = _table("models", "text: organization_id model", key="organization_id model")
NO_TOUCHPOINT = _table("no_touchpoint", "text: touchpoint_id channel", key="touchpoint_id")
"""One row: what stands in a link for the touch that a conversion does not have."""
DETOURS = _table("detours", "text: referrer", key="referrer")
APP_BROWSERS = _table("app_browsers", "int: priority\ntext: pattern app source", key="priority")
BLOCKED_IDENTIFIERS = _table("blocked_identifiers", "text: named_value", key="named_value")
COMPONENTS = _table(
    "components",
    "text: organization_id identifier component",
    key="organization_id identifier",
    sought="organization_id identifier, organization_id component",
)
PARTS = _table(
    "parts",
    "text: organization_id identifier users_part part",
    key="organization_id identifier",
    sought="organization_id identifier",
)
"""Of components that hold several user ids or e-mail hashes: the parts into which they fall."""

APPLIED_RULES = _table("applied_rules", "text: name value", key="name")
"""What the derived tables were made with, so that a changed rule is detected."""

DEFINITIONS = _table("definitions", "text: name digest", key="name")
"""With which definition each view stands, so that one that did not change is left alone."""

REFERENCE = (
    SITES, ORGANIZATIONS, GOALS, TARGETS, FITS, FIT_VALUES, GRAINS, MODEL_NAMES, NO_TOUCHPOINT, DETOURS,
    APP_BROWSERS, BLOCKED_IDENTIFIERS,
)  # fmt: skip
"""Small tables that follow the ledger's settings; replaced whole at the start of every run."""

READ_WHOLE = (*REFERENCE, EVIDENCE_CHANNELS, CROWDED_PERSONS, CAMPAIGNS)
"""Tables that are small however many events there are: a run that reads one reads all of it."""

TOLD = (TRACKING_EVENTS, COST_ROWS, ERASED_EVENTS, IDENTITY_CLAIMS, WITHDRAWN_CLAIMS)
"""Copies of what the ledger was told, which the engine follows by number."""

ALL = {table.name: table for table in (*TOLD, APPLIED_RULES, DEFINITIONS, COMPONENTS, PARTS, *REFERENCE, *RIVER)}
"""Every table an engine holds, by name."""
