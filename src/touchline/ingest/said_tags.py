"""Campaign tags that an event says in fields of its own, in addition to its URL: same rules as in a URL."""

from attribution_campaign_context import checked_value
from attribution_campaign_context.scrub import REDACTED, is_personal, kinds_in_url, names_person
from touchline.ingest.landings import ad_id
from touchline.ingest.scrubbing import names_of_kinds
from touchline.ingest.wire_event import Metadata, WireEvent
from touchline.tracking_event import TrackingEvent

_NAMES = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")
_NO_METADATA = Metadata()


def with_said_tags(wire: WireEvent, row: TrackingEvent, kinds: set[str]) -> str | None:
    """Set the tags that are sent as fields, if the URL has none; returns the gclid.

    :param kinds: gets what was taken out of them, as it is counted.
    """
    metadata = wire.metadata
    if metadata is None:
        if not (wire.utm_source or wire.utm_medium or wire.utm_campaign or wire.utm_term or wire.utm_content
                or wire.utm_id):  # fmt: skip
            return None  # the usual case: this is the hot path
        metadata = _NO_METADATA
    for name in _NAMES:
        text = _said(wire, metadata, name)
        if text and getattr(row, name) is None:
            value = checked_value(name, text)[0]
            if is_personal(text):
                value = REDACTED
                kinds.update(names_of_kinds(kinds_in_url(f"{name}={text}")))
            setattr(row, name, ad_id(value) if name == "utm_id" else value)
    if not metadata.gclid or names_person(metadata.gclid):
        return None
    return checked_value("gclid", metadata.gclid)[0]


def says_tags(wire: WireEvent) -> bool:
    """Whether the event itself has a tag or a click id: then the referrer's belong to another visit."""
    metadata = wire.metadata or _NO_METADATA
    return bool(metadata.gclid) or any(_said(wire, metadata, name) for name in _NAMES)


def _said(wire: WireEvent, metadata: Metadata, name: str) -> str | None:
    """A campaign tag sent as a field of the event or in its metadata."""
    found: str | None = getattr(wire, name) or getattr(metadata.utm, name[4:], None)
    return found
