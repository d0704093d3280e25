"""Which URL parameters mean something to attribution: UTM keys, click ids, and the ad platforms' own ids.

Names are lower case here; parameters are matched without regard to case. ``CLICK_ID_KEYS`` is the small, frozen set of
the package's public contract, ``CLICK_IDS`` the wider registry that says what each name proves.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

UTM_KEYS = frozenset({"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id"})
"""The six campaign parameters."""

NORMALIZED_LOWER_KEYS = frozenset({"utm_source", "utm_medium"})
"""The parameters whose values are words without case; they are kept in lower case."""

CLICK_ID_KEYS = frozenset({"gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "li_fat_id"})
"""The seven click ids of the public contract; :data:`CLICK_IDS` knows more."""

Kind = Literal["ad", "affiliate", "email", "organic", "ambiguous"]
"""What a click id proves. ``ambiguous`` comes on paid and on unpaid clicks alike, so it proves the platform only."""


class ClickId(NamedTuple):
    """What is known about one click-id parameter.

    >>> CLICK_IDS["gclid"].is_paid, CLICK_IDS["fbclid"].kind, CLICK_IDS["srsltid"].is_paid
    (True, 'ambiguous', False)
    """

    platform: str
    """Code of the platform that adds it, e.g. ``GOOGLE_ADS``."""
    kind: Kind
    is_paid: bool
    """Whether its presence proves that the platform is paid for the click."""
    is_personal: bool = False
    """Whether its value names one subscriber, so that it must be treated as personal data."""


_AD = """
gclid gclsrc gbraid wbraid gad gad_source gad_campaignid: GOOGLE_ADS
dclid: GOOGLE_MARKETING_PLATFORM
msclkid: MICROSOFT_ADS
ttclid: TIKTOK
twclid: X
li_fat_id: LINKEDIN
rdt_cid: REDDIT
sccid: SNAPCHAT
qclid: QUORA
yclid ymclid _openstat: YANDEX
vmcid: YAHOO
ndclid: NEXTDOOR
rtid: ROKT
oppref: OPENAI
obclid ob_click_id dicbo: OUTBRAIN
tblci: TABOOLA
ko_click_id: KOCHAVA
ef_id s_kwcid: ADOBE_ADVERTISING
hsa_cam: HUBSPOT_ADS
aleid: APPLOVIN
bd_vid: BAIDU
gdt_vid: TENCENT
napm n_media: NAVER
cmc_adid: CLICKMAGICK
cto_pld: CRITEO
sznclid: SEZNAM
"""
_AFFILIATE = """
irclickid irclid irgwc im_ref: IMPACT
cjevent: CJ
awc zanpid: AWIN
sscid: SHAREASALE
ransiteid ranmid raneaid: RAKUTEN
clickref: PARTNERIZE
tduid: TRADEDOUBLER
mkevt mkcid mkrid campid: EBAY
admitad_uid: ADMITAD
wgcampaignid: WEBGAINS
gspk: PARTNERSTACK
_ef_transaction_id: EVERFLOW
rfsn: REFERSION
sca_ref: UPPROMOTE
fp_ref: FIRSTPROMOTER
ps_partner_key ps_xid: PARTNERSTACK
tap_a: TAPFILIATE
a_aid: POST_AFFILIATE_PRO
afmc: LEADDYNO
affid aff_id aff_sub afftrack affiliate_id utm_affiliate: AFFILIATE
"""
_EMAIL = """
mc_cid mc_eid: MAILCHIMP
_hsenc _hsmi __hssc __hstc __hsfp: HUBSPOT
_kx _ke: KLAVIYO
mkt_tok: MARKETO
vero_id: VERO
dm_i: DOTDIGITAL
ml_subscriber: MAILERLITE
__s: DRIP
oly_enc_id: OMEDA
wickedid: WICKED_REPORTS
omnisendcontactid: OMNISEND
vgo_ee: ACTIVECAMPAIGN
elqtrackid elq elqtrack elqaid elqcampaignid: ELOQUA
spmailingid spuserid spjobid spreportid: ACOUSTIC
trk_contact trk_msg: LISTRAK
_bta_tid _bta_c: BRONTO
bsft_clkid bsft_eid bsft_uid: BLUESHIFT
ck_subscriber_id: KIT
ss_email_id: SQUARESPACE
et_rid sfmc_sub: SALESFORCE
sc_uid sc_llid: EMARSYS
emci emdi: EVERYACTION
iterablecampaignid iterabletemplateid: ITERABLE
_cldee msdynmkt_trackingcontext: DYNAMICS
inf_contact_key: KEAP
_bhlid: BEEHIIV
oly_anon_id: OMEDA
"""
_ORGANIC = """
srsltid: GOOGLE_MERCHANT_CENTER
ysclid: YANDEX
igshid igsh: INSTAGRAM
si: YOUTUBE_OR_SPOTIFY
"""
_AMBIGUOUS = """
fbclid: META
epik: PINTEREST
_branch_match_id: BRANCH
"""
_PERSONAL = frozenset(
    {
        "mc_eid", "_hsenc", "__hssc", "__hstc", "__hsfp", "_kx", "_ke", "mkt_tok", "vero_id", "ml_subscriber", "__s",
        "oly_enc_id", "oly_anon_id", "omnisendcontactid", "vgo_ee", "elq", "elqtrackid", "spuserid", "trk_contact",
        "_bta_c", "bsft_uid", "ck_subscriber_id", "et_rid", "sfmc_sub", "sc_uid", "_cldee", "msdynmkt_trackingcontext",
        "inf_contact_key", "_bhlid",
    }
)  # fmt: skip


def _entries(kind: Kind, lines: str) -> Iterator[tuple[str, ClickId]]:
    for line in lines.split("\n"):
        names, _, platform = line.partition(": ")
        for name in names.split():
            yield name, ClickId(platform, kind, is_paid=kind in {"ad", "affiliate"}, is_personal=name in _PERSONAL)


CLICK_IDS: Mapping[str, ClickId] = MappingProxyType(
    {
        **dict(_entries("ad", _AD)),
        **dict(_entries("affiliate", _AFFILIATE)),
        **dict(_entries("email", _EMAIL)),
        **dict(_entries("organic", _ORGANIC)),
        **dict(_entries("ambiguous", _AMBIGUOUS)),
    }
)
"""Every click id that is recognised, by its lower-case name.

