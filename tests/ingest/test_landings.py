"""A URL whose query is read alone says what it says as a whole."""

from hypothesis import example, given
from hypothesis import strategies as st

from attribution_campaign_context import parse_landing
from attribution_campaign_context.scrub import scrub_url
from touchline.domains import registrable_domain
from touchline.ingest.landings import Landed, ad_id, landing_of
from touchline.ingest.page_urls import page_url
from touchline.ingest.referrers import referrer_domain

PIECES = [
    "https://", "//", "/", "shop.example", "www.", "ann:pw@", ":443", ":8080", "localhost", "javascript:", "mailto:",
    "myshop://", "?", "?", "&", "=", ";", "#", "utm_source", "UTM_Medium", "utm_id", "gclid", "amp;utm_term",
    "gad_campaignid", "News", "token", "%00", "%20", "%C3%A9", "%7B", "{x}", "ann%40b.example", "a@b.example", "é",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0", " ", "\t", "\n", "\u00a0", "\ufffd", "\x7f", "null", "x" * 20, "9" * 600,
    "invite/3f9a7c1d5e2b8046", "+", "\\", "[::1]", "..", ":",
]  # fmt: skip
urls = st.one_of(st.none(), st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
pages = st.lists(st.sampled_from(PIECES), max_size=12).map(lambda said: "https://shop.example/a?" + "".join(said))


@example(url="https://shop.example/a ?utm_source=x", referrer=None)
@example(url="javascript:alert(1)?utm_source=x", referrer="https://a.example/?q=1")
@example(url="https://shop.example?", referrer=None)
@example(url="shop.example:8080?gclid=Cj0_x", referrer=None)
@example(url="//ann@?utm_source=x", referrer=None)
@given(url=st.one_of(urls, pages), referrer=urls)
def test_a_url_says_what_it_says_as_a_whole(url: str | None, referrer: str | None) -> None:
    assert landing_of(url or None, referrer or None) == read_as_a_whole(url or None, referrer or None)


def read_as_a_whole(url: str | None, referrer: str | None) -> Landed:
    url, referrer = url and page_url(url), referrer and page_url(referrer)
    url, referrer = url and scrub_url(url), referrer and scrub_url(referrer)
    found = parse_landing(url, referrer)
    marks = {name: found.utm.get(f"utm_{name}") for name in ("source", "medium", "campaign", "term", "content")}
    said = ",".join(f'"{name}":"{found.click_ids[name]}"' for name in sorted(found.click_ids))
    return Landed(
        url=url, referrer=referrer, path=found.path, click_ids=found.click_ids, click_ids_text="{" + said + "}",
        page_domain=registrable_domain(found.host) if found.host else None,
        referrer_host=found.referrer_host,
        referrer_domain=referrer_domain(referrer, found.referrer_host) if referrer and found.referrer_host else None,
        utm_id=ad_id(found.utm.get("utm_id")), campaign_ref=ad_id(found.campaign_ref),
        adset_ref=ad_id(found.adset_ref), ad_ref=ad_id(found.ad_ref), click_id_names=",".join(sorted(found.click_ids)),
        **{f"utm_{name}": value for name, value in marks.items()},
    )  # fmt: skip
