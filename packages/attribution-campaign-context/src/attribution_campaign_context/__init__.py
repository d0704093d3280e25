"""Portable first-party capture of marketing attribution: what a URL, its parameters and its referrer say.

Importing this package imports nothing but the standard library.
"""

from attribution_campaign_context.parsing import Landing, checked_value, host_of, parse_landing
from attribution_campaign_context.registry import CLICK_ID_KEYS, CLICK_IDS, UTM_KEYS, ClickId

__all__ = ["CLICK_IDS", "CLICK_ID_KEYS", "UTM_KEYS", "ClickId", "Landing", "checked_value", "host_of", "parse_landing"]
