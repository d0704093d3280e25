"""Text ids as numbers, which fit into memory and are quick to compare."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.identity.graphs import Integers


@dataclass(frozen=True)
class Nodes:
    """Different ids, numbered from 0; an id is its type and its text."""

    types: pa.LargeStringArray
    """The different types, in order."""
    texts: pa.LargeStringArray
    """The different texts of ids, of any type, in no particular order."""
    type_of: Integers
    """Each node's type: a place in ``types``."""
    text_of: Integers
    """Each node's text: a place in ``texts``."""

    def __len__(self) -> int:
        return len(self.type_of)

    def type_names(self, nodes: Integers) -> pa.DictionaryArray:
        """The types of some nodes."""
        places = pa.array(self.type_of[nodes].astype(np.int32))
        return pa.DictionaryArray.from_arrays(places, self.types)

    def ids(self, nodes: Integers) -> pa.LargeStringArray:
        """The texts of some nodes."""
        return self.texts.take(pa.array(self.text_of[nodes]))

    def in_order(self, nodes: Integers) -> Integers:
        """Some nodes in the order of their types, then of their texts."""
        table = pa.table({"type": self.type_of[nodes], "id": self.ids(nodes)})
        order = pc.sort_indices(table, sort_keys=[("type", "ascending"), ("id", "ascending")])
        ordered: Integers = nodes[order.to_numpy()]
        return ordered


def numbered(edges: pa.Table) -> tuple[Nodes, Integers, Integers]:
    """The nodes of edges, and the numbers of both ends of each.

    :param edges: columns ``id_type_a``, ``id_a``, ``id_type_b``, ``id_b``: texts without nulls.
    """
    type_codes, types = _encoded(edges["id_type_a"], edges["id_type_b"])
    text_codes, texts = _texts(edges, type_codes, len(types))
    order = pc.sort_indices(types).to_numpy()
    type_codes = np.argsort(order)[type_codes]
    keys = text_codes * len(types) + type_codes
    is_there = np.zeros(len(texts) * len(types), dtype=bool)
    is_there[keys] = True
    found = np.flatnonzero(is_there)
    number_of = np.cumsum(is_there, dtype=np.int64) - 1
    text_of, type_of = np.divmod(found, max(1, len(types)))
    one, other = number_of[keys].reshape(2, -1)
    return Nodes(types.take(pa.array(order)), texts, type_of, text_of), one, other


def _texts(edges: pa.Table, type_codes: Integers, types: int) -> tuple[Integers, pa.LargeStringArray]:
    """The texts of all ids as places in the different ones.

    Where both ends never have one type, as with browsers and users, each end is encoded alone, and both at a time: a
    text that both have is of two ids anyway.
    """
    ends = [np.bincount(codes, minlength=types) > 0 for codes in type_codes.reshape(2, -1)]
    if (ends[0] & ends[1]).any():
        return _encoded(edges["id_a"], edges["id_b"])
    with ThreadPoolExecutor(2) as pool:
        (one, texts), (other, more) = pool.map(_encoded, (edges["id_a"], edges["id_b"]))
    return np.concatenate([one, other + len(texts)]), pa.concat_arrays([texts, more])


def _encoded(*columns: pa.ChunkedArray) -> tuple[Integers, pa.LargeStringArray]:
    """The values of the columns, one after the other, as places in their different values."""
    kind = pa.large_string()
    chunks = [chunk for column in columns for chunk in _plain(column).chunks]
    encoded = pa.chunked_array(chunks, kind).dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no rows
        return np.zeros(0, dtype=np.int64), pa.array([], kind)
    return np.asarray(encoded.indices, dtype=np.int64), encoded.dictionary


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column if column.type == pa.large_string() else column.cast(pa.large_string())
