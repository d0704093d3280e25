"""The OpenAPI description of ``/api/track``, which no Litestar route serves; the schemas are the wire structs."""

from typing import Any

import msgspec

from touchline.ingest.wire_event import MAX_BATCH, WireEvent
from touchline.server.http.problem_responses import refusals

_PAGE_VIEW = {
    "publicKey": "pk_your_key_here", "eventId": "evt_123", "type": "PAGE_VIEW", "url": "https://example.com/page",
    "path": "/page", "anonId": "anon_123", "sessionId": "sess_123",
}  # fmt: skip
_CONVERSION = {
    "eventId": "evt_2", "type": "CONVERSION", "url": "https://example.com/checkout", "path": "/checkout",
    "value": 99.99, "currency": "EUR", "orderId": "A-1", "anonId": "anon_123", "sessionId": "sess_123",
}  # fmt: skip
_BATCH = {"publicKey": "pk_your_key_here", "events": [{**_PAGE_VIEW, "eventId": "evt_1"}, _CONVERSION]}

_WHOLE = {"type": "integer", "minimum": 0}
_REASON = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string"}, "field": {"type": ["string", "null"]}, "message": {"type": "string"},
    },
}  # fmt: skip
_COUNTS = {"success": {"type": "boolean"}, "accepted": _WHOLE, "deduped": _WHOLE, "total": _WHOLE}
_REJECTED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["index", "eventId", "reasons"],
        "properties": {
            "index": _WHOLE, "eventId": {"type": ["string", "null"]}, "reasons": {"type": "array", "items": _REASON},
        },
    },
}  # fmt: skip
_WARNINGS = {"type": "array", "items": _REASON, "description": "Fields that nothing reads, by name."}

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "code": {"type": "string", "description": "In words that stay."}, "detail": {"type": "string"},
        "hint": {"type": "string"}, **_COUNTS, "warnings": _WARNINGS,
        "field": {"type": "string", "description": "The field that the refusal is about; empty: none alone."},
        "existing": {"type": "object", "description": "Of 409: what is there already."},
        "rejected": {
            "anyOf": [_REJECTED, {"type": "array", "items": {"$ref": "#/components/schemas/RejectedCostRow"}}]
        },
    },
    "examples": [
        {
            "type": "about:blank", "title": "Too many requests", "status": 429, "code": "too_many",
            "detail": "10,000 events a minute are accepted for a site (TOUCHLINE_EVENTS_PER_MINUTE_OF_SITE); 12"
            " are left of them.",
            "hint": "Send all 100 of them again in 17 seconds: none was counted.",
        }
    ],
}  # fmt: skip
"""An RFC 9457 problem, with a code and a hint."""


def schemas() -> dict[str, Any]:
    """The wire structs, as the decoder reads them."""
    _, found = msgspec.json.schema_components([WireEvent], ref_template="#/components/schemas/{name}")
    for struct in found.values():
        struct.pop("additionalProperties", None)  # unknown fields are removed, with a warning
    value = found["WireEvent"]["properties"]["value"]
    value["anyOf"] = [{"type": "number"}, *value["anyOf"]]  # the struct has a Decimal, which keeps all digits
    envelope = {
        "type": "object",
        "required": ["events"],
        "properties": {
            "publicKey": {"description": "A publishable key; not looked at where Authorization has a secret one."},
            "sentAt": {
                "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}],
                "description": "When the request is sent, by the clock that its events' occurredAt are of. Where it is"
                " more than 5 seconds and at most 30 days off, the times of the events are corrected by that much.",
            },
            "events": {
                "type": "array", "minItems": 1, "maxItems": MAX_BATCH,
                "items": {"$ref": "#/components/schemas/WireEvent"},
            },
        },
    }  # fmt: skip
    return {**found, "Envelope": envelope}


def path() -> dict[str, Any]:
    """``POST /api/track``."""
    sent = {"anyOf": [{"$ref": "#/components/schemas/Envelope"}, {"$ref": "#/components/schemas/WireEvent"}]}
    examples = {"one": {"value": _PAGE_VIEW}, "batch": {"value": _BATCH}}
    told = {**_COUNTS, "warnings": _WARNINGS}
    taken = {"type": "object", "required": list(_COUNTS), "properties": told}
    some = {"type": "object", "required": [*_COUNTS, "rejected"], "properties": {**told, "rejected": _REJECTED}}
    one = {"success": True, "accepted": 1, "deduped": 0, "total": 1}
    return {
        "post": {
            "operationId": "track",
            "summary": "Send events",
            "description": "One event, or 1 to 100 of them. An answer of 200 or 207 says that they are on the disk;"
            " an event id that the site has already counts once. The events of a minute are limited by site, by key"
            " and, without a secret key, by the address that sends them; the 429 says which limit it was, and the"
            " option that raises it. A server that sends the events of many visitors from its own address needs a"
            " secret key, or a larger TOUCHLINE_EVENTS_PER_MINUTE_OF_CLIENT; a proxy in front of Touchline needs"
            " TOUCHLINE_TRUSTED_PROXIES.",
            "security": [{}, {"secretKey": []}],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": sent, "examples": examples}},
            },
            "responses": {
                "200": {
                    "description": "All of them are in, or were already.",
                    "content": {"application/json": {"schema": taken, "example": one}},
                },
                "207": {
                    "description": "Some are not; the others are in.",
                    "content": {"application/json": {"schema": some}},
                },
                **refusals("400", "401", "403", "405", "408", "413", "415", "429", "503"),
            },
        },
    }
