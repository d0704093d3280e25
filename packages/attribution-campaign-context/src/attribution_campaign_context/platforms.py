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
"""Words that apps use, too: they count only with one of the others, or with two of each other."""
_TELLING = frozenset(
    {"matchtype", "bidmatchtype", "targetid", "adposition", "feeditemid", "loc_physical_ms", "loc_interest_ms"}
)
"""Words that nobody else uses: one of them is enough."""
_MICROSOFT_ONLY = frozenset({"bidmatchtype", "orderitemid", "ifnative"})
_MICROSOFT_SOURCES = frozenset({"bing", "microsoft", "msn", "bingads", "microsoftads", "bing-ads", "bing ads"})
_META_SITES = frozenset({"fb", "ig", "msg", "an", "th"})
_META_PLACEMENT = re.compile(
    r"(?:facebook|instagram|messenger|an|audience_network|threads)_(?:mobile|desktop|right|stories|reels|feed|explore|"
    r"instream|marketplace|search|inbox|classic|rewarded|profile|biz|groups)\w*",
    re.IGNORECASE,
)
_META_PLACEMENT_WORD = re.compile(
    r"(?:Facebook|Instagram|Messenger|Audience_Network|Threads|WhatsApp)"
    r"(?:_(?:Mobile|Desktop|Right|Column|Stories|Reels|Feeds?|Explore|Grid|Home|Instream|Instant|Articles?|Video"
    r"|Marketplace|Search|Results|Inbox|Sponsored|Messages?|Classic|Native|Banner|Rewarded|Interstitial|Profile|Biz"
    r"|Disco|Groups|Shop|Status|Overlay))+"
)
"""The same as Meta's template itself writes it, with its capitals, into a tag; people write it otherwise."""
TEMPLATED_TAGS = frozenset({"utm_content", "utm_term", "utm_campaign"})
"""Tags into which people put the placement."""
_OTHERS = {
    "tiktok": "tiktok_parameters", "linkedin": "linkedin_parameters", "pinterest": "pinterest_parameters",
    "reddit": "reddit_parameters", "snapchat": "snapchat_parameters", "snap": "snapchat_parameters",
    "twitter": "", "x": "", "bing": "microsoft_parameters", "microsoft": "microsoft_parameters",
    "google": "valuetrack", "adwords": "valuetrack", "googleads": "valuetrack", "facebook": "meta_parameters",
    "fb": "meta_parameters", "ig": "meta_parameters", "instagram": "meta_parameters", "meta": "meta_parameters",
    "yandex": "yandex_parameters",
}  # fmt: skip
"""What the source says, where ids of an ad set and of an ad or a campaign come with it: platforms call them alike."""
_GOOGLE_NETWORKS = {
    **dict.fromkeys(("g", "s", "search"), "valuetrack"),
    **dict.fromkeys(("d", "content"), "valuetrack_display"),
    **dict.fromkeys(("v", "vp", "yt", "ytv", "gtv", "youtube"), "valuetrack_video"),
    **dict.fromkeys(("u", "x"), "valuetrack_cross_network"),
}
"""Where Google's template says that an ad stood."""
_HUBSPOT_SOURCES = {**dict.fromkeys(_META_SITES, "meta_parameters"), **_GOOGLE_NETWORKS}
"""What HubSpot's template fills in as the source of an ad: Meta's sites, and Google's networks."""
_YAHOO_JAPAN = {"YSS": "yahoo_japan_parameters", "YJAD": "yahoo_japan_display"}
_ADOBE_ENGINES = {"3": "valuetrack", "10": "microsoft_parameters", "94": "yahoo_japan_parameters"}
_NETWORK_FIELD = 5
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
                     "hsa_net", "hsa_src", "utm_source_platform", "yclid", "s_kwcid", "ef_id"})  # fmt: skip
"""Without one of these parameters there is nothing to prove."""


