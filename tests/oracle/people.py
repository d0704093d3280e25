"""Who is who, in the plainest words.

Two names on one event, or in one claim, are one person's, unless one of them identifies nobody; which of them are kept
apart, and when, is for :mod:`tests.oracle.who` to say. Of unverified evidence, a name that shows too many others joins
none of them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.oracle.who import TIERS, Answer, Seen, who_is_who
from tests.oracle.world import Row, World, names_somebody, once

PersonOf = Callable[[Row], str]
"""The person of each event."""
Pair = tuple[str, str]


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
            _shown_by(row, tier if event["is_verified"] else "claimed_by_browser", event["site_id"])
            row["is_verified"] |= event["is_verified"]
            row["first_seen_at"] = min(row["first_seen_at"], event["occurred_at"])
    for claim in _joining_claims(world):
        pair = claim["identifier"], claim["linked_identifier"]
        row = pairs.setdefault(pair, _pair(world, pair, claim["claimed_at"], _names_nobody(pair)))
        row["claim_count"] += 1
        _shown_by(row, "claimed", claim["source"])
        row["is_verified"] = True
        row["first_seen_at"] = min(row["first_seen_at"], claim["claimed_at"])
    for claim in world.claims:
        pair = claim["identifier"], claim["linked_identifier"]
        if claim["source"] == "separated" and pair in pairs:
            pairs[pair]["is_separated"] = True
    return list(pairs.values())


def _joining_claims(world: World) -> list[Row]:
    """Those of persons; an account is no person's name."""
    return [c for c in world.claims if c["source"] != "separated" and not c["linked_identifier"].startswith("a:")]


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
        "is_separated": False,
        "tier": "",
        "source": "",
    }


@once
def identifiers(world: World) -> list[Row]:
    """Every name that names somebody, since when it is known, and how many others unverified events show of it."""
    first_seen: dict[str, datetime] = {}
    shown: dict[str, set[str]] = defaultdict(set)
    proven: dict[str, dict[str, datetime]] = defaultdict(dict)
    seen = [(event["identifier"], event["occurred_at"]) for event in world.events]
    for row in identity_pairs(world):
        if not row["is_blocked"]:
            pair = row["identifier"], row["linked_identifier"]
            seen += [(name, row["first_seen_at"]) for name in pair]
            for name, other in (pair, pair[::-1]):
                shown[name] |= set() if row["is_verified"] or row["is_separated"] else {other}
                if row["is_verified"] and not row["is_separated"]:
                    proven[name][other] = row["first_seen_at"]
    for identifier, time in seen:
        first_seen[identifier] = min(time, first_seen.get(identifier, time))
    names, browsers = world.organization["unverified_names"], world.organization["unverified_links"]
    most = {"u": names, "m": names, "v": browsers}
    chosen = world.organization
    of_verified = {"u": chosen["verified_names"], "m": chosen["verified_names"], "v": chosen["verified_links"]}
    rows = []
    for identifier, time in first_seen.items():
        counts = {kind: sum(other[0] == kind for other in shown[identifier]) for kind in most}
        sure = {kind: sorted(at for other, at in proven[identifier].items() if other[0] == kind) for kind in most}
        large = {kind for kind in most if len(sure[kind]) > of_verified[kind]}
        if _within_a_week(sure["v"]) > world.organization["verified_links_per_week"]:
            large.add("v")
        rows.append(
            {
                "organization_id": world.name,
                "identifier": identifier,
                "first_seen_at": time,
                "verified_users": len(sure["u"]),
                "verified_emails": len(sure["m"]),
                "verified_visitors": len(sure["v"]),
                "unverified_users": counts["u"],
                "unverified_emails": counts["m"],
                "unverified_visitors": counts["v"],
                "crowded_by": "".join(kind for kind in most if counts[kind] > most[kind])
                + "".join(kind.upper() for kind in most if kind in large),
            }
        )
    return rows


def _within_a_week(times: list[datetime]) -> int:
    """The most of them that lie within seven days."""
    return max((sum(first <= time < first + timedelta(days=7) for time in times) for first in times), default=0)


@once
def sightings(world: World) -> list[Seen]:
    """Every time at which two names stand together, and in which tier."""
    seen = []
    for event in world.events:
        for prefix, value in (("u:", event["user_id"]), ("m:", event["email_hash"])):
            if value is not None and prefix + value != event["identifier"]:
                is_sure = prefix == "u:" or event["is_email_verified"]
                tier = ("strong_id" if prefix == "u:" else "email_validated") if is_sure else "email_unvalidated"
                tier = tier if event["is_verified"] else "claimed_by_browser"
                seen.append(_seen((event["identifier"], prefix + value), event["occurred_at"], tier))
    return seen + [
        _seen((c["identifier"], c["linked_identifier"]), c["claimed_at"], "claimed") for c in _joining_claims(world)
    ]


def _seen(pair: Pair, time: datetime, tier: str) -> Seen:
    return Seen((pair[0][0], pair[0]), (pair[1][0], pair[1]), time, tier)


