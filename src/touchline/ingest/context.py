"""What the steps of an event know besides the event itself."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import msgspec

from touchline.ingest.bots import Noise
from touchline.redaction import EVERYTHING, Redaction
from touchline.tag_names import TagNames
from touchline.visitor_ids import DEFAULT, VisitorIds


class Context(msgspec.Struct, frozen=True, gc=False):
    """Input of the steps next to the event; fields from ``user_agent`` on describe the browser's own request."""

    site_id: str
    received_at: int
    """Microseconds since 1970 (UTC)."""
    default_currency: str
    is_verified: bool = True
    """Whether a secret key or a signature vouches for it."""
    user_agent: str | None = None
    """The browser's user agent, if the event has none; cut and cleaned once for all events."""
    noise: Noise | None = None
    """Why the sender is not a visitor, if it is not."""
    is_consent_refused: bool = False
    """Whether the browser refuses, whatever its page says: by ``Sec-GPC``, by the refusal that it keeps in a cookie,
    or, where the organization respects it, by ``DNT``."""
    city: str | None = None
    """The location of the request, from a trusted proxy; it takes precedence over the event's."""
    district: str | None = None
    ip_hash: str | None = None
    """Of the address of the request, as it is stored."""
    device_type: str | None = None
    """The device, from the request's client hints."""
    tag_names: TagNames = ()
    """The organization's own names of UTM parameters."""
    unread: Counter[str] | None = None
    """Counts the events with tags that have no usable value, by the kind of fault."""
    is_live: bool = False
    """Whether the events were received at ``received_at``. For a file that is unknown, so its send times say nothing
    about a clock."""
    sent_at: datetime | None = None
    """The send time that the request states."""
    redaction: Redaction = EVERYTHING
    """What the organization redacts besides the known kinds, and what it does not keep at all."""
    visitor_ids: VisitorIds = DEFAULT
    """By what the site recognizes the browsers that send events themselves."""
    visit_id: str | None = None
    """Where no id of the browser's own is kept: the hash, with the key of the day, that holds its visit together."""
    keyed_address: Callable[[str], str] | None = None
    """What is stored of the hash of an address that a server sends: it may have no key, or one that is kept. ``None``:
    nothing is."""
    scrubbed: set[str] = msgspec.field(default_factory=set)
    """What was taken out of the event at work, as it is counted among ``unread``; empty between events."""
