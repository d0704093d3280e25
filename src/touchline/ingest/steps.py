"""From an event of the wire to a row of the ledger: named steps, run in the order of :data:`STEPS`.

A step reads the event of the wire and the context, and writes fields of the row; it returns ``None``, or a
:class:`Rejection`, which ends the run. Nothing here raises, reads a clock or knows a database.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import msgspec

from attribution_campaign_context import checked_value
from attribution_campaign_context.scrub import REDACTED, is_personal, scrub_path
from touchline.ingest.bots import Noise, noise_of
from touchline.ingest.event import Reason, TrackingEvent
from touchline.ingest.landings import landing_of
from touchline.ingest.money import micros_of
from touchline.ingest.rejection import Rejection, shortened
from touchline.ingest.scrubbing import without_addresses
from touchline.ingest.wire import Metadata, WireEvent
from touchline.magnitudes import DAY_MICROS
from touchline.settings import BLOCKED_IDENTIFIERS

MAX_PROPERTIES_BYTES = 16 * 1024
MAX_PROPERTIES_DEPTH = 8
KEPT_USER_AGENT = 512
"""Characters of a user agent that are stored; a longer one is cut, because what says anything stands at its start."""

INTERNAL_MARK = "tl_internal=1"
"""In a page's URL, or as a cookie, it says that this is one of the site's own people, looking."""

_DEVICES = frozenset({"desktop", "mobile", "tablet"})
_MARKED = Noise(Reason.INTERNAL, f"The page was looked at with {INTERNAL_MARK}.", "url")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR_2000 = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_NO_METADATA = Metadata()
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Context(NamedTuple):
    """What the steps know beside the event; from ``user_agent`` on, of the request, where its visitor sent it."""

    site_id: str
    received_at: int
    """Microseconds since 1970 (UTC)."""
    default_currency: str
    is_verified: bool = True
    """Whether it came from somebody who can be held to it."""
    user_agent: str | None = None
    """Of the visitor's browser, where the event names none."""
    noise: Noise | None = None
    """Why the one who sends is no visitor, if it is none."""
    is_consent_refused: bool = False
    """Whether the browser asks not to be followed (``Sec-GPC``)."""
    city: str | None = None
    """Where the request came from, as a trusted proxy says; it goes before what the event says."""
    district: str | None = None
    ip_hash: str | None = None
    device_type: str | None = None
    """As the client hints of the request say it."""


Step = Callable[[WireEvent, TrackingEvent, Context], Rejection | None]


