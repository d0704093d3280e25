"""How links name their campaign marks when they do not say ``utm_*``: other tools' words, other spellings, bare words.

The six UTM parameters win over every other name. A parameter that means one of the six is an *alias*; one that says
more than the six can is an *extra tag*; a *bare word* (``ref``, ``source``) is read only where nothing else is said.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, NamedTuple
from urllib.parse import unquote

from attribution_campaign_context.registry import (
    AD_REFS,
    ADSET_REFS,
    CAMPAIGN_REFS,
    CLICK_IDS,
    UTM_KEYS,
    Kind,
)

_MATOMO = ("mtm", "matomo", "pk", "piwik")
_ALIASES = """
utm_source: utm_src {m}_source at_platform sc_publisher ns_source tw_source openstat_service etcc_par
utm_medium: utm_med {m}_medium at_medium sc_medium sc_channel ns_mchannel etcc_med
utm_campaign: utm_camp utm_campaign_name utm_cmp {m}_campaign {m}_cpn at_campaign sc_campaign ns_campaign
utm_campaign: openstat_campaign wt.mc_id cmpid s_cid etcc_cmp
utm_term: utm_keyword utm_keywords utm_kw utm_kwd {m}_kwd {m}_keyword at_keyword hsa_kw etcc_bky
utm_content: utm_ad {m}_content at_creation at_variant sc_content ns_linkname openstat_ad etcc_ctv
utm_id: utm_cid utm_campaign_id utm_campaignid {m}_cid
"""
_EXTRAS = """
GOOGLE_ANALYTICS: utm_source_platform utm_creative_format utm_marketing_tactic utm_referrer
MATOMO: {m}_group {m}_placement
PIANO: at_format at_channel at_network at_general_placement at_detail_placement at_custom xtor
ETRACKER: etcc_grp etcc_plc etcc_mty etcc_var etcc_bde etcc_cu
HUBSPOT_ADS: hsa_src hsa_net hsa_acc hsa_tgt hsa_mt hsa_ver hsa_la hsa_ol
TRIPLE_WHALE: tw_campaign tw_adid
"""
_OF_PREFIX = (
    *((f"{prefix}_", "MATOMO") for prefix in _MATOMO), ("at_", "PIANO"), ("sc_", "ADOBE"), ("s_cid", "ADOBE"),
    ("ns_", "COMSCORE"), ("tw_", "TRIPLE_WHALE"), ("hsa_", "HUBSPOT_ADS"), ("utm_", "GOOGLE_ANALYTICS"),
    ("openstat_", "YANDEX"), ("wt.", "WEBTRENDS"), ("etcc_", "ETRACKER"),
)  # fmt: skip


def _words(lines: str) -> Iterator[tuple[str, str]]:
    """Pairs of a name and what it stands under, in the order of the lines; ``{m}`` is each of Matomo's prefixes."""
    for line in filter(None, lines.split("\n")):
        head, _, names = line.partition(": ")
        for name in names.split():
            for prefix in _MATOMO if name.startswith("{m}") else ("",):
                yield name.replace("{m}", prefix), head


ALIASES: Mapping[str, str] = MappingProxyType(dict(_words(_ALIASES)))
"""Which UTM parameter another name stands for; of several names of one parameter the first in this order wins."""

EXTRA_TAGS: Mapping[str, str] = MappingProxyType(dict(_words(_EXTRAS)))
"""Tags that none of the six can say, with the product whose words they are."""

BARE_WORDS: Mapping[str, str] = MappingProxyType(
    {"ref": "utm_source", "source": "utm_source", "via": "utm_source", "medium": "utm_medium",
     "campaign": "utm_campaign", "ref_src": "utm_source", "src": "utm_source", "referrer": "utm_source",
     "referer": "utm_source", "from": "utm_source"}
)  # fmt: skip
"""Words that apps use for much else: see :func:`is_source_word`."""

