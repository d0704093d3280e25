"""Who is who, in the plainest words.

Two names on one event, or in one claim, are one person's, unless one of them identifies nobody. Unverified evidence
joins less: a name that shows too many others joins none of them, two user ids are never joined, nor two e-mail hashes.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from tests.oracle.who import TIERS
from tests.oracle.world import Row, World, names_somebody, once

PersonOf = dict[str, str]
"""Each identifier's person."""
Pair = tuple[str, str]
Group = frozenset[str]


@once
def identity_pairs(world: World) -> list[Row]:
    """Every pair of names that stand together on events or in claims, with how often and since when."""
    pairs: dict[Pair, Row] = {}
    for event in world.events:
        for prefix, value in (("u:", event["user_id"]), ("m:", event["email_hash"])):
            if value is None or prefix + value == event["identifier"]:
                continue
            pair = event["identifier"], prefix + value
            row = pairs.setdefault(pair, _pair(world, pair, event["occurred_at"], _names_nobody(pair)))
            row["event_count"] += 1
            is_sure = prefix == "u:" or event["is_email_verified"]
            tier = ("strong_id" if prefix == "u:" else "email_validated") if is_sure else "email_unvalidated"
            _shown_by(row, tier, event["site_id"])
            row["is_verified"] |= event["is_verified"]
            row["first_seen_at"] = min(row["first_seen_at"], event["occurred_at"])
    for claim in world.claims:
        if claim["linked_identifier"].startswith("a:"):
            continue  # an account is no person's name
        pair = claim["identifier"], claim["linked_identifier"]
        row = pairs.setdefault(pair, _pair(world, pair, claim["claimed_at"], _names_nobody(pair)))
        row["claim_count"] += 1
        _shown_by(row, "claimed", claim["source"])
        row["is_verified"] = True
        row["first_seen_at"] = min(row["first_seen_at"], claim["claimed_at"])
    return list(pairs.values())


def _shown_by(row: Row, tier: str, source: str) -> None:
    """Keep the better tier, and of two sources the first by name."""
    known = (TIERS.index(row["tier"]), row["source"]) if row["tier"] else (len(TIERS), "")
    _, row["source"] = best = min(known, (TIERS.index(tier), source))
    row["tier"] = TIERS[best[0]]


def _names_nobody(pair: Pair) -> bool:
    return any(not names_somebody(name.split(":", 2 if name[0] == "v" else 1)[-1]) for name in pair)


def _pair(world: World, pair: Pair, time: datetime, names_nobody: bool) -> Row:
    """What nothing has shown yet."""
    return {
        "organization_id": world.name,
        "identifier": pair[0],
        "linked_identifier": pair[1],
        "first_seen_at": time,
        "event_count": 0,
        "claim_count": 0,
        "is_verified": False,
        "is_blocked": names_nobody,
        "tier": "",
        "source": "",
    }


@once
def identifiers(world: World) -> list[Row]:
    """Every name that names somebody, since when it is known, and how many others unverified events show of it."""
    first_seen: dict[str, datetime] = {}
    shown: dict[str, set[str]] = defaultdict(set)
    seen = [(event["identifier"], event["occurred_at"]) for event in world.events]
    for row in identity_pairs(world):
        if not row["is_blocked"]:
            pair = row["identifier"], row["linked_identifier"]
            seen += [(name, row["first_seen_at"]) for name in pair]
            for name, other in (pair, pair[::-1]):
                shown[name] |= set() if row["is_verified"] else {other}
    for identifier, time in seen:
        first_seen[identifier] = min(time, first_seen.get(identifier, time))
    names, browsers = world.organization["unverified_names"], world.organization["unverified_links"]
    most = {"u": names, "m": names, "v": browsers}
    rows = []
    for identifier, time in first_seen.items():
        counts = {kind: sum(other[0] == kind for other in shown[identifier]) for kind in most}
        rows.append(
            {
                "organization_id": world.name,
                "identifier": identifier,
                "first_seen_at": time,
                "unverified_users": counts["u"],
                "unverified_emails": counts["m"],
                "unverified_visitors": counts["v"],
                "crowded_by": "".join(kind for kind in most if counts[kind] > most[kind]),
            }
        )
    return rows


