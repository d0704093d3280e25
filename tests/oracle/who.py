"""Who is who on any edges, in the plainest words: sets of places, each edge tried in its turn.

A place is an id, or a device in one of its periods: ``(id, start)``.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Id = tuple[str, str]
"""A type and a text."""
Place = tuple[Id, datetime | None]
Limits = Mapping[str, tuple[int | None, int | None]]
Answer = set[tuple[str, str, str, datetime | None, datetime | None]]
TIERS = (
    "strong_id", "email_validated", "claimed", "single_candidate", "email_unvalidated", "claimed_by_browser",
    "unresolved",
)  # fmt: skip
PROOFS = ("strong_id", "email_validated", "claimed")
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Seen:
    """Two ids that were seen together; ``b`` is ``None`` for an id that was seen alone."""

    a: Id
    b: Id | None
    at: datetime
    tier: str

    @property
    def turn(self) -> tuple[int, datetime, list[Id]]:
        assert self.b
        return TIERS.index(self.tier), self.at, sorted([self.a, self.b])

    def across(self, one: Id) -> Id:
        assert self.b
        return self.b if one == self.a else self.a


@dataclass
class _World:
    unique: Sequence[str]
    contacts: Sequence[str]
    groups: list[set[Place]] = field(default_factory=list)
    starts: dict[Id, list[datetime | None]] = field(default_factory=dict)
    """When the periods of each settled device begin."""
    known_by: dict[Id, Id] = field(default_factory=dict)
    """Where persons with contact ids are kept apart: of each contact id, the first that its person had by then."""

    def place(self, one: Id, at: datetime) -> Place:
        begun = [start for start in self.starts.get(one, [None]) if start is None or start <= at]
        return one, begun[-1]

    def group(self, place: Place) -> set[Place]:
        return next((group for group in self.groups if place in group), {place})

    def unique_ids(self, group: Iterable[Place]) -> set[Id]:
        group = list(group)
        return {one for one, _ in group if one[0] in self.unique} | {
            self.known_by[one] for one, _ in group if one in self.known_by
        }

    def keep_contacts_apart(self, ids: Iterable[Id]) -> None:
        for one in ids:
            if one[0] in self.contacts:
                theirs = [other for other, _ in self.group((one, None)) if other[0] == one[0]]
                self.known_by[one] = min(theirs)

    def named(self, one: Id, at: datetime) -> set[Id]:
        return self.unique_ids(self.group(self.place(one, at)))

    def is_open(self, one: Id) -> bool:
        return one[0] not in {*self.unique, *self.contacts} and one not in self.starts

    def apply(self, edges: Iterable[Seen]) -> None:
        for edge in sorted(edges, key=lambda edge: edge.turn):
            assert edge.b
            one, other = (self.group(self.place(end, edge.at)) for end in (edge.a, edge.b))
            if one is not other and not clash(self.unique_ids(one), self.unique_ids(other)):
                self.groups = [group for group in self.groups if group is not one and group is not other]
                self.groups.append(one | other)


def clash(one: set[Id], other: set[Id]) -> bool:
    """Whether both have different ids of one type."""
    return any(a[0] == b[0] and a != b for a in one for b in other)


def who_is_who(
    edges: list[Seen],
    nobody: Collection[str],
    unique: Sequence[str],
    contacts: Sequence[str],
    limits: Limits,
    largest: int = 10_000,
) -> tuple[Answer, list[tuple[Seen, str]]]:
    """Every id with its person and period, and the refused edges."""
    refused = []
    ids = {end for edge in edges for end in (edge.a, edge.b) if end and end[1] not in nobody}
    usable = []
    for edge in edges:
        if edge.a[1] in nobody or (edge.b and edge.b[1] in nobody):
            refused.append((edge, "blocked_value"))
        elif edge.b is None or edge.a == edge.b:
            continue
        elif edge.tier == "unresolved":
            refused.append((edge, "unresolved"))
        else:
            usable.append(edge)
    over = [edge for edge in usable if _is_over(edge, usable, limits)]
    refused += [(edge, "over_limit") for edge in over]
    usable = [edge for edge in usable if edge not in over]
    left_out = [edge for edge in usable if _is_of_too_many(edge, usable, unique, contacts, largest)]
    refused += [(edge, "too_large") for edge in left_out]
    usable = [edge for edge in usable if edge not in left_out]
    world = _World(unique, contacts)
    claims = [edge for edge in usable if edge.tier == "claimed_by_browser"]
    _phase(world, [edge for edge in usable if edge.tier in PROOFS])
    _phase(world, [edge for edge in usable if edge.tier not in PROOFS and edge not in claims])
    if claims:
        world.keep_contacts_apart(ids)
    of_contacts = [edge for edge in claims if edge.b and {edge.a[0], edge.b[0]} & {*contacts}]
    _phase(world, [edge for edge in claims if edge not in of_contacts])
    _phase(world, of_contacts)
    for edge in usable:
        assert edge.b
        one, other = (world.group(world.place(end, edge.at)) for end in (edge.a, edge.b))
        if one != other:
            is_two_users = clash(*({end for end, _ in group if end[0] in unique} for group in (one, other)))
            refused.append((edge, "two_unique_ids" if is_two_users else "two_contacts"))
    return _answer(world, ids), refused


def _is_of_too_many(
    edge: Seen, usable: list[Seen], unique: Sequence[str], contacts: Sequence[str], largest: int
) -> bool:
    """Whether only a browser says so, of a group with conflicts in which more ids hang together than may be judged."""
    if edge.tier != "claimed_by_browser":
        return False
    group, before = {edge.a}, 0
    while len(group) > before:
        before = len(group)
        group |= {end for other in usable for end in (other.a, other.b) if end and {other.a, other.b} & group}
    kinds = [kind for kind, _ in group]
    return len(group) > largest and any(kinds.count(kind) > 1 for kind in (*unique, *contacts))


def _is_over(edge: Seen, usable: list[Seen], limits: Limits) -> bool:
    alike = [other for other in usable if edge.tier not in PROOFS or other.tier in PROOFS]
    assert edge.b
    for one, kind in ((edge.a, edge.b[0]), (edge.b, edge.a[0])):
        first: dict[Id, datetime] = {}
        for other in alike:
            if one in (other.a, other.b) and other.across(one)[0] == kind:
                first[other.across(one)] = min(other.at, first.get(other.across(one), other.at))
        ever, week = limits.get(kind, (None, None))
        most = max(sum(start <= time < start + WEEK for time in first.values()) for start in first.values())
        if (ever is not None and len(first) > ever) or (week is not None and most > week):
            return True
    return False


def _phase(world: _World, edges: list[Seen]) -> None:
    devices = {end for edge in edges for end in (edge.a, edge.b) if end and world.is_open(end)}

    def is_ready(edge: Seen) -> bool:
        assert edge.b
        return not (world.is_open(edge.a) or world.is_open(edge.b))

    world.apply(edge for edge in edges if is_ready(edge))
    rest = [edge for edge in edges if not is_ready(edge)]
    while True:
        naming = {device: _naming(world, device, rest) for device in devices if world.is_open(device)}
        naming = {device: found for device, found in naming.items() if found}
        if not naming:
            break
        world.starts |= {device: _periods(world, device, found) for device, found in naming.items()}
        named = [edge for found in naming.values() for edge in found]
        world.apply(named)
        rest = [edge for edge in rest if edge not in named]
        world.apply(edge for edge in rest if is_ready(edge))
        rest = [edge for edge in rest if not is_ready(edge)]
    world.starts |= {device: [None] for device in devices if world.is_open(device)}
    world.apply(rest)


def _naming(world: _World, device: Id, edges: list[Seen]) -> list[Seen]:
    mine = [edge for edge in edges if device in (edge.a, edge.b)]
    return [e for e in mine if not world.is_open(e.across(device)) and world.named(e.across(device), e.at)]


def _periods(world: _World, device: Id, naming: list[Seen]) -> list[datetime | None]:
    """A device changes its owner when an edge names another one than those before."""
    starts: list[datetime | None] = [None]
    in_time = sorted(naming, key=lambda edge: (edge.at, edge.turn))
    held, since = set[Id](), in_time[0].at
    for edge in in_time:
        named = world.named(edge.across(device), edge.at)
        if not clash(held, named):
            held, since = held | named, edge.at
        elif edge.at > since:
            held, since = named, edge.at
            starts.append(since)
    return starts


def _answer(world: _World, ids: set[Id]) -> Answer:
    answer: Answer = set()
    types = sorted({one[0] for one in ids} - {*world.unique, *world.contacts})
    order = [*world.unique, *world.contacts, *types]
    for one in ids:
        starts = world.starts.get(one, [None])
        persons = []
        for start in starts:
            group = world.group((one, start))
            first: Id = min((member for member, _ in group), key=lambda m: (order.index(m[0]), m[1]))
            persons.append(":".join(first))
        kept = [n for n in range(len(starts)) if n == 0 or persons[n] != persons[n - 1]]
        ends = [*(starts[n] for n in kept[1:]), None]
        answer |= {(*one, persons[n], starts[n], end) for n, end in zip(kept, ends, strict=True)}
    return answer
