"""A page's URL and referrer, parsed once for each pair: most page views land where others have landed before.

Secrets and personal data are removed from both first, by the rules of the capture library.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from attribution_campaign_context import parse_landing
from attribution_campaign_context.scrub import kinds_in_url, scrub_url
from touchline.characters import MAX_AD_ID_BYTES, is_longer
from touchline.domains import registrable_domain
from touchline.ingest.page_urls import page_url
from touchline.ingest.referrers import referrer_domain
from touchline.ingest.scrubbing import kept_text, names_of_kinds
from touchline.ingest.unread_tags import unread_tags
from touchline.redaction import EVERYTHING, Redaction
from touchline.tag_names import TagNames

REMEMBERED_LENGTH = 1_024
"""Characters that a URL and its referrer may have together to be cached: 4,096 pairs take a few megabytes."""

_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Landed(NamedTuple):
    """A parsed landing, in the columns of ``tracking_events``."""

    url: str | None
    """The URL without secrets and personal data; ``None`` if it would run code. The referrer likewise."""
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
    """Shared, and must not be changed."""
    click_ids_text: str
    click_id_names: str
    unread: tuple[str, ...]
    """The kinds of tags without a usable value, as they are counted."""
    tags_from: str | None
    """``referrer`` if the tags are from the referrer's URL."""
    scrubbed: tuple[str, ...]
    """The kinds of what was taken out of both URLs, as they are counted."""

    def without_tags(self) -> "Landed":
        """The same page, with no evidence but the referrer's host."""
        return self._replace(**_NO_TAGS)


_NO_TAGS: dict[str, Any] = {
    **dict.fromkeys(name for name in Landed._fields if name.startswith("utm_") or name.endswith("_ref")),
    "click_ids": {}, "click_ids_text": "{}", "click_id_names": "", "tags_from": None,
}  # fmt: skip


def landing_of(
    url: str | None, referrer: str | None, tag_names: TagNames = (), redaction: Redaction = EVERYTHING
) -> Landed:  # fmt: skip
    """What a URL and its referrer say; ``tag_names`` are the organization's own names of UTM parameters.

    >>> landing_of("https://m.shop.example/a?gclid=Cj0_x", "https://www.google.com/").click_ids_text
    '{"gclid":"Cj0_x"}'
    >>> landing_of("https://shop.example/reset?token=abc", None).url
    'https://shop.example/reset?token=redacted'
    """
    is_short = len(url or "") + len(referrer or "") <= REMEMBERED_LENGTH
    return (_remembered if is_short else _read)(url, referrer, tag_names, redaction)


def _read(url: str | None, referrer: str | None, tag_names: TagNames, redaction: Redaction) -> Landed:
    kinds = set[str]()
    url, referrer = (said and _kept_url(page_url(said), redaction, kinds) for said in (url, referrer))
    found = parse_landing(url, referrer, tag_names=dict(tag_names)) if tag_names else parse_landing(url, referrer)
    if found.named_referrer is not None:
        referrer = page_url(found.named_referrer)
    page_domain = registrable_domain(found.host) if found.host else None
    of_referrer = referrer_domain(referrer, found.referrer_host) if referrer and found.referrer_host else None
    tags_from = None
    if of_referrer is not None and of_referrer == page_domain and not found.has_marks:
        before = parse_landing(referrer, tag_names=dict(tag_names))
        if before.has_marks:
            tags_from = "referrer"
            kept = {name: getattr(found, name) for name in ("host", "path", "referrer_host", "refused", "unread")}
            found = before._replace(**kept)
    utm = found.utm.get
    if not redaction.keeps_queries:
        url, referrer = (said and _QUERY.sub("", said) for said in (url, referrer))
    return Landed(
        url,
        referrer,
        found.path,
        page_domain,
        found.referrer_host,
        of_referrer,
        utm("utm_source"),
        utm("utm_medium"),
        utm("utm_campaign"),
        utm("utm_term"),
        utm("utm_content"),
        ad_id(utm("utm_id")),
        ad_id(found.campaign_ref),
        ad_id(found.adset_ref),
        ad_id(found.ad_ref),
        found.click_ids,
        _encode_sorted(found.click_ids).decode(),
        ",".join(found.proofs),
        unread_tags(found) if found.refused or found.unread else (),
        tags_from,
        tuple(sorted(kinds)),
    )


_QUERY = re.compile(r"[?#].*", re.DOTALL)


def _kept_url(said: str | None, redaction: Redaction, kinds: set[str]) -> str | None:
    """A URL without personal data and secrets, whose kinds are added to ``kinds``."""
    if said is None:
        return None
    url = scrub_url(said, redaction.keys, redaction.kept_keys)
    if url != said:
        kinds.update(names_of_kinds(kinds_in_url(said, redaction.keys, redaction.kept_keys)))
    return kept_text(url, "id", redaction, kinds) if redaction.rules else url


def ad_id(text: str | None) -> str | None:
    """The id of a campaign, an ad set or an ad; ``None`` where it is too long to be one."""
    return None if text is None or is_longer(text, MAX_AD_ID_BYTES) else text


_remembered = lru_cache(maxsize=4_096)(_read)
