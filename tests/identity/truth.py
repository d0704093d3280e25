"""People, their devices and what is seen of them: a generator that knows nothing of how identities are resolved.

    python -m tests.identity.truth     writes docs/explanation/identity-truth.md

Everybody's visits are known, so every answer can be counted: two visits of which it says that they are one person's are
right or wrong, and two visits of one person are found or not.
"""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

import touchline as tl

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explanation" / "identity-truth.md"
START = datetime.fromisoformat("2026-01-01T00:00:00")
EVER = datetime.fromisoformat("1970-01-01T00:00:00")
DAYS = 180
Id = tuple[str, str]
Edge = tuple[Id, Id, datetime, str]


@dataclass(frozen=True)
class Visit:
    """Who was on which browser when."""

    person: str
    visitor: str
    at: datetime
    is_signed_in: bool


@dataclass
class Person:
    """Somebody with an account, and an address that can change."""

    name: str
    email: str

    @property
    def user(self) -> Id:
        return "user", f"u-{self.name}"


@dataclass
class Device:
    """Something with a browser, whose cookie can be lost."""

    name: str
    cookie: int = 0
    signed_in: Person | None = None

    @property
    def visitor(self) -> str:
        return f"{self.name}-{self.cookie:03}"

    def lose_cookie(self) -> None:
        self.cookie += 1
        self.signed_in = None


@dataclass
class Seen:
    """What a site knows (edges), and what only the generator knows (visits)."""

    edges: list[Edge] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)


@dataclass
class Habits:
    """How the people of a scenario live."""

    chance: random.Random
    seen: Seen
    loses_cookie: float = 0.02
    """How likely a browser has lost its cookie since the visit before."""
    signs_in: float = 0.25
    """How likely somebody signs in on a browser of their own where they are not signed in."""
    takes_over: float = 0.97
    """How likely somebody signs in where another is signed in, before looking around."""

    def times(self, count: int) -> list[datetime]:
        return sorted(START + timedelta(seconds=self.chance.randrange(DAYS * 86_400)) for _ in range(count))

    def visit(self, person: Person, device: Device, at: datetime) -> None:
        """One visit: perhaps a lost cookie, perhaps a login, some pages."""
        if self.chance.random() < self.loses_cookie:
            device.lose_cookie()
        is_anothers = device.signed_in not in (None, person)
        if device.signed_in is not person and self.chance.random() < (
            self.takes_over if is_anothers else self.signs_in
        ):
            device.signed_in = person
            self.seen.edges.append((("visitor", device.visitor), person.user, at, "strong_id"))
        elif self.chance.random() < 0.03:
            self.seen.edges.append((("visitor", device.visitor), ("email", person.email), at, "email_validated"))
        if self.chance.random() < 0.01:  # a tag that fires too early
            self.seen.edges.append((("visitor", device.visitor), ("user", "undefined"), at, "strong_id"))
        is_signed_in = device.signed_in is person
        for minute in range(self.chance.randrange(1, 4)):
            self.seen.visits.append(Visit(person.name, device.visitor, at + timedelta(minutes=minute), is_signed_in))

    def account(self, person: Person, at: datetime) -> None:
        self.seen.edges.append((person.user, ("email", person.email), at, "email_validated"))


def households(habits: Habits, count: int) -> None:
    """Two to four people, each with a phone, some with a laptop, and one tablet for all."""
    for number in range(count):
        people = [_person(habits, f"home{number}-{n}") for n in range(habits.chance.randrange(2, 5))]
        tablet = Device(f"tablet{number}")
        uses = [(at, person, device) for person in people for at, device in _own_devices(habits, person)]
        uses += [(at, habits.chance.choice(people), tablet) for at in habits.times(12)]
        for at, person, device in sorted(uses, key=lambda use: use[0]):
            habits.visit(person, device, at)


def lost_cookies(habits: Habits, count: int) -> None:
    """People who live alone, and whose browsers forget them at every third visit."""
    habits.loses_cookie = 0.33
    habits.signs_in = 0.6
    for number in range(count):
        person = _person(habits, f"forgotten{number}")
        for at, device in sorted(_own_devices(habits, person), key=lambda use: use[0]):
            habits.visit(person, device, at)


