"""Connected components of numbered nodes."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def connected(size: int, one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> Integers:
    """The number of the component of each of ``size`` nodes, where ``one[i]`` is tied to ``other[i]``.

    >>> connected(4, np.array([0]), np.array([2])).tolist()
    [0, 1, 0, 2]
    """
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(size, size))
    labels: Integers = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels
