"""Laws of the ladder: it answers everything, the same to the same, and letter case changes nothing."""

import string
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution_campaign_context.registry import CLICK_IDS
from tests.channels.slow_ladder import decides
from touchline.channels.evidence import Evidence
from touchline.channels.ladder import CHANNELS, PAID_CHANNELS, RULE_VERSION, RULESETS, SOURCE_CLASSES, classify, ruleset
from touchline.channels.reference import platform_rows, source_rows
from touchline.channels.words import sentence

_TELLING = [
    "google", "(direct)", "fb-ads", "chatgpt.com", "acme", "https://www.bing.com/x", "cpc", "email", "organic",
    "display", "video", "(none)", "web_push", "shopping", "cross-network", "google.co.uk", "mail.google.com", "t.co",
    "ads", "..", "",
]  # fmt: skip
_words = st.none() | st.sampled_from(_TELLING) | st.text(max_size=40)
_ids = st.none() | st.lists(st.sampled_from([*CLICK_IDS, "zzz"]), max_size=3).map(",".join) | st.text(max_size=20)
evidences = st.builds(Evidence, _words, _words, _words, _ids, _words, st.booleans())
_ascii = st.none() | st.sampled_from(_TELLING) | st.text(string.ascii_letters + "-_. ", max_size=20)
ascii_evidences = st.builds(Evidence, _ascii, _ascii, _ascii, _ids.filter(lambda ids: not ids or ids.isascii()), _ascii)


@given(evidences)
def test_every_evidence_has_one_answer_with_a_reason(evidence: Evidence) -> None:
    answer = classify(evidence)
    assert answer.channel in CHANNELS
    assert answer.source_class in SOURCE_CLASSES
    assert answer.reason
    assert answer.ruleset_version == f"touchline-{RULE_VERSION}"
    assert sentence(answer.reason).endswith(".")


_OWN = ruleset(
    "touchline",
    """
[[rule]]
id = "spring"
channel = "Spring"
campaign = ["spring*"]
not_medium_means = ["email"]
[[rule]]
id = "named"
channel = "Named"
nothing = false
not_campaign = ["", "*shop*"]
category = ["search"]
""",
)


@given(evidences, st.sampled_from(["", "Spring sale", "workshop", "my-shop", "(organic)", "cross-network"]))
def test_the_first_rule_that_holds_decides(evidence: Evidence, campaign: str) -> None:
    """Rules are asked about everything but the campaign first, and the answers are kept: that changes none of them."""
    named = replace(evidence, utm_campaign=campaign)
    for asked in (*map(ruleset, RULESETS), _OWN):
        assert classify(named, asked).rule_id == decides(asked, named).rule_id


@given(evidences)
def test_a_campaign_that_no_rule_asks_for_is_ignored_and_changes_nothing_else(evidence: Evidence) -> None:
    without, named = (classify(replace(evidence, utm_campaign=name)) for name in ("", "c17"))
    if named.rule_id == without.rule_id and "campaign:c17" not in named.evidence:
        assert named.ignored == (*without.ignored, "campaign:c17")
        assert msgspec.structs.replace(named, ignored=without.ignored) == without
    else:
        assert "campaign:c17" in named.evidence or without.channel == "Direct"


@given(ascii_evidences)
def test_letter_case_and_outer_space_change_nothing(evidence: Evidence) -> None:
    def loud(text: str | None) -> str | None:
        return None if text is None else f" {text.upper()} "

    shouted = Evidence(
        loud(evidence.utm_source),
        loud(evidence.utm_medium),
        loud(evidence.utm_campaign),
        loud(evidence.click_id_names),
        loud(evidence.referrer_host),
        evidence.has_past_click,
    )
    assert classify(shouted) == classify(evidence)


@given(evidences)
def test_only_clicks_that_may_be_bought_belong_to_a_platform(evidence: Evidence) -> None:
    answer = classify(evidence)
    assert (answer.is_paid is True) == (answer.channel in PAID_CHANNELS)
    assert answer.platform == "" or answer.is_paid is not False
    assert answer.is_paid is not None or any(mark.endswith(":ambiguous") for mark in answer.evidence + answer.ignored)


@given(evidences)
def test_a_past_click_changes_the_source_class_only_and_to_ads_assisted_only(evidence: Evidence) -> None:
    without, within = (classify(replace(evidence, has_past_click=past)) for past in (False, True))
    assert (without.channel, without.platform, without.reason) == (within.channel, within.platform, within.reason)
    assert within.source_class in {without.source_class, "Ads Assisted"}
    assert without.source_class != "Ads Assisted"


