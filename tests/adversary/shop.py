"""An honest shop's traffic: the same requests for the same seed, whoever else sends beside them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from tests.server.conftest import Place
from tests.server.serving import AGENT

START = 1_772_700_000_000_000
"""2026-03-05, in microseconds since 1970; events name their time, so that two lives of the shop can be compared."""
CUSTOMERS = 40
_STEP = 7_000_000
_SOURCES = (
    "?utm_source=google&utm_medium=cpc&utm_campaign=spring", "?utm_source=letter&utm_medium=email", "",
    "?utm_source=facebook&utm_medium=paid_social&utm_campaign=faces",
)  # fmt: skip


class Request(NamedTuple):
    """What is sent, and what of it an answer acknowledges."""

    head: dict[str, str]
    body: bytes
    event_ids: tuple[str, ...]


def customer(number: int) -> str:
    """The user id of a customer: anybody can guess it."""
    return f"customer-{number}"


def order_id(number: int) -> str:
    """The shop counts its orders, so anybody can guess those, too."""
    return f"{1000 + number}"


def requests(place: Place, seed: int, first: int, count: int) -> Iterator[Request]:
    """``count`` requests from number ``first`` on.

    Browsers look at pages, under ids that nobody can guess, as the tracker makes them; the shop's server reports who
    they are, their orders, and its refunds, under ids that it counts.
    """
    for number in range(first, first + count):
        chance = Random(f"{seed}/{number}")
        who = chance.randrange(CUSTOMERS)
        now = START + number * _STEP
        kind = chance.choices(("view", "order", "identify", "refund"), (6, 3, 1, 1))[0]
        name = f"{kind}-{seed}-{number}"
        if kind == "view":
            source, ours = chance.choice(_SOURCES), f"{chance.getrandbits(64):x}"
            yield _from_browser(place, who, _view(f"{name}-{ours}", who, now, source))
        elif kind == "identify":
            yield _from_server(place, {**_person(who), "eventId": name, "type": "IDENTIFY", "occurredAt": _iso(now)})
        elif kind == "order":
            value = chance.randrange(500, 20_000) / 100
            said = {"type": "CONVERSION", "orderId": order_id(number), "value": value, "currency": "EUR"}
            yield _from_server(
                place, {**_person(who), "eventId": f"order-{order_id(number)}", "occurredAt": _iso(now), **said}
            )
        else:
            said = {
                "type": "REFUND",
                "orderId": order_id(chance.randrange(max(1, number))),
                "value": 1.5,
                "currency": "EUR",
            }
            yield _from_server(place, {"eventId": name, "occurredAt": _iso(now), **said})


def _person(who: int) -> dict[str, str]:
    return {"anonId": f"visitor-of-{who}", "userId": customer(who)}


def _view(name: str, who: int, now: int, source: str) -> dict[str, Any]:
    return {
        "eventId": name, "type": "PAGE_VIEW", "url": f"https://shop.example/{source}", "anonId": f"visitor-of-{who}",
        "occurredAt": _iso(now),
    }  # fmt: skip


def _from_browser(place: Place, who: int, event: dict[str, Any]) -> Request:
    head = {"user-agent": AGENT, "origin": "https://shop.example", "x-forwarded-for": f"198.51.100.{who + 1}"}
    return Request(head, json.dumps({"publicKey": place.publishable, **event}).encode(), (event["eventId"],))


def _from_server(place: Place, event: dict[str, Any]) -> Request:
    head = {"user-agent": "shop/1", "authorization": f"Bearer {place.secret}", "x-forwarded-for": "198.51.100.200"}
    return Request(head, json.dumps(event).encode(), (event["eventId"],))


def _iso(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat()
