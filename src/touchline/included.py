"""Relations that no engine stores: the statement that reads one takes it in, as :mod:`touchline.sql` does."""

from touchline.table import table as _table

WEIGHTS = _table(
    "weights",
    """
    text: organization_id person_id conversion_id touchpoint_id model
    int: position touchpoint_count
    text: channel
    int: weight weight_until weight_total
    """,
    key="conversion_id touchpoint_id model",
)
"""What each touch of a path weighs under each model, the sum up to it, and the sum of the path.

A touch has its weight's share of the sum; where that is 0, all touches of the path share alike.
"""

ROLLUP_CREDITS = _table(
    "rollup_credits",
    """
    text: organization_id site_id
    date: conversion_date touch_date
    int: is_unattributed
    text: channel platform campaign_id adset_id ad_id goal currency model
    int: credit
    wide: value_micros
    int: source_count
    """,
    key="organization_id site_id conversion_date touch_date is_unattributed channel platform campaign_id adset_id ad_id"
    " goal currency model",
)
"""Credit by site, and by the channel and the ad of its touch, with the days of the conversion and of the touch."""

ROLLUP_FACTS = _table(
    "rollup_facts",
    """
    text: organization_id site_id
    date: rollup_date
    text: basis
    int: is_unattributed
    text: channel platform campaign_id adset_id ad_id goal currency model
    int: impressions clicks spend_micros credit
    wide: value_micros
    int: source_count
    """,
    key="organization_id site_id rollup_date basis is_unattributed channel platform campaign_id adset_id ad_id goal"
    " currency model",
)
"""What daily_rollups add up."""

CAMPAIGN_KEYS = _table(
    "campaign_keys",
    "text: organization_id platform match_key campaign_id",
    key="organization_id platform match_key",
)
ADSET_KEYS = _table(
    "adset_keys",
    "text: organization_id platform campaign_id match_key adset_id",
    key="organization_id platform campaign_id match_key",
)
AD_KEYS = _table(
    "ad_keys",
    "text: organization_id platform campaign_id match_key ad_id adset_id",
    key="organization_id platform campaign_id match_key",
)
"""The texts, in small letters, by which links name campaigns, ad sets and ads."""

TOUCHES_TO_PLACE = _table(
    "touches_to_place",
    """
    text: organization_id touchpoint_id evidence_id
    date: touch_date
    text: campaign_ref? adset_ref? ad_ref? utm_campaign? utm_term? utm_content?
    """,
    key="touchpoint_id",
)
"""The touches of which ``placed_touches`` says the campaign; each package that includes that says which they are."""

PLACED_TOUCHES = _table(
    "placed_touches",
    """
    text: touchpoint_id
    date: touch_date
    text: platform campaign_id adset_id ad_id
    """,
    key="touchpoint_id",
)
"""The ad platform, campaign, ad set and ad that a touch came from."""

CHOSEN_CLICKS = _table(
    "chosen_clicks",
    """
    text: organization_id person_id platform touchpoint_id
    time: occurred_at
    text: click_id_names click_ids
    bool: is_initial
    text: initial_touchpoint_id newest_touchpoint_id
    time: as_of
    int: fresh_days click_count
    """,
    key="person_id platform",
)
"""The click that answers for a person on an ad platform: the first while it is fresh, else the newest."""

ACCOUNT_PERSONS = _table(
    "account_persons",
    "text: organization_id account_id person_id\nbool: is_verified is_only is_believed",
    key="organization_id account_id person_id",
)
"""The members of accounts, and whether it is believed that they are."""

ACCOUNT_TOUCHES = _table(
    "account_touches",
    """
    text: organization_id account_id person_id touchpoint_id evidence_id
    time: occurred_at counted_at
    """,
    key="account_id touchpoint_id",
)
"""The touches that an account has through its members."""

CONVERSION_ACCOUNTS = _table(
    "conversion_accounts", "text: organization_id conversion_id account_id", key="conversion_id"
)
"""The account of a conversion, also where the person owns the paths to its goal."""

CONVERSION_COVERAGE = _table(
    "conversion_coverage",
    """
    text: organization_id site_id goal
    date: period
    int: is_covered is_direct_only is_untouched is_cut is_at_edge is_repeated value_units
    """,
    key="",
)
"""Of each conversion that counts, what it and its path show, as numbers to add up."""

SEEN_LANDINGS = _table(
    "seen_landings",
    """
    text: organization_id site_id
    date: period
    text: channel platform
    int: is_direct is_paid has_click_id has_referrer has_campaign is_unresolved is_claimed
    """,
    key="",
)
"""Of each landing, what it shows, as numbers to add up."""

BEGUN_BROWSERS = _table(
    "begun_browsers",
    "text: organization_id site_id person_id\ndate: period\nint: is_passed_on",
    key="",
)
"""When each browser began to be a person's, and whether it was another's before, as a number to add up."""

WASTE_WINDOWS = _table(
    "waste_windows",
    """
    text: organization_id goal grain
    date: window_start window_end known_until first_date
    """,
    key="organization_id",
)
"""The days in which waste is looked for, until when conversions are known, and from when lags are looked at.

An empty goal means all goals; an empty grain all but that of the organization.
"""

INCLUDED = {
    table.name: table
    for table in (
        WEIGHTS, ROLLUP_CREDITS, ROLLUP_FACTS, CAMPAIGN_KEYS, ADSET_KEYS, AD_KEYS, TOUCHES_TO_PLACE, PLACED_TOUCHES,
        CHOSEN_CLICKS, ACCOUNT_PERSONS, ACCOUNT_TOUCHES, CONVERSION_ACCOUNTS, CONVERSION_COVERAGE, SEEN_LANDINGS,
        BEGUN_BROWSERS, WASTE_WINDOWS,
    )
}  # fmt: skip
"""All of them, by name."""