``gbraid`` and ``wbraid`` are shared by many clicks and ``gad_source`` and ``gad_campaignid`` by whole campaigns: they
prove an ad click, but none of them may serve as the key of a click or of a person.
"""

PARAMETER_SETS: Mapping[str, ClickId] = MappingProxyType(
    {
        "valuetrack": ClickId("GOOGLE_ADS", "ad", is_paid=True),
        "valuetrack_display": ClickId("GOOGLE_ADS", "ad", is_paid=True),
        "valuetrack_video": ClickId("GOOGLE_ADS", "ad", is_paid=True),
        "valuetrack_cross_network": ClickId("GOOGLE_ADS", "ad", is_paid=True),
        "microsoft_parameters": ClickId("MICROSOFT_ADS", "ad", is_paid=True),
        "meta_parameters": ClickId("META", "ad", is_paid=True),
        "tiktok_parameters": ClickId("TIKTOK", "ad", is_paid=True),
        "linkedin_parameters": ClickId("LINKEDIN", "ad", is_paid=True),
        "pinterest_parameters": ClickId("PINTEREST", "ad", is_paid=True),
        "reddit_parameters": ClickId("REDDIT", "ad", is_paid=True),
        "snapchat_parameters": ClickId("SNAPCHAT", "ad", is_paid=True),
        "yandex_parameters": ClickId("YANDEX", "ad", is_paid=True),
        "yahoo_japan_parameters": ClickId("YAHOO_JAPAN", "ad", is_paid=True),
        "yahoo_japan_display": ClickId("YAHOO_JAPAN", "ad", is_paid=True),
        "adobe_display": ClickId("ADOBE_ADVERTISING", "ad", is_paid=True),
    }
)
"""What parameters that ad platforms fill in prove together, where no click id says it; the names of these sets are no
parameters. :mod:`attribution_campaign_context.platforms` has the rules."""

CAMPAIGN_REFS = (
    "gad_campaignid", "utm_id", "campaign_id", "campaignid", "hsa_cam", "wgcampaignid", "tw_campaign",
    "utm_campaign_id", "utm_campaignid", "utm_cid", "mtm_cid", "matomo_cid", "pk_cid", "piwik_cid",
)  # fmt: skip
"""Parameters that carry the ad platform's campaign id; where several do, the first of these wins.

``gad_campaignid`` leads because Google itself writes it, where the others are typed into a template by a person.
"""

ADSET_REFS = (
    "adset_id", "adsetid", "adgroup_id", "adgroupid", "ad_group_id", "utm_adgroup_id", "utm_adset_id", "hsa_grp",
)  # fmt: skip
"""Parameters that carry the platform's ad set or ad group id, the surest first."""

AD_REFS = ("ad_id", "adid", "creative_id", "creative", "creativeid", "utm_ad_id", "hsa_ad", "tw_adid", "cmc_adid")
"""Parameters that carry the platform's ad or creative id, the surest first."""
