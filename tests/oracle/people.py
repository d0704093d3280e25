"""Who is who, in the plainest words: two names on one event are one person's, unless one of them names nobody."""

import hashlib
from datetime import datetime

from tests.oracle.world import Row, World
from touchline.settings import BLOCKED_IDENTIFIERS

PersonOf = dict[str, str]
"""Each identifier's person."""


def identity_edges(world: World) -> list[Row]:
    """Every pair of an event's identifier and a further name on it, with how often and since when."""
    edges: dict[tuple[str, str], Row] = {}
    for event in world.events:
        for prefix, value in (("u:", event["user_id"]), ("m:", event["email_hash"])):
            if value is None or prefix + value == event["identifier"]:
                continue
            is_refused = value.strip(" ").lower() in BLOCKED_IDENTIFIERS
            edge = edges.setdefault(
                (event["identifier"], prefix + value),
                {
                    "organization_id": world.name,
                    "identifier": event["identifier"],
                    "linked_identifier": prefix + value,
                    "first_seen_at": event["occurred_at"],
                    "event_count": 0,
                    "is_refused": is_refused,
                    "reason": "blocked_value" if is_refused else "same_event",
                },
            )
            edge["event_count"] += 1
            edge["first_seen_at"] = min(edge["first_seen_at"], event["occurred_at"])
    return list(edges.values())


def identities(world: World) -> list[Row]:
    """Groups of identifiers that hang together, each named after the member that was seen first."""
    first_seen: dict[str, datetime] = {}
    joins = [edge for edge in identity_edges(world) if not edge["is_refused"]]
    seen = [(event["identifier"], event["occurred_at"]) for event in world.events]
    seen += [(edge["linked_identifier"], edge["first_seen_at"]) for edge in joins]
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


def persons(world: World) -> PersonOf:
    """The person behind each identifier."""
    return {row["identifier"]: row["person_id"] for row in identities(world)}
