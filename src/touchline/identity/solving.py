"""Persons out of edges: components where no rule is broken, the rules of disputes where one is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from touchline.identity.disputes import OPEN, Dispute, settled
from touchline.identity.graphs import Flags, Integers, connected
from touchline.identity.limits import Edges, Limit, over_limit
from touchline.identity.numbering import Nodes
from touchline.identity.tiers import TIERS, UNRESOLVED, rank_of

REASONS = ("", "blocked_value", "unresolved", "over_limit", "two_unique_ids")
"""Why an edge joins nobody; a number of :attr:`Solved.refusals` is a place in it."""
_BLOCKED, _UNRESOLVED, _OVER_LIMIT, _TWO_UNIQUE = range(1, len(REASONS))
_IS_PROOF = np.array([tier.is_proof for tier in TIERS])


@dataclass(frozen=True)
class Rules:
    """What holds for the ids of each type of :attr:`Nodes.types`."""

    unique: Sequence[int]
    """The unique types."""
    is_device: Flags
    limits: Sequence[Limit]


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
    labels = connected(len(nodes), edges.one[usable], edges.other[usable])
    is_disputed = _disputed(labels, nodes.type_of, rules.unique)
    theirs = usable[is_disputed[edges.one[usable]]]
    periods, is_refused = _settled(nodes, edges.only(theirs), np.flatnonzero(is_disputed), rules)
    refusals[theirs[is_refused]] = _TWO_UNIQUE
    plain = np.flatnonzero(~is_disputed & ~names_nobody)
    bounds = np.full((len(plain), 2), OPEN)
    return Solved(
        np.concatenate([plain, periods[:, 0]]),
        np.concatenate([bounds[:, 0], periods[:, 1]]),
        np.concatenate([bounds[:, 1], periods[:, 2]]),
        _renumbered(np.concatenate([labels[plain], len(nodes) + periods[:, 3]])),
        refusals,
    )


def _unusable(edges: Edges, names_nobody: Flags) -> npt.NDArray[np.int8]:
    """The reasons that are in an edge alone; an id with itself is no edge, but says that there is such an id."""
    refusals = np.zeros(len(edges.one), dtype=np.int8)
    refusals[(edges.tier == rank_of(UNRESOLVED)) & (edges.one != edges.other)] = _UNRESOLVED
    refusals[names_nobody[edges.one] | names_nobody[edges.other]] = _BLOCKED
    return refusals


def _disputed(labels: Integers, type_of: Integers, unique: Sequence[int]) -> Flags:
    """The nodes of components in which a unique type occurs twice."""
    is_disputed = np.zeros(int(labels.max(initial=-1)) + 1, dtype=bool)
    for kind in unique:
        is_disputed |= np.bincount(labels[type_of == kind], minlength=len(is_disputed)) > 1
    answer: Flags = is_disputed[labels]
    return answer


def _settled(nodes: Nodes, edges: Edges, disputed: Integers, rules: Rules) -> tuple[Integers, Flags]:
    """The periods of the disputed nodes (node, start, end, person), and which edges are refused."""
    if len(disputed) == 0:
        return np.zeros((0, 4), dtype=np.int64), np.zeros(0, dtype=bool)
    disputed = nodes.in_order(disputed)
    number_of = np.zeros(len(nodes), dtype=np.int64)
    number_of[disputed] = np.arange(len(disputed))
    one, other = np.sort([number_of[edges.one], number_of[edges.other]], axis=0)
    order = np.lexsort((other, one, edges.observed_at, edges.tier))
    unique_type = np.where(np.isin(nodes.type_of, rules.unique), nodes.type_of, -1)[disputed]
    periods, refused = settled(
        Dispute(
            one[order].tolist(), other[order].tolist(), edges.observed_at[order].tolist(),
            _IS_PROOF[edges.tier[order]].tolist(), unique_type.tolist(),
            rules.is_device[nodes.type_of[disputed]].tolist(),
        )
    )  # fmt: skip
    found = np.array(periods, dtype=np.int64)
    found[:, 0] = disputed[found[:, 0]]
    is_refused = np.zeros(len(order), dtype=bool)
    is_refused[order] = refused
    return found, is_refused


def _renumbered(persons: Integers) -> Integers:
    """The same persons, numbered from 0 without gaps."""
    is_there = np.zeros(int(persons.max(initial=-1)) + 1, dtype=bool)
    is_there[persons] = True
    numbers: Integers = (np.cumsum(is_there, dtype=np.int64) - 1)[persons]
    return numbers
