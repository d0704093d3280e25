"""The mathematics of identity: connected components."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def components(edges: pa.Table) -> pa.Table:
    """The connected component of every identifier that an edge touches.

    :param edges: one row per edge: ``organization_id``, ``identifier``, ``linked_identifier``. Edges never cross
        organizations.
    :returns: one row per identifier: ``organization_id``, ``identifier``, ``component``. A component is named by its
        smallest identifier, so that the answer does not depend on the order of the edges.

    >>> edges = pa.table({"organization_id": ["o", "o"], "identifier": ["a", "b"], "linked_identifier": ["u", "u"]})
    >>> sorted(components(edges).to_pylist(), key=str)[0]
    {'organization_id': 'o', 'identifier': 'a', 'component': 'a'}
    """
    if edges.num_rows == 0:
        return pa.table({name: pa.array([], pa.string()) for name in ("organization_id", "identifier", "component")})
    organizations = _column(edges, "organization_id")
    keys = [
        pc.binary_join_element_wise(organizations, _column(edges, n), "\x1f")
        for n in ("identifier", "linked_identifier")
    ]
    nodes = pc.unique(pa.concat_arrays(keys)).sort()
    row, column = (pc.index_in(key, value_set=nodes).to_numpy(zero_copy_only=False) for key in keys)
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, column)), shape=(len(nodes), len(nodes)))
    count, labels = connected_components(graph, directed=False)
    smallest = np.full(count, len(nodes), dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(len(nodes)))
    parts = pc.split_pattern(nodes, "\x1f", max_splits=1)
    identifiers = pc.list_element(parts, 1)
    return pa.table(
        {
            "organization_id": pc.list_element(parts, 0),
            "identifier": identifiers,
            "component": identifiers.take(pa.array(smallest[labels])),
        }
    )


def _column(table: pa.Table, name: str) -> pa.Array:
    return pa.concat_arrays(table[name].cast(pa.string()).chunks)
