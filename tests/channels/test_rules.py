"""Rules are data: what a file of rules may say, and what is refused with the reason."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels import slow_ladder
from touchline.channels.evidence import Evidence
from touchline.channels.ladder import RULESETS, classify, ruleset
from touchline.channels.rules import CONDITIONS, MOST_RULES, read_rules
from touchline.errors import InputError


def rule(conditions: str) -> str:
    return f'[[rule]]\nid = "mine"\nchannel = "Mine"\n{conditions}\n'


def holds(conditions: str, evidence: Evidence) -> bool:
    return slow_ladder.holds(read_rules(rule(conditions), "mine.toml")[0], evidence)


_TAGGED = Evidence("Facebook", "CPC", "Summer-Shop", "fbclid,gclid", "l.facebook.com", has_past_click=True)
_GOOGLE = Evidence(referrer_host="www.google.co.uk")


@pytest.mark.parametrize(
    ("conditions", "evidence", "expected"),
    [
        ('medium = ["cpc"]', _TAGGED, True),
        ('medium = ["CPC", "x"]', _TAGGED, True),
        ('medium = ["cp"]', _TAGGED, False),
        ('medium = ["c*", "x"]', _TAGGED, True),
        ('medium = [""]', _GOOGLE, True),
        ('not_medium = ["cpc"]', _TAGGED, False),
        ('not_medium = ["email"]', _TAGGED, True),
        ('source = ["face*"]', _TAGGED, True),
        ('campaign = ["*shop"]', _TAGGED, True),
        ('campaign = ["s?mmer*"]', _TAGGED, False),
        ('campaign = ["[s]ummer*"]', _TAGGED, False),
        ('category = ["search"]', _GOOGLE, True),
        ('name = ["google"]', _GOOGLE, True),
        ('referrer = ["google.co.uk"]', _GOOGLE, True),
        ('referrer = ["google.*"]', _GOOGLE, True),
        ('referrer = ["oogle.co.uk"]', _GOOGLE, False),
        ('referrer_name = ["Facebook"]', _TAGGED, True),
        ('click = ["fbclid"]', _TAGGED, True),
        ('click = ["msclkid"]', _TAGGED, False),
        ('click_kind = ["ambiguous"]', _TAGGED, True),
        ('click_kind = ["email"]', _TAGGED, False),
        ('medium_means = ["affiliate"]', Evidence(utm_medium="partner"), True),
        ('platform = ["META"]', Evidence("facebook", "cpc"), True),
        ('app = ["instagram.com"]', Evidence(app="instagram.com"), True),
        ("paid = true", _TAGGED, True),
        ("paid = false", _TAGGED, False),
        ("paid = false", _GOOGLE, True),
        ("nothing = true", Evidence(), True),
        ("nothing = true", _GOOGLE, False),
        ("nothing = true", Evidence(utm_campaign="spring"), False),
        ("nothing = false", Evidence(utm_campaign="spring"), True),
        ("nothing = false", Evidence(), False),
        ('campaign = [""]', _GOOGLE, True),
        ('not_campaign = ["summer*"]', _TAGGED, False),
        ('not_campaign = ["winter*"]', _TAGGED, True),
        ("shop_campaign = false", _TAGGED, False),
        ("by_referrer = true", _GOOGLE, True),
        ("by_referrer = true", _TAGGED, False),
        ("shop_campaign = true", _TAGGED, True),
        ("past_click = true", _TAGGED, True),
        ("google_referrer = true", _GOOGLE, True),
        ("google_referrer = true", _TAGGED, False),
        ('medium = ["cpc"]\ncampaign = ["winter*"]', _TAGGED, False),
        ('medium = ["cpc"]\ncampaign = ["summer*"]', _TAGGED, True),
    ],
)
def test_a_condition_holds_or_not(conditions: str, evidence: Evidence, expected: bool) -> None:
    assert holds(conditions, evidence) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rule = 1", "mine.toml: expected one or more tables [[rule]] and nothing else."),
        ("", "mine.toml: expected one or more tables [[rule]] and nothing else."),
        ("[[rule]", "mine.toml is not a TOML file:"),
        ("other = 1\n" + rule(""), "mine.toml: expected one or more tables [[rule]] and nothing else."),
        (
            '[[rule]]\nchannel = "A"',
            "mine.toml, line 1, rule 1, id: expected text of 1 to 200 characters, but it is None.",
        ),
        (
            '[[rule]]\nid = "a"',
            "mine.toml, line 1, rule 1, channel: expected text of 1 to 200 characters, but it is None.",
        ),
        (
            rule('colour = ["red"]'),
            "mine.toml, line 4, rule 1, colour: there is no such condition. Expected any of: id, channel,",
        ),
        (rule('medium = "cpc"'), "mine.toml, line 4, rule 1, medium: expected a list of texts"),
        (rule("medium = []"), "mine.toml, line 4, rule 1, medium: expected a list of texts"),
        (rule("medium = [7]"), "mine.toml, line 4, rule 1, medium: expected text of 1 to 200 characters, but it is 7."),
        (rule('paid = "yes"'), "mine.toml, line 4, rule 1, paid: expected true or false, but it is 'yes'."),
        (rule('uses = ["age"]'), "mine.toml, line 4, rule 1, uses: expected some of: click, medium,"),
        (rule("confidence = 2"), "mine.toml, line 4, rule 1, confidence: expected a number from 0 to 1, but it is 2."),
        (
            rule("confidence = true"),
            "mine.toml, line 4, rule 1, confidence: expected a number from 0 to 1, but it is True.",
        ),
        (rule("") * 2, "mine.toml, line 6, rule 2, id: expected each id once, but 'mine' is the id of several rules."),
        (
            'rule = [{id = "a", channel = 7}]',
            "mine.toml, rule 1, channel: expected text of 1 to 200 characters, but it is 7.",
        ),
        (
            '# x\n[[rule]]\n\n"id" = 7',
            "mine.toml, line 4, rule 1, id: expected text of 1 to 200 characters, but it is 7.",
        ),
        ("#" * 1_000_001, "mine.toml: expected at most 1,000,000 characters, but there are 1,000,001."),
        (
            rule("") * (MOST_RULES + 1),
            f"mine.toml: expected at most {MOST_RULES} rules, but there are {MOST_RULES + 1}.",
        ),
    ],
)
def test_what_is_no_rule_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match="^" + re.escape(message)):
        read_rules(text, "mine.toml")


def test_rules_of_ones_own_are_asked_first_and_named_in_the_version() -> None:
    own = ruleset("touchline", rule('medium = ["cpc"]\nconfidence = 0.5'))
    answer = classify(_TAGGED, own)
    assert (answer.channel, answer.rule_id, answer.confidence, answer.is_paid) == ("Mine", "mine", 0.5, True)
    assert answer.ruleset_version.startswith(classify(_TAGGED).ruleset_version + "+")
    assert classify(_GOOGLE, own).channel == "Organic Search"


@pytest.mark.parametrize(
    ("evidence", "is_paid", "platform"),
    [
        (Evidence("google", "cpc"), True, "GOOGLE_ADS"), (Evidence(click_id_names="ttclid"), True, "TIKTOK"),
        (Evidence("acme", "sponsored"), True, ""), (Evidence("taboola"), True, "TABOOLA"),
        (Evidence("acme", "display"), True, ""), (Evidence(click_id_names="fbclid"), None, "META"),
        (Evidence("facebook", "cpc", click_id_names="fbclid"), True, "META"), (Evidence("google", "email"), False, ""),
        (Evidence(referrer_host="facebook.com"), False, ""), (Evidence(), False, ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("channel", ["Mine", "Paid fairs"])
def test_whether_a_channel_of_ones_own_is_paid_follows_the_evidence(
    channel: str, evidence: Evidence, is_paid: bool | None, platform: str
) -> None:
    own = ruleset("touchline", f'[[rule]]\nid = "all"\nchannel = "{channel}"\n')
    answer = classify(evidence, own)
    assert (answer.channel, answer.is_paid, answer.platform) == (channel, is_paid, platform)


@pytest.mark.parametrize("channel", ["Paid Search", "Email"])
def test_a_rule_of_ones_own_that_names_a_known_channel_decides_whether_it_is_paid(channel: str) -> None:
    own = ruleset("touchline", f'[[rule]]\nid = "all"\nchannel = "{channel}"\n')
    asked = (Evidence("google", "cpc"), Evidence(), Evidence(click_id_names="fbclid"))
    assert {classify(evidence, own).is_paid for evidence in asked} == {channel == "Paid Search"}


@pytest.mark.parametrize("name", RULESETS)
def test_the_last_rule_of_a_ruleset_holds_for_everything(name: str) -> None:
    assert ruleset(name).rules[-1].tests == ()


def test_every_condition_is_in_the_guide(guide: str) -> None:
    listed = {one for one in CONDITIONS if not one.startswith("not_")}
    assert {one for one in listed if f"`{one}`" not in guide} == set()


@given(st.text(alphabet="a*", max_size=40), st.text(alphabet="ab", max_size=200))
def test_a_pattern_with_many_stars_is_a_short_question(pattern: str, medium: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, re.sub(r"\*+", "*", pattern).split("*"))), medium)
    assert holds(f'medium = ["{pattern or "*"}"]', Evidence(utm_medium=medium)) is (expected is not None or not pattern)
