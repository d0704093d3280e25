"""From the records of this package to the events of Touchline's ``POST /api/track``: pure functions, no client.

A touch is a ``PAGE_VIEW``, a link of the relation ``conversion`` is a ``CONVERSION``. The id of an event is derived
from the id of its record, so sending twice counts once. What cannot be an event is answered with a reason.

========================  ==============================================================================
a link's ``snapshot``     becomes
========================  ==============================================================================
``value``                 ``value``: an amount of money as a number or a decimal string
``value_micros``          ``value``, where there is no ``value``: millionths, an integer
``currency``              ``currency``: three letters; without it the site's own
``occurred_at``           ``occurredAt``: a time with its zone; without it the link's ``created_at``
``order_id``              ``orderId``; without it the subject's id if the resource is an order
``user_id``               ``userId``; without it the subject's id if the resource is a user
``name``                  ``name``, the goal; without it the subject's resource
``is_test``               ``isTest``, if it is ``True``
========================  ==============================================================================
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote

from attribution_campaign_context.models import AttributionSubjectLink, AttributionTouch
from attribution_campaign_context.registry import UTM_KEYS

Event = dict[str, Any]
"""One event in the words of the wire, ready to be JSON."""

ORDERS = frozenset({"order", "orders", "purchase", "sale"})
"""Resources (in lower case) whose subject id is an order's number."""
USERS = frozenset({"user", "users", "customer", "customers", "account_user"})
"""Resources (in lower case) whose subject id is a user's."""

_MAX_URL, _MAX_ID, _MAX_USER, _MAX_NAME = 4096, 128, 256, 200
_MAX_PATH = 2048
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_HASH = re.compile("[0-9a-f]{64}")
_BAD = re.compile(r"[\0\ud800-\udfff]")


class Unsendable(StrEnum):
    """Why a record is no event."""

    NO_ID = "no_id"
    """Without an id every attempt would count again."""
    NOT_A_CONVERSION = "not_a_conversion"
    """Touchline computes first, last, and assisting touches itself."""
    NOBODY = "nobody"
    """Neither a visitor nor a user is known: no touch could ever lead to it."""
    BAD_VALUE = "bad_value"
    BAD_CURRENCY = "bad_currency"
    BAD_TIME = "bad_time"


def touch_event(touch: AttributionTouch) -> Event | Unsendable:
    """The page view of a touch: its URL with every click id, its UTM parameters, referrer, visitor, session and time.

    The hash of the address goes along, that of the user agent stays behind; parameters other than the known ones become
    ``properties``.

    >>> touch_event(AttributionTouch(id="t1", visitor_id="v1", landing_url="https://shop.example/?gclid=x"))
    {'eventId': 'touch-t1', 'type': 'PAGE_VIEW', 'url': 'https://shop.example/?gclid=x', 'anonId': 'v1'}
    >>> touch_event(AttributionTouch())
    <Unsendable.NO_ID: 'no_id'>
    """
    if not touch.id:
        return Unsendable.NO_ID
    extra = {
        _clean(name): _clean(value)
        for name, value in touch.raw_params.items()
        if name.lower() not in UTM_KEYS and name not in touch.click_ids
    }
    return _without_nothing(
        {
            "eventId": event_id("touch", touch.id),
            "type": "PAGE_VIEW",
            "url": _url(touch),
            "path": _cut(touch.landing_path, _MAX_PATH),
            "referrer": _cut(touch.referer, _MAX_PATH),
            **_identity(touch),
            "occurredAt": _time(touch.created_at),
            **{_camel(name): _cut(getattr(touch, name), _MAX_PATH) for name in sorted(UTM_KEYS)},
            "properties": extra,
        }
    )


