"""From an event of the wire to a row of the ledger: named steps, run in the order of :func:`processed`.

A step reads the event of the wire and the context, and writes fields of the row; it returns ``None``, or a
:class:`Rejection`, which ends the run. Nothing here raises, reads a clock or knows a database.

Every field of a row is empty at first, and a step writes those of which something was said: it is the hot path, and to
write ``None`` where ``None`` stands costs as much as to write a text.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

import msgspec

from attribution_campaign_context import checked_value
from attribution_campaign_context.scrub import REDACTED, is_personal, scrub_path
from touchline.characters import cleaned
from touchline.files.money import MAX_MICROS, micros_as_units, micros_of
from touchline.ingest.bots import Noise, noise_of
from touchline.ingest.clocks import bound, correction, sent_at_least, whole_seconds
from touchline.ingest.event import EventType, Reason
from touchline.ingest.landings import ad_id, landing_of
from touchline.ingest.rejection import Rejection, shortened
from touchline.ingest.scrubbing import without_addresses
from touchline.ingest.wire_event import Metadata, WireEvent
from touchline.magnitudes import DAY_MICROS
from touchline.placeholders import names_somebody
from touchline.tag_names import TagNames
from touchline.tracking_event import TrackingEvent

MAX_PROPERTIES_BYTES = 16 * 1024
MAX_PROPERTIES_DEPTH = 8
KEPT_USER_AGENT = 512
"""Characters of a user agent that are stored; a longer one is cut, because what says anything stands at its start."""

INTERNAL_MARK = "tl_internal=1"
"""In a page's URL, or as a cookie, it says that this is one of the site's own people, looking."""

REMEMBERED_PATH = 128
"""Characters that the path of a page may have to be remembered: a site has few, and looks them over again and again."""

_DEVICES = frozenset({"desktop", "mobile", "tablet"})
_MARKED = Noise(Reason.INTERNAL, f"The page was looked at with {INTERNAL_MARK}.", "url")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
YEAR_2000 = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The earliest time, in microseconds since 1970, at which something may have happened."""
_NO_METADATA = Metadata()
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Context(msgspec.Struct, frozen=True, gc=False):
    """What the steps know beside the event; from ``user_agent`` on, of the request, where its visitor sent it."""

    site_id: str
    received_at: int
    """Microseconds since 1970 (UTC)."""
    default_currency: str
    is_verified: bool = True
    """Whether it came from somebody who can be held to it."""
    user_agent: str | None = None
    """Of the visitor's browser, where the event names none; cut and cleaned as it is kept, once for all events."""
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
    tag_names: TagNames = ()
    """The organization's own names of UTM parameters."""
    unread: Counter[str] | None = None
    """Counts the events with tags that are there and say nothing, by what is wrong with them."""
    is_live: bool = False
    """Whether ``received_at`` is when the events themselves came in. When those of a file did, nobody knows: a send
    time tells nothing of a clock there."""
    sent_at: datetime | None = None
    """When the request was sent, as it says."""


