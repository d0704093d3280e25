"""Names of persons that stay the same from run to run: those of their own ids."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.identity.graphs import Integers
from touchline.identity.numbering import Nodes


def person_ids(nodes: Nodes, node: Integers, person: Integers, types_by_rank: Sequence[int]) -> pa.LargeStringArray:
    """The name of each person: type and text of the person's smallest id of the first type that the person has.

    :param node: the nodes that belong to persons.
    :param person: whose each is: numbers from 0 without gaps. Each person has at least one node.
    :param types_by_rank: all types of ``nodes``, the one that persons are preferably named by first.
    :returns: the name of person 0, of person 1, and so on, such as ``user:42``.
    """
    if len(node) == 0:
        return pa.array([], pa.large_string())
    rank_of = np.argsort(np.array(types_by_rank, dtype=np.int64))
    rank = rank_of[nodes.type_of[node]]
    best = np.full(int(person.max()) + 1, len(types_by_rank), dtype=np.int64)
    np.minimum.at(best, person, rank)
    chosen = np.flatnonzero(rank == best[person])
    node, person = node[chosen], person[chosen]
    is_single = np.bincount(person)[person] == 1
    several = pa.table({"person": person[~is_single], "id": nodes.ids(node[~is_single])})
    smallest = several.group_by("person").aggregate([("id", "min")])
    persons = np.concatenate([person[is_single], smallest["person"].to_numpy()])
    ids = pa.chunked_array([nodes.ids(node[is_single]), *smallest["id_min"].chunks], pa.large_string())
    types = nodes.types.take(pa.array(np.array(types_by_rank)[best]))
    names = ids.take(pa.array(np.argsort(persons))).combine_chunks()
    return pc.binary_join_element_wise(types, names, pa.scalar(":", pa.large_string()))
