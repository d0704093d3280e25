"""Whose disputed identifiers of the river are, and when: what :mod:`touchline.identity.solving` says of its edges."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.identity.disputes import OPEN
from touchline.identity.graphs import Integers
from touchline.identity.limits import Edges, Limit
from touchline.identity.numbering import Nodes, numbered
from touchline.identity.solving import REASONS, Rules, Solved, solve
from touchline.identity.tiers import rank_of
from touchline.tables import PARTS, REFUSED_PAIRS

UNIQUE, CONTACTS = ("u",), ("m",)
"""The kinds of identifiers of which a person has one at most, and those that are no devices either."""
_BETWEEN = "\x1f"
"""Between an organization and what is its own; no organization's id holds it."""
_REFUSALS = {"two_unique_ids": "two_users", "two_contacts": "two_emails", "too_many_changes": "too_many_changes",
             "too_large": "too_large"}  # fmt: skip
_TEXT = pa.large_string()


def parts(edges: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The parts into which identifiers that hang together fall, because two user ids never are one person's.

    :param edges: one row per sighting of two identifiers together that may join: ``organization_id``, ``identifier``,
        ``linked_identifier``, ``observed_at``, ``tier``, and ``largest_group``, the number of ids past which browsers'
        claims join nobody. Edges never cross organizations.
    :returns: the rows of ``parts``: each identifier with its periods, and whose it is in each; and those of
        ``refused_pairs``: the pairs of which no sighting joins. Both depend on the set of edges alone.

    >>> from datetime import datetime
    >>> edges = pa.table(
    ...     {
    ...         "organization_id": ["o"] * 2,
    ...         "identifier": ["v:s:tablet"] * 2,
    ...         "linked_identifier": ["u:ada", "u:bob"],
    ...         "observed_at": [datetime(2026, 1, day) for day in (1, 2)],
    ...         "tier": ["strong_id"] * 2,
    ...         "largest_group": [10_000] * 2,
    ...     }
    ... )
    >>> [(row["part"], str(row["valid_from"])) for row in parts(edges)[0].to_pylist() if row["identifier"][0] == "v"]
    [('u:ada', 'None'), ('u:bob', '2026-01-02 00:00:00')]
    """
    if edges.num_rows == 0:
        return PARTS.arrow_schema.empty_table(), REFUSED_PAIRS.arrow_schema.empty_table()
    nodes, one, other = numbered(_named(edges))
    types = nodes.types.to_pylist()
    rules = Rules(
        unique=[types.index(kind) for kind in UNIQUE if kind in types],
        contacts=[types.index(kind) for kind in CONTACTS if kind in types],
        is_device=np.array([kind not in (*UNIQUE, *CONTACTS) for kind in types], dtype=bool),
        limits=[Limit()] * len(types),  # what is past a limit is no edge that may join
        largest=np.asarray(edges["largest_group"].cast(pa.int64()), dtype=np.int64),
    )
    observed_at = np.asarray(edges["observed_at"].cast(pa.timestamp("us")).cast(pa.int64()), dtype=np.int64)
    solved = solve(nodes, Edges(one, other, observed_at, _ranks(edges["tier"])), np.zeros(len(nodes), bool), rules)
    return _parts(nodes, solved), _refused(edges, solved)


def _named(edges: pa.Table) -> pa.Table:
    """The edges, as ids of a type each."""
    columns: dict[str, pa.ChunkedArray] = {}
    for end, name in (("a", "identifier"), ("b", "linked_identifier")):
        text = edges[name].cast(_TEXT)
        columns[f"id_type_{end}"] = pc.utf8_slice_codeunits(text, 0, 1)
        columns[f"id_{end}"] = pc.binary_join_element_wise(
            edges["organization_id"].cast(_TEXT), text, pa.scalar(_BETWEEN, _TEXT)
        )
    return pa.table(columns)


def _ranks(tiers: pa.ChunkedArray) -> Integers:
    encoded = pa.chunked_array(tiers.chunks, tiers.type).dictionary_encode().unify_dictionaries().combine_chunks()
    ranks: Integers = np.array([rank_of(name) for name in encoded.dictionary.to_pylist()], dtype=np.int64)
    found: Integers = ranks[np.asarray(encoded.indices)]
    return found


def _parts(nodes: Nodes, solved: Solved) -> pa.Table:
    order = np.lexsort((solved.starts_at, solved.node))
    node, person = solved.node[order], solved.person[order]
    starts, ends = solved.starts_at[order], solved.ends_at[order]
    period = np.arange(len(node)) - np.searchsorted(node, node)
    names = pc.split_pattern(nodes.ids(node), _BETWEEN, max_splits=1)
    identifiers = pc.list_element(names, 1)
    return pa.table(
        [
            pc.list_element(names, 0), identifiers, pa.array(period), _times(starts), _times(ends),
            _labels(identifiers, period, person).take(pa.array(person)),
        ],
        PARTS.column_names,
    ).cast(PARTS.arrow_schema)  # fmt: skip


def _times(times: Integers) -> pa.Array:
    return pa.array(times, pa.timestamp("us"), mask=times == OPEN)


def _labels(identifiers: pa.Array, period: Integers, person: Integers) -> pa.Array:
    """The name of each part: its smallest identifier, of those that are its own from the beginning if there are any."""
    is_later = pa.array(period > 0)
    later = pc.binary_join_element_wise(identifiers, pc.cast(pa.array(period), _TEXT), pa.scalar(" ", _TEXT))
    labels = pa.table({"person": person, "is_later": is_later, "label": pc.if_else(is_later, later, identifiers)})
    first = labels.sort_by([("person", "ascending"), ("is_later", "ascending"), ("label", "ascending")])
    starts = np.searchsorted(first["person"].to_numpy(), np.arange(int(person.max()) + 1))
    return first["label"].combine_chunks().take(pa.array(starts))


def _refused(edges: pa.Table, solved: Solved) -> pa.Table:
    """The pairs of which no sighting joins, with the first of the reasons."""
    names: Sequence[str] = REFUSED_PAIRS.key
    pairs = edges.select(names).append_column("place", pa.array(solved.refusals.astype(np.int64)))
    judged = pairs.group_by(names).aggregate([("place", "min")])
    refused = judged.filter(pc.greater(judged["place_min"], 0))
    reasons = pa.array([_REFUSALS.get(reason, "") for reason in REASONS], pa.string())
    return (
        refused.select(names)
        .append_column("reason", reasons.take(refused["place_min"].combine_chunks()))
        .cast(REFUSED_PAIRS.arrow_schema)
    )
