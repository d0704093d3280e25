"""Columns of text as Arrow can compare and filter them, however pandas and polars encode them."""

import pyarrow as pa


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without a dictionary (a categorical of pandas or polars) and without views; any other as it is.

    >>> decoded(pa.chunked_array([pa.array(["a", "b", "a", None]).dictionary_encode()])).to_pylist()
    ['a', 'b', 'a', None]
    """
    kind = column.type
    if pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if not pa.types.is_dictionary(kind):
        return column
    value_type = pa.large_string() if pa.types.is_string_view(kind.value_type) else kind.value_type
    chunks = [chunk.dictionary.cast(value_type).take(chunk.indices) for chunk in column.chunks]
    return pa.chunked_array(chunks, value_type)
