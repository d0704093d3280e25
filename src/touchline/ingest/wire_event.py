"""One event of ``POST /api/track``: the declared types are the contract.

Fields that are not declared are removed and named to the sender (:mod:`touchline.ingest.unread`).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import EnumType
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from touchline.ingest.event import EventType

MAX_BATCH = 100
"""The number of events that one envelope may have."""

_Text128 = Annotated[str, Meta(max_length=128)]
_Text256 = Annotated[str, Meta(max_length=256)]
_Text512 = Annotated[str, Meta(max_length=512)]
_Text2048 = Annotated[str, Meta(max_length=2048)]
_HASH = r"\A(?:[0-9a-fA-F]{64})?\Z"
_Micros = Annotated[str, Meta(pattern=r"\A[0-9]{1,19}\Z")]
_CURRENCY = r"\A(?:[A-Za-z]{3})?\Z"


class Survey(msgspec.Struct, forbid_unknown_fields=True):
    """The customer's answer to the question of how they found the site."""

    answer: _Text512
    question: _Text512 | None = None


class MetadataUtm(msgspec.Struct, forbid_unknown_fields=True):
    """UTM parameters in the form that older tags send."""

    medium: str | None = None
    source: str | None = None
    campaign: str | None = None


class ConsentRecord(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What a visitor agreed to, or took back, and where: the event that has it is kept as a record of consent alone."""

    anon_id: _Text128 | None = None
    """The browser's id that is taken back; of a visitor who agrees, it is the event's own ``anonId``."""
    version: _Text128 | None = None
    """Which text was shown."""
    purposes: list[_Text128] | None = None
    source: _Text128 | None = None
    """Where it was said, such as a banner or an account's page."""


class Metadata(msgspec.Struct, forbid_unknown_fields=True):
    """The ``metadata`` of older tags; used only if the proper field is missing."""

    gclid: str | None = None
    utm: MetadataUtm | None = None
    ref: _Text2048 | None = None
    city: _Text128 | None = None
    district: _Text128 | None = None
    device_type: str | None = None


class WireEvent(
    msgspec.Struct, rename="camel", kw_only=True, omit_defaults=True, gc=False, forbid_unknown_fields=True
):  # fmt: skip
    """One event as sent. An empty text means that the field is absent. ``gc=False``: JSON has no reference cycles."""

    event_id: Annotated[str, Meta(min_length=1, max_length=128)]
    type: EventType
    public_key: _Text256 | None = None
    name: Annotated[str, Meta(max_length=200)] | None = None
    url: Annotated[str, Meta(max_length=4096)] | None = None
    path: _Text2048 | None = None
    referrer: _Text2048 | None = None
    title: _Text512 | None = None
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None
    """If absent, the time of receipt."""
    sent_at: Annotated[datetime, Meta(tz=True)] | None = None
    """The send time of its request, by the same clock as ``occurred_at``; takes precedence over the envelope's."""
    anon_id: _Text128 | None = None
    session_id: _Text128 | None = None
    user_id: _Text256 | None = None
    email_hash: Annotated[str, Meta(pattern=_HASH)] | None = None
    email_verified: bool = False
    account_id: _Text256 | None = None
    ip_hash: Annotated[str, Meta(pattern=_HASH)] | None = None
    """A keyed hash of the visitor's address, from a server that saw it; used only if a secret key vouches for it."""
    value: Decimal | None = None
    """Money in units of ``currency``, as a JSON number or a decimal string; a JSON number keeps every digit it has."""
    value_micros: int | _Micros | None = None
    """The same amount in millionths of a unit, as an integer or its digits; if both are sent, they must agree."""
    currency: Annotated[str, Meta(pattern=_CURRENCY)] | None = None
    order_id: _Text128 | None = None
    is_test: bool = False
    consent: Literal["granted", "denied"] | None = None
    consent_record: ConsentRecord | None = None
    properties: dict[str, Any] | None = None
    survey: Survey | _Text512 | None = None
    """The answer alone, or with its question."""
    user_agent: str | None = None
    city: _Text128 | None = None
    district: _Text128 | None = None
    utm_source: str | None = None
    """This and the other UTM fields are used if the URL has none."""
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    utm_id: str | None = None
    metadata: Metadata | None = None


FIELDS: Mapping[str, Any] = {field.encode_name: field.type for field in msgspec.structs.fields(WireEvent)}
"""The type of each field of the wire, by its camelCase name."""

NAMES: Mapping[type[msgspec.Struct], tuple[tuple[str, str], ...]] = {
    kind: tuple((field.name, field.encode_name) for field in msgspec.structs.fields(kind))
    for kind in (WireEvent, ConsentRecord, Survey, Metadata, MetadataUtm)
}
"""By struct of an event: the attributes and their names on the wire."""


def choices_of(kind: Any) -> tuple[str, ...]:
    """The values that a field of this type may have, where the type lists them.

    >>> choices_of(FIELDS["consent"]), choices_of(FIELDS["url"])
    (('granted', 'denied'), ())
    """
    if isinstance(kind, EnumType):
        return tuple(kind)
    if get_origin(kind) is Literal:
        return get_args(kind)
    return next(filter(None, map(choices_of, get_args(kind))), ())
