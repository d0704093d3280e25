"""From an event of the wire to a row of the ledger: named steps, run in the order of :data:`STEPS`.

A step reads ``draft.wire``, writes columns of ``tracking_events`` into ``draft.columns``, and returns the draft, or a
:class:`Rejection`, which ends the run. Nothing here raises, reads a clock or knows a database.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from attribution_campaign_context import checked_value, parse_landing
from touchline.domains import registrable_domain
from touchline.ingest.bots import bot_name
from touchline.ingest.event import Reason, TrackingEvent
from touchline.ingest.money import micros_of
from touchline.ingest.referrers import referrer_domain
from touchline.ingest.rejection import Rejection, shortened
from touchline.ingest.wire import Metadata, WireEvent
from touchline.settings import BLOCKED_IDENTIFIERS

MAX_PROPERTIES_BYTES = 16 * 1024
MAX_PROPERTIES_DEPTH = 8
KEPT_USER_AGENT = 512
"""Characters of a user agent that are stored; a longer one is cut, because what says anything stands at its start."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR_2000 = (datetime(2000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_DAY = timedelta(days=1) // _MICROSECOND
_NO_METADATA = Metadata()
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class Context(NamedTuple):
    """What the steps know beside the event."""

    site_id: str
    received_at: int
    """Microseconds since 1970 (UTC)."""
    default_currency: str


class Draft(msgspec.Struct):
    """An event on its way: what came, and the columns that are known so far."""

    wire: WireEvent
    columns: dict[str, Any]


Step = Callable[[Draft, Context], Draft | Rejection]


def consent(draft: Draft, _context: Context) -> Draft | Rejection:
    """Whoever refused is not recorded."""
    if draft.wire.consent == "denied":
        return Rejection(Reason.CONSENT_DENIED, "consent", "The visitor refused consent; what was sent is not kept.")
    draft.columns["consent"] = draft.wire.consent
    return draft


def agent(draft: Draft, _context: Context) -> Draft | Rejection:
    """A crawler is no visitor."""
    user_agent = draft.wire.user_agent or None
    if user_agent is not None:
        name = bot_name(user_agent)
        if name is not None:
            return Rejection(Reason.BOT, "userAgent", f"The user agent is a known bot ({name}).")
        draft.columns["user_agent"] = user_agent[:KEPT_USER_AGENT]
    return draft


def times(draft: Draft, context: Context) -> Draft | Rejection:
    """When it happened: not before 2000, not more than a day after it was received."""
    when = draft.wire.occurred_at
    occurred_at = context.received_at if when is None else (when - _EPOCH) // _MICROSECOND
    if not _YEAR_2000 <= occurred_at <= context.received_at + _DAY:
        expected = "Expected a time from 2000 to a day after it was received"
        return Rejection(Reason.OUT_OF_RANGE, "occurredAt", f"occurredAt: {expected}, but it is {when}.")
    draft.columns["occurred_at"] = occurred_at
    draft.columns["received_at"] = context.received_at
    return draft


def ids(draft: Draft, context: Context) -> Draft | Rejection:
    """Who it was, as far as was said; ``identifier`` is the best id that names somebody."""
    wire, columns = draft.wire, draft.columns
    # A fingerprint (metadata.fp) names a kind of device, not somebody: it would join strangers.
    visitor_id, user_id = _trimmed(wire.anon_id), _trimmed(wire.user_id)
    email_hash = wire.email_hash.lower() if wire.email_hash else None
    columns["site_id"] = context.site_id
    columns["event_id"] = wire.event_id
    columns["visitor_id"] = visitor_id
    columns["session_id"] = wire.session_id or None
    columns["user_id"] = user_id
    columns["email_hash"] = email_hash
    columns["is_email_verified"] = wire.email_verified
    columns["account_id"] = _trimmed(wire.account_id)
    if names_somebody(visitor_id):
        columns["identifier"] = f"v:{context.site_id}:{visitor_id}"
    elif names_somebody(user_id):
        columns["identifier"] = f"u:{user_id}"
    elif names_somebody(email_hash):
        columns["identifier"] = f"m:{email_hash}"
    else:
        columns["identifier"] = f"e:{context.site_id}:{wire.event_id}"
    return draft


def _trimmed(value: str | None) -> str | None:
    """An id without the white space around it: ``"42 "`` is nobody else than ``"42"``."""
    return (value or "").strip() or None


def names_somebody(value: str | None) -> bool:
    """Whether an id can stand for one person, unlike ``"null"`` or ``"guest"``.

    >>> names_somebody("42"), names_somebody(" NULL "), names_somebody(None)
    (True, False, False)
    """
    return value is not None and value.strip().lower() not in BLOCKED_IDENTIFIERS