def consent(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Whoever refused is not recorded."""
    if wire.consent == "denied" or (context.is_consent_refused and wire.consent is None):
        return Rejection(Reason.CONSENT_DENIED, "consent", "The visitor refused consent; what was sent is not kept.")
    row.consent = wire.consent
    return None


def agent(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """A crawler is no visitor, and neither are the site's own people."""
    user_agent, noise = wire.user_agent, context.noise
    if user_agent:
        noise = noise_of(user_agent) or noise
    else:
        user_agent = context.user_agent
    if noise is None and wire.url and INTERNAL_MARK in wire.url:
        noise = _MARKED
    if noise is not None:
        return Rejection(noise.reason, noise.field, noise.message)
    if user_agent:
        row.user_agent = user_agent[:KEPT_USER_AGENT]
        if not wire.user_agent:  # hints and agent are of one browser
            row.device_type = context.device_type
    elif wire.metadata is not None and wire.metadata.device_type:
        said = wire.metadata.device_type.strip().lower()
        row.device_type = said if said in _DEVICES else None
    return None


def times(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """When it happened: not before 2000, not more than a day after it was received."""
    when = wire.occurred_at
    if when is None:
        return None
    occurred_at = (when - _EPOCH) // _MICROSECOND
    if not _YEAR_2000 <= occurred_at <= context.received_at + DAY_MICROS:
        expected = "Expected a time from 2000 to a day after it was received"
        return Rejection(Reason.OUT_OF_RANGE, "occurredAt", f"occurredAt: {expected}, but it is {when}.")
    row.occurred_at = occurred_at
    return None


def ids(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Who it was, as far as was said; ``identifier`` is the best id that names somebody."""
    # A fingerprint (metadata.fp) names a kind of device, not somebody: it would join strangers.
    visitor_id, user_id = _trimmed(wire.anon_id), _trimmed(wire.user_id)
    email_hash = wire.email_hash.lower() if wire.email_hash else None
    row.visitor_id = visitor_id
    row.session_id = wire.session_id or None
    row.user_id = user_id
    row.email_hash = email_hash
    row.is_email_verified = wire.email_verified
    row.account_id = _trimmed(wire.account_id)
    row.ip_hash = context.ip_hash
    if names_somebody(visitor_id):
        row.identifier = f"v:{context.site_id}:{visitor_id}"
    elif names_somebody(user_id):
        row.identifier = f"u:{user_id}"
    elif names_somebody(email_hash):
        row.identifier = f"m:{email_hash}"
    else:
        row.identifier = f"e:{context.site_id}:{wire.event_id}"
    return None


def _trimmed(value: str | None) -> str | None:
    """An id without the white space around it: ``"42 "`` is nobody else than ``"42"``."""
    return (value or "").strip() or None


def names_somebody(value: str | None) -> bool:
    """Whether an id can stand for one person, unlike ``"null"`` or ``"guest"``.

    >>> names_somebody("42"), names_somebody(" NULL "), names_somebody(None)
    (True, False, False)
    """
    return value is not None and value.strip().lower() not in BLOCKED_IDENTIFIERS


def texts(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """What is kept as it was said."""
    metadata = wire.metadata or _NO_METADATA
    row.name = wire.name or None
    row.title = wire.title or None
    row.order_id = wire.order_id or None
    row.is_test = wire.is_test
    row.city = context.city or wire.city or metadata.city or None
    row.district = context.district or wire.district or metadata.district or None
    row.survey_answer = (wire.survey.answer.strip() or None) if wire.survey else None
    return None


def landing(wire: WireEvent, row: TrackingEvent, _context: Context) -> Rejection | None:
    """What the URL and the referrer say about where the visit came from."""
    referrer = wire.referrer or (wire.metadata or _NO_METADATA).ref or None
    found = landing_of(wire.url or None, referrer)
    (
        row.url, row.referrer, path, row.page_domain, row.referrer_host, row.referrer_domain, row.utm_source,
        row.utm_medium, row.utm_campaign, row.utm_term, row.utm_content, row.utm_id, campaign_ref, row.adset_ref,
        row.ad_ref, click_ids, click_ids_text, click_id_names,
    ) = found  # fmt: skip
    row.path = scrub_path(wire.path) if wire.path else path
    gclid = _with_said_marks(wire, row)
    row.campaign_ref = campaign_ref or row.utm_id
    if gclid and "gclid" not in click_ids:
        _keep_click_ids(row, {**click_ids, "gclid": gclid})
    elif click_ids:
        row.click_ids, row.click_id_names = click_ids_text, click_id_names
    return None


_SAID_MARKS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id")


def _with_said_marks(wire: WireEvent, row: TrackingEvent) -> str | None:
    """Campaign marks that were sent as fields, where the URL has none: same rules as in a URL; returns the gclid."""
    metadata = wire.metadata
    if metadata is None:
        if not (wire.utm_source or wire.utm_medium or wire.utm_campaign or wire.utm_term or wire.utm_content
                or wire.utm_id):  # fmt: skip
            return None  # as nearly always: this is the hot path
        metadata = _NO_METADATA
    for name in _SAID_MARKS:
        text = getattr(wire, name) or (metadata.utm and getattr(metadata.utm, name[4:], None))
        if text and getattr(row, name) is None:
            setattr(row, name, REDACTED if is_personal(text) else checked_value(name, text)[0])
    return checked_value("gclid", metadata.gclid)[0] if metadata.gclid else None


def _keep_click_ids(row: TrackingEvent, click_ids: dict[str, str]) -> None:
    row.click_ids = _encode_sorted(click_ids).decode()
    row.click_id_names = ",".join(sorted(click_ids))


def money(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """The value in micros; a value without a currency is in the organization's."""
    row.currency = wire.currency.upper() if wire.currency else None
    if wire.value is None:
        return None
    micros = micros_of(wire.value)
    if micros is None:
        came = shortened(str(wire.value))
        return Rejection(Reason.OUT_OF_RANGE, "value", f"value: Expected 0 to 9 billion, but it is {came}.")
    row.value_micros = micros
    row.currency = row.currency or context.default_currency
    return None


def properties(wire: WireEvent, row: TrackingEvent, _context: Context) -> Rejection | None:
    """Free properties, in one canonical text."""
    found = wire.properties
    if not found:
        return None
    if _is_deeper(found, MAX_PROPERTIES_DEPTH):
        expected = f"properties: Expected at most {MAX_PROPERTIES_DEPTH} levels"
        return Rejection(Reason.TOO_DEEP, "properties", f"{expected}, but there are more.")
    text = _encode_sorted(found)
    if len(text) > MAX_PROPERTIES_BYTES:
        expected = f"properties: Expected at most {MAX_PROPERTIES_BYTES:,} bytes of JSON"
        return Rejection(Reason.TOO_LONG, "properties", f"{expected}, but there are {len(text):,}.")
    row.properties = without_addresses(text).decode()
    return None


def _is_deeper(found: object, levels: int) -> bool:
    """Whether arrays and objects are nested more than ``levels`` deep."""
    if isinstance(found, dict):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in found.values())
    if isinstance(found, list):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in found)
    return False


def payload_hash(wire: WireEvent, row: TrackingEvent, _context: Context) -> Rejection | None:
    """A hash of what was said, but for the key it was said with."""
    wire.public_key = None
    row.payload_hash = sha256(_encode_sorted(wire)).hexdigest()
    return None


STEPS: tuple[Step, ...] = (consent, agent, times, ids, texts, landing, money, properties, payload_hash)
"""The whole way of an event. Refusals that cost little to see stand first."""


def processed(wire: WireEvent, context: Context) -> TrackingEvent | Rejection:
    """Runs every step over one event."""
    row = TrackingEvent(
        site_id=context.site_id,
        event_id=wire.event_id,
        type=wire.type._value_,  # `value` takes a way through Python at every event
        occurred_at=context.received_at,
        received_at=context.received_at,
        is_verified=context.is_verified,
    )
    for step in STEPS:
        refused = step(wire, row, context)
        if refused is not None:
            return refused
    return row
