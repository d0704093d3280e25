"""What a page's URL and its referrer say, read once for each pair: most page views land where others landed before.

Before anything is read or kept, secrets and persons are taken out of both, by the rules of the capture library.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from attribution_campaign_context import Landing, parse_landing
from attribution_campaign_context.scrub import scrub_pairs, scrub_url
from touchline.characters import MAX_AD_ID_BYTES, is_longer
from touchline.domains import registrable_domain
from touchline.ingest.page_urls import page_url
from touchline.ingest.referrers import referrer_domain

REMEMBERED_LENGTH = 1_024
"""Characters that a URL and its referrer may have together to be remembered: 4,096 pairs are a few megabytes."""

_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Landed(NamedTuple):
    """What a landing says, in the columns of ``tracking_events``."""

    url: str | None
    """Without secrets and persons, as the referrer is; neither is one that runs code."""
    referrer: str | None
    path: str | None
    page_domain: str | None
    referrer_host: str | None
    referrer_domain: str | None
    utm_source: str | None
    utm_medium: str | None
    utm_campaign: str | None
    utm_term: str | None
    utm_content: str | None
    utm_id: str | None
    campaign_ref: str | None
    adset_ref: str | None
    ad_ref: str | None
    click_ids: dict[str, str]
    """Not to be changed: it is shared."""
    click_ids_text: str
    click_id_names: str


def landing_of(url: str | None, referrer: str | None) -> Landed:
    """What a URL and its referrer say.

    >>> landing_of("https://m.shop.example/a?gclid=Cj0_x", "https://www.google.com/").click_ids_text
    '{"gclid":"Cj0_x"}'
    >>> landing_of("https://shop.example/reset?token=abc", None).url
    'https://shop.example/reset?token=redacted'
    """
    is_short = len(url or "") + len(referrer or "") <= REMEMBERED_LENGTH
    return _remembered(url, referrer) if is_short else _read(url, referrer)


def _read(url: str | None, referrer: str | None) -> Landed:
    page, mark, query = (url or "").partition("?")
    if mark and page and url and _is_plain(url):
        return _with_query(landing_of(page, referrer), query)
    url, referrer = url and page_url(url), referrer and page_url(referrer)
    url, referrer = url and scrub_url(url), referrer and scrub_url(referrer)
    found = parse_landing(url, referrer)
    return Landed(
        url,
        referrer,
        found.path,
        registrable_domain(found.host) if found.host else None,
        found.referrer_host,
        referrer_domain(referrer, found.referrer_host) if referrer and found.referrer_host else None,
        *_marks(found),
    )


def _is_plain(url: str) -> bool:
    """Whether a URL says the same if it is cut at its first ``?``, and both parts are read alone.

    Visible ASCII characters without a fragment do: nothing is stripped at their ends, or left out in their midst.
    """
    return "#" not in url and " " not in url and url.isascii() and url.isprintable()


def _with_query(page: Landed, query: str) -> Landed:
    """A page with a query. Pages are few; a link with a click id comes once, and takes a third of the time this way."""
    if page.url is None:
        return page
    query = scrub_pairs(query)
    return Landed._make((f"{page.url}?{query}", *page[1:_MARKS], *_marks(parse_landing(f"?{query}"))))


def _marks(found: Landing) -> tuple[Any, ...]:
    """The fields of :class:`Landed` from ``utm_source`` on."""
    utm, click_ids = found.utm.get, found.click_ids
    return (
        utm("utm_source"),
        utm("utm_medium"),
        utm("utm_campaign"),
        utm("utm_term"),
        utm("utm_content"),
        ad_id(utm("utm_id")),
        ad_id(found.campaign_ref),
        ad_id(found.adset_ref),
        ad_id(found.ad_ref),
        click_ids,
        _encode_sorted(click_ids).decode(),
        ",".join(sorted(click_ids)),
    )


_MARKS = Landed._fields.index("utm_source")


def ad_id(text: str | None) -> str | None:
    """The id of a campaign, an ad set or an ad; ``None`` where it is too long to be one."""
    return None if text is None or is_longer(text, MAX_AD_ID_BYTES) else text


_remembered = lru_cache(maxsize=4_096)(_read)
