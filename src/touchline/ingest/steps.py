"""From an event of the wire to a row of the ledger: named steps, run in the order of :func:`processed`.

A step reads the event and the context, and sets fields of the row; it returns ``None``, or a :class:`Rejection`, which
ends the run. No step raises, reads a clock or uses a database.

Every field of a row is empty at first, and a step sets only fields that have a value: this is the hot path, and writing
``None`` over ``None`` costs as much as writing a text.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

import msgspec

from attribution_campaign_context.scrub import kinds_in_url, scrub_path
from touchline.characters import cleaned
from touchline.files.money import MAX_MICROS, micros_as_units, micros_of
from touchline.ingest.bots import Noise, noise_of
from touchline.ingest.clocks import bound, correction, sent_at_least, whole_seconds
from touchline.ingest.context import Context
from touchline.ingest.event import EventType, Reason
from touchline.ingest.landings import landing_of
from touchline.ingest.rejection import Rejection, shortened
from touchline.ingest.said_tags import says_tags, with_said_tags
from touchline.ingest.scrubbing import kept_id, kept_properties, kept_text, names_of_kinds
from touchline.ingest.wire_event import Metadata, WireEvent
from touchline.magnitudes import DAY_MICROS
from touchline.placeholders import names_somebody
from touchline.redaction import Redaction
from touchline.tracking_event import TrackingEvent
from touchline.visitor_ids import DEFAULT

MAX_PROPERTIES_BYTES = 16 * 1024
MAX_PROPERTIES_DEPTH = 8
KEPT_USER_AGENT = 512
"""The number of characters of a user agent that are stored; everything informative is at its start."""

INTERNAL_MARK = "tl_internal=1"
"""In a page's URL or as a cookie, it marks the site's own staff."""

REMEMBERED_PATH = 128
"""Characters that a page's path may have to be cached: a site has few pages, which are viewed again and again."""

NOT_KEPT = "The visitor refused consent; what was sent is not kept."

_DEVICES = frozenset({"desktop", "mobile", "tablet"})
_MARKED = Noise(Reason.INTERNAL, f"The page was looked at with {INTERNAL_MARK}.", "url")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
YEAR_2000 = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
"""The earliest time of an event, in microseconds since 1970."""
_NO_METADATA = Metadata()
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


