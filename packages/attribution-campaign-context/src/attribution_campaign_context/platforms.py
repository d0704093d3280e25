"""Which ad platform's template wrote a link, by the parameters that it fills in, several together or one of its own.

Click ids say it more surely; this is for links that lost them, and for the ids that come on unpaid clicks, too.
"""

import re
from collections.abc import Mapping

from attribution_campaign_context.registry import PARAMETER_SETS

_NUMBER = re.compile(r"[0-9]{1,20}")
_VALUETRACK = {
    "campaignid": _NUMBER, "adgroupid": _NUMBER, "creative": _NUMBER, "feeditemid": _NUMBER, "extensionid": _NUMBER,
    "loc_physical_ms": _NUMBER, "loc_interest_ms": _NUMBER,
    "matchtype": re.compile(r"[epba]", re.IGNORECASE),
    "bidmatchtype": re.compile(r"b[bepa]", re.IGNORECASE),
    "orderitemid": _NUMBER,
    "network": re.compile(r"g|s|d|u|o|a|x|v|vp|ytv|yt|e|gtv|search|content|youtube", re.IGNORECASE),
    "device": re.compile(r"[mtc]", re.IGNORECASE),
    "devicemodel": re.compile(r".+", re.DOTALL),
    "targetid": re.compile(r"(?:kwd|aud|dsa|pla|loc|dat|boomuserlist|product_partition|lst|biddableaudience)-.+"),
    "adposition": re.compile(r"[0-9]{1,2}[a-z][0-9]{1,2}|none", re.IGNORECASE),
    "placement": re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+|mobileapp::.+", re.IGNORECASE),
}  # fmt: skip
"""ValueTrack parameters, which Microsoft has under the same names, with what is filled in for them."""
_WEAK = frozenset({"device", "network", "placement", "creative", "devicemodel"})
"""Words that apps use, too: they count only with one of the others."""
_MICROSOFT_ONLY = frozenset({"bidmatchtype", "orderitemid", "ifnative"})
_MICROSOFT_SOURCES = frozenset({"bing", "microsoft", "msn", "bingads", "microsoftads", "bing-ads", "bing ads"})
_META_SITES = frozenset({"fb", "ig", "msg", "an"})
_META_PLACEMENT = re.compile(
    r"(?:facebook|instagram|messenger|an|audience_network|threads)_(?:mobile|desktop|right|stories|reels|feed|explore|"
    r"instream|marketplace|search|inbox|classic|rewarded|profile|biz|groups)\w*",
    re.IGNORECASE,
)
_OTHERS = {
    "tiktok": "tiktok_parameters", "linkedin": "linkedin_parameters", "pinterest": "pinterest_parameters",
    "reddit": "reddit_parameters", "snapchat": "snapchat_parameters", "snap": "snapchat_parameters",
    "twitter": "", "x": "", "bing": "microsoft_parameters", "microsoft": "microsoft_parameters",
    "google": "valuetrack", "adwords": "valuetrack", "googleads": "valuetrack", "facebook": "meta_parameters",
    "fb": "meta_parameters", "ig": "meta_parameters", "instagram": "meta_parameters", "meta": "meta_parameters",
    "yandex": "yandex_parameters",
}  # fmt: skip
"""What the source says, where ids of an ad set and of an ad or a campaign come with it: platforms call them alike."""
_NETWORKS = {
    "adwords": "valuetrack", "google": "valuetrack", "googleads": "valuetrack", "bing": "microsoft_parameters",
    "facebook": "meta_parameters", "instagram": "meta_parameters", "linkedin": "linkedin_parameters",
    "tiktok": "tiktok_parameters", "pinterest": "pinterest_parameters", "reddit": "reddit_parameters",
    "snapchat": "snapchat_parameters",
}  # fmt: skip
_PLATFORM_WORDS = {"google ads": "valuetrack", "search ads 360": "valuetrack", "meta ads": "meta_parameters",
                   "facebook ads": "meta_parameters", "microsoft ads": "microsoft_parameters",
                   "bing ads": "microsoft_parameters", "tiktok ads": "tiktok_parameters",
                   "linkedin ads": "linkedin_parameters"}  # fmt: skip
_ADSETS = ("adset_id", "adsetid", "adgroup_id", "adgroupid", "ad_group_id", "utm_adset_id")
_CAMPAIGNS_AND_ADS = (
    "campaign_id",
    "campaignid",
    "ad_id",
    "adid",
    "creative",
    "creative_id",
    "creativeid",
    "utm_ad_id",
)

PROVING = frozenset({*_VALUETRACK, *_ADSETS, *_MICROSOFT_ONLY, "site_source_name", "pp", "li_campaign", "cmc_adid",
                     "hsa_net", "utm_source_platform"})  # fmt: skip
"""Without one of these parameters there is nothing to prove."""


def parameter_set(found: Mapping[str, str], source: str) -> str | None:
    """The name in :data:`~attribution_campaign_context.registry.PARAMETER_SETS` of what the parameters prove.

    ``source`` is the word of ``utm_source`` (lower case), which decides only where platforms use the same names.

    >>> parameter_set({"campaignid": "1", "matchtype": "e", "device": "m"}, "")
    'valuetrack'
    >>> parameter_set({"site_source_name": "ig"}, ""), parameter_set({"device": "m", "network": "g"}, "")
    ('meta_parameters', None)
    """
    own = _own_word(found)
    if own is not None:
        return own
    track = {name for name, form in _VALUETRACK.items() if name in found and form.fullmatch(found[name])}
    if len(track) > 1 and track - _WEAK:
        is_microsoft = bool(track & _MICROSOFT_ONLY) or source in _MICROSOFT_SOURCES
        is_microsoft = is_microsoft or found.get("network", "").lower() in {"o", "a"}
        return "microsoft_parameters" if is_microsoft else _OTHERS.get(source, "valuetrack") or None
    if any(name in found for name in _ADSETS) and any(name in found for name in _CAMPAIGNS_AND_ADS):
        return _OTHERS.get(source) or ("meta_parameters" if "fbclid" in found else None)
    return None


def platform_of_set(name: str | None) -> str | None:
    """The platform that a set of parameters proves."""
    return None if name is None else PARAMETER_SETS[name].platform


def _own_word(found: Mapping[str, str]) -> str | None:
    """What a value that only one platform writes proves."""
    if found.get("site_source_name", "").lower() in _META_SITES:
        return "meta_parameters"
    if _META_PLACEMENT.fullmatch(found.get("placement", "")):
        return "meta_parameters"
    if found.get("pp") in {"0", "1"} and "epik" in found:
        return "pinterest_parameters"
    if "li_campaign" in found and "li_creative" in found:
        return "linkedin_parameters"
    if found.get("cmc_adid", "")[:3].lower() in {"fb_", "ig_"}:
        return "meta_parameters"
    return _NETWORKS.get(found.get("hsa_net", "").lower()) or _PLATFORM_WORDS.get(
        found.get("utm_source_platform", "").lower()
    )
