"""Click ids that prove a campaign: somebody paid for the link or sent it."""

from collections.abc import Mapping
from functools import cache

from attribution_campaign_context.registry import CLICK_IDS, PARAMETER_SETS

_OF_CAMPAIGNS = frozenset({"ad", "affiliate", "email"})


@cache
def campaign_click_ids() -> frozenset[str]:
    """Names of click ids, and of sets of parameters, that only links of ads, mail and affiliates carry.

    Links that people share and free results carry the others, so tags are as strong as these.

    >>> "gclid" in campaign_click_ids(), "fbclid" in campaign_click_ids(), "srsltid" in campaign_click_ids()
    (True, False, False)
    """
    known: Mapping[str, str] = {name: entry.kind for name, entry in {**CLICK_IDS, **PARAMETER_SETS}.items()}
    return frozenset(name for name, kind in known.items() if kind in _OF_CAMPAIGNS)
