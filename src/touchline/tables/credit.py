"""Credit, costs, and what they say: the tables of the stages from ``attribution`` to ``health``."""

from touchline.table import table

CROWDED_PERSONS = table(
    "crowded_persons", "text: organization_id person_id\nint: touch_count conversion_count", key="person_id"
)

FIRST_REACHES = table(
    "first_reaches",
    """
    text: organization_id person_id goal
    time: reached_at
    """,
    key="person_id goal",
    unit="person_id",
    sought="person_id",
)
"""When persons reached the goals that the organization's own models give weight to."""

PATHS = table(
    "paths",
    """
    text: organization_id person_id conversion_id touchpoint_id channel
    time: occurred_at
    int: age_micros
    bool: is_eligible
    int: position touchpoint_count eligible_count idle_count
    text: account_id?
    """,
    key="conversion_id touchpoint_id",
    unit="conversion_id",
    sought="conversion_id",
)

ATTRIBUTION_LINKS = table(
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

AD_COSTS = table(
    "ad_costs",
    """
    text: organization_id source account_id
    date: cost_date
    text: platform campaign_id adset_id ad_id currency
    int: impressions clicks spend_micros load_number platform_conversion_micros? platform_value_micros? spread_days?
    text: native_currency
    int: native_spend_micros
    text: exchange_rate? site_id
    """,
    key="organization_id source platform account_id cost_date campaign_id adset_id ad_id native_currency",
    unit="organization_id source platform account_id cost_date",
    looked_up="organization_id cost_date",
)

CAMPAIGNS = table(
    "campaigns",
    """
    text: organization_id grain platform campaign_id adset_id ad_id name
    """,
    key="organization_id grain platform campaign_id adset_id ad_id",
    unit="organization_id platform campaign_id",
)

CAMPAIGN_NAMES = table(
    "campaign_names",
    """
    text: organization_id grain platform campaign_id adset_id ad_id match_key
    bool: is_id
    """,
    key="organization_id grain platform campaign_id adset_id ad_id match_key is_id",
    unit="organization_id platform campaign_id",
)
"""The texts, in small letters, by which a campaign, ad set or ad is known: its id, and every name that it ever had."""

CAMPAIGN_CLICKS = table(
    "campaign_clicks",
    """
    text: organization_id site_id
    date: cost_date
    text: platform campaign_id channel
    int: click_count
    """,
    key="organization_id site_id cost_date platform campaign_id channel",
    sums="click_count",
)
"""Touches that a campaign brought, by the day to whose costs they belong."""

CHANNEL_SPEND = table(
    "channel_spend",
    """
    text: organization_id source account_id
    date: cost_date
    text: platform campaign_id channel currency site_id
    wide: impressions clicks spend_micros
    """,
    key="organization_id source account_id cost_date platform campaign_id channel currency",
    unit="organization_id platform cost_date",
)
"""A campaign's costs of a day by the channels of its own clicks of that day; what no click explains is apart."""

DAILY_ROLLUPS = table(
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
    looked_up="organization_id rollup_date, organization_id platform rollup_date, rollup_date grain, model rollup_date,"
    " organization_id campaign_id rollup_date, organization_id grain model rollup_date",
)

ACCOUNT_ROLLUPS = table(
    "account_rollups",
    """
    text: organization_id site_id
    date: rollup_date
    text: basis account_id goal currency model
    int: credit source_count
    wide: value_micros
    """,
    key="organization_id rollup_date basis account_id goal currency model site_id",
    sums="credit value_micros source_count",
    looked_up="organization_id account_id rollup_date",
)
"""Credit by the account of the conversion; an empty account stands for conversions of none."""

WASTE_FINDINGS = table(
    "waste_findings",
    """
    text: organization_id finding_id
    date: window_start window_end
    text: model grain entity_id platform campaign_id adset_id ad_id name currency reason severity
    int: spend_micros waste_micros credit value_micros
    int: expected_waste_micros? waste_low_micros? waste_high_micros? p_over_millionths? maturity_millionths
    text: explanation fit_id
    """,
    key="organization_id finding_id",
    unit="organization_id",
)

HEALTH_MEASURES = table(
    "health_measures",
    """
    text: organization_id site_id channel goal platform
    date: period
    text: measure
    int: numerator denominator
    """,
    key="organization_id site_id channel goal platform period measure",
    sums="numerator denominator",
)
"""Rows are parts of a day: by goal, or by channel and platform, where the measure's file says so; else these are empty.

As any period's rate is a sum over a sum, so is that of a goal, of a channel, or of all together.
"""

HEALTH_VOLUMES = table(
    "health_volumes",
    """
    text: organization_id site_id
    date: period
    text: measure goal
    int: volume
    """,
    key="organization_id site_id period measure goal",
    sums="volume",
)

HEALTH_BLOCKS = table(
    "health_blocks",
    """
    text: organization_id site_id
    date: block_start
    """,
    key="organization_id site_id block_start",
    unit="organization_id site_id",
)
"""Four weeks in which something of a site is known; their days are judged together, and by what stands around them."""

HEALTH_LIMITS = table(
    "health_limits",
    """
    text: organization_id site_id
    date: block_start
    text: channel
    date: period
    text: measure goal
    int: numerator denominator
    float: center lower_limit upper_limit?
    date: baseline_start baseline_end
    text: fit_id
    """,
    key="organization_id site_id block_start channel period measure goal",
    unit="organization_id site_id block_start",
)

HEALTH_SIGNALS = table(
    "health_signals",
    """
    text: organization_id site_id
    date: block_start
    text: channel
    date: period
    text: measure goal direction
    date: since
    float: value centre lower_limit upper_limit?
    text: fit_id
    """,
    key="organization_id site_id block_start channel period measure goal",
    unit="organization_id site_id block_start",
)
