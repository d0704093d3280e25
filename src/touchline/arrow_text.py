"""Columns of text as Arrow can compare and filter them, however pandas and polars encode them."""

from collections.abc import Iterable

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


def replaced(text: str) -> str:
    r"""The text with the replacement character where half of a pair of surrogates is, which is no character.

    >>> replaced("a\ud800") == "a" + 3 * "\N{REPLACEMENT CHARACTER}"
    True
    """
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def row_of(text: object, values: Iterable[object]) -> int | None:
    """The first row with this text, from 0; ``None`` where no row has it.

    >>> row_of("b", ["a", "b"]), row_of("c", [float("nan")])
    (1, None)
    """
    return next((row for row, value in enumerate(values) if isinstance(value, str) and value == text), None)
