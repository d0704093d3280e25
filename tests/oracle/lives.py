"""Small organizations in which nothing happens but who is who: late logins, shared devices, merging accounts.

What each of them is told comes in two parts, in no order of time, and then some of it goes again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from tests.oracle.engine import ListFeed
from tests.oracle.world import Row, World, at, claim, event, goal, organization, site

START = at("2026-03-02 10:00")
_USERS, _MAILS, _ACCOUNTS = ("x", "y", "z"), ("m1", "m2", "m3"), ("acme", "beta", "gamma")
_BROWSERS = ("a", "b", "c", "tablet", "tablet")
_LIMITS: tuple[Row, ...] = (
    *({},) * 8, {"verified_names": 1}, {"verified_links": 1}, {"verified_links_per_week": 1}, {"unverified_names": 1},
    {"unverified_links": 1}, {"largest_group": 4},
)  # fmt: skip


@dataclass(frozen=True)
class Life:
    """An organization that was told everything, and what of it comes late or goes again."""

    world: World
    late: frozenset[str]
    """The ids of events that come in after the first run."""
    late_claims: int
    """How many of the claims come in then, too."""
    erased: frozenset[str]
    withdrawn: frozenset[str]
    """The names whose claims are withdrawn."""

    @property
    def left(self) -> World:
        """What is known in the end."""
        events = [row for row in self.world.events if row["event_id"] not in self.erased]
        claims = [
            row for row in self.world.claims if not {row["identifier"], row["linked_identifier"]} & self.withdrawn
        ]
        return replace(self.world, events=events, claims=claims)


def lives(number: int, seed: int) -> list[Life]:
    """So many, the same for the same ``seed``."""
    chance = Random(seed)
    return [_life(f"i{place}", chance) for place in range(number)]


def _life(name: str, chance: Random) -> Life:
    events = [_event(name, f"e{place}", chance) for place in range(chance.randint(4, 12))]
    claims = _claims(name, chance)
    world = World(
        organization(name, **chance.choice(_LIMITS)), [site(name, f"{name}s")],
        [goal(name, path_owner=chance.choice(("person", "account")))], [], events, [], claims,
    )  # fmt: skip
    ids = [row["event_id"] for row in events]
    return Life(
        world,
        frozenset(chance.sample(ids, len(ids) // 2)),
        chance.randint(0, len(claims)),
        frozenset(chance.sample(ids, chance.randint(0, 3))),
        frozenset(chance.sample(["u:x", "u:y", "m:m1", f"v:{name}s:a", "a:beta"], chance.randint(0, 2))),
    )


def _event(name: str, event_id: str, chance: Random) -> Row:
    said: Row = {"type": chance.choice(("PAGE_VIEW", "IDENTIFY", "IDENTIFY", "CONVERSION"))}
    said["visitor_id"] = chance.choice((*_BROWSERS, None))
    said["user_id"] = chance.choice((*_USERS, None, None, None, "null"))
    said["email_hash"] = chance.choice((*_MAILS, None, None, None, None))
    said["account_id"] = chance.choice((*_ACCOUNTS, *(None,) * 5))
    said["is_verified"] = chance.random() < 0.7
    said["is_email_verified"] = chance.random() < 0.3
    if said["type"] == "PAGE_VIEW":
        said["url"] = f"https://shop.example/{event_id}"
        said |= chance.choice(({}, {"utm_source": "google", "utm_medium": "cpc"}))
    return event(event_id, _time(chance), name, f"{name}s", **said)


def _claims(name: str, chance: Random) -> list[Row]:
    """What systems say of pairs: at the same moments as events, before and after them."""
    names = [
        *(f"v:{name}s:{one}" for one in ("a", "b", "tablet", "unseen")), "u:x", "u:y", "m:m1", "m:m2", "a:acme",
        "a:beta", "a:gamma",
    ]  # fmt: skip
    found = {}
    for _ in range(chance.choice((0, 0, 1, 2, 4))):
        one, other = chance.sample(names, 2)
        row = claim(one, other, _time(chance), name, chance.choice(("crm", "crm", "login", "separated")))
        found[row["identifier"], row["linked_identifier"], row["source"]] = row
    return list(found.values())


def _time(chance: Random) -> datetime:
    return START + timedelta(hours=chance.choice((0, 0, 1, 5, 24, 25, 48, 200)))


def tell(ledger: ListFeed, lived: list[Life], *, is_late: bool) -> None:
    """The first part, or the late one: a late login may be the oldest of all."""
    for life in lived:
        ledger.tell(row for row in life.world.events if (row["event_id"] in life.late) is is_late)
        ledger.claim(life.world.claims[life.late_claims :] if is_late else life.world.claims[: life.late_claims])


def take(ledger: ListFeed, lived: list[Life]) -> None:
    """What is erased goes, and what is withdrawn."""
    for life in lived:
        ledger.erase(*life.erased, owner=life.world.name)
        ledger.withdraw(*life.withdrawn, owner=life.world.name)
