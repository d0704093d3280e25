"""The mathematics of what unverified evidence may join: never two user ids, and never two e-mail hashes."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.identity.graphs import Flags, Integers, connected

_COLUMNS = ("organization_id", "identifier", "users_part", "part")
_FREE, _TORN = -1, -2
"""The owner of a group that nothing reached, and of one that two reached at once."""
_STEP, _BEHIND = 2, 1
"""A pair is two steps long, and an e-mail hash begins one behind: of equally near names the user id is nearer."""


def parts(pairs: pa.Table, components: pa.Table) -> pa.Table:
    r"""The parts into which components with several user ids or e-mail hashes fall where pairs are unverified.

    Verified pairs contract a component to groups; unverified ones are the edges between groups. A group with a user id
    is named, and

    .. math:: owner(g) = \arg\min_{n \in named} d(n, g)

    where :math:`d` counts edges along groups that have one nearest name; a group to which two are equally near has no
    owner and passes nothing on. Edges join within one owner (or within what none reaches) and nowhere else. What hangs
    together then is one ``users_part``. One of these that holds two groups with an e-mail hash is parted again in the
    same way, with those groups as names too; of a user id and an e-mail hash that are equally near, the user id wins.

    :param pairs: one row per pair that may join: ``organization_id``, ``identifier``, ``linked_identifier``,
        ``is_verified``. Pairs never cross organizations.
    :param components: one row per identifier of ``pairs``: ``organization_id``, ``identifier``, ``component``.
    :returns: one row per identifier of the components that hold two user ids or two e-mail hashes, and an unverified
        pair: ``organization_id``, ``identifier``, ``users_part`` and ``part``, each part named by its smallest
        identifier. A function of the set of pairs alone. No part holds two groups with a user id, or two with an e-mail
        hash; identifiers that verified pairs tie are in one part; a component of which nothing is refused is one part.

    >>> pairs = pa.table(
    ...     {
    ...         "organization_id": ["o"] * 4,
    ...         "identifier": ["v:1", "v:1", "v:2", "v:2"],
    ...         "is_verified": [False] * 4,
    ...         "linked_identifier": ["u:1", "m:1", "m:1", "u:2"],
    ...     }
    ... )
    >>> from touchline.identity import components
    >>> {row["identifier"]: row["part"] for row in parts(pairs, components(pairs)).to_pylist()}
    {'m:1': 'm:1', 'u:1': 'u:1', 'u:2': 'u:2', 'v:1': 'u:1', 'v:2': 'u:2'}
    """
    disputed = _disputed(pairs, components)
    if disputed.num_rows == 0:
        return pa.table({name: pa.array([], pa.string()) for name in _COLUMNS})
    ends = [_keys(disputed, name) for name in ("identifier", "linked_identifier")]
    nodes = pc.unique(pa.concat_arrays(ends)).sort()
    one, other = (pc.index_in(end, value_set=nodes).to_numpy(zero_copy_only=False).astype(np.int64) for end in ends)
    is_verified = disputed["is_verified"].to_numpy()
    names = pc.split_pattern(nodes, _BETWEEN, max_splits=1)
    identifiers = pc.list_element(names, 1)
    groups = connected(len(nodes), one[is_verified], other[is_verified])
    kinds = pc.utf8_slice_codeunits(identifiers, 0, 1).to_numpy(zero_copy_only=False)
    users_part, part = _parted(
        _Graph(int(groups.max()) + 1, groups[one[~is_verified]], groups[other[~is_verified]]),
        has_user=_any_of(groups, kinds == "u"), has_email=_any_of(groups, kinds == "m"),
    )  # fmt: skip
    return pa.table(
        dict(
            zip(
                _COLUMNS,
                (
                    pc.list_element(names, 0), identifiers,
                    identifiers.take(pa.array(_smallest(users_part[groups]))),
                    identifiers.take(pa.array(_smallest(part[groups]))),
                ),
                strict=True,
            )
        )
    )  # fmt: skip


_BETWEEN = "\x1f"
"""Between an organization and what is its own; no organization's id holds it."""


@dataclass(frozen=True)
class _Graph:
    """``size`` groups, and for each edge its two ends (shapes ``(edges,)``)."""

    size: int
    one: Integers
    other: Integers

    def only(self, kept: Flags) -> "_Graph":
        return _Graph(self.size, self.one[kept], self.other[kept])