def parameter_set(found: Mapping[str, str], source: str) -> str | None:
    """The name in :data:`~attribution_campaign_context.registry.PARAMETER_SETS` of what the parameters prove.

    ``source`` is the word of ``utm_source`` (lower case), which decides only where platforms use the same names.

    >>> parameter_set({"campaignid": "1", "matchtype": "e", "device": "m"}, "")
    'valuetrack'
    >>> parameter_set({"site_source_name": "ig"}, ""), parameter_set({"device": "m", "network": "g"}, "")
    ('meta_parameters', None)
    """
    own = placement_set(found) or _own_word(found)
    if own is not None:
        return own
    track = {name for name in found.keys() & _VALUETRACK.keys() if _VALUETRACK[name].fullmatch(found[name])}
    if track & _TELLING or len(track) > (1 if track - _WEAK else 2):
        is_microsoft = bool(track & _MICROSOFT_ONLY) or source in _MICROSOFT_SOURCES
        network = found.get("network", "").lower()
        if is_microsoft or network in {"o", "a"}:
            return "microsoft_parameters"
        name = _OTHERS.get(source, "valuetrack")
        return _GOOGLE_NETWORKS.get(network, name) if name == "valuetrack" else name or None
    if any(name in found for name in _ADSETS) and any(name in found for name in _CAMPAIGNS_AND_ADS):
        return _OTHERS.get(source) or ("meta_parameters" if "fbclid" in found else None)
    return None


def placement_set(found: Mapping[str, str]) -> str | None:
    """The same for a placement that a template wrote into a tag.

    >>> placement_set({"utm_content": "Instagram_Stories"}), placement_set({"utm_content": "instagram_stories"})
    ('meta_parameters', None)
    """
    values = (found.get(name, "") for name in TEMPLATED_TAGS)
    is_of_meta = any("_" in value and _META_PLACEMENT_WORD.fullmatch(value) for value in values)
    return "meta_parameters" if is_of_meta else None


def platform_of_set(name: str | None) -> str | None:
    """The platform that a set of parameters proves."""
    return None if name is None else PARAMETER_SETS[name].platform


def _own_word(found: Mapping[str, str]) -> str | None:
    """What a value that only one platform writes proves."""
    if _is_of_meta(found):
        return "meta_parameters"
    if found.get("pp") in {"0", "1"} and "epik" in found:
        return "pinterest_parameters"
    if "li_campaign" in found and "li_creative" in found:
        return "linkedin_parameters"
    written = _own_id(found)
    if written is not None:
        return written
    network = _OTHERS.get(found.get("hsa_net", "").lower())
    placed = _HUBSPOT_SOURCES.get(found.get("hsa_src", "").lower())
    if placed and network in {None, "valuetrack"}:  # HubSpot's template sends both: where in Google's network it stood
        return placed
    return network or _PLATFORM_WORDS.get(found.get("utm_source_platform", "").lower())


def _own_id(found: Mapping[str, str]) -> str | None:
    """What a click id that several platforms use says of the one that wrote it.

    Yahoo! Japan begins its ``yclid`` with the kind of its ads. Adobe's ``s_kwcid`` has the search engine as its third
    field and that engine's network as its seventh, or begins with ``AC`` for a display ad; its ``ef_id`` ends in ``:d``
    then.
    """
    prefix = found.get("yclid", "").partition(".")[0].upper()
    if prefix in _YAHOO_JAPAN:
        return _YAHOO_JAPAN[prefix]
    kind, *fields = found.get("s_kwcid", "").split("!")
    if kind.upper() == "AL" and len(fields) > 1:
        network = fields[5].lower() if len(fields) > _NETWORK_FIELD else ""
        name = _ADOBE_ENGINES.get(fields[1])
        return _GOOGLE_NETWORKS.get(network, name) if name == "valuetrack" else name
    return "adobe_display" if kind.upper() == "AC" or found.get("ef_id", "").endswith(":d") else None


def _is_of_meta(found: Mapping[str, str]) -> bool:
    """Whether Meta's template filled in one of its sites or placements, or ClickMagick the id of an ad there."""
    return (
        found.get("site_source_name", "").lower() in _META_SITES
        or _META_PLACEMENT.fullmatch(found.get("placement", "")) is not None
        or found.get("cmc_adid", "")[:3].lower() in {"fb_", "ig_"}
    )
