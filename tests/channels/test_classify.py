"""One landing on the spot: what it is classified by is shown, and the site itself is no evidence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import touchline.channels.ladder as ladder_module
from touchline.channels.classify import classify
from touchline.channels.columns import classify_columns
from touchline.channels.ladder import CHANNELS, SOURCE_CLASSES
from touchline.errors import UsageError


class Missing:
    """A value that prints as pandas prints its own missing value, and that cannot be compared."""

    def __str__(self) -> str:
        return "<NA>"

    def __bool__(self) -> bool:
        raise TypeError


def test_the_answer_shows_its_evidence() -> None:
    answer = classify(
        "https://shop.example/?utm_source=Google&utm_medium=cpc&utm_term={keyword}&gclid=Cj0&utm_id=77",
        "https://www.google.com/",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
    )
    evidence = answer.landing
    assert dict(evidence.utm) == {"utm_source": "google", "utm_medium": "cpc", "utm_id": "77"}
    assert dict(evidence.click_ids) == {"gclid": "Cj0"}
    assert dict(evidence.refused) == {"utm_term": "template"}
    assert (evidence.campaign_ref, evidence.referrer_host, evidence.device_type) == ("77", "google.com", "mobile")
    assert answer.reason == "click_id:gclid medium:cpc source:google"
    assert answer.ruleset_version == f"touchline-{ladder_module.RULE_VERSION}"


def test_a_refused_click_id_is_no_evidence() -> None:
    answer = classify("https://shop.example/?gclid={gclid}")
    assert (answer.channel, answer.source_class) == ("Direct", "Organic")
    assert dict(answer.landing.refused) == {"gclid": "template"}


def test_own_domains_are_no_evidence_on_any_of_their_hosts() -> None:
    assert classify("https://shop.example/", "https://blog.other.co.uk/").channel == "Referral"
    own = classify("https://shop.example/", "https://blog.other.co.uk/", own_hosts=["www.other.co.uk"])
    assert (own.channel, own.landing.referrer_host) == ("Direct", None)
    assert classify("/relative", "https://shop.example/", own_hosts=["shop.example"]).channel == "Direct"


@pytest.mark.parametrize(
    "ignored", ["other.card.example", ["https://www.card.example/x"], ("a.example", "shop=nothing?")]
)
def test_an_ignored_referrer_brings_nobody_and_says_so(ignored: object) -> None:
    answer = classify("https://shop.example/", "https://partner.card.example/", ignored_referrers=ignored)  # type: ignore[arg-type]
    is_meant = ignored == ["https://www.card.example/x"]
    assert (answer.channel, answer.landing.referrer_host) == (
        ("Direct", None) if is_meant else ("Referral", "partner.card.example")
    )
    assert (answer.ignored == ("detour:ignored_referrer:partner.card.example",)) == is_meant
    click = classify(
        "https://shop.example/?gclid=Cj0abcdef", "https://m.card.example/", ignored_referrers="card.example"
    )
    assert click.channel == "Paid Search"
    column = {"referrer": ["https://partner.card.example/", "https://www.google.com/"]}
    channels = classify_columns(column, ignored_referrers=ignored)["channel"].to_pylist()  # type: ignore[arg-type]
    assert channels == ["Direct" if is_meant else "Referral", "Organic Search"]


@pytest.mark.parametrize("past", [["gclid"], "gclid", "fbclid, gclid", ("GCLID", None), {"gclid"}])
def test_past_click_ids_may_come_as_one_name_or_many(past: object) -> None:
    answer = classify("https://shop.example/", "https://www.google.com/", past_click_ids=past)  # type: ignore[arg-type]
    assert answer.source_class == "Ads Assisted"


@pytest.mark.parametrize("missing", [None, "", (), float("nan"), 7])
def test_lists_that_are_missing_or_no_lists_are_empty(missing: object) -> None:
    answer = classify(
        "https://shop.example/",
        "https://www.google.com/",
        past_click_ids=missing,  # type: ignore[arg-type]
        own_hosts=missing,  # type: ignore[arg-type]
        ignored_referrers=missing,  # type: ignore[arg-type]
    )
    assert (answer.channel, answer.source_class) == ("Organic Search", "Organic")


def test_one_own_host_may_come_as_it_is() -> None:
    assert classify("/relative", "https://www.shop.example/", own_hosts="shop.example").channel == "Direct"


def test_two_shops_on_one_platform_are_two_sites() -> None:
    answer = classify("https://a.myshopify.com/", "https://b.myshopify.com/")
    assert (answer.channel, answer.landing.referrer_host) == ("Referral", "b.myshopify.com")


def test_the_sites_own_referrer_names_the_landing_that_it_was() -> None:
    landing = "https://shop.example/?utm_source=google&utm_medium=cpc&gclid=Cj0"
    answer = classify("https://shop.example/two", landing)
    assert (answer.channel, answer.source_class, answer.platform) == ("Paid Search", "First Click (Paid)", "GOOGLE_ADS")
    assert classify("https://shop.example/two?utm_medium=email", landing).channel == "Email"
    assert classify("https://shop.example/two", "https://other.example/?gclid=Cj0").channel == "Referral"


def test_an_apps_own_browser_tells_where_nothing_else_does() -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Instagram 390.0.0"
    answer = classify("https://shop.example/", user_agent=agent)
    assert (answer.channel, answer.reason, answer.confidence) == ("Organic Social", "app:instagram.com", 0.4)
    assert (answer.is_paid, answer.platform) == (False, "")
    assert classify("https://shop.example/", "https://www.google.com/", agent).channel == "Organic Search"
    assert classify("https://shop.example/?gclid=Cj0", user_agent=agent).channel == "Paid Search"


def test_words_go_before_parameters_and_these_before_the_address() -> None:
    url = "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=spring"
    answer = classify(url, params={"utm_medium": "email", "utm_source": "acme"}, source="Newsletter")
    assert dict(answer.landing.utm) == {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "spring"}
    assert classify(params="?gclid=Cj0&utm_source=google").channel == "Paid Search"
    assert classify(params={"gclid": "Cj0"}).reason == "click_id:gclid"
    filled = "campaignid=123&adgroupid=456&creative=789&matchtype=e&network=g"
    for answer in (classify(params=filled), classify("https://shop.example/x", f"https://shop.example/?{filled}")):
        assert (answer.channel, answer.platform, answer.reason) == ("Paid Search", "GOOGLE_ADS", "click_id:valuetrack")


@pytest.mark.parametrize(
    "missing",
    [None, float("nan"), np.float64("nan"), np.datetime64("NaT"), "", Missing()],
    ids=["None", "nan", "float64", "NaT", "empty", "NA"],
)
def test_what_is_missing_is_no_evidence(missing: object) -> None:
    answer = classify(missing, missing, missing, source=missing, medium=missing, campaign=missing)
    assert (answer.channel, answer.reason) == ("Direct", "none")


def test_a_past_click_counts_by_its_name() -> None:
    assert classify(referrer="https://google.com/", past_click_ids=["fbclid"]).source_class == "Organic"
    assert classify(referrer="https://google.com/", past_click_ids=["GCLID"]).source_class == "Ads Assisted"


def test_an_unknown_ruleset_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"There is no ruleset 'ga5'\. Expected one of: touchline, ga4, seed\."):
        classify("/", ruleset="ga5")


@given(st.none() | st.text(), st.none() | st.text(), st.none() | st.text(), st.lists(st.text(), max_size=2))
def test_nothing_that_comes_makes_it_fail(
    url: str | None, referrer: str | None, user_agent: str | None, own_domains: list[str]
) -> None:
    answer = classify(url, referrer, user_agent, own_hosts=own_domains)
    assert answer.channel in CHANNELS
    assert answer.source_class in SOURCE_CLASSES