@once
def joining_sightings(world: World) -> list[Seen]:
    """Those that may join: of nobody who is past a limit, and of no name that names nobody."""
    crowded = {row["identifier"]: row["crowded_by"] for row in identifiers(world)}
    blocked = {
        (row["identifier"], row["linked_identifier"])
        for row in identity_pairs(world)
        if row["is_blocked"] or row["is_separated"]
    }
    return [
        seen
        for seen in sightings(world)
        if seen.b and _pair_of(seen) not in blocked
        if _is_within_limits(*_pair_of(seen), crowded, str.upper)
        if seen.tier != "claimed_by_browser" or _is_within_limits(*_pair_of(seen), crowded, str.lower)
    ]  # fmt: skip


def _is_within_limits(one: str, other: str, crowded: dict[str, str], letter: Callable[[str], str]) -> bool:
    return letter(other[0]) not in crowded[one] and letter(one[0]) not in crowded[other]


def _pair_of(seen: Seen) -> Pair:
    assert seen.b
    return seen.a[1], seen.b[1]


@once
def _solved(world: World) -> tuple[Answer, dict[Pair, str]]:
    """Whose each name is, and when; and of the pairs that join nobody, why."""
    edges = joining_sightings(world)
    answer, refused = who_is_who(edges, (), ("u",), ("m",), {}, world.organization["largest_group"])
    kept = {_pair_of(edge) for edge in edges if edge not in {e for e, _ in refused}}
    reasons: dict[Pair, str] = {}
    for edge, reason in refused:
        if _pair_of(edge) not in kept:
            said = {"two_unique_ids": "two_users", "two_contacts": "two_emails"}.get(reason, reason)
            reasons[_pair_of(edge)] = max(said, reasons.get(_pair_of(edge), ""))
    return answer, reasons


@once
def _possible(world: World) -> list[Pair]:
    """The verified pairs that nothing rules out from the outset, even if somebody else has one of their names."""
    crowded = {row["identifier"]: row["crowded_by"] for row in identifiers(world)}
    return [
        (row["identifier"], row["linked_identifier"])
        for row in identity_pairs(world)
        if row["is_verified"] and not row["is_blocked"] and not row["is_separated"]
        if _is_within_limits(row["identifier"], row["linked_identifier"], crowded, str.upper)
    ]


def _users_of(world: World, address: str) -> set[str]:
    """The user ids that anything verified shows with an address, or with what shows that address."""
    beside = {one for one, other in _possible(world) if other == address} | {address}
    shown = {other for one, other in _possible(world) if one in beside}
    return {name for name in beside | shown if name[0] == "u"}


@once
def identity_edges(world: World) -> list[Row]:
    """Every pair, and whether it is believed."""
    joining = {_pair_of(seen) for seen in joining_sightings(world)}
    crowded = {row["identifier"]: row["crowded_by"] for row in identifiers(world)}
    _, refused = _solved(world)
    possible, edges = set(_possible(world)), []
    for row in identity_pairs(world):
        pair = row["identifier"], row["linked_identifier"]
        refusal = refused.get(pair, "")
        if row["is_separated"]:
            refusal = "separated"
        elif row["is_blocked"]:
            refusal = "blocked_value"
        elif not _is_within_limits(*pair, crowded, str.upper):
            refusal = "too_many_verified"
        elif pair not in joining:
            refusal = "too_many_unverified"
        edge = {name: value for name, value in row.items() if name not in {"is_blocked", "is_separated"}}
        if row["tier"] == "email_unvalidated" and pair in possible and len(_users_of(world, pair[1])) == 1:
            edge["tier"] = "single_candidate"
        reason = refusal or ("same_event" if row["event_count"] else "claim")
        edges.append(edge | {"is_refused": bool(refusal), "reason": reason})
    return edges


@once
def identities(world: World) -> list[Row]:
    """Groups of identifiers that hang together, each named after the member that was seen first.

    A browser that several people use is each one's in their own time, and names the first of them only.
    """
    first_seen = {row["identifier"]: row["first_seen_at"] for row in identifiers(world)}
    answer, _ = _solved(world)
    tiers: dict[str, str] = {}
    for edge in identity_edges(world):
        for name in () if edge["is_refused"] else (edge["identifier"], edge["linked_identifier"]):
            tiers[name] = min(edge["tier"], tiers.get(name, "unresolved"), key=TIERS.index)
    placed = [(name, person, start, end) for _, name, person, start, end in answer]
    known = {name for name, *_ in placed}
    placed += [(name, f"alone {name}", None, None) for name in first_seen if name not in known]
    rows = []
    for name, person, start, end in placed:
        starts = sorted(since for other, _, since, _ in placed if other == name and since is not None)
        own = ((first_seen[n], n) for n, theirs, since, _ in placed if theirs == person and since is None)
        rows.append(
            {
                "organization_id": world.name,
                "identifier": name,
                "person_id": hashlib.md5(f"{world.name} {min(own)[1]}".encode()).hexdigest(),
                "period_number": starts.index(start) + 1 if start else 0,
                "valid_from": start,
                "valid_until": end,
                "first_seen_at": start or first_seen[name],
                "tier": tiers.get(name, "unresolved"),
            }
        )
    return rows


@once
def persons(world: World) -> PersonOf:
    """The person behind each identifier at a time."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(identities(world), key=lambda row: row["period_number"]):
        rows[row["identifier"]].append(row)

    def person_of(event: Row) -> str:
        begun = [
            row
            for row in rows[event["identifier"]]
            if row["valid_from"] is None or row["valid_from"] <= event["occurred_at"]
        ]
        return str(begun[-1]["person_id"])

    return person_of
