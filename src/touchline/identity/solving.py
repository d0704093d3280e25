"""Persons out of edges: components where no rule is broken, the rules of disputes where one is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from touchline.identity.disputes import OPEN, TOO_MANY_CHANGES, TWO_CONTACTS, TWO_UNIQUE, Dispute, settled
from touchline.identity.graphs import Flags, Integers, connected
from touchline.identity.limits import Edges, Limit, over_limit
from touchline.identity.numbering import Nodes
from touchline.identity.tiers import CLAIMED_BY_BROWSER, TIERS, UNRESOLVED, rank_of

REASONS = (
    "", "blocked_value", "unresolved", "over_limit", "two_unique_ids", "two_contacts", "too_many_changes", "too_large",
)  # fmt: skip
"""Why an edge joins nobody; a number of :attr:`Solved.refusals` is a place in it."""
_BLOCKED, _UNRESOLVED, _OVER_LIMIT = range(1, 4)
_REFUSAL_OF = np.zeros(4, dtype=np.int8)
_REFUSAL_OF[[TWO_UNIQUE, TWO_CONTACTS, TOO_MANY_CHANGES]] = range(4, 7)
_TOO_LARGE = 7
_IS_PROOF = np.array([tier.is_proof for tier in TIERS])
_BROWSERS = rank_of(CLAIMED_BY_BROWSER)
_TURN_OF = np.array([0 if tier.is_proof else 2 if tier.name == CLAIMED_BY_BROWSER else 1 for tier in TIERS])
"""Of each tier, when its edges are applied; what browsers claim of a contact id comes one turn later still."""


@dataclass(frozen=True)
class Rules:
    """What holds for the ids of each type of :attr:`Nodes.types`."""

    unique: Sequence[int]
    """The unique types."""
    contacts: Sequence[int]
    """The types of which a person can have several ids. What browsers claim joins no two persons who have one."""
    is_device: Flags
    limits: Sequence[Limit]
    largest: Integers
    """For each edge, how many ids its component may have where rules decide, with what browsers claim in it."""


@dataclass(frozen=True)
class Solved:
    """Whose every id is: one row per node and period."""

    node: Integers
    starts_at: Integers
    """Microseconds since 1970, or :data:`~touchline.identity.disputes.OPEN`."""
    ends_at: Integers
    person: Integers
    """The number of the person, from 0 without gaps."""
    refusals: npt.NDArray[np.int8]
    """For each edge, a place in :data:`REASONS`."""


def solve(nodes: Nodes, edges: Edges, names_nobody: Flags, rules: Rules) -> Solved:
    """Whose each id that names somebody is; a function of the set of edges alone.

    :param names_nobody: for each node, whether it is a value that names nobody.
    """
    refusals = _unusable(edges, names_nobody)
    usable = np.flatnonzero((refusals == 0) & (edges.one != edges.other))
    over = over_limit(edges.only(usable), nodes.type_of, rules.limits, _IS_PROOF[edges.tier[usable]])
    refusals[usable[over]] = _OVER_LIMIT
    usable = usable[~over]
    labels, is_disputed = _components(nodes, edges, usable, rules)
    too_large = _too_large(edges, usable, labels, is_disputed, rules)
    if len(too_large):
        refusals[too_large] = _TOO_LARGE
        usable = usable[refusals[usable] == 0]
        labels, is_disputed = _components(nodes, edges, usable, rules)
    theirs = usable[is_disputed[edges.one[usable]]]
    periods, outcomes = _settled(nodes, edges.only(theirs), np.flatnonzero(is_disputed), rules)
    refusals[theirs] = _REFUSAL_OF[outcomes]
    plain = np.flatnonzero(~is_disputed & ~names_nobody)
    bounds = np.full((len(plain), 2), OPEN)
    return Solved(
        np.concatenate([plain, periods[:, 0]]),
        np.concatenate([bounds[:, 0], periods[:, 1]]),
        np.concatenate([bounds[:, 1], periods[:, 2]]),
        _renumbered(np.concatenate([labels[plain], len(nodes) + periods[:, 3]])),
        refusals,
    )


def _components(nodes: Nodes, edges: Edges, usable: Integers, rules: Rules) -> tuple[Integers, Flags]:
    """The component of each node by the usable edges, and whether rules must decide in it."""
    labels = connected(len(nodes), edges.one[usable], edges.other[usable])
    claimed = edges.one[usable[edges.tier[usable] == _BROWSERS]]
    return labels, disputed(labels, nodes.type_of, rules, claimed)


def _too_large(edges: Edges, usable: Integers, labels: Integers, is_disputed: Flags, rules: Rules) -> Integers:
    """What browsers claim in disputed components with more ids than may be decided on one edge at a time.

    Anybody can chain many customers by claims of browsers; without a bound, each run would take as long as they like.
    """
    claims = usable[(edges.tier[usable] == _BROWSERS) & is_disputed[edges.one[usable]]]
    sizes = np.bincount(labels)
    found: Integers = claims[sizes[labels[edges.one[claims]]] > rules.largest[claims]]
    return found


def _unusable(edges: Edges, names_nobody: Flags) -> npt.NDArray[np.int8]:
    """The reasons that are in an edge alone; an id with itself is no edge, but says that there is such an id."""
    refusals = np.zeros(len(edges.one), dtype=np.int8)
    refusals[(edges.tier == rank_of(UNRESOLVED)) & (edges.one != edges.other)] = _UNRESOLVED
    refusals[names_nobody[edges.one] | names_nobody[edges.other]] = _BLOCKED
    return refusals


def disputed(labels: Integers, type_of: Integers, rules: Rules, claimed: Integers) -> Flags:
    """The nodes of components in which a unique type occurs twice, or a contact type where browsers claim something.

    :param labels: the component of each node.
    :param claimed: the nodes of which browsers claim something.
    """
    count = int(labels.max(initial=-1)) + 1
    is_disputed, is_claimed = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
    is_claimed[labels[claimed]] = True
    for kind in rules.unique:
        is_disputed |= np.bincount(labels[type_of == kind], minlength=count) > 1
    for kind in rules.contacts if len(claimed) else ():
        is_disputed |= (np.bincount(labels[type_of == kind], minlength=count) > 1) & is_claimed
    answer: Flags = is_disputed[labels]
    return answer


def _settled(nodes: Nodes, edges: Edges, places: Integers, rules: Rules) -> tuple[Integers, Integers]:
    """The periods of the disputed nodes (node, start, end, person), and what became of their edges."""
    if len(places) == 0:
        return np.zeros((0, 4), dtype=np.int64), np.zeros(0, dtype=np.int64)
    places = nodes.in_order(places)
    number_of = np.zeros(len(nodes), dtype=np.int64)
    number_of[places] = np.arange(len(places))
    type_of = nodes.type_of[places]
    is_contact = np.isin(nodes.type_of, rules.contacts)
    turn = _TURN_OF[edges.tier]
    turn += (edges.tier == _BROWSERS) & (is_contact[edges.one] | is_contact[edges.other])
    one, other = np.sort([number_of[edges.one], number_of[edges.other]], axis=0)
    order = np.lexsort((other, one, edges.observed_at, edges.tier))
    periods, outcomes = settled(
        Dispute(
            one[order].tolist(), other[order].tolist(), edges.observed_at[order].tolist(), turn[order].tolist(),
            np.where(np.isin(type_of, rules.unique), type_of, -1).tolist(),
            np.where(is_contact[places], type_of, -1).tolist(),
            rules.is_device[type_of].tolist(), int(_TURN_OF[_BROWSERS]),
        )
    )  # fmt: skip
    found, became = np.array(periods, dtype=np.int64), np.zeros(len(order), dtype=np.int64)
    found[:, 0] = places[found[:, 0]]
    became[order] = outcomes
    return found, became


def _renumbered(persons: Integers) -> Integers:
    """The same persons, numbered from 0 without gaps."""
    is_there = np.zeros(int(persons.max(initial=-1)) + 1, dtype=bool)
    is_there[persons] = True
    numbers: Integers = (np.cumsum(is_there, dtype=np.int64) - 1)[persons]
    return numbers
