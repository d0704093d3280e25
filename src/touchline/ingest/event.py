"""The output of the ingest stage: an accepted event as a row, or a rejected one with its reason."""

from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from touchline.tracking_event import TrackingEvent


class EventType(StrEnum):
    """The type of an event, by its name on the wire."""

    PAGE_VIEW = "PAGE_VIEW"
    CONVERSION = "CONVERSION"
    CUSTOM = "CUSTOM"
    IDENTIFY = "IDENTIFY"
    AD_IMPRESSION = "AD_IMPRESSION"
    REFUND = "REFUND"


PAGE_VIEW_FIELDS = TrackingEvent.__struct_fields__.index("name")
"""The number of fields that come first; the others are empty in nearly every page view, and are then not written."""
EMPTY_FIELDS: tuple[object, ...] = TrackingEvent.__struct_defaults__[
    PAGE_VIEW_FIELDS - len(TrackingEvent.__struct_fields__) :
]
"""The values of the other fields when they are empty."""
Row = tuple[Any, ...]
"""An event as a row: its fields in order, cut after :data:`PAGE_VIEW_FIELDS` if the others are empty."""


def row_of(event: TrackingEvent) -> Row:
    """The event as a row; made at once, while what it is made of is still in the processor's cache.

    >>> view = TrackingEvent(site_id="shop", event_id="e1", type="PAGE_VIEW", occurred_at=1, received_at=1)
    >>> len(row_of(view)) == PAGE_VIEW_FIELDS
    True
    """
    row = astuple(event)
    return row[:PAGE_VIEW_FIELDS] if row[PAGE_VIEW_FIELDS:] == EMPTY_FIELDS else row


class Happened(NamedTuple):
    """When an event occurred, and of whom."""

    occurred_at: int
    identifier: str
    site_id: str = ""
    type: str = ""
    is_verified: bool = True
    user_id: str | None = None
    email_hash: str | None = None
    order_id: str | None = None


_FIRST = itemgetter(*map(TrackingEvent.__struct_fields__.index, Happened._fields[:5]))
_LAST = itemgetter(*map(TrackingEvent.__struct_fields__.index, Happened._fields[5:]))
VISITOR_ID = TrackingEvent.__struct_fields__.index("visitor_id")
"""The position of the visitor in a row."""


def happened(row: Row) -> Happened:
    """The input of :func:`~touchline.ingest.erased.erased_among`."""
    return Happened(*_FIRST(row), *(_LAST(row) if len(row) > PAGE_VIEW_FIELDS else ()))


def is_of_wrong_clock(row: Row) -> bool:
    """Whether the time of a row was corrected."""
    return len(row) > PAGE_VIEW_FIELDS and row[_CLOCK] is not None


_CLOCK = TrackingEvent.__struct_fields__.index("clock_corrected_seconds")


class RejectedEvent(msgspec.Struct, kw_only=True, frozen=True):
    """One refused event: a row of ``rejected_events``. ``reason`` is a code of :class:`Reason`."""

    site_id: str
    event_id: str | None = None
    received_at: int
    reason: str
    field: str | None = None
    """The field, in the words of the wire or of the mapped file, that is wrong."""
    message: str
    """Expected and actual value, in words."""
    source: str
    """Where it came from: ``<file name>:<line or row number>``, or a door of the server."""
    payload: str
    """The event as received, cut at 8,192 characters, without addresses, tokens and other personal data."""


class Reason(StrEnum):
    """Why an event is rejected; there are no other reasons."""

    MALFORMED = "malformed"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    TOO_LONG = "too_long"
    TOO_DEEP = "too_deep"
    UNKNOWN_VALUE = "unknown_value"
    CONTRADICTION = "contradiction"
    """Two fields of one event contradict each other."""
    BOT = "bot"
    MONITORING = "monitoring"
    """A program that monitors whether the site is up."""
    DATACENTRE = "datacentre"
    """From a network of servers, not of visitors."""
    INTERNAL = "internal"
    """The site's own staff."""
    PREFETCH = "prefetch"
    """A page that a browser prefetched and nobody has seen."""
    CONSENT_DENIED = "consent_denied"
    ERASED = "erased"
    FOREIGN_KEY = "foreign_key"
    FOREIGN_ORIGIN = "foreign_origin"
    """A page of an origin that the key does not allow; only the origin is stored."""
    ASSET = "asset"
    """A line of an access log about a part of a page: an image, a script, a font."""
    NO_PAGE = "no_page"
    """A line of an access log that shows no page: an error, a redirect, a form submission."""
    UNSTORABLE = "unstorable"
    """The ledger's database cannot store a value of it."""


NOBODYS_FAULT = frozenset(
    {
        Reason.BOT, Reason.MONITORING, Reason.DATACENTRE, Reason.INTERNAL, Reason.PREFETCH, Reason.CONSENT_DENIED,
        Reason.ERASED, Reason.ASSET, Reason.NO_PAGE,
    }
)  # fmt: skip
"""Reasons that require no fix and no second attempt."""
