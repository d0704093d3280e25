"""What a simulation expects of the ledger, worked out the slow and obvious way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from tests.keyed import keyed
from tests.oracle.who import Seen, who_is_who
from tests.oracle.world import EPOCH
from touchline.placeholders import BLOCKED_IDENTIFIERS

HOUR = 3_600_000_000
DAY = 24 * HOUR
SITE = "shop-example"
Said = dict[str, Any]
"""An event of the wire; its time as microseconds since 1970 in ``at``."""

Pair = tuple[str, str]
"""Two identifiers that are claimed to be one person's."""

CLAIMED: tuple[Pair, ...] = (
    (f"v:{SITE}:ada", f"v:{SITE}:bob"), (f"v:{SITE}:cleo", "u:u1"), (f"v:{SITE}:dan", "u:unseen"), ("u:u2", "u:unseen"),
)  # fmt: skip

_WHO: tuple[Said, ...] = (
    {"anonId": "ada"}, {"anonId": "ada"}, {"anonId": "bob"}, {"anonId": "cleo"}, {"anonId": "dan"},
    {"anonId": "ada", "userId": "u1"}, {"anonId": "bob", "userId": "u1"}, {"anonId": "cleo", "userId": "u2"},
    {"anonId": "dan", "userId": "null"}, {"userId": "u2"}, {"anonId": "dan", "emailHash": "d1" * 32},
    {"userId": "u2", "emailHash": "d1" * 32}, {},
)  # fmt: skip
_ACTS: tuple[Said, ...] = (
    {"type": "PAGE_VIEW", "url": "https://shop.example/?utm_source=google&utm_medium=cpc&utm_campaign=spring"},
    {"type": "PAGE_VIEW", "url": "https://shop.example/?utm_source=letter&utm_medium=email"},
    {"type": "PAGE_VIEW", "url": "https://shop.example/", "referrer": "https://www.google.com/"},
    {"type": "PAGE_VIEW", "url": "https://shop.example/a", "userAgent": "Desk/1"},
    {"type": "CONVERSION", "orderId": "1", "value": 80}, {"type": "CONVERSION", "orderId": "2", "value": 20},
    {"type": "CONVERSION", "name": "signup"}, {"type": "REFUND", "orderId": "1"},
    {"type": "CONVERSION", "orderId": "1", "value": 80, "url": "https://shop.example/thanks?gclid=Cj0KCQ_1"},
    {"type": "CUSTOM", "name": "cart", "url": "https://shop.example/cart", "referrer": "https://blog.example/"},
    {"type": "CONVERSION", "orderId": "2", "value": 20, "userAgent": "Desk/1"},
    {"type": "REFUND", "orderId": "2", "value": 5}, {"type": "IDENTIFY"},
)  # fmt: skip


_NAMING = ("anonId", "userId", "emailHash")
_MOMENTS = tuple(millis * 1_000 for millis in (0, 400, 59_000, 60_000, 61_000, 600_000))
"""Microseconds between two events of one visit."""


def some_events(chance: Random, now: int, first: int) -> list[Said]:
    """New events of the last days, numbered from ``first``: every other has an id in no order, some share a visit."""
    found: list[Said] = []
    for number in range(first, first + chance.randint(1, 6)):
        is_same = bool(found) and chance.random() < 0.5
        at = min(found[-1]["at"] + chance.choice(_MOMENTS), now) if is_same else now - chance.randrange(4 * DAY)
        who = {name: found[-1][name] for name in _NAMING if name in found[-1]} if is_same else chance.choice(_WHO)
        name = f"{number:014}4" if number % 2 else f"e{number}"
        found.append({"eventId": name, "at": at} | chance.choice(_ACTS) | who)
    return found


def own_name(event: Said) -> str:
    """The identifier that the product's rule gives the event."""
    if event.get("anonId"):
        return f"v:{SITE}:{event['anonId']}"
    if event.get("userId", "null") not in BLOCKED_IDENTIFIERS:
        return f"u:{event['userId']}"
    return f"m:{keyed(event['emailHash'])}" if event.get("emailHash") else f"e:{SITE}:{event['eventId']}"


def names(event: Said) -> set[str]:
    """Every identifier that the event joins."""
    found = {own_name(event)}
    if event.get("userId", "null") not in BLOCKED_IDENTIFIERS:
        found.add(f"u:{event['userId']}")
    if event.get("emailHash"):
        found.add(f"m:{keyed(event['emailHash'])}")
    return found


def person_of(name: str, events: Iterable[Said], claims: Mapping[Pair, int]) -> set[str]:
    """All identifiers of the person whom ``name`` names, at any time; a browser that several use names nobody else."""
    seen = [_seen((own_name(e), other), e["at"]) for e in events for other in names(e) - {own_name(e)}]
    seen += [_seen(pair, at, "claimed") for pair, at in claims.items()]
    answer, _ = who_is_who(seen, (), ("u",), ("m",), {})
    persons = {person for _, one, person, _, _ in answer if one == name}
    return {name, *(one for _, one, person, _, _ in answer if len(persons) == 1 and person in persons)}


def _seen(pair: Pair, at: int, tier: str = "") -> Seen:
    shown = tier or ("strong_id" if pair[1][0] == "u" else "email_unvalidated")
    return Seen((pair[0][0], pair[0]), (pair[1][0], pair[1]), EPOCH + timedelta(microseconds=at), shown)


@dataclass
class State:
    """What stands: the acknowledged events that nobody erased, who was erased when, and what retention has outlived."""

    told: dict[str, Said] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)
    outlived: int = -1
    claims: dict[Pair, int] = field(default_factory=dict)
    """When each was made."""

    def is_refused(self, event: Said) -> bool:
        """Whether the event belongs to what was erased."""
        until = max((self.erased.get(name, -1) for name in names(event)), default=-1)
        return bool(event["at"] <= max(until, self.outlived))

    def take(self, events: Iterable[Said]) -> None:
        """Acknowledge events; the first of an id stands."""
        for event in events:
            if not self.is_refused(event):
                self.told.setdefault(event["eventId"], event)

    def is_claim_refused(self, pair: Pair, at: int) -> bool:
        """Whether the claim names somebody who was erased afterwards."""
        return at <= max(self.erased.get(name, -1) for name in pair)

    def erase(self, name: str, now: int) -> None:
        """Forget the person whom ``name`` names."""
        person = person_of(name, self.told.values(), self.claims)
        self.claims = {pair: at for pair, at in self.claims.items() if not {*pair} & person}
        self.told = {key: event for key, event in self.told.items() if own_name(event) not in person}
        self.erased |= dict.fromkeys(person, now)

    def outlive(self, before: int) -> None:
        """Forget what happened before then."""
        self.told = {key: event for key, event in self.told.items() if event["at"] >= before}
        self.outlived = before - 1

    def stored(self) -> list[tuple[str, str, int]]:
        """Each event that the ledger has to hold: its id, its identifier, its time."""
        return sorted((key, own_name(event), event["at"]) for key, event in self.told.items())