def conversion_event(link: AttributionSubjectLink, touch: AttributionTouch | None) -> Event | Unsendable:
    """The conversion of a link, made by the visitor of its touch; ``None`` where the touch is not known.

    >>> order = AttributionSubjectLink(
    ...     id="l1", touch_id="t1", subject_resource="order", subject_id="7", snapshot={"value": "9.90"}
    ... )
    >>> conversion_event(order, AttributionTouch(id="t1", visitor_id="v1"))
    {'eventId': 'link-l1', 'type': 'CONVERSION', 'name': 'order', 'anonId': 'v1', 'orderId': '7', 'value': '9.90'}
    >>> conversion_event(order, None)
    <Unsendable.NOBODY: 'nobody'>
    """
    if link.relation != "conversion":
        return Unsendable.NOT_A_CONVERSION
    if not link.id:
        return Unsendable.NO_ID
    said, resource = link.snapshot, link.subject_resource.lower()
    money, moment = _money(said), _moment(said.get("occurred_at", link.created_at))
    if isinstance(money, Unsendable):
        return money
    if isinstance(moment, Unsendable):
        return moment
    who = _identity(touch) if touch else {}
    user_id = _named(said, "user_id") or (link.subject_id if resource in USERS else None)
    if not who.get("anonId") and not user_id:
        return Unsendable.NOBODY
    return _without_nothing(
        {
            "eventId": event_id("link", link.id),
            "type": "CONVERSION",
            "name": _cut(_named(said, "name") or link.subject_resource, _MAX_NAME),
            **who,
            "userId": _short(user_id, _MAX_USER),
            "orderId": _short(_named(said, "order_id") or (link.subject_id if resource in ORDERS else None), _MAX_ID),
            **money,
            "occurredAt": _time(moment),
            "isTest": said.get("is_test") is True or None,
        }
    )


def event_id(kind: str, record_id: str) -> str:
    """The id of a record's event, at most 128 characters; a longer record id goes by its SHA-256.

    >>> event_id("touch", "t1")
    'touch-t1'
    """
    return f"{kind}-{_short(record_id, _MAX_ID - len(kind) - 1)}"


def _identity(touch: AttributionTouch) -> Event:
    ids = {"anonId": _short(touch.visitor_id, _MAX_ID), "sessionId": _short(touch.session_id, _MAX_ID)}
    return {**ids, "ipHash": touch.ip_hash if _HASH.fullmatch(touch.ip_hash or "") else None}


def _url(touch: AttributionTouch) -> str | None:
    """The landing URL with every click id, for which the wire has no other place."""
    url = _clean(touch.landing_url or touch.landing_path)
    if url is None:
        return None
    before, hash_sign, fragment = url.partition("#")
    known = {name.lower() for name, _ in parse_qsl(before.partition("?")[2], keep_blank_values=True)}
    missing = {name: value for name, value in touch.click_ids.items() if name.lower() not in known}
    whole = _with(before, missing) + hash_sign + fragment
    # Too long: what counts are the page and its click ids; the UTM parameters are sent separately.
    return whole if len(whole) <= _MAX_URL else _with(before.partition("?")[0], touch.click_ids)[:_MAX_URL]


def _with(url: str, parameters: Mapping[str, str]) -> str:
    if not parameters:
        return url
    added = "&".join(f"{quote(_clean(name))}={quote(_clean(value), safe='')}" for name, value in parameters.items())
    return f"{url}{'&' if '?' in url else '?'}{added}"


def _money(said: Mapping[str, Any]) -> Event | Unsendable:
    value, micros, currency = said.get("value"), said.get("value_micros"), said.get("currency")
    if value is None and micros is not None:
        if isinstance(micros, bool) or not isinstance(micros, int):
            return Unsendable.BAD_VALUE
        value = Decimal(micros).scaleb(-6)
    amount = _amount(value)
    if value is not None and amount is None:
        return Unsendable.BAD_VALUE
    if currency is not None and not (isinstance(currency, str) and _CURRENCY.fullmatch(currency)):
        return Unsendable.BAD_CURRENCY
    return {"value": amount, "currency": currency}


def _amount(value: Any) -> str | None:
    """As a decimal string, which keeps every digit; ``None`` for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return f"{number:f}" if number.is_finite() and abs(number.adjusted()) < 30 else None


def _moment(said: Any) -> datetime | Unsendable | None:
    if isinstance(said, str):
        try:
            said = datetime.fromisoformat(said)
        except ValueError:
            return Unsendable.BAD_TIME
    return said if said is None or isinstance(said, datetime) else Unsendable.BAD_TIME


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)).isoformat()


def _named(said: Mapping[str, Any], key: str) -> str | None:
    value = said.get(key)
    return None if value is None or isinstance(value, bool) else str(value) or None


def _short(text: str | None, longest: int) -> str | None:
    """An id is never cut, since two could become one: a longer one goes by its SHA-256."""
    if not text:
        return None
    return _clean(text) if len(text) <= longest else sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _cut(text: str | None, longest: int) -> str | None:
    return _clean(text[:longest]) if text else None


def _clean(text: Any) -> Any:
    """Without what the wire refuses: NUL, and halves of surrogate pairs."""
    return _BAD.sub("\ufffd", text) if isinstance(text, str) else text


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _without_nothing(event: Event) -> Event:
    return {name: value for name, value in event.items() if value is not None and value != {}}
