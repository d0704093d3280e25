"""Tags that say nothing are counted by what is wrong with them, and named to a person."""

import json
from collections import Counter
from typing import Any

import pytest

from touchline.errors import UsageError
from touchline.ingest import TrackingEvent
from touchline.ingest.accept import Batch, accept
from touchline.ingest.landings import landing_of
from touchline.ingest.unread_tags import _REFUSED, _SHAPES, PREFIX, message_of
from touchline.tag_names import MOST_TAG_NAMES, tag_names_of


def batch_of(*urls: str, **said: Any) -> Batch:
    lines = [
        json.dumps({"eventId": f"e{n}", "type": "PAGE_VIEW", "url": url, **said}).encode() for n, url in enumerate(urls)
    ]
    given = ((f"f:{n}", line) for n, line in enumerate(lines))
    return next(accept(given, site_id="s", received_at=1_800_000_000_000_000, default_currency="EUR"))


def event_of(url: str, **said: Any) -> TrackingEvent:
    (event,) = batch_of(url, **said).accepted
    return event


def test_tags_are_counted_once_for_each_event_and_kind() -> None:
    batch = batch_of(
        "/?utm_source={a}&utm_term={b}&gclid=123", "/?gclid=test", "/?utm_sourcegoogle", "/?utm_source=good", "/plain"
    )
    assert len(batch.accepted) == 5
    assert batch.unread == Counter({"url: template": 1, "url: implausible": 2, "url: missing_equals": 1})


def test_every_kind_has_a_message_that_says_what_to_do() -> None:
    kinds = [*_REFUSED, *_SHAPES]
    assert [kind for kind in kinds if not (message_of(f"{PREFIX}{kind}") or "").endswith(".")] == []
    assert (message_of("sku"), message_of("url: sku"), message_of("template")) == (None, None, None)


def test_what_parameters_prove_is_among_the_names_of_the_click_ids() -> None:
    event = event_of("https://shop.example/?campaignid=12&adgroupid=3&matchtype=e&gad_source=1")
    assert (event.click_id_names, event.click_ids) == ("gad_source,valuetrack", '{"gad_source":"1"}')
    alone = event_of("https://shop.example/?campaignid=12&adgroupid=3&matchtype=e")
    assert (alone.click_id_names, alone.click_ids, alone.campaign_ref) == ("valuetrack", None, "12")


def test_the_referrer_that_a_link_names_counts_where_the_browser_names_no_other_site() -> None:
    url = "https://shop.example/?utm_referrer=https%3A%2F%2Fnews.example%2Fa"
    event = event_of(url)
    assert (event.referrer_host, event.referrer_domain) == ("news.example", "news.example")
    assert event.referrer == "https://news.example/a"
    assert event_of(url, referrer="https://www.shop.example/b").referrer_host == "news.example"
    assert event_of(url, referrer="https://other.example/").referrer_host == "other.example"


def test_names_of_the_organization_are_read_with_their_own_memory() -> None:
    url = "https://shop.example/?kampagne=Mai"
    assert landing_of(url, None, (("kampagne", "utm_campaign"),)).utm_campaign == "Mai"
    assert landing_of(url, None).utm_campaign is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kampagne", "kampagne is to stand for one of"),
        ("kampagne=campaign", "not for 'campaign'"),
        ("=utm_source", "'' is not the name of a parameter"),
        ("a b=utm_source", "'a b' is not the name of a parameter"),
        ("gclid=utm_source", "gclid has a meaning of its own"),
        ("utm_term=utm_source", "utm_term has a meaning of its own"),
        ("a=utm_source,a=utm_term", "a is to stand for two parameters"),
        (",".join(f"a{n}=utm_source" for n in range(MOST_TAG_NAMES + 1)), "More than 20"),
    ],
)
def test_tag_names_that_mean_nothing_are_refused(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        tag_names_of(text)


def test_tag_names_are_pairs_and_none_by_default() -> None:
    assert tag_names_of("") == ()
    assert tag_names_of("A=utm_source, ,b=utm_term") == (("a", "utm_source"), ("b", "utm_term"))