def kiosks(habits: Habits, count: int) -> None:
    """Devices in shops, each used by dozens of people, who have phones of their own."""
    for number in range(count):
        kiosk = Device(f"kiosk{number}")
        uses = []
        for n in range(habits.chance.randrange(5, 60)):
            person = _person(habits, f"guest{number}-{n}")
            uses += [(at, person, device) for at, device in _own_devices(habits, person)]
            uses += [(at, person, kiosk) for at in habits.times(1)]
        for at, person, device in sorted(uses, key=lambda use: use[0]):
            habits.visit(person, device, at)


def changed_addresses(habits: Habits, count: int) -> None:
    """People who change their address, some of them more than once, and click in letters to the old and to the new."""
    for number in range(count):
        person = _person(habits, f"moving{number}")
        changes = habits.times(habits.chance.randrange(1, 3))
        for at, device in sorted(_own_devices(habits, person), key=lambda use: use[0]):
            while changes and changes[0] < at:
                person.email = f"{person.name}-{len(changes)}@mail.example"
                habits.account(person, changes.pop(0))
            habits.visit(person, device, at)


def _person(habits: Habits, name: str) -> Person:
    person = Person(name, f"{name}@mail.example")
    habits.account(person, START)
    return person


def _own_devices(habits: Habits, person: Person) -> Iterator[tuple[datetime, Device]]:
    devices = [Device(f"{kind}-{person.name}") for kind in ("phone", "laptop")[: habits.chance.randrange(1, 3)]]
    for at in habits.times(habits.chance.randrange(4, 16)):
        yield at, habits.chance.choice(devices)


SCENARIOS: dict[str, tuple[Callable[[Habits, int], None], int]] = {
    "Households with a shared tablet": (households, 250),
    "Kiosks": (kiosks, 25),
    "Changed e-mail addresses": (changed_addresses, 500),
    "Lost cookies": (lost_cookies, 500),
}


def scenario(name: str, seed: int = 1) -> Seen:
    """What happens in one scenario."""
    make, count = SCENARIOS[name]
    habits = Habits(random.Random(f"{name} {seed}"), Seen())
    make(habits, count)
    return habits.seen


@dataclass(frozen=True)
class Score:
    """Pairs of visits."""

    right: int
    said: int
    """Of which the answer says that they are one person's."""
    true: int
    """That are one person's."""

    @property
    def precision(self) -> float:
        return self.right / self.said

    @property
    def recall(self) -> float:
        return self.right / self.true