@once
def identity_edges(world: World) -> list[Row]:
    """Every pair, and whether it is believed."""
    crowded = {row["identifier"]: row["crowded_by"] for row in identifiers(world)}
    sound, doubtful = [], []
    for row in identity_pairs(world):
        pair = row["identifier"], row["linked_identifier"]
        if row["is_blocked"]:
            continue
        if row["is_verified"]:
            sound.append(pair)
        elif pair[1][0] not in crowded[pair[0]] and pair[0][0] not in crowded[pair[1]]:
            doubtful.append(pair)
    within_users = _within_users(sound, doubtful)
    of_one_user = [pair for pair in doubtful if pair in within_users]
    of_one_email = _within_emails(sound, of_one_user)
    edges = []
    for row in identity_pairs(world):
        pair = row["identifier"], row["linked_identifier"]
        refusal = ""
        if row["is_blocked"]:
            refusal = "blocked_value"
        elif not row["is_verified"] and pair not in of_one_email:
            refusal = (
                "two_emails" if pair in of_one_user else "two_users" if pair in doubtful else "too_many_unverified"
            )
        edge = {name: value for name, value in row.items() if name != "is_blocked"}
        reason = refusal or ("same_event" if row["event_count"] else "claim")
        edges.append(edge | {"is_refused": bool(refusal), "reason": reason})
    return edges


def _within_users(sound: list[Pair], doubtful: list[Pair]) -> set[Pair]:
    """The doubtful pairs that do not lie between what is nearest to different user ids."""
    groups = _groups(sound, (name for pair in doubtful for name in pair))
    return _kept(groups, doubtful, {group: 0 for group in groups.values() if _shows(group, "u")})


def _within_emails(sound: list[Pair], doubtful: list[Pair]) -> set[Pair]:
    """Of what belongs to one user id, or to none: the pairs that do not lie between different e-mail hashes."""
    groups = _groups(sound, (name for pair in doubtful for name in pair))
    lands = _groups([*sound, *doubtful], ())
    kept = set()
    for land in {lands[pair[0]] for pair in doubtful}:
        inside = [pair for pair in doubtful if pair[0] in land]
        here = {groups[name] for pair in inside for name in pair} | {groups[n] for n in land if n in groups}
        names: dict[Group, int] = {}
        if sum(_shows(group, "m") for group in here) > 1:
            names = {
                group: 0 if _shows(group, "u") else 1 for group in here if _shows(group, "u") or _shows(group, "m")
            }
        kept |= _kept(groups, inside, names)
    return kept


def _kept(groups: dict[str, Group], pairs: list[Pair], names: dict[Group, int]) -> set[Pair]:
    """The pairs whose ends belong to one and the same of ``names``, or to none that anything reaches.

    Time passes: a name is where it is from its own moment on, and two moments later with its free neighbors. Who is
    reached by two at once is torn, belongs to nobody, and lets nobody pass.
    """
    owner: dict[Group, Group | None] = {name: name for name in names}
    fresh: dict[int, set[Group]] = defaultdict(set)
    for name, moment in names.items():
        fresh[moment].add(name)
    beside: dict[Group, set[Group]] = defaultdict(set)
    for one, other in pairs:
        beside[groups[one]].add(groups[other])
        beside[groups[other]].add(groups[one])
    for moment in range(2 * len(beside) + 2):
        reached: dict[Group, set[Group | None]] = defaultdict(set)
        for group in fresh[moment]:
            for neighbor in beside[group]:
                if neighbor not in owner:
                    reached[neighbor].add(owner[group])
        for group, by in reached.items():
            owner[group] = by.pop() if len(by) == 1 else None
            if owner[group] is not None:
                fresh[moment + 2].add(group)
    nobody: Group = frozenset()
    ends = {pair: [owner.get(groups[name], nobody) for name in pair] for pair in pairs}
    within = {pair for pair in pairs if groups[pair[0]] == groups[pair[1]]}  # tied by verified pairs already
    return within | {pair for pair, (one, other) in ends.items() if one == other and one is not None}


def _groups(pairs: Iterable[Pair], more: Iterable[str]) -> dict[str, Group]:
    """Of each name the names that hang together with it."""
    groups: list[set[str]] = []
    for joined in [*map(set, pairs), *({name} for name in more)]:
        apart = [group for group in groups if not group & joined]
        groups = [*apart, joined.union(*(group for group in groups if group & joined))]
    return {name: frozenset(group) for group in groups for name in group}


def _shows(group: Group, kind: str) -> bool:
    return any(name[0] == kind for name in group)


@once
def identities(world: World) -> list[Row]:
    """Groups of identifiers that hang together, each named after the member that was seen first."""
    first_seen = {row["identifier"]: row["first_seen_at"] for row in identifiers(world)}
    joins = [edge for edge in identity_edges(world) if not edge["is_refused"]]
    rows = []
    for group in set(_groups([(e["identifier"], e["linked_identifier"]) for e in joins], first_seen).values()):
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