def texts(draft: Draft, _context: Context) -> Draft | Rejection:
    """What is kept as it was said."""
    wire, columns = draft.wire, draft.columns
    metadata = wire.metadata or _NO_METADATA
    columns["type"] = wire.type.value
    columns["name"] = wire.name or None
    columns["title"] = wire.title or None
    columns["order_id"] = wire.order_id or None
    columns["is_test"] = wire.is_test
    columns["city"] = wire.city or metadata.city or None
    columns["district"] = wire.district or metadata.district or None
    columns["survey_answer"] = (wire.survey.answer.strip() or None) if wire.survey else None
    return draft


def landing(draft: Draft, _context: Context) -> Draft | Rejection:
    """What the URL and the referrer say about where the visit came from."""
    wire, columns = draft.wire, draft.columns
    referrer = wire.referrer or (wire.metadata or _NO_METADATA).ref or None
    found = parse_landing(wire.url, referrer)
    columns["url"] = wire.url or None
    columns["path"] = wire.path or found.path
    columns["page_domain"] = registrable_domain(found.host) if found.host else None
    columns["referrer"] = referrer
    columns["referrer_host"] = found.referrer_host
    if referrer and found.referrer_host:
        columns["referrer_domain"] = referrer_domain(referrer, found.referrer_host)
    columns.update(found.utm)
    columns["adset_ref"] = found.adset_ref
    columns["ad_ref"] = found.ad_ref
    click_ids = _with_said_marks(wire, columns, found.click_ids)
    columns["campaign_ref"] = found.campaign_ref or columns.get("utm_id")
    if click_ids:
        columns["click_ids"] = _encode_sorted(click_ids).decode()
        columns["click_id_names"] = ",".join(sorted(click_ids))
    return draft


def _with_said_marks(wire: WireEvent, columns: dict[str, Any], click_ids: dict[str, str]) -> dict[str, str]:
    """Campaign marks that were sent as fields, where the URL has none: same rules as in a URL."""
    metadata = wire.metadata or _NO_METADATA
    utm = metadata.utm
    said = (
        ("utm_source", wire.utm_source or (utm and utm.source)),
        ("utm_medium", wire.utm_medium or (utm and utm.medium)),
        ("utm_campaign", wire.utm_campaign or (utm and utm.campaign)),
        ("utm_term", wire.utm_term),
        ("utm_content", wire.utm_content),
        ("utm_id", wire.utm_id),
    )
    for name, text in said:
        if text and name not in columns:
            columns[name] = checked_value(name, text)[0]
    gclid = checked_value("gclid", metadata.gclid)[0] if metadata.gclid and "gclid" not in click_ids else None
    return {**click_ids, "gclid": gclid} if gclid else click_ids


def money(draft: Draft, context: Context) -> Draft | Rejection:
    """The value in micros; a value without a currency is in the organization's."""
    wire, columns = draft.wire, draft.columns
    columns["currency"] = wire.currency.upper() if wire.currency else None
    if wire.value is None:
        return draft
    micros = micros_of(wire.value)
    if micros is None:
        came = shortened(str(wire.value))
        return Rejection(Reason.OUT_OF_RANGE, "value", f"value: Expected 0 to 9 billion, but it is {came}.")
    columns["value_micros"] = micros
    columns["currency"] = columns["currency"] or context.default_currency
    return draft


def properties(draft: Draft, _context: Context) -> Draft | Rejection:
    """Free properties, in one canonical text."""
    found = draft.wire.properties
    if not found:
        return draft
    if _is_deeper(found, MAX_PROPERTIES_DEPTH):
        expected = f"properties: Expected at most {MAX_PROPERTIES_DEPTH} levels"
        return Rejection(Reason.TOO_DEEP, "properties", f"{expected}, but there are more.")
    text = _encode_sorted(found)
    if len(text) > MAX_PROPERTIES_BYTES:
        expected = f"properties: Expected at most {MAX_PROPERTIES_BYTES:,} bytes of JSON"
        return Rejection(Reason.TOO_LONG, "properties", f"{expected}, but there are {len(text):,}.")
    draft.columns["properties"] = text.decode()
    return draft


def _is_deeper(found: object, levels: int) -> bool:
    """Whether arrays and objects are nested more than ``levels`` deep."""
    if isinstance(found, dict):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in found.values())
    if isinstance(found, list):
        return levels == 0 or any(_is_deeper(inner, levels - 1) for inner in found)
    return False


def payload_hash(draft: Draft, _context: Context) -> Draft | Rejection:
    """A hash of what was said, but for the key it was said with."""
    wire = draft.wire
    wire.public_key = None
    draft.columns["payload_hash"] = sha256(_encode_sorted(wire)).hexdigest()
    return draft


STEPS: tuple[Step, ...] = (consent, agent, times, ids, texts, landing, money, properties, payload_hash)
"""The whole way of an event. Refusals that cost little to see stand first."""


def processed(wire: WireEvent, context: Context) -> TrackingEvent | Rejection:
    """Runs every step over one event."""
    draft = Draft(wire, {})
    for step in STEPS:
        outcome = step(draft, context)
        if isinstance(outcome, Rejection):
            return outcome
        draft = outcome
    return TrackingEvent(**draft.columns)
