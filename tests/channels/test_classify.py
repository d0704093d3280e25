"""One landing on the spot: what it is classified by is shown, and the site itself is no evidence."""

from hypothesis import given
from hypothesis import strategies as st

import touchline.channels.ladder as ladder_module
from touchline.channels.classify import classify
from touchline.channels.ladder import CHANNELS, SOURCE_CLASSES


def test_the_answer_shows_its_evidence() -> None:
    answer = classify(
        "https://shop.example/?utm_source=Google&utm_medium=cpc&utm_term={keyword}&gclid=Cj0&utm_id=77",
        "https://www.google.com/",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148",
    )
    evidence = answer.evidence
    assert dict(evidence.utm) == {"utm_source": "google", "utm_medium": "cpc", "utm_id": "77"}
    assert dict(evidence.click_ids) == {"gclid": "Cj0"}
    assert dict(evidence.refused) == {"utm_term": "template"}
    assert (evidence.campaign_ref, evidence.referrer_host, evidence.device_type) == ("77", "google.com", "mobile")
    assert answer.reason == "click_id:gclid medium:cpc source:google"
    assert answer.rule_version == ladder_module.RULE_VERSION


def test_a_refused_click_id_is_no_evidence() -> None:
    answer = classify("https://shop.example/?gclid={gclid}")
    assert (answer.channel, answer.source_class) == ("Direct", "Organic")
    assert dict(answer.evidence.refused) == {"gclid": "template"}


def test_own_domains_are_no_evidence_on_any_of_their_hosts() -> None:
    assert classify("https://shop.example/", "https://blog.other.co.uk/").channel == "Referral"
    own = classify("https://shop.example/", "https://blog.other.co.uk/", own_domains=["www.other.co.uk"])
    assert (own.channel, own.evidence.referrer_host) == ("Direct", None)
    assert classify("/relative", "https://shop.example/", own_domains=["shop.example"]).channel == "Direct"


def test_two_shops_on_one_platform_are_two_sites() -> None:
    answer = classify("https://a.myshopify.com/", "https://b.myshopify.com/")
    assert (answer.channel, answer.evidence.referrer_host) == ("Referral", "b.myshopify.com")


@given(st.none() | st.text(), st.none() | st.text(), st.none() | st.text(), st.lists(st.text(), max_size=2))
def test_nothing_that_comes_makes_it_fail(
    url: str | None, referrer: str | None, user_agent: str | None, own_domains: list[str]
) -> None:
    answer = classify(url, referrer, user_agent, own_domains=own_domains)
    assert answer.channel in CHANNELS
    assert answer.source_class in SOURCE_CLASSES
