"""An event's fields, declared once with type, unit and meaning.

The ledger's columns, the engine's table and the reference pages are made of them. The wire says them in its own words
(:mod:`touchline.ingest.wire_event`), and the steps of :mod:`touchline.ingest.steps` fill them.

Times are integer microseconds since 1970 (UTC), money is integer micros. Text is ``None`` or at least one character
long: an empty string never means anything here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from types import NoneType
from typing import Annotated, Any, get_args, get_type_hints

import msgspec

from touchline.table import Column, Kind


class Mark(Enum):
    """What a field's type does not say."""

    TIME = auto()
    """A number that is a time, in microseconds since 1970."""
    LOOSE = auto()
    """Text that a run reads in a few of many events: see :class:`~touchline.table.Column`."""
    LEDGER_ONLY = auto()
    """The ledger keeps it, and no run reads it."""


Micros = Annotated[int, Mark.TIME]


class TrackingEvent(msgspec.Struct, kw_only=True, gc=False):
    """One accepted event, parsed and checked: a row of ``tracking_events``.

    The steps fill it one after another; what leaves the stage is complete.
    """

    site_id: str
    """The site."""
    event_id: Annotated[str, Mark.LOOSE]
    """The event's id, assigned by the sender; unique within the site."""
    identifier: Annotated[str, Mark.LOOSE] = ""
    """Whose it is: ``v:<site>:<visitor>``, else ``u:<user>``, else ``m:<e-mail hash>``, else ``e:<site>:<event>``,
    or with a random session id ``e:<site>:<session>``."""
    type: str
    """``PAGE_VIEW``, ``CONVERSION``, ``CUSTOM``, ``IDENTIFY``, ``AD_IMPRESSION`` or ``REFUND``."""
    occurred_at: Micros
    """When it happened, by the sender's clock; see ``clock_corrected_seconds``."""
    received_at: Micros
    """When Touchline took the event in."""
    visitor_id: str | None = None
    """Id of the browser from its first-party cookie."""
    session_id: Annotated[str | None, Mark.LEDGER_ONLY] = None
    """The session id on the wire: evidence, never the session."""
    url: Annotated[str | None, Mark.LOOSE] = None
    """The page."""
    path: Annotated[str | None, Mark.LEDGER_ONLY] = None
    """Path of the page, without host and parameters."""
    title: Annotated[str | None, Mark.LEDGER_ONLY] = None
    """Title of the page."""
    page_domain: str | None = None
    """Registrable domain of ``url``."""
    referrer: str | None = None
    """The referring URL."""
    referrer_host: str | None = None
    """Host of the referrer, lower case, without ``www.``; an Android app's referrer keeps its package name."""
    referrer_domain: str | None = None
    """Registrable domain of the referrer."""
    utm_source: str | None = None
    """The ``utm_source`` parameter."""
    utm_medium: str | None = None
    """The ``utm_medium`` parameter."""
    utm_campaign: str | None = None
    """The ``utm_campaign`` parameter."""
    click_ids: Annotated[str | None, Mark.LOOSE] = None
    """The click ids as a JSON object with sorted keys, values byte-exact."""
    click_id_names: str | None = None
    """The valid click ids' registry names, sorted, joined by commas, e.g. ``gbraid,gclid``."""
    user_agent: str | None = None
    """What the browser calls itself."""
    device_type: str | None = None
    """``desktop``, ``mobile`` or ``tablet``, as client hints say it, or a tag that sends no user agent; else the user
    agent tells."""
    ip_hash: Annotated[str | None, Mark.LEDGER_ONLY] = None
    """Keyed hash of the IP address; the address itself is never kept."""
    is_verified: bool = True
    """Whether it came from somebody who can be held to it: a file of the owner's, a secret key, or a signature. What a
    browser says with a publishable key, anybody can say."""
    payload_hash: Annotated[str, Mark.LEDGER_ONLY] = ""
    """SHA-256 of what was said, without the times of arrival, keyed like ``email_hash``: two payloads under one id can
    be told apart."""
    # From here on: what a page view leaves empty, as `PAGE_VIEW_FIELDS` counts on.
    name: str | None = None
    """The sender's name for the event."""
    user_id: str | None = None
    """The site's own id of the signed-in user."""
    email_hash: str | None = None
    """SHA-256 of the normalised e-mail address; the ledger stores it under the key of the home, and never the address
    itself."""
    is_email_verified: bool = False
    """Whether the site had checked that the e-mail address is the visitor's."""
    account_id: str | None = None
    """The account: the customer's company. A value that names nobody, such as ``null``, is none."""
    utm_term: str | None = None
    """The ``utm_term`` parameter."""
    utm_content: str | None = None
    """The ``utm_content`` parameter."""
    utm_id: str | None = None
    """The ``utm_id`` parameter."""
    campaign_ref: str | None = None
    """The ad platform's campaign id as the URL gave it (``utm_id``, ``gad_campaignid``, ``campaign_id``)."""
    adset_ref: str | None = None
    """The ad set's id, as the landing URL gave it."""
    ad_ref: str | None = None
    """The ad's id, as the landing URL gave it."""
    value_micros: int | None = None
    """Money earned."""
    currency: str | None = None
    """Three-letter code of the money."""
    order_id: str | None = None
    """The shop's order number."""
    is_test: bool = False
    """Whether the event was marked as a test."""
    consent: Annotated[str | None, Mark.LEDGER_ONLY] = None
    """What the visitor agreed to, as the consent tool said it."""
    city: str | None = None
    """The visitor's city, where the collector was told it."""
    district: str | None = None
    """The visitor's district, where the collector was told it."""
    survey_answer: str | None = None
    """What the customer said when asked where they heard of us."""
    properties: Annotated[str | None, Mark.LEDGER_ONLY] = None
    """Free properties as a JSON object with sorted keys."""
    clock_corrected_seconds: int | None = None
    """Seconds that were added to the time that the sender gave, because its clock was off; negative where it was ahead.
    Empty where the time is the sender's own."""
    tags_from: str | None = None
    """``referrer`` where the tags and click ids are those of the referrer's address, a page of the same site, because
    the event's own page has none."""


@dataclass(frozen=True)
class EventField:
    """A field of an event as tables keep it."""

    name: str
    kind: Kind
    is_nullable: bool
    default: Any
    """What stands in it where nothing was said; ``msgspec.NODEFAULT`` where something always is."""
    marks: frozenset[Mark]

    @property
    def column(self) -> Column:
        """The field in an engine."""
        return Column(self.name, self.kind, self.is_nullable, Mark.LOOSE in self.marks)


_KINDS = {str: Kind.TEXT, int: Kind.INTEGER, bool: Kind.BOOLEAN}


def _fields() -> Iterator[EventField]:
    hints = get_type_hints(TrackingEvent, include_extras=True)
    for field in msgspec.structs.fields(TrackingEvent):
        hint, marks = hints[field.name], frozenset[Mark]()
        if hasattr(hint, "__metadata__"):
            hint, marks = hint.__origin__, frozenset(hint.__metadata__)
        types = set(get_args(hint) or [hint])
        (plain,) = types - {NoneType}
        kind = Kind.TIMESTAMP if Mark.TIME in marks else _KINDS[plain]
        yield EventField(field.name, kind, NoneType in types, field.default, marks)


EVENT_FIELDS = tuple(_fields())
"""The fields of :class:`TrackingEvent`, in their order."""