def consent(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """A visitor who refused consent is not recorded: any refusal goes before any grant."""
    if wire.consent == "denied" or context.is_consent_refused:
        return Rejection(Reason.CONSENT_DENIED, "consent", NOT_KEPT)
    if wire.consent_record is not None:
        expected = "consentRecord: Expected in a request to POST /api/track, and not in a file."
        return Rejection(Reason.UNKNOWN_VALUE, "consentRecord", expected)
    if wire.consent is not None:
        row.consent = wire.consent
    return None


def agent(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Bots and the site's own staff are not visitors."""
    noise, kept = context.noise, ""
    if wire.user_agent:
        its_noise, kept = _seen(wire.user_agent[:KEPT_USER_AGENT])
        noise = its_noise or noise
    if noise is None and wire.url and INTERNAL_MARK in wire.url:
        noise = _MARKED
    if noise is not None:
        return Rejection(noise.reason, noise.field, noise.message)
    if kept:
        _keep_user_agent(kept, row, context)
    elif context.user_agent:
        _keep_user_agent(context.user_agent, row, context)
        if context.device_type is not None:  # the hints and the user agent are of the same browser
            row.device_type = context.device_type
    elif wire.metadata is not None and wire.metadata.device_type:
        said = wire.metadata.device_type.strip().lower()
        row.device_type = said if said in _DEVICES else None
    return None


def _keep_user_agent(text: str, row: TrackingEvent, context: Context) -> None:
    if context.redaction.keeps_user_agents:
        row.user_agent, kinds = _remembered_agent(text, context.redaction)
        if kinds:
            context.scrubbed.update(kinds)


@lru_cache(maxsize=16_384)
def _remembered_agent(text: str, redaction: Redaction) -> tuple[str, frozenset[str]]:
    """A user agent as it is stored, and what was taken out of it."""
    kinds = set[str]()
    kept = kept_text(text, "", redaction, kinds)
    return kept, frozenset(kinds)


@lru_cache(maxsize=16_384)
def _seen(user_agent: str) -> tuple[Noise | None, str]:
    """Why a user agent is not a visitor, if it is not, and its stored form."""
    return noise_of(user_agent), cleaned(user_agent)


def times(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """When the event occurred: not before 2000, and at most a day after it was received.

    If the clock was off when the request was sent, it was off when the event occurred: the time is corrected. A time
    that is still after the receipt is replaced by the time of receipt.
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
    """The person's ids; ``identifier`` is the best one."""
    # A fingerprint (metadata.fp) identifies a kind of device: it would join strangers.
    scrubbed = context.scrubbed
    if context.visitor_ids != DEFAULT:
        _ids_of_visit(wire, row, context)
        return None
    if wire.anon_id:
        row.visitor_id = _kept(wire.anon_id, scrubbed)
    if wire.user_id:
        row.user_id = _kept(wire.user_id, scrubbed)
    if wire.email_hash:
        row.email_hash = wire.email_hash.lower()
    if wire.email_verified:
        row.is_email_verified = True
    if wire.account_id and names_somebody(account_id := _kept(wire.account_id, scrubbed)):
        row.account_id = account_id
    if wire.session_id:
        row.session_id = kept_id(wire.session_id, scrubbed)
    if context.ip_hash is not None:
        row.ip_hash = context.ip_hash
    elif wire.ip_hash and context.is_verified and context.keyed_address is not None:
        row.ip_hash = context.keyed_address(wire.ip_hash.lower())
    row.identifier = _identifier(row, context.site_id)
    return None


def _ids_of_visit(wire: WireEvent, row: TrackingEvent, context: Context) -> None:
    """The ids where browsers keep none: the hash of the day, and with ``cookieless`` the ids that the page knows."""
    row.session_id = context.visit_id
    if context.visitor_ids == "cookieless":
        scrubbed = context.scrubbed
        row.visitor_id, row.ip_hash = context.visit_id, context.ip_hash
        row.user_id = _kept(wire.user_id, scrubbed) if wire.user_id else None
        row.email_hash = wire.email_hash.lower() if wire.email_hash else None
        row.is_email_verified = wire.email_verified
        account_id = _kept(wire.account_id, scrubbed) if wire.account_id else None
        row.account_id = account_id if names_somebody(account_id) else None
    row.identifier = _identifier(row, context.site_id)


def _kept(value: str, scrubbed: set[str]) -> str | None:
    """An id without surrounding white space and personal data: ``"42 "`` is the same id as ``"42"``."""
    return kept_id(value.strip(), scrubbed) or None


def _identifier(row: TrackingEvent, site_id: str) -> str:
    if names_somebody(row.visitor_id):
        return f"v:{site_id}:{row.visitor_id}"
    if names_somebody(row.user_id):
        return f"u:{row.user_id}"
    if names_somebody(row.email_hash):
        return f"m:{row.email_hash}"
    # A browser without storage has a session id per page load; strangers may share one that is not random.
    is_page_load = row.session_id is not None and _RANDOM_ID.fullmatch(row.session_id)
    return f"e:{site_id}:{row.session_id if is_page_load else row.event_id}"


_RANDOM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
"""Whether the id is a UUID, which no two browsers share by chance, unlike ``1`` or a UUID of zeros."""


def texts(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Fields that are stored as sent, but for personal data in them."""
    redaction, scrubbed = context.redaction, context.scrubbed
    metadata = wire.metadata or _NO_METADATA
    city = context.city or wire.city or metadata.city
    district = context.district or wire.district or metadata.district
    if wire.name:
        row.name = kept_text(wire.name, "", redaction, scrubbed)
    if wire.title and redaction.keeps_titles:
        row.title = kept_text(wire.title, "", redaction, scrubbed)
    if wire.order_id:
        row.order_id = kept_id(wire.order_id, scrubbed)
    if wire.is_test:
        row.is_test = True
    if city:
        row.city = kept_text(cleaned(city), "", redaction, scrubbed)
    if district:
        row.district = kept_text(cleaned(district), "", redaction, scrubbed)
    if wire.survey is not None:
        answer = wire.survey if isinstance(wire.survey, str) else wire.survey.answer
        row.survey_answer = kept_text(answer.strip(), "", redaction, scrubbed) or None
    return None


def landing(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """What the URL and the referrer say about the origin of the visit."""
    referrer = wire.referrer or (wire.metadata or _NO_METADATA).ref or None
    landed = landing_of(wire.url or None, referrer, context.tag_names, context.redaction)
    if landed.tags_from is not None and says_tags(wire):
        landed = landed.without_tags()
    (
        row.url, row.referrer, path, row.page_domain, row.referrer_host, row.referrer_domain, row.utm_source,
        row.utm_medium, row.utm_campaign, utm_term, utm_content, utm_id, campaign_ref, adset_ref, ad_ref, click_ids,
        click_ids_text, click_id_names, unread, tags_from, scrubbed,
    ) = landed  # fmt: skip
    if unread and context.unread is not None:
        context.unread.update(unread)
    if scrubbed:
        context.scrubbed.update(scrubbed)
    if utm_term or utm_content or utm_id or campaign_ref or adset_ref or ad_ref:
        row.utm_term, row.utm_content, row.utm_id = utm_term, utm_content, utm_id
        row.adset_ref, row.ad_ref = adset_ref, ad_ref
    if tags_from is not None:
        row.tags_from = tags_from
    row.path = _scrubbed_path(wire.path, context) if wire.path else path
    gclid = with_said_tags(wire, row, context.scrubbed)
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


def _scrubbed_path(path: str, context: Context) -> str:
    keys = context.redaction.keys
    kept = _remembered_path(path, keys) if len(path) <= REMEMBERED_PATH else scrub_path(path, keys)
    if kept != path:
        context.scrubbed.update(names_of_kinds(kinds_in_url(path, keys)))
    return kept_text(kept, "", context.redaction, context.scrubbed) if context.redaction.rules else kept


_remembered_path = lru_cache(maxsize=4_096)(scrub_path)


def _keep_click_ids(row: TrackingEvent, click_ids: dict[str, str]) -> None:
    row.click_ids = _encode_sorted(click_ids).decode()
    row.click_id_names = ",".join(sorted(click_ids))


def traces(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Where no id is kept: nothing that a browser sends on two days and others do not."""
    if context.visitor_ids == "anonymous":
        row.click_ids = None  # their names say the channel, and their values name one click
        if wire.properties:
            wire.properties.pop("landing", None)  # what the tracker remembers of an earlier day
    return None


def money(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """The value in micros; without a currency, it is in the organization's, or that of a refund in its order's."""
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
    """Set ``value`` from ``valueMicros``, so that each amount is hashed in one form only."""
    micros, value = int(wire.value_micros or 0), wire.value
    if not 0 <= micros < MAX_MICROS:
        message = f"valueMicros: Expected 0 to 9,007,199,254,740,991, but it is {shortened(micros)}."
        return Rejection(Reason.OUT_OF_RANGE, "valueMicros", message)
    if value is not None and micros_of(value) != micros:
        message = f"valueMicros: Expected a million times value ({value}), but it is {micros}. Send one of them."
        return Rejection(Reason.CONTRADICTION, "valueMicros", message)
    wire.value, wire.value_micros = (micros_as_units(micros) if value is None else value), None
    return None


def properties(wire: WireEvent, row: TrackingEvent, context: Context) -> Rejection | None:
    """Free properties, as one canonical text."""
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
    kept = kept_properties(found, context.redaction, context.scrubbed)
    row.properties = (text if kept == found else _encode_sorted(kept)).decode()
    return None


def _is_deeper(found: object, levels: int) -> bool:
    """Whether arrays and objects are nested more than ``levels`` deep."""
    if isinstance(found, dict):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in found.values())
    if isinstance(found, list):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in found)
    return False


def payload_hash(wire: WireEvent, row: TrackingEvent, _context: Context) -> Rejection | None:
    """A hash of the event's content, without its key, its send time, and the hash of an address."""
    if wire.public_key is not None:
        wire.public_key = None
    if wire.sent_at is not None:  # differs when the same event is sent again
        wire.sent_at = None
    if wire.ip_hash is not None:  # its key is another one every day, and a file of the same events may have none
        wire.ip_hash = None
    row.payload_hash = sha256(_encode_sorted(wire)).hexdigest()
    return None


def processed(wire: WireEvent, context: Context) -> TrackingEvent | Rejection:
    """All steps of an event, until one rejects it."""
    row = TrackingEvent(
        site_id=context.site_id,
        event_id=kept_id(wire.event_id),
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
        or traces(wire, row, context)
        or money(wire, row, context)
        or properties(wire, row, context)
        or payload_hash(wire, row, context)
    )
    if context.scrubbed:
        if refused is None and context.unread is not None:
            context.unread.update(context.scrubbed)
        context.scrubbed.clear()
    return refused or row