_XTOR_MEDIA = {
    "epr": "email", "erec": "email", "es": "email", "sec": "sea", "ad": "display", "al": "affiliate", "rss": "rss",
}  # fmt: skip
"""What the first letters of AT Internet's ``xtor`` say; ``INT`` and ``PUB`` are the site's own ads and no campaign.
``CS1`` and so on are sources of an account's own, which nobody else can know."""
_XTOR_OWN = re.compile(r"cs[0-9]{1,2}")
_XTOR_ENGINES = {"goo": "google", "bin": "bing", "yah": "yahoo"}
_XTOR = re.compile(r"([a-z]+[0-9]{0,2})-([^-]+)(?:-([^-]*))?.*", re.IGNORECASE | re.DOTALL)
_WEAKEST = frozenset({"ref_src", "src", "referrer", "referer", "from"})
"""Bare words that mostly say something else (a city, a date, a picture): only a well-known source counts there."""
_KNOWN_SOURCES = """
    baidu bing bluesky chatgpt claude copilot discord duckduckgo edm email facebook fb flipboard gemini github gmail
    google googlenews hackernews hn ig instagram kakao kakaotalk line linkedin linktree mailchimp mastodon medium
    messenger naver newsletter perplexity pinterest pocket producthunt qq quora reddit slack sms snapchat substack teams
    telegram threads tiktok timeline tumblr twitter twsrc vk wechat weibo weixin whatsapp xiaohongshu yahoo yandex
    youtube groupmessage singlemessage e-mail
"""
_WELL_KNOWN = frozenset(_KNOWN_SOURCES.split())

_AUXILIARY_NAMES = """
    matchtype bidmatchtype network device devicemodel targetid placement adposition feeditemid extensionid
    loc_physical_ms loc_interest_ms orderitemid ifnative site_source_name site_source_name_id pp product_id
    li_campaign li_creative
"""
OF_AFFILIATES = frozenset({"oid", "offer_id", "offerid", "sub1", "sub2", "sub3"})
"""Parameters of affiliate networks' links: next to one of them a small number is an affiliate's id."""
AFFILIATE_NUMBERS = frozenset({"affid", "aff_id", "affiliate_id"})
AUXILIARY = frozenset(_AUXILIARY_NAMES.split()) | OF_AFFILIATES
"""Parameters that ad platforms' templates fill in; they prove a platform together, never alone."""


class Parameter(NamedTuple):
    """What a parameter of a link is.

    >>> parameter("MTM_Campaign"), parameter("gclid").kind, parameter("size")
    (Parameter(platform='MATOMO', kind='tag', is_paid=False), 'ad', None)
    """

    platform: str
    """Whose word it is: an ad platform, a sender, or the product whose vocabulary it belongs to."""
    kind: Kind | Literal["tag"]
    is_paid: bool = False


def parameter(name: str) -> Parameter | None:
    """What is known about a parameter, by its name in any case."""
    name = name.lower()
    if name in CLICK_IDS:
        known = CLICK_IDS[name]
        return Parameter(known.platform, known.kind, known.is_paid)
    if name in UTM_KEYS or name in ALIASES or _extra_tag(name) is not None:
        whose = next((platform for prefix, platform in _OF_PREFIX if name.startswith(prefix)), "ANY")
        return Parameter(EXTRA_TAGS.get(name, whose), "tag")
    return None


_REFS = frozenset({*CAMPAIGN_REFS, *ADSET_REFS, *AD_REFS})
_KNOWN = UTM_KEYS | CLICK_IDS.keys() | _REFS | ALIASES.keys() | EXTRA_TAGS.keys() | BARE_WORDS.keys() | AUXILIARY
COMMON_WORDS = frozenset(
    {
        "gad",
        "si",
        "affid",
        "aff_id",
        "aff_sub",
        "campid",
        "rtid",
        "cmpid",
        "affiliate_id",
        "igsh",
        "gspk",
        "im_ref",
        "__s",
        "afftrack",
        "elq",
        "afmc",
    }
)
STRONG_NAMES = (UTM_KEYS | CLICK_IDS.keys() | ALIASES.keys() | {"utm_referrer", "utm_source_platform"}) - COMMON_WORDS
"""Names that mean attribution wherever they are followed by an equals sign: what a broken link is recognized by."""

