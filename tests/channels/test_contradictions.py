"""Evidence that disagrees with itself is answered all the same, and the disagreement is named."""

import pytest

from touchline.channels.classify import classify
from touchline.channels.contradictions import CONTRADICTIONS

CASES = {
    "ad_click_and_affiliate": [
        ("/?utm_medium=affiliate&gclid=Cj0", ""), ("/?awc=1_2&msclkid=x", ""), ("/?utm_source=awin&gad_source=1", ""),
        ("/?affid=1077&hsa_cam=1&hsa_ad=2&hsa_net=facebook", ""),
        ("/?affid=1077&fbclid=IwAR0abcdefgh&adset_id=1&ad_id=2", ""),
    ],
    "ambiguous_click_and_affiliate": [
        ("/?affid=1077&fbclid=IwAR0abcdefgh", ""), ("/?utm_source=awin&utm_medium=affiliate&fbclid=IwAR0abcdefgh", ""),
    ],
    "ad_click_and_unpaid_medium": [
        ("/?gclid=Cj0&utm_medium=organic", ""), ("/?msclkid=abc&utm_medium=email", ""),
    ],
    "ad_clicks_of_two_platforms": [("/?gclid=Cj0&msclkid=abc", ""), ("/?ttclid=abc&li_fat_id=abc", "")],
    "ad_click_and_other_source": [
        ("/?gclid=Cj0&utm_source=facebook&utm_medium=cpc", ""), ("/?ttclid=abc&utm_source=bing&utm_medium=cpc", ""),
        ("/?gclid=Cj0&utm_source=yandex&utm_medium=cpc", ""),
    ],
    "unpaid_click_and_paid_medium": [("/?srsltid=abc&utm_medium=cpc", "")],
    "mail_click_and_paid_medium": [("/?mc_cid=abc&utm_medium=cpc", "")],
    "tagged_source_and_other_referrer": [
        ("/?utm_source=google&utm_medium=cpc", "https://l.facebook.com/"), ("/?utm_source=tiktok", "https://bing.com/"),
        ("/?utm_source=duckduckgo&utm_medium=referral", "https://www.ecosia.org/"),
    ],
}  # fmt: skip

AGREEING = [
    ("/?gclid=Cj0&utm_source=google&utm_medium=cpc", "https://www.google.com/"), ("/?gclid=Cj0&gad_source=1", ""),
    ("/?gclid=Cj0&dclid=abc", ""), ("/?gclid=Cj0", "https://m.youtube.com/"), ("/?awc=1_2&utm_medium=affiliate", ""),
    ("/?utm_source=facebook&utm_medium=cpc", "https://l.instagram.com/"), ("/?fbclid=abc&utm_medium=cpc", ""),
    ("/?utm_source=google&utm_medium=cpc", "https://blog.example.org/"), ("/", "https://www.google.com/"), ("/", ""),
    ("/?utm_source=newsletter&utm_medium=email", "https://mail.google.com/"), ("/?mc_cid=abc&utm_medium=flow", ""),
    ("/?yclid=abc&utm_source=yandex&utm_medium=cpc", ""),
    ("/?dclid=abc&utm_source=google&utm_medium=cpc", ""),
    ("/?yclid=abc&utm_source=yahoo.co.jp&utm_medium=cpc", ""),
    ("/?utm_source=acme&utm_medium=cpc", "https://bing.com/"),
    ("/?hsa_cam=1&hsa_ad=2&hsa_net=facebook", ""), ("/?gclid=Cj0abcdef&hsa_cam=1&hsa_net=adwords", ""),
    ("/?gclid=Cj0abcdef&ef_id=abcdefgh:G:s&s_kwcid=AL!1!3!2", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "url", "referrer"), [(name, *case) for name, cases in CASES.items() for case in cases]
)
def test_a_contradiction_is_named_and_costs_confidence(name: str, url: str, referrer: str) -> None:
    answer = classify("https://shop.example" + url, referrer)
    assert name in answer.contradictions
    assert answer.confidence <= 0.95 - 0.2 * len(answer.contradictions)


@pytest.mark.parametrize(("url", "referrer"), AGREEING)
def test_evidence_that_agrees_is_no_contradiction(url: str, referrer: str) -> None:
    assert classify("https://shop.example" + url, referrer).contradictions == ()


def test_every_contradiction_has_a_case() -> None:
    assert set(CASES) == set(CONTRADICTIONS)
