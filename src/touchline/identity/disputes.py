"""Who is who where plain components would make one person of two: rules, edge by edge, in a total order."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

OPEN = -(2**63)
"""No bound: before every time where something begins, after every time where it ends."""

Held = dict[int, int]
"""The unique ids of a person: the node of each unique type."""
_NOTHING: Held = {}


@dataclass(frozen=True)
class Dispute:
    """Edges in their total order: by tier, then by time, then by their nodes.

    Nodes are numbered by type and text, so that no number depends on the order in which edges arrived.
    """

    one: Sequence[int]
    other: Sequence[int]
    observed_at: Sequence[int]
    turn: Sequence[int]
    """When an edge is applied: those of a smaller number before all others."""
    unique_type: Sequence[int]
    """Of each node, the unique type of its id; -1 for other types."""
    contact_type: Sequence[int]
    """Of each node, the type of its contact id, such as an e-mail address; -1 for other types."""
    is_device: Sequence[bool]
    """Of each node, whether different people can use it at different times."""
    apart_from: int
    """The first turn in which persons who have contact ids of one type are kept apart like those with unique ids."""


JOINED, TWO_UNIQUE, TWO_CONTACTS, TOO_MANY_CHANGES = range(4)
"""What became of an edge."""
MOST_CHANGES = 1_000
"""How often a device can change its owner. One that does so more often is nobody's."""


Period = tuple[int, int, int, int]
"""A node, the times from which and until which it belongs to a person (or :data:`OPEN`), and the person's number."""


@dataclass
class _Timeline:
    """The places of a device that several people used, and when each begins."""

    starts: list[int]
    places: list[int]

    def at(self, time: int) -> int:
        return self.places[bisect_right(self.starts, time) - 1]


class _Places:
    """A union-find that never ties two ids of one unique type; a place is a node, or a device in one period."""

    def __init__(self, unique_type: Sequence[int]) -> None:
        self._parents = list(range(len(unique_type)))
        self._members = [[place] for place in self._parents]
        self._held = [{kind: node} if kind >= 0 else _NOTHING for node, kind in enumerate(unique_type)]

    def add(self) -> int:
        place = len(self._parents)
        self._parents.append(place)
        self._members.append([place])
        self._held.append(_NOTHING)
        return place

    def find(self, place: int) -> int:
        parents = self._parents
        while parents[place] != place:
            parents[place] = parents[parents[place]]
            place = parents[place]
        return place

    def held(self, place: int) -> Held:
        return self._held[self.find(place)]

    def hold_contacts(self, contact_type: Sequence[int]) -> None:
        """From now on keep persons apart who have contact ids of one type; each is known by the first of them."""
        for node, kind in enumerate(contact_type):
            root = self.find(node)
            if kind >= 0 and kind not in self._held[root]:
                self._held[root] = {**self._held[root], kind: node}

    def join(self, one: int, other: int) -> list[int]:
        """Tie two places, unless that ties two unique ids; returns the places that have a unique id only now."""
        one, other = self.find(one), self.find(other)
        mine, theirs = self._held[one], self._held[other]
        if one == other or conflict(mine, theirs):
            return []
        owned = [] if bool(mine) == bool(theirs) else list(self._members[one if theirs else other])
        if len(self._members[one]) < len(self._members[other]):
            one, other = other, one
        self._parents[other] = one
        self._members[one] += self._members[other]
        self._members[other] = []
        self._held[one] = mine | theirs if mine and theirs else mine or theirs
        return owned


def conflict(one: Held, other: Held) -> bool:
    """Whether both have an id of one unique type, and not the same."""
    return any(other.get(kind, node) != node for kind, node in one.items())