@given(evidences)
def test_gclid_is_always_a_first_click_and_always_bought(evidence: Evidence) -> None:
    answer = classify(replace(evidence, click_id_names="fbclid,gclid"))
    assert answer.source_class == "First Click (Paid)"
    assert answer.channel in PAID_CHANNELS


KINDS = {
    "ad": (
        "gclid gclsrc gbraid wbraid gad_source gad_campaignid dclid msclkid ttclid twclid li_fat_id rdt_cid sccid qclid"
        " yclid ymclid vmcid ndclid rtid oppref obclid ob_click_id dicbo tblci ko_click_id ef_id s_kwcid hsa_cam aleid"
        " bd_vid gdt_vid napm n_media gad _openstat cmc_adid cto_pld sznclid"
    ),
    "affiliate": (
        "irclickid irclid cjevent awc sscid ransiteid clickref tduid mkevt mkcid mkrid irgwc im_ref zanpid ranmid"
        " raneaid campid admitad_uid wgcampaignid gspk _ef_transaction_id affid aff_id aff_sub afftrack affiliate_id"
        " utm_affiliate rfsn sca_ref fp_ref ps_partner_key ps_xid tap_a a_aid afmc"
    ),
    "email": (
        "__hssc __hstc __hsfp mc_cid mc_eid _hsenc _hsmi _kx _ke mkt_tok vero_id dm_i ml_subscriber __s oly_enc_id"
        " wickedid omnisendcontactid vgo_ee elqtrackid elq elqtrack elqaid elqcampaignid spmailingid spuserid spjobid"
        " spreportid trk_contact trk_msg _bta_tid _bta_c bsft_clkid bsft_eid bsft_uid ck_subscriber_id ss_email_id"
        " et_rid sfmc_sub sc_uid sc_llid emci emdi iterablecampaignid iterabletemplateid _cldee"
        " msdynmkt_trackingcontext inf_contact_key _bhlid oly_anon_id"
    ),
    "organic": "srsltid ysclid igshid igsh si",
    "ambiguous": "fbclid epik _branch_match_id",
}
"""What each click id says of the click, by the platforms' own documentation."""


def test_every_click_id_is_of_a_kind() -> None:
    assert sorted(CLICK_IDS) == sorted(" ".join(KINDS.values()).split())


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in KINDS[kind].split()])
def test_every_registered_click_id_alone_is_evidence(kind: str, name: str) -> None:
    answer = classify(Evidence(click_id_names=name))
    assert answer.channel != "Direct"
    assert answer.reason.startswith(f"click_id:{name}")
    assert (answer.channel in PAID_CHANNELS) == (kind == "ad")
    assert (answer.channel == "Affiliates") == (kind == "affiliate")
    assert (answer.channel == "Email") == (kind == "email")


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (Evidence(), "none"),
        (Evidence(click_id_names="gclid"), "click_id:gclid"),
        (Evidence(click_id_names="fbclid"), "click_id:fbclid:ambiguous"),
        (Evidence(click_id_names="fbclid", utm_source="acme", utm_medium="email"), "medium:email source:acme"),
        (Evidence(click_id_names="gclid", utm_source="acme"), "click_id:gclid"),
        (Evidence(click_id_names="zzz"), "click_id:zzz"),
        (Evidence(utm_source="Google", utm_medium="CPC"), "medium:cpc source:google"),
        (Evidence(utm_medium="e mail"), "medium:e_mail"),
        (Evidence(referrer_host="google.com"), "referrer:search:google.com"),
        (Evidence(referrer_host="blog.example.org"), "referrer:unknown:blog.example.org"),
        (Evidence(utm_campaign="my shop"), "campaign:my_shop"),
        (Evidence(utm_campaign="spring", referrer_host="google.com"), "referrer:search:google.com"),
    ],
)
def test_the_reason_names_the_evidence_that_decided(evidence: Evidence, reason: str) -> None:
    assert classify(evidence).reason == reason


