"""Small tables that the ledger's settings and the rule files decide; a run replaces them whole."""

from touchline.table import table

SITES = table("sites", "text: organization_id site_id name domain time_zone", key="site_id")

ORGANIZATIONS = table(
    "organizations",
    """
    text: organization_id name currency direct claimed_touches default_model primary_goal session_policy
    int: lookback_days half_life_micros waste_window_days unverified_links unverified_names session_gap_minutes
    int: session_cap_hours verified_links verified_links_per_week verified_names largest_group
    int: touches_per_path crowded_touches crowded_conversions crowded_touches_per_path clock_tolerance_seconds
    """,
    key="organization_id",
)

GOALS = table(
    "goals",
    """
    text: organization_id goal signal_type event_type event_name
    bool: is_milestone is_retention
    int: default_value_micros
    text: unverified_handling unverified_goal path_owner
    """,
    key="organization_id goal",
)

RETENTION_VALUES = table(
    "retention_values",
    "text: organization_id goal\nint: day_number day_value_micros",
    key="organization_id goal day_number",
)
"""What an active day is worth, by the days since the person's first one; later days are worth as much as the last."""

TARGETS = table(
    "targets",
    """
    text: organization_id platform campaign_id
    int: target_cpa_micros?
    float: target_roas?
    """,
    key="organization_id platform campaign_id",
)

HEALTH_NOTES = table(
    "health_notes",
    """
    int: note_id
    text: organization_id site_id
    date: period
    text: said
    """,
    key="note_id",
)
"""What people noted about days, such as a deploy; an empty ``site_id`` is every site."""

ARRIVALS = table(
    "arrivals",
    """
    text: organization_id site_id
    date: period
    int: accepted duplicates conflicting clock_corrected late_hours late_days robots consent_refusals rejected
    """,
    key="site_id period",
)
"""What arrived over HTTP on the newest days (UTC), as the ledger counted it; nothing that is imported is among it."""

FITS = table(
    "fits",
    """
    text: fit_id organization_id kind
    int: version
    date: window_start window_end serves_from serves_until
    """,
    key="fit_id",
)
"""The fits that stand, each with the days that it serves; a fit that a later version replaced is left out."""

FIT_VALUES = table(
    "fit_values", "text: fit_id site_id name statistic\nfloat: value", key="fit_id site_id name statistic"
)

GRAINS = table("grains", "text: grain\nint: depth", key="grain")

MODEL_NAMES = table("models", "text: organization_id model", key="organization_id model")

OWN_MODELS = table(
    "own_models",
    """
    text: organization_id model
    int: first_weight? next_to_last_weight? last_weight? between_weight two_first_weight? two_last_weight?
    int: half_life_micros? fresh_micros?
    """,
    key="organization_id model",
)
"""The organizations' own models; :class:`touchline.own_models.OwnModel` says what each column means."""

OWN_MODEL_CHANNELS = table(
    "own_model_channels", "text: organization_id model channel\nint: percent", key="organization_id model channel"
)

OWN_MODEL_MILESTONES = table(
    "own_model_milestones", "text: organization_id model goal\nint: weight", key="organization_id model goal"
)

NO_TOUCHPOINT = table("no_touchpoint", "text: touchpoint_id channel", key="touchpoint_id")
"""One row: what stands in a link for the touch that a conversion does not have."""

DETOURS = table("detours", "text: referrer kind", key="referrer")

DETOUR_PATTERNS = table("detour_patterns", "text: kind label domain", key="kind label domain")
"""How hosts of detours are called, in words of ``like``; ``label`` is for what stands before the registrable domain."""

CLICK_KINDS = table("click_kinds", "text: name kind", key="name")
"""What each click id says of a click, by the capture library's registry."""

IGNORED_REFERRERS = table("ignored_referrers", "text: organization_id site_id referrer", key="site_id referrer")
"""The hosts that an organization's own setting names, for each of the sites for which it does."""

CLICK_FRESHNESS = table(
    "click_freshness", "text: organization_id platform\nint: fresh_days", key="organization_id platform"
)
"""For how many days a first click answers; the platform is empty where the days hold for all others."""

APP_BROWSERS = table("app_browsers", "int: priority\ntext: pattern app source", key="priority")

CHANNEL_RULES = table("channel_rules", "text: name content", key="name")
"""The home's own rules of channels: one row, or none."""

CAMPAIGN_ALIASES = table(
    "campaign_aliases", "text: organization_id platform alias campaign_id", key="organization_id platform alias"
)
"""Further texts, in small letters, by which an organization's links name a campaign."""

COST_SITES = table(
    "cost_sites",
    "text: organization_id platform account_id campaign_id site_id",
    key="organization_id platform account_id campaign_id",
)
"""Which site costs are of; the account or the campaign is empty where all of them are meant."""

LIFT_FACTORS = table(
    "lift_factors",
    """
    text: organization_id channel platform campaign_id model
    date: start_date end_date?
    float: factor low? high?
    text: source
    """,
    key="organization_id channel platform campaign_id model start_date",
)
"""What lift tests found; the model is empty where the factor holds under every model."""

BLOCKED_IDENTIFIERS = table("blocked_identifiers", "text: named_value", key="named_value")
