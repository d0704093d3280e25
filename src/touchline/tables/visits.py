"""Visits and where they came from: the tables of the stages ``sessions`` and ``channels``."""

from touchline.table import table

CORRECTIONS = table(
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

SESSION_EVENTS = table(
    "session_events",
    """
    text: organization_id site_id person_id session_id event_id identifier type
    time: occurred_at session_started_at
    bool: is_visit is_landing
    text: referrer_host? marks? started_because?
    bool: is_own_link
    text: uncredited_because?
    """,
    key="site_id event_id",
    unit="person_id",
    sought="person_id",
)

SESSIONS = table(
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

SOURCE_HITS = table(
    "source_hits",
    """
    text: organization_id site_id person_id session_id event_id
    time: occurred_at
    text: rich_site_id rich_event_id referrer_host?
    bool: has_marks
    text: utm_term? utm_content? utm_id? campaign_ref? adset_ref? ad_ref?
    text: outcome
    """,
    key="site_id event_id",
    unit="person_id",
    sought="person_id",
)

TOUCHPOINTS = table(
    "touchpoints",
    """
    text: organization_id site_id person_id touchpoint_id session_id evidence_id
    time: occurred_at counted_at
    date: touch_date
    bool: is_landing has_past_click
    text: account_id? landing_url? referrer_host? utm_source? utm_medium? utm_campaign? utm_term? utm_content? utm_id?
    text: click_id_names? click_ids? campaign_ref? adset_ref? ad_ref? user_agent? app?
    text: identity_tier
    bool: is_claimed
    """,
    key="touchpoint_id",
    unit="person_id",
    sought="person_id",
    looked_up="evidence_id, organization_id touch_date",
)

CONVERSIONS = table(
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
    text: self_reported_source? path_owner native_currency
    int: native_value_micros
    text: exchange_rate?
    """,
    key="conversion_id",
    unit="person_id",
    sought="person_id",
    looked_up="organization_id conversion_date",
)

EVIDENCE_CHANNELS = table(
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

AGENTS = table("agents", "text: user_agent device_type", key="user_agent")