def test_every_listed_source_leads_to_a_channel_of_its_category() -> None:
    expected = {
        "search": "Organic Search", "social": "Organic Social", "video": "Organic Video",
        "shopping": "Organic Shopping", "display": "Display", "native": "Paid Other", "email": "Email",
        "ai": "AI Assistant", "affiliate": "Affiliates",
        "referral": "Referral", "sms": "SMS", "push": "Mobile Push Notifications",
    }  # fmt: skip
    assert {category for _, category, _ in source_rows()} == set(expected)
    for key, category, name in source_rows():
        source = key.replace("*", "com.au")
        wanted = (
            f"Paid {category.title()}"
            if name.endswith(" Ads") and category not in {"display", "native"}
            else expected[category]
        )
        assert classify(Evidence(utm_source=source)).channel == wanted, key
        if "." in key:
            assert classify(Evidence(referrer_host=source)).channel == wanted, key


def test_every_ad_platform_is_reached_by_a_listed_source() -> None:
    names = {name for _, _, name in source_rows()}
    assert {name for _, name, _ in platform_rows()} <= names
    for platform, name, sells_ads in platform_rows():
        if sells_ads == "yes":
            assert classify(Evidence(utm_source=name, utm_medium="cpc")).platform == platform, name


@pytest.mark.parametrize(
    ("channel", "mediums"),
    [
        ("Display", "display banner expandable interstitial cpm"),
        ("Organic Social", "social social-network social-media sm social+network social+media"),
        ("Referral", "referral app link"),
        ("Email", "email e-mail e_mail e+mail mail edm newsletter newsletters emails"),
        ("Email", "email_newsletter crm-email emailcampaign"),
        ("Affiliates", "affiliate affiliates affil affiliate-link affiliatebanner"),
        ("AI Assistant", "ai-assistant ai-assistants ai_assistant ai+assistant"),
        ("SMS", "sms sms_campaign smsblast"),
        ("Audio", "audio"), ("Organic Search", "organic"), ("Organic Video", "video web-video"),
        ("Mobile Push Notifications", "push web_push mobile mobile-app notification notifications push_message"),
        (
            "Paid Other",
            "cpc cpa cpv ppc retargeting remarketing ad ads native sponsored promoted paid paid-x",
        ),
        ("Paid Social", "social-paid social_paid social+paid social-ads paid_social"),
        ("Paid Search", "search-ads paid-search sem sea"), ("Paid Video", "video-ads paid-video"),
        ("Display", "display-ads banners display_banner banner_728x90 mpu"),
        ("Unassigned", "smx links videx displays pushes cross-network organics adv"),
    ],
)  # fmt: skip
def test_a_medium_alone_leads_to_its_channel(channel: str, mediums: str) -> None:
    """Written by hand; a plus stands for a blank."""
    words = [word.replace("+", " ") for word in mediums.split()]
    found = {word: classify(Evidence(utm_source="acme", utm_medium=word)).channel for word in words}
    assert found == dict.fromkeys(words, channel)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (Evidence(utm_medium="cpc"), "Paid (UTM)"), (Evidence(utm_medium="ppc"), "Paid (UTM)"),
        (Evidence(utm_medium="paid"), "Paid (UTM)"), (Evidence(utm_medium="cpm"), "Organic"),
        (Evidence(utm_medium="paid-social"), "Organic"), (Evidence(click_id_names="gbraid"), "Organic"),
        (Evidence(referrer_host="facebook.com"), "Paid Social"), (Evidence(referrer_host="pinterest.com"), "Organic"),
        (Evidence(utm_source="facebook"), "Organic"),
        (Evidence(utm_medium="cpc", click_id_names="gclid"), "First Click (Paid)"),
        (Evidence(referrer_host="google.com", utm_medium="cpc", has_past_click=True), "Paid (UTM)"),
        (Evidence(referrer_host="facebook.com", has_past_click=True), "Paid Social"),
    ],
)  # fmt: skip
def test_of_two_rules_of_source_classes_the_first_decides(evidence: Evidence, expected: str) -> None:
    assert classify(evidence).source_class == expected


def test_the_paid_channels_and_the_order_of_all() -> None:
    assert {
        "Cross-network", "Display", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video", "Paid Other",
    } == PAID_CHANNELS  # fmt: skip
    assert CHANNELS == (
        "Direct", "Affiliates", "Cross-network", "Paid Shopping", "Paid Search", "Paid Social", "Paid Video",
        "Display", "Paid Other", "Email", "SMS", "AI Assistant", "Organic Shopping", "Organic Social",
        "Organic Video", "Organic Search", "Referral", "Audio", "Mobile Push Notifications", "Unassigned",
    )  # fmt: skip