_LONGEST_KEY = 64
_ENTITIES = re.compile(r"\A(?:amp;|#0*38;|#x0*26;|[\s?&;!/\"'<(\[])+|[\s\"'>)\]]+\Z")
_INDEX = re.compile(r"\[[0-9]{0,3}\]\Z")
_JOINTS = re.compile(r"[\s._\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d\uff3f]+")
_TAG_LIKE = re.compile(r"_*(?:u[tmn]{1,2}|t?um?t|mtm|matomo|pk|piwik)(?![a-z]*clid)")
_FOLDED = {_JOINTS.sub("", name): name for name in sorted(STRONG_NAMES, key=lambda name: name not in UTM_KEYS)[::-1]}
_FOLDED = {folded: name for folded, name in _FOLDED.items() if len(folded) > 4}


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


_MISSPELLED = {
    wrong: name
    for name in sorted(UTM_KEYS - {"utm_id", "utm_term"})
    for folded in (name.replace("_", ""),)
    for wrong in (folded, *_without_one(folded))
    if len(wrong) > 5
}
"""The longer UTM names, and each of them without one of its letters; the short ones are near to other words."""


@lru_cache(maxsize=4096)
def known_name(key: str) -> str | None:
    """The name of the parameter that a key in a link means, or ``None`` if it means nothing to us.

    Besides case, this sees through entities (``&amp;utm_medium``), white space and brackets around a key, other joints
    (``utm-source``, ``utm source``, ``utmsource``) and one wrong letter in the name of a UTM parameter.

    >>> known_name("amp;UTM_Source"), known_name("utm%E2%80%93medium"), known_name("utm_campain"), known_name("size")
    ('utm_source', 'utm_medium', 'utm_campaign', None)
    """
    if len(key) > _LONGEST_KEY:
        return None
    name = unquote(key).lower()
    if name in _KNOWN:
        return name
    name = _ENTITIES.sub("", _INDEX.sub("", name.replace("+", " ")))
    if name in _KNOWN or _extra_tag(name) is not None:
        return name
    folded = _JOINTS.sub("", name)
    if folded in _FOLDED:
        return _FOLDED[folded]
    return _respelled(folded) if _TAG_LIKE.match(folded) else None


def is_strong(key: str) -> str | None:
    """The name that a key means, if it means attribution wherever it is."""
    name = known_name(key)
    return name if name in STRONG_NAMES else None


def _extra_tag(name: str) -> str | None:
    """``at_custom1`` to ``at_custom99`` are as many tags as an account has set up."""
    if name in EXTRA_TAGS:
        return name
    return "at_custom" if name.startswith("at_custom") and name[9:].isdigit() and len(name) < 12 else None


def _respelled(folded: str) -> str | None:
    """The UTM parameter of which this is one letter away."""
    if folded in _MISSPELLED:
        return _MISSPELLED[folded]
    if not 6 < len(folded) < 14:
        return None
    return next((_MISSPELLED[less] for less in _without_one(folded) if less in _MISSPELLED), None)


def xtor_tags(value: str) -> dict[str, str]:
    """The UTM parameters that AT Internet's ``xtor`` stands for: a kind of campaign, its number, and what follows.

    >>> xtor_tags("EPR-12-[may]"), xtor_tags("INT-1")
    ({'utm_medium': 'email', 'utm_campaign': '12'}, {})
    >>> xtor_tags("SEC-3-GOO-[brand]") == xtor_tags("SEC-3-[GOO]-[brand]")
    True
    >>> xtor_tags("SEC-3-GOO-[brand]")
    {'utm_medium': 'sea', 'utm_campaign': '3', 'utm_source': 'google'}
    """
    found = _XTOR.fullmatch(value)
    if found is None:
        return {}
    prefix = found[1].lower()
    medium = prefix if _XTOR_OWN.fullmatch(prefix) else _XTOR_MEDIA.get(prefix)
    if medium is None:
        return {}
    engine = _XTOR_ENGINES.get((found[3] or "").strip("[]").lower()) if medium == "sea" else None
    tags = {"utm_medium": medium, "utm_campaign": found[2].strip("[]") or found[2]}
    return tags | ({"utm_source": engine} if engine else {})


