"""The words of mediums stand in one table, and everything that asks about a medium reads it."""

import pytest

from touchline.channels.classify import classify
from touchline.channels.facts import PROOFS
from touchline.channels.ladder import RULES
from touchline.channels.mediums import MEANINGS, medium_called
from touchline.channels.reference import medium_rows, text

UNPAID = (
    "organic", "referral", "email", "e-mail", "e_mail", "e mail", "newsletter", "newsletters", "mail", "edm", "mailing",
    "emailing", "e-mailing", "social", "social-media", "social network", "socialmedia", "sm", "organic social",
    "organic-search", "seo", "sms", "mms", "rcs", "text",
)  # fmt: skip
NAMING = (*UNPAID, "partner", "display", "cpm", "video", "podcast", "ai", "web_push", "shopping", "app")


def test_each_word_is_listed_once_in_order_and_means_something_that_there_is() -> None:
    words = [word for word, _, _ in medium_rows()]
    assert words == sorted(set(words))
    assert words == [word.casefold().strip() for word in words]
    assert {means for _, means, _ in medium_rows()} == MEANINGS


def test_a_rule_asks_what_a_medium_means_and_lists_no_words() -> None:
    """A word in a rule would be a second place; the empty word says that there is no medium."""
    lines = [line for line in text("touchline.toml").splitlines() if line.startswith(("medium = ", "not_medium = "))]
    assert lines == ['medium = [""]']
    assert {"display-medium", "email-medium", "affiliate-medium"} <= {rule.rule_id for rule in RULES}


@pytest.mark.parametrize("word", UNPAID)
def test_the_id_of_an_ad_contradicts_each_word_for_what_nobody_paid(word: str) -> None:
    assert "ad_click_and_unpaid_medium" in classify("/?gclid=Cj0", medium=word).contradictions


@pytest.mark.parametrize("word", ["video", "display", "push", "link", "audio", "partner", "cpc", "flow", "mobile"])
def test_the_id_of_an_ad_does_not_contradict_a_word_that_ads_have_too(word: str) -> None:
    assert "ad_click_and_unpaid_medium" not in classify("/?gclid=Cj0", medium=word).contradictions


@pytest.mark.parametrize("word", NAMING)
def test_an_ambiguous_click_id_does_not_overrule_a_word_that_names_a_channel(word: str) -> None:
    alone, clicked = classify(medium=word), classify("/?fbclid=IwAR0x", medium=word)
    assert word == "cpm" or clicked.channel == alone.channel
    assert word == "cpm" or not clicked.evidence[0].startswith("click_id")


@pytest.mark.parametrize("word", ["flow", "campaign", "web", "mobile", "acquisition", "radio"])
def test_an_ambiguous_click_id_says_more_than_a_word_that_names_none(word: str) -> None:
    assert classify("/?fbclid=IwAR0x", medium=word).platform == "META"


@pytest.mark.parametrize("word", ["flow", "campaign", "link", "app", "organic", "social", "seo", "podcast", "ai", ""])
@pytest.mark.parametrize(("click", "channel"), [("mc_cid", "Email"), ("_kx", "Email"), ("awc", "Affiliates")])
def test_ids_of_mail_senders_and_affiliate_networks_decide_over_a_general_word(
    word: str, click: str, channel: str
) -> None:
    assert PROOFS[click].kind in {"email", "affiliate"}
    assert classify(f"/?{click}=abcdef0123", medium=word).channel == channel


def test_a_word_says_what_its_row_and_every_matching_pattern_say() -> None:
    assert medium_called("cpm").means == {"paid", "display"}
    assert medium_called("video-ads").means == {"paid", "video"}
    assert medium_called("web video push").means == {"video", "push"}
    assert medium_called("paid\nsocial").means == {"paid"}
    assert medium_called("a.b").means == medium_called("").means == frozenset()
    assert (medium_called("gdn").category, medium_called("video-ads").category) == ("display", "")
    assert medium_called("video-ads").named_category == "video"
