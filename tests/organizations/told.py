"""What two organizations are told: everything that names anything is drawn from the same few names."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

VISITORS = ("ann", "ben", "cid", "dee", "eli", "fay", "gus", "hal", "ida", "jon", "kim", "lea")
USERS = ("u1", "u2", "u3", "u4", "u5", "u6")
EMAILS = tuple(sha256(f"{name}@mail.example".encode()).hexdigest() for name in VISITORS[:3])
ORDERS = tuple(f"A-{number}" for number in range(1, 8))
CAMPAIGNS = (("111", "Spring"), ("222", "Sale"), ("333", "Brand"))
PLATFORMS = ("GOOGLE_ADS", "META")
BEGIN = datetime(2026, 1, 5, 9, tzinfo=UTC)
EVENTS = 90
_DAYS = 40


@dataclass(frozen=True)
class Told:
    """The files of one organization, each in two parts."""

    events: tuple[str, str]
    costs: tuple[str, str]
    claims: tuple[str, str]


def told(organization: str, number: int) -> Told:
    """What one organization is told, in the world of that number."""
    chance = Random(f"{number} {organization}")
    events = [_event(chance, place, organization) for place in range(EVENTS)]
    costs, claims = _costs(chance), _claims(chance)
    halves = (slice(None, EVENTS // 2), slice(EVENTS // 3, None))  # what stands in both is a duplicate
    first, second = (_lines(events[half]) + "{\n" for half in halves)
    return Told(
        (first, second),
        (_table(costs[: len(costs) // 2]), _table(costs[len(costs) // 3 :])),
        (_table(claims[:3]), _table(claims[2:])),
    )


def _event(chance: Random, place: int, organization: str) -> dict[str, Any]:
    """Ids and times depend on the place alone, so that the other organization has them, too."""
    at = BEGIN + timedelta(days=Random(place).uniform(0, _DAYS))
    kind = chance.choices(("PAGE_VIEW", "CONVERSION", "IDENTIFY", "CUSTOM", "REFUND"), (50, 25, 10, 10, 5))[0]
    event: dict[str, Any] = {
        "eventId": f"e{place}", "type": kind, "anonId": VISITORS[place % len(VISITORS)], "occurredAt": at.isoformat(),
    }  # fmt: skip
    if kind in {"PAGE_VIEW", "CUSTOM"}:
        event["url"] = f"https://{organization}.example/{_query(chance)}"
    if kind in {"CONVERSION", "REFUND"}:
        event |= {"orderId": chance.choice(ORDERS), "value": chance.randint(1, 90), "currency": _currency(chance)}
    if kind == "CONVERSION" and chance.random() < 0.3:
        event["survey"] = chance.choice(("a friend", "Google"))
    if kind == "IDENTIFY" or chance.random() < 0.05:
        event |= chance.choice(({"userId": chance.choice(USERS)}, {"emailHash": chance.choice(EMAILS)}))
    return event | ({"colour": "red"} if chance.random() < 0.1 else {}) | (_fault(chance))


def _query(chance: Random) -> str:
    campaign, name = chance.choice(CAMPAIGNS)
    return chance.choice((
        "", f"?utm_source=google&utm_medium=cpc&utm_campaign={name}&gclid=Cj0KCQiA1234567890", "?utm_source=news",
        f"?utm_source=facebook&utm_medium=paid&utm_id={campaign}", "?utm_source=newsletter&utm_medium=email",
    ))  # fmt: skip


def _currency(chance: Random) -> str:
    return "USD" if chance.random() < 0.1 else "EUR"


def _fault(chance: Random) -> dict[str, Any]:
    return chance.choice(({"type": "NONE"}, {"occurredAt": "soon"})) if chance.random() < 0.08 else {}


def _costs(chance: Random) -> list[dict[str, str]]:
    return [
        {
            "date": str((BEGIN + timedelta(days=day)).date()), "platform": platform, "account_id": "a",
            "campaign_id": campaign, "campaign_name": name,
            "cost": "€5" if chance.random() < 0.03 else str(chance.randint(1, 40)),
            "currency": _currency(chance),
        }
        for day in range(0, _DAYS, 3) for platform in PLATFORMS for campaign, name in CAMPAIGNS[:2]
    ]  # fmt: skip


def _claims(chance: Random) -> list[dict[str, str]]:
    return [
        {"visitor_id": chance.choice(VISITORS), "user_id": chance.choice(USERS), "claimed_at": BEGIN.isoformat()}
        for _ in range(5)
    ]


def _lines(events: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def _table(rows: list[dict[str, str]]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