def without_own_campaigns(found: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters of a link without etracker's, where these say that the link is the site's own.

    >>> without_own_campaigns({"etcc_cu": "onsite", "etcc_med": "teaser", "page": "2"})
    {'page': '2'}
    """
    if found.get("etcc_cu", "").lower() != "onsite":
        return found
    return {name: value for name, value in found.items() if not name.startswith("etcc_")}


_HOST_LIKE = re.compile(r"(?:https?://)?(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}/?", re.IGNORECASE)
_WORD_LIKE = re.compile(r"[a-z]+(?:[-_. +][a-z0-9]+){0,4}|[a-z]{3,}[0-9]{1,2}", re.IGNORECASE)
_ENDINGS = """
    html htm php py js ts json md txt xml css png jpg jpeg gif svg pdf aspx jsp
"""
_FILE_ENDINGS = frozenset(_ENDINGS.split())
_HEX = re.compile(r"(?=[a-f]*[0-9])[0-9a-f]{7,64}", re.IGNORECASE)
_SHORT = """
    fb ig yt hn ph tw li x tg
"""
_SHORT_WORDS = frozenset(_SHORT.split())
_APP_WORDS = """
    main master develop dev head trunk staging stage prod production release releases feature features hotfix
    bugfix fix refs heads tags tag branch latest stable nightly beta alpha canary true false yes no on off null
    none undefined home homepage index header footer nav navbar navigation menu sidebar topbar breadcrumb cart
    checkout basket login logout signin signup register account profile settings dashboard search filter sort
    list grid detail details product products category collection collections page pages article post posts
    related recommended similar button btn cta link logo hero modal popup tab tabs web website app api ios
    android mobile desktop tablet browser client server user users admin default unknown other self internal
    external local test debug code html json text raw back next prev previous first last new old all any asc
    desc id name title type item items order orders share copy direct site widget card slider carousel banner
"""
_OF_APPS = frozenset(_APP_WORDS.split())
"""What apps themselves write into ``ref`` and ``source``: branches, places on a page, kinds of clients."""


def bare_source(word: str, value: str) -> str | None:
    """The source that a bare word such as ``ref`` names, or ``None`` where it says something else.

    >>> bare_source("ref", "producthunt"), bare_source("ref_src", "twsrc^tfw"), bare_source("from", "berlin")
    ('producthunt', 'twsrc', None)
    """
    if word not in _WEAKEST:
        return value if is_source_word(value) else None
    value = value.partition("^")[0] if word == "ref_src" else value
    is_address = "//" in value or ("." in value and _HOST_LIKE.fullmatch(value) is not None and is_source_word(value))
    return value if is_address or value.lower() in _WELL_KNOWN else None


def is_source_word(value: str) -> bool:
    """Whether the value of a bare word such as ``ref`` names where a visitor came from.

    A host or a word does; a branch, a commit, a version, a place on the page or a code does not.

    >>> is_source_word("producthunt"), is_source_word("news.ycombinator.com"), is_source_word("hn")
    (True, True, True)
    >>> [is_source_word(value) for value in ("main", "9fceb02", "refs/heads/x", "v1.2.3", "nav_home", "A1B2C3")]
    [False, False, False, False, False, False]
    """
    if len(value) > 60 or value.lower() in _SHORT_WORDS:
        return value.lower() in _SHORT_WORDS
    if _HOST_LIKE.fullmatch(value):
        return value.lower().strip("/").rpartition(".")[2] not in _FILE_ENDINGS
    if len(value) < 3 or not _WORD_LIKE.fullmatch(value) or _HEX.fullmatch(value):
        return False
    return _JOINTS.split(value.lower())[0] not in _OF_APPS