@dataclass
class _Settling:
    """The state between two edges."""

    dispute: Dispute
    places: _Places
    node_of: list[int]
    """Of each place, its node."""
    timelines: dict[int, _Timeline] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    """Devices of which it is known whose they are, and when."""
    near: dict[int, list[int]] = field(default_factory=dict)
    """The edges of each node that wait for a device to be settled."""
    restless: set[int] = field(default_factory=set)
    """The edges of devices that changed their owner too often."""

    def place(self, node: int, time: int) -> int:
        timeline = self.timelines.get(node)
        return node if timeline is None else timeline.at(time)

    def waits(self, node: int) -> bool:
        return self.dispute.is_device[node] and node not in self.settled

    def join(self, edges: Iterable[int]) -> list[int]:
        """Apply edges; returns the nodes that belong to a unique id only now."""
        owned: list[int] = []
        for edge in edges:
            if edge in self.restless:
                continue
            time = self.dispute.observed_at[edge]
            one, other = (self.place(node, time) for node in (self.dispute.one[edge], self.dispute.other[edge]))
            owned += [self.node_of[place] for place in self.places.join(one, other)]
        return owned

    def across(self, edge: int, node: int) -> int:
        one, other = self.dispute.one[edge], self.dispute.other[edge]
        return other if one == node else one

    def naming(self, device: int) -> list[int]:
        """The edges of a device to what belongs to a unique id."""
        times = self.dispute.observed_at
        sides = ((edge, self.across(edge, device)) for edge in self.near[device])
        return [e for e, node in sides if not self.waits(node) and self.places.held(self.place(node, times[e]))]

    def cut(self, device: int, naming: list[int]) -> None:
        """Give a device a new period where an edge names another person than those before it.

        What was before the first of them belongs to the first. Of two named at one moment, the first in order counts.
        """
        times = self.dispute.observed_at
        starts, places = [OPEN], [device]
        held, last = _NOTHING, None
        for edge in sorted(naming, key=lambda edge: (times[edge], edge)):
            named = self.places.held(self.place(self.across(edge, device), times[edge]))
            if not conflict(held, named):
                held, last = held | named, times[edge]
            elif last is not None and times[edge] > last:
                places.append(self.places.add())
                self.node_of.append(device)
                held, last = named, times[edge]
                starts.append(last)
        if len(places) > MOST_CHANGES + 1:
            self.restless.update(self.near[device])
        elif len(places) > 1:
            self.timelines[device] = _Timeline(starts, places)

    def phase(self, edges: list[int]) -> None:
        """Apply edges from what has a unique id outward, the nearest first; then those that nothing of it reaches."""
        one, other = self.dispute.one, self.dispute.other
        waiting = [edge for edge in edges if self.waits(one[edge]) or self.waits(other[edge])]
        self.near = {}
        for edge in waiting:
            self.near.setdefault(one[edge], []).append(edge)
            self.near.setdefault(other[edge], []).append(edge)
        is_waiting = set(waiting)
        self.join(edge for edge in edges if edge not in is_waiting)
        reached = {node for node in self.near if self.waits(node) and self.naming(node)}
        while reached:
            reached = self._next(self._round(reached, is_waiting))
        self.settled.update(node for node in self.near if self.dispute.is_device[node])
        self.join(edge for edge in waiting if edge in is_waiting)

    def _round(self, devices: set[int], is_waiting: set[int]) -> list[int]:
        """Settle devices by what names them, then apply the edges that waited for them; returns nodes newly owned."""
        naming = {device: self.naming(device) for device in devices}
        for device in sorted(devices):
            self.cut(device, naming[device])
        self.settled |= devices
        named = sorted({edge for edges in naming.values() for edge in edges})
        owned = self.join(named)
        is_waiting.difference_update(named)
        rest = ((edge, device) for device in devices for edge in self.near[device] if edge in is_waiting)
        ready = sorted({edge for edge, device in rest if not self.waits(self.across(edge, device))})
        is_waiting.difference_update(ready)
        return owned + self.join(ready)

    def _next(self, owned: list[int]) -> set[int]:
        """The devices that something newly owned names."""
        times, found = self.dispute.observed_at, set[int]()
        for node in set(owned):
            for edge in self.near.get(node, ()):
                device = self.across(edge, node)
                if self.waits(device) and self.places.held(self.place(node, times[edge])):
                    found.add(device)
        return found


def settled(dispute: Dispute) -> tuple[list[Period], list[int]]:
    r"""Whose each node is, and when; and which edges are refused.

    1. Edges are applied in turns: proofs, then guesses, then what browsers claim.
    2. Edges between ids that are no devices come first. Then, from what belongs to a unique id outward, devices are
       settled: a device's owner changes at the moment of an edge that names the owner of another unique id. An edge
       ties what a device is at the time of the edge.
    3. Within each step, edges are applied in their order. An edge is refused if it would give one person two ids of one
       unique type; from the turn ``apart_from`` on also if both persons have contact ids of one type.
    4. What no unique id reaches joins at the end of its turn, undivided.
    5. A device that changes its owner more than :data:`MOST_CHANGES` times in a turn joins nobody in that turn.

    :returns: the periods of each node, without gaps, and what became of each edge.
    """
    nodes, turns = len(dispute.is_device), dispute.turn
    state, is_apart = _Settling(dispute, _Places(dispute.unique_type), list(range(nodes))), False
    for turn in sorted(set(turns)):
        if turn >= dispute.apart_from and not is_apart:
            state.places.hold_contacts(dispute.contact_type)
            is_apart = True
        state.phase([edge for edge, own in enumerate(turns) if own == turn])
    return _periods(state, nodes), [_outcome(state, edge) for edge in range(len(turns))]


def _outcome(state: _Settling, edge: int) -> int:
    """What became of an edge, by what its ends are at the end."""
    dispute, time, places = state.dispute, state.dispute.observed_at[edge], state.places
    one, other = (state.place(end, time) for end in (dispute.one[edge], dispute.other[edge]))
    if places.find(one) == places.find(other):
        return JOINED
    if not conflict(places.held(one), places.held(other)):
        return TOO_MANY_CHANGES
    kinds = {kind for kind, node in places.held(one).items() if places.held(other).get(kind, node) != node}
    return TWO_UNIQUE if kinds.intersection(dispute.unique_type) else TWO_CONTACTS


def _periods(state: _Settling, nodes: int) -> list[Period]:
    periods: list[Period] = []
    for node in range(nodes):
        timeline = state.timelines.get(node, _Timeline([OPEN], [node]))
        persons = [state.places.find(place) for place in timeline.places]
        changes = [i for i, person in enumerate(persons) if i == 0 or person != persons[i - 1]]
        starts = [timeline.starts[i] for i in changes]
        ends = [*starts[1:], OPEN]
        periods += [(node, s, e, persons[i]) for i, s, e in zip(changes, starts, ends, strict=True)]
    return periods
