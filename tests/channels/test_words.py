"""Reasons as people read them."""

import pytest

from touchline.channels.words import sentence


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("none", "There is no campaign tag, no click id and no referrer."),
        ("", "There is no campaign tag, no click id and no referrer."),
        ("click_id:gclid", "The page's URL contains gclid, which Google adds to the clicks of its ads."),
        (
            "click_id:fbclid:ambiguous",
            (
                "The page's URL contains fbclid, "
                "which Facebook adds to paid and unpaid clicks alike, so it does not prove an ad."
            ),
        ),
        ("click_id:ef_id", "The page's URL contains ef_id, which the ad's network adds to the clicks of its ads."),
        ("click_id:awc", "The page's URL contains awc, which an affiliate network adds."),
        ("click_id:zzz", "The page's URL contains zzz."),
        ("campaign:summer_shop", "The campaign is named “summer_shop”."),
        ("referrer:ai:chatgpt.com", "The visitor came from chatgpt.com, an AI assistant."),
        ("referrer:unknown:blog.example", "The visitor came from blog.example, a site that is on no list."),
        ("something:else", "Something:else."),
    ],
)
def test_a_reason_is_said_in_a_sentence(reason: str, said: str) -> None:
    assert sentence(reason) == said
