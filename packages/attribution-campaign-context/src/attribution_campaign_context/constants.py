"""The keys of the public contract, under the module name that apps import them from."""

from attribution_campaign_context.registry import CLICK_ID_KEYS, NORMALIZED_LOWER_KEYS, UTM_KEYS

__all__ = ["CLICK_ID_KEYS", "NORMALIZED_LOWER_KEYS", "UTM_KEYS"]