def _disputed(pairs: pa.Table, components: pa.Table) -> pa.Table:
    """The pairs of the components in which something unverified could join what it must not."""
    whole = _keys(components, "component")
    kinds = pc.utf8_slice_codeunits(components["identifier"].combine_chunks(), 0, 1)
    crowded = [_twice(whole.filter(pc.equal(kinds, kind))) for kind in ("u", "m")]
    several = pc.is_in(whole, value_set=pa.concat_arrays(crowded))
    members = _keys(components, "identifier").filter(several)
    theirs = pairs.filter(pc.is_in(_keys(pairs, "identifier"), value_set=members))
    if not pc.any(pc.invert(theirs["is_verified"])).as_py():
        return theirs.slice(0, 0)
    return theirs


def _twice(values: pa.Array) -> pa.Array:
    """What occurs more than once."""
    counted = pc.value_counts(values)
    return counted.field("values").filter(pc.greater(counted.field("counts"), 1))


def _keys(table: pa.Table, name: str) -> pa.Array:
    organizations, named = (
        pa.concat_arrays([pa.array([], pa.string()), *table[column].cast(pa.string()).chunks])
        for column in ("organization_id", name)
    )
    return pc.binary_join_element_wise(organizations, named, _BETWEEN)


def _parted(graph: _Graph, *, has_user: Flags, has_email: Flags) -> tuple[Integers, Integers]:
    """The users' part and the part of each group."""
    kept = graph.only(_within(graph, np.where(has_user, 0, _FREE)))
    users_part = connected(graph.size, kept.one, kept.other)
    is_split = (np.bincount(users_part, weights=has_email) > 1)[users_part]
    starts = np.where(has_user, 0, np.where(has_email, _BEHIND, _FREE))
    starts = np.where(is_split, starts, _FREE)
    both = kept.only(_within(kept, starts))
    return users_part, connected(graph.size, both.one, both.other)


def _within(graph: _Graph, starts: Integers) -> Flags:
    """The edges that join: both ends have one owner, or neither was reached."""
    owners = _owners(graph, starts)
    joins: Flags = (owners[graph.one] == owners[graph.other]) & (owners[graph.one] != _TORN)
    return joins


def _owners(graph: _Graph, starts: Integers) -> Integers:
    """The nearest name of each group: ``_FREE`` where none reaches it, ``_TORN`` where several do at once.

    :param starts: how far each name is from itself; ``_FREE`` for a group that is none. Shape ``(size,)``.
    """
    ends, others = np.concatenate([graph.one, graph.other]), np.concatenate([graph.other, graph.one])
    order = np.argsort(ends, kind="stable")
    beside, first = others[order], np.searchsorted(ends[order], np.arange(graph.size + 1))
    owners = np.where(starts == _FREE, _FREE, np.arange(graph.size))
    fronts = [np.flatnonzero(starts == 0), np.flatnonzero(starts == _BEHIND)]  # user ids and what they reach, e-mails
    while any(len(front) for front in fronts):
        fronts = [_reached(front, first, beside, owners) for front in fronts]
    return owners


def _reached(front: Integers, first: Integers, beside: Integers, owners: Integers) -> Integers:
    """Let each group of ``front`` reach its neighbors without an owner; returns those that one name reached."""
    lengths = first[front + 1] - first[front]
    offsets = np.repeat(first[front] - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    reached, by = beside[offsets], np.repeat(owners[front], lengths)
    is_free = owners[reached] == _FREE
    reached, by = reached[is_free], by[is_free]
    order = np.argsort(reached, kind="stable")
    found, starts = np.unique(reached[order], return_index=True)
    if len(found) == 0:
        return found
    least, most = (choose.reduceat(by[order], starts) for choose in (np.minimum, np.maximum))
    owners[found] = np.where(least == most, least, _TORN)
    alone: Integers = found[least == most]
    return alone


def _any_of(groups: Integers, is_so: Flags) -> Flags:
    found: Flags = np.bincount(groups, weights=is_so) > 0
    return found


def _smallest(labels: Integers) -> Integers:
    """Of each node the first that bears the same label."""
    first = np.full(int(labels.max()) + 1, len(labels), dtype=np.int64)
    np.minimum.at(first, labels, np.arange(len(labels)))
    return first[labels]