def consent(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Whoever refused is not recorded."""
    if wire.consent == "denied" or (context.is_consent_refused and wire.consent is None):
        return Rejection(Reason.CONSENT_DENIED, "consent", "The visitor refused consent; what was sent is not kept.")
    if wire.consent is not None:
        row.consent = wire.consent
    return None


def agent(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """A crawler is no visitor, and neither are the site's own people."""
    noise, kept = context.noise, ""
    if wire.user_agent:
        its_noise, kept = _seen(wire.user_agent[:KEPT_USER_AGENT])
        noise = its_noise or noise
    if noise is None and wire.url and INTERNAL_MARK in wire.url:
        noise = _MARKED
    if noise is not None:
        return Rejection(noise.reason, noise.field, noise.message)
    if kept:
        row.user_agent = kept
    elif context.user_agent:
        row.user_agent = context.user_agent
        if context.device_type is not None:  # hints and agent are of one browser
            row.device_type = context.device_type
    elif wire.metadata is not None and wire.metadata.device_type:
        said = wire.metadata.device_type.strip().lower()
        row.device_type = said if said in _DEVICES else None
    return None


@lru_cache(maxsize=16_384)
def _seen(user_agent: str) -> tuple[Noise | None, str]:
    """What a user agent is if it is no visitor, and how it is kept."""
    return noise_of(user_agent), cleaned(user_agent)


def times(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """When it happened: not before 2000, not more than a day after it was received.

    A clock that was off when the request was sent was off when the event happened: both times are moved alike. What is
    then still later than the request was received happened when it was received.
    """
    when = wire.occurred_at
    if when is None:
        return None
    occurred_at = _micros(when)
    if context.is_live:
        sent = wire.sent_at or context.sent_at
        added = 0 if sent is None else correction(occurred_at, _micros(sent), context.received_at)
        added = added or bound(occurred_at, context.received_at)
        if added:
            occurred_at += added
            row.clock_corrected_seconds = whole_seconds(added)
    if not YEAR_2000 <= occurred_at <= context.received_at + DAY_MICROS:
        expected = "Expected a time from 2000 to a day after it was received"
        return Rejection(Reason.OUT_OF_RANGE, "occurredAt", f"occurredAt: {expected}, but it is {when}.")
    row.occurred_at = occurred_at
    return None


def _micros(time: datetime) -> int:
    return (time - _EPOCH) // _MICROSECOND


def sent_at(said: datetime | None, wires: Iterable[WireEvent | Rejection], received_at: int) -> datetime | None:
    """When one browser sent its request, by its own clock: as it says, else as its events show where they are ahead."""
    if said is not None:
        return said
    times = (wire.occurred_at for wire in wires if isinstance(wire, WireEvent))
    latest = sent_at_least((_micros(time) for time in times if time), received_at)
    return None if latest is None else _EPOCH + latest * _MICROSECOND


def ids(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Who it was, as far as was said; ``identifier`` is the best id that names somebody."""
    # A fingerprint (metadata.fp) names a kind of device, not somebody: it would join strangers.
    if wire.anon_id:
        row.visitor_id = _trimmed(wire.anon_id)
    if wire.user_id:
        row.user_id = _trimmed(wire.user_id)
    if wire.email_hash:
        row.email_hash = wire.email_hash.lower()
    if wire.email_verified:
        row.is_email_verified = True
    if wire.account_id:
        row.account_id = _trimmed(wire.account_id)
    if wire.session_id:
        row.session_id = wire.session_id
    if context.ip_hash is not None:
        row.ip_hash = context.ip_hash
    row.identifier = _identifier(row, context.site_id)
    return None


def _trimmed(value: str) -> str | None:
    """An id without the white space around it: ``"42 "`` is nobody else than ``"42"``."""
    return value.strip() or None


def _identifier(row: TrackingEvent, site_id: str) -> str:
    if names_somebody(row.visitor_id):
        return f"v:{site_id}:{row.visitor_id}"
    if names_somebody(row.user_id):
        return f"u:{row.user_id}"
    if names_somebody(row.email_hash):
        return f"m:{row.email_hash}"
    # A browser that remembers nothing has a session id for one page load; of an id that is not random, strangers share.
    is_page_load = row.session_id is not None and _RANDOM_ID.fullmatch(row.session_id)
    return f"e:{site_id}:{row.session_id if is_page_load else row.event_id}"


_RANDOM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
"""A UUID: two browsers never have the same by chance, unlike ``1`` or one of zeros alone."""


def texts(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """What is kept as it was said."""
    metadata = wire.metadata or _NO_METADATA
    city = context.city or wire.city or metadata.city
    district = context.district or wire.district or metadata.district
    if wire.name:
        row.name = wire.name
    if wire.title:
        row.title = wire.title
    if wire.order_id:
        row.order_id = wire.order_id
    if wire.is_test:
        row.is_test = True
    if city:
        row.city = cleaned(city)
    if district:
        row.district = cleaned(district)
    if wire.survey is not None:
        answer = wire.survey if isinstance(wire.survey, str) else wire.survey.answer
        row.survey_answer = answer.strip() or None
    return None


def landing(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """What the URL and the referrer say about where the visit came from."""
    referrer = wire.referrer or (wire.metadata or _NO_METADATA).ref or None
    landed = landing_of(wire.url or None, referrer, context.tag_names)
    if landed.tags_from is not None and _says_marks(wire):
        landed = landed.without_tags()
    (
        row.url, row.referrer, path, row.page_domain, row.referrer_host, row.referrer_domain, row.utm_source,
        row.utm_medium, row.utm_campaign, utm_term, utm_content, utm_id, campaign_ref, adset_ref, ad_ref, click_ids,
        click_ids_text, click_id_names, unread, tags_from,
    ) = landed  # fmt: skip
    if unread and context.unread is not None:
        context.unread.update(unread)
    if utm_term or utm_content or utm_id or campaign_ref or adset_ref or ad_ref:
        row.utm_term, row.utm_content, row.utm_id = utm_term, utm_content, utm_id
        row.adset_ref, row.ad_ref = adset_ref, ad_ref
    if tags_from is not None:
        row.tags_from = tags_from
    row.path = _scrubbed_path(wire.path) if wire.path else path
    gclid = _with_said_marks(wire, row)
    campaign_ref = campaign_ref or row.utm_id
    if campaign_ref:
        row.campaign_ref = campaign_ref
    if gclid and "gclid" not in click_ids:
        _keep_click_ids(row, {**click_ids, "gclid": gclid})
    elif click_id_names:
        row.click_id_names = click_id_names
        if click_ids:
            row.click_ids = click_ids_text
    return None


def _scrubbed_path(path: str) -> str:
    return _remembered_path(path) if len(path) <= REMEMBERED_PATH else scrub_path(path)


_remembered_path = lru_cache(maxsize=4_096)(scrub_path)
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
        text = _said_mark(wire, metadata, name)
        if text and getattr(row, name) is None:
            value = REDACTED if is_personal(text) else checked_value(name, text)[0]
            setattr(row, name, ad_id(value) if name == "utm_id" else value)
    return checked_value("gclid", metadata.gclid)[0] if metadata.gclid else None


def _says_marks(wire: WireEvent) -> bool:
    """Whether the sender itself says a tag or a click id: then those of the referrer are of another visit."""
    metadata = wire.metadata or _NO_METADATA
    return bool(metadata.gclid) or any(_said_mark(wire, metadata, name) for name in _SAID_MARKS)


def _said_mark(wire: WireEvent, metadata: Metadata, name: str) -> str | None:
    """A campaign mark that was sent as a field, of the event or in its metadata."""
    found: str | None = getattr(wire, name) or getattr(metadata.utm, name[4:], None)
    return found


def _keep_click_ids(row: TrackingEvent, click_ids: dict[str, str]) -> None:
    row.click_ids = _encode_sorted(click_ids).decode()
    row.click_id_names = ",".join(sorted(click_ids))


def money(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """The value in micros; a value without a currency is in the organization's, and that of a refund in its order's."""
    if wire.currency:
        row.currency = wire.currency.upper()
    if wire.value_micros is not None:
        refused = _with_said_micros(wire)
        if refused is not None:
            return refused
    if wire.value is None:
        return None
    micros = micros_of(wire.value)
    if micros is None:
        came = shortened(str(wire.value))
        return Rejection(Reason.OUT_OF_RANGE, "value", f"value: Expected 0 to 9 billion, but it is {came}.")
    row.value_micros = micros
    if row.currency is None and wire.type is not EventType.REFUND:
        row.currency = context.default_currency
    return None


def _with_said_micros(wire: WireEvent) -> Rejection | None:
    """Let ``value`` be what ``valueMicros`` says; each amount is hashed in one form only."""
    micros, value = int(wire.value_micros or 0), wire.value
    if not 0 <= micros < MAX_MICROS:
        message = f"valueMicros: Expected 0 to 9,007,199,254,740,991, but it is {shortened(micros)}."
        return Rejection(Reason.OUT_OF_RANGE, "valueMicros", message)
    if value is not None and micros_of(value) != micros:
        message = f"valueMicros: Expected a million times value ({value}), but it is {micros}. Send one of them."
        return Rejection(Reason.CONTRADICTION, "valueMicros", message)
    wire.value, wire.value_micros = (micros_as_units(micros) if value is None else value), None
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
    """A hash of what was said, but for the key it was said with, and when it was sent."""
    if wire.public_key is not None:
        wire.public_key = None
    if wire.sent_at is not None:  # it differs when the same event is sent again
        wire.sent_at = None
    row.payload_hash = sha256(_encode_sorted(wire)).hexdigest()
    return None


def processed(wire: WireEvent, context: Context) -> TrackingEvent | Rejection:
    """The whole way of an event: each step in turn, until one refuses it."""
    row = TrackingEvent(
        site_id=context.site_id,
        event_id=wire.event_id,
        type=wire.type._value_,  # `value` takes a way through Python at every event
        occurred_at=context.received_at,
        received_at=context.received_at,
        is_verified=context.is_verified,
    )
    # Refusals that cost little to see stand first. Written out, a step costs half of what it costs in a loop over all
    # of them: Python looks a function up once for each place that calls it.
    refused = (
        consent(wire, row, context)
        or agent(wire, row, context)
        or times(wire, row, context)
        or ids(wire, row, context)
        or texts(wire, row, context)
        or landing(wire, row, context)
        or money(wire, row, context)
        or properties(wire, row, context)
        or payload_hash(wire, row, context)
    )
    return refused or row
