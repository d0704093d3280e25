"""Who is who, in the plainest words.

Two names on one event, or in one claim, are one person's, unless one of them names nobody.
"""

import hashlib
from datetime import datetime

from tests.oracle.world import Row, World, once
from touchline.settings import BLOCKED_IDENTIFIERS

PersonOf = dict[str, str]
"""Each identifier's person."""


@once
def identity_edges(world: World) -> list[Row]:
    """Every pair of names that stand together on events or in claims, with how often and since when."""
    edges: dict[tuple[str, str], Row] = {}
    for event in world.events:
        for prefix, value in (("u:", event["user_id"]), ("m:", event["email_hash"])):
            if value is None or prefix + value == event["identifier"]:
                continue
            is_refused = value.strip(" ").lower() in BLOCKED_IDENTIFIERS
            pair = event["identifier"], prefix + value
            edge = edges.setdefault(pair, _edge(world, pair, event["occurred_at"], "same_event", is_refused))
            edge["event_count"] += 1
            edge["first_seen_at"] = min(edge["first_seen_at"], event["occurred_at"])
    for claim in world.claims:
        pair = claim["identifier"], claim["linked_identifier"]
        is_refused = any(name.split(":", 2 if name[0] == "v" else 1)[-1] in BLOCKED_IDENTIFIERS for name in pair)
        edge = edges.setdefault(pair, _edge(world, pair, claim["claimed_at"], "claim", is_refused))
        edge["claim_count"] += 1
        edge["first_seen_at"] = min(edge["first_seen_at"], claim["claimed_at"])
    return list(edges.values())


def _edge(world: World, pair: tuple[str, str], time: datetime, reason: str, is_refused: bool) -> Row:
    """What nothing has shown yet."""
    return {
        "organization_id": world.name,
        "identifier": pair[0],
        "linked_identifier": pair[1],
        "first_seen_at": time,
        "event_count": 0,
        "claim_count": 0,
        "is_refused": is_refused,
        "reason": "blocked_value" if is_refused else reason,
    }


@once
def identities(world: World) -> list[Row]:
    """Groups of identifiers that hang together, each named after the member that was seen first."""
    first_seen: dict[str, datetime] = {}
    joins = [edge for edge in identity_edges(world) if not edge["is_refused"]]
    seen = [(event["identifier"], event["occurred_at"]) for event in world.events]
    seen += [(edge["linked_identifier"], edge["first_seen_at"]) for edge in joins]
    seen += [(edge["identifier"], edge["first_seen_at"]) for edge in joins]
    for identifier, time in seen:
        first_seen[identifier] = min(time, first_seen.get(identifier, time))
    groups = [{identifier} for identifier in first_seen]
    for edge in joins:
        one = next(group for group in groups if edge["identifier"] in group)
        other = next(group for group in groups if edge["linked_identifier"] in group)
        if one is not other:
            groups.remove(other)
            one |= other
    rows = []
    for group in groups:
        eldest = min(group, key=lambda identifier: (first_seen[identifier], identifier))
        person_id = hashlib.md5(f"{world.name} {eldest}".encode()).hexdigest()
        rows += [
            {
                "organization_id": world.name,
                "identifier": identifier,
                "person_id": person_id,
                "first_seen_at": first_seen[identifier],
            }
            for identifier in group
        ]
    return rows


@once
def persons(world: World) -> PersonOf:
    """The person behind each identifier."""
    return {row["identifier"]: row["person_id"] for row in identities(world)}