def score(visits: Iterable[Visit], whose: Callable[[Visit], str]) -> Score:
    """Compare an answer with the truth, over all pairs of visits."""
    both = Counter((visit.person, whose(visit)) for visit in visits)
    true, said = Counter[str](), Counter[str]()
    for (person, answer), count in both.items():
        true[person] += count
        said[answer] += count
    return Score(*(sum(n * (n - 1) // 2 for n in counts.values()) for counts in (both, said, true)))


def resolved(edges: list[Edge]) -> Callable[[Visit], str]:
    """The answer of :func:`touchline.resolve_identities`; a visitor without an edge is a person."""
    return _lookup(tl.resolve_identities(_table(edges)).identities)


def latest_user(edges: list[Edge]) -> Callable[[Visit], str]:
    """What most packages do: each cookie belongs to the last user id that it had."""
    last: dict[str, tuple[datetime, str]] = {}
    for (_, visitor), (kind, name), at, _ in edges:
        if kind == "user" and name != "undefined" and visitor.rpartition("-")[0]:
            last[visitor] = max(last.get(visitor, (START, "")), (at, name))
    return lambda visit: last.get(visit.visitor, (START, visit.visitor))[1]


def connected(edges: list[Edge]) -> Callable[[Visit], str]:
    """Everything that is connected is one person: the same, without unique types, limits and blocked values."""
    kept = [edge for edge in edges if edge[1][1] != "undefined"]
    limits = dict.fromkeys(("user", "visitor", "email"), (None, None))
    return _lookup(tl.resolve_identities(_table(kept), unique_types=[], limits=limits).identities)


def _table(edges: list[Edge]) -> pa.Table:
    rows = [((*a, *b, at, tier)) for a, b, at, tier in edges]
    names = ("id_type_a", "id_a", "id_type_b", "id_b", "observed_at", "tier")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def _lookup(identities: pa.Table) -> Callable[[Visit], str]:
    periods: dict[str, list[tuple[datetime, str]]] = {}
    for row in identities.to_pylist():
        if row["id_type"] == "visitor":
            periods.setdefault(row["id"], []).append(
                (row["from"] or datetime.fromisoformat("1970-01-01"), row["person_id"])
            )
    for found in periods.values():
        found.sort()

    def whose(visit: Visit) -> str:
        found = periods.get(visit.visitor)
        if found is None:
            return visit.visitor
        return found[bisect_right(found, visit.at, key=lambda period: period[0]) - 1][1]

    return whose


def shown(seen: Seen) -> list[Visit]:
    """The visits of which evidence shows whose they are.

    Their person was signed in, or is the only one who ever used that browser, and was named on it at some time.
    """
    named = {(a[1], _name_of(b)) for a, b, _, _ in seen.edges if a[0] == "visitor"}
    users: dict[str, set[str]] = {}
    for visit in seen.visits:
        users.setdefault(visit.visitor, set()).add(visit.person)
    return [
        visit
        for visit in seen.visits
        if visit.is_signed_in or (len(users[visit.visitor]) == 1 and (visit.visitor, visit.person) in named)
    ]


def _name_of(one: Id) -> str:
    return one[1].removeprefix("u-") if one[0] == "user" else one[1].partition("@")[0]


def page() -> str:
    """The page of the documentation."""
    lines = []
    for name in SCENARIOS:
        seen = scenario(name)
        reachable = shown(seen)
        people = len({visit.person for visit in seen.visits})
        for way, make in (
            ("Touchline", resolved),
            ("everything connected", connected),
            ("latest user id", latest_user),
        ):
            whose = make(seen.edges)
            near, all_visits = score(reachable, whose), score(seen.visits, whose)
            lines.append(
                f"| {name if way == 'Touchline' else ''} | {f'{people:,}' if way == 'Touchline' else ''} | {way} "
                f"| {near.precision:.4f} | {near.recall:.4f} | {all_visits.precision:.4f} | {all_visits.recall:.4f} |"
            )
    return _PAGE.format(rows="\n".join(lines))


_PAGE = """# Identity: how often it is right

<!-- Written by `python -m tests.identity.truth`; edit that module instead. -->

Nobody knows who really used a browser, so this page counts on invented people. The generator,
`tests/identity/truth.py`, knows nothing of how Touchline resolves identities: people have phones, laptops, and a tablet
that a household shares; they sign in or do not, lose cookies, use a kiosk in a shop, and change their e-mail address.
3 of 100 times that somebody uses a browser on which another person is signed in, they do not sign in.

`tl.resolve_identities` gets what a site would see: logins and confirmed e-mail addresses. It is judged by pairs of page
views. *Precision* is the share of pairs that are one person's among those that it calls so; *recall* is the share of
one person's pairs that it finds. *Shown* counts the page views of which evidence shows whose they are: their person was
signed in, or is the only one who used that browser and was named on it at some time. Nobody can know the others without
guessing; *all* counts them too.

| people | persons | method | precision, shown | recall, shown | precision, all | recall, all |
|---|---:|---|---:|---:|---:|---:|
{rows}

*Everything connected* makes one person of all ids that any chain of edges connects. *Latest user id* gives the whole
history of a browser to the last user who signed in on it, as most packages for data warehouses do. Both were spared the
user id `undefined`, which a tag sends once in 100 visits.

What is wrong are visits on a shared browser on which nobody, or somebody else, was signed in. What is not found are
browsers on which nobody was ever named. See [identity](identity.md) for the rules.
"""

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
