"""Many landings at once: each distinct one is classified, and the answers are handed out to the rows."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from touchline.arrow_text import decoded, replaced
from touchline.channels import ladder
from touchline.channels.classify import (
    has_google_click,
    ignored_hosts,
    landing_evidence,
    own_domains,
    rules_called,
    text_of,
    with_dropped,
)
from touchline.channels.evidence import Evidence
from touchline.channels.ladder import Classification, Ruleset
from touchline.errors import InputError, UsageError

COLUMNS = ("url", "referrer", "user_agent", "source", "medium", "campaign", "past_click_ids")
"""The columns that :func:`classify_columns` reads."""

_LISTS = ("evidence", "ignored", "contradictions")
_TYPES: Mapping[str, pa.DataType] = {
    "is_paid": pa.bool_(),
    "confidence": pa.float64(),
    **dict.fromkeys(_LISTS, pa.list_(pa.string())),
}
ANSWERS = pa.schema([(name, _TYPES.get(name, pa.string())) for name in Classification.__struct_fields__])
"""The columns of an answer."""


class ArrowColumn(Protocol):
    """Any object that exports its values as Arrow: an array of PyArrow, a series of pandas or polars."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The values as a PyCapsule with an ``ArrowArrayStream``."""


def classify_columns(
    columns: Mapping[str, ArrowColumn | Iterable[object]] | ArrowColumn,
    *,
    own_hosts: Iterable[str] | str | None = (),
    ignored_referrers: Iterable[str] | str | None = (),
    ruleset: str = "touchline",
    own_rules: str = "",
) -> pa.Table:
    """Where each of many visits came from, and why: :func:`touchline.classify` for columns.

    :param columns: any of :data:`COLUMNS` by name, all of one length. A value of ``past_click_ids`` is a text such as
        ``"gclid,fbclid"``. Missing values are null, NaN or empty text. A table of PyArrow, pandas or polars with no
        other columns will do, too.
    :param own_hosts: your own hosts, in addition to that of each ``url``.
    :param ignored_referrers: hosts that bring nobody, as in the setting of this name.
    :param ruleset: ``"touchline"``, ``"ga4"`` or ``"seed"``.
    :param own_rules: the text of a TOML file of rules that are asked first.
    :returns: one row per row given, in their order, with the columns :data:`ANSWERS`.
    :raises UsageError: if there is no such ruleset or column, or ``columns`` is no mapping.
    :raises InputError: if columns differ in length or are no columns of text, or ``own_rules`` cannot be read.

    >>> answers = classify_columns({"url": ["/?gclid=Cj0", None], "referrer": [None, "https://www.bing.com/"]})
    >>> answers["channel"].to_pylist()
    ['Paid Search', 'Organic Search']
    """
    named = _by_name(columns)
    unknown = sorted(set(map(str, named)) - set(COLUMNS))
    if unknown or not named:
        raise UsageError(f"Expected columns among {', '.join(COLUMNS)}, but got {', '.join(unknown) or 'none'}.")
    rules = rules_called(ruleset, own_rules)
    encoded = {name: _encoded(name, column) for name, column in named.items()}
    first, inverse = _distinct(encoded)
    codes, answers = _answers(_rows(encoded, first), own_domains(own_hosts), ignored_hosts(ignored_referrers), rules)
    return answers.take(pa.array(codes[inverse]))


def _by_name(given: object) -> Mapping[str, object]:
    """The columns of a mapping, or of a table."""
    if isinstance(given, Mapping):
        return given
    try:
        table = given if isinstance(given, pa.Table) else pa.table(given)
    except UnicodeEncodeError:
        return {name: given[name] for name in given.columns}  # type: ignore[attr-defined,index]
    except (TypeError, ValueError, pa.ArrowInvalid):
        raise UsageError(
            f"Expected columns by name, or a table, but got {type(given).__name__}. "
            'For example: {"url": table["url"], "referrer": table["referrer"]}.'
        ) from None
    return dict(zip(table.column_names, table.columns, strict=True))


def _encoded(name: str, column: object) -> pa.DictionaryArray:
    """A column of text as codes into its distinct values."""
    values = decoded(_chunked(name, column))
    if pa.types.is_null(values.type):
        values = values.cast(pa.string())
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        values = pa.chunked_array([pa.array([text_of(one) for one in values.to_pylist()], pa.string())])
    encoded = pc.fill_null(values.cast(pa.large_string()), "").combine_chunks().dictionary_encode()
    return encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded


def _chunked(name: str, column: object) -> pa.ChunkedArray:
    try:
        if isinstance(column, pa.ChunkedArray):
            return column
        if isinstance(column, pa.Array):
            return pa.chunked_array([column])
        if hasattr(column, "__arrow_c_stream__"):
            return pa.chunked_array(column)
        if hasattr(column, "__arrow_c_array__"):
            return pa.chunked_array([pa.array(column)])
        return _texts(column)
    except UnicodeEncodeError:
        return _texts(column)
    except (TypeError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise InputError(f"Column {name}: expected text, but it cannot be read as a column: {error}") from error


def _texts(column: object) -> pa.ChunkedArray:
    """A column of whatever values, of which one may be no text that Arrow can hold."""
    return pa.chunked_array([pa.array([replaced(text_of(one)) for one in column], pa.string())])  # type: ignore[attr-defined]


def _distinct(encoded: Mapping[str, pa.DictionaryArray]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The first row of each distinct combination, and for each row the number of its combination."""
    lengths = {name: len(column) for name, column in encoded.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InputError(f"Expected columns of one length, but {said}.")
    key = np.zeros(next(iter(lengths.values())), dtype=np.int64)
    for column in encoded.values():
        codes = column.indices.to_numpy().astype(np.int64)
        _, key = np.unique(key * max(len(column.dictionary), 1) + codes, return_inverse=True)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), inverse.astype(np.int64)


def _rows(encoded: Mapping[str, pa.DictionaryArray], first: npt.NDArray[np.int64]) -> Iterator[dict[str, str]]:
    """The distinct rows."""
    values = {name: column.take(pa.array(first)).to_pylist() for name, column in encoded.items()}
    for row in zip(*values.values(), strict=True):
        yield dict(zip(values, row, strict=True))


def _answers(
    rows: Iterable[Mapping[str, str]], own: frozenset[str], ignored: frozenset[str], rules: Ruleset
) -> tuple[npt.NDArray[np.int64], pa.Table]:
    """For each row the number of its answer, and the distinct answers."""
    known: dict[tuple[Evidence, tuple[str, ...]], int] = {}
    answers: list[Classification] = []
    codes = []
    for row in rows:
        asked = _evidence(row, own, ignored, keeps_not_set=rules.name == "ga4")
        code = known.get(asked)
        if code is None:
            code = known[asked] = len(answers)
            answers.append(with_dropped(ladder.classify(asked[0], rules), asked[1]))
        codes.append(code)
    columns = [pa.array([getattr(one, field.name) for one in answers], field.type) for field in ANSWERS]
    return np.array(codes, dtype=np.int64), pa.Table.from_arrays(columns, schema=ANSWERS)


def _evidence(
    row: Mapping[str, str], own: frozenset[str], ignored: frozenset[str], *, keeps_not_set: bool
) -> tuple[Evidence, tuple[str, ...]]:
    """What a ladder is asked of a row, and the marks of what is no evidence."""
    return landing_evidence(
        row.get("url", ""),
        row.get("referrer", ""),
        words=(row.get("source", ""), row.get("medium", ""), row.get("campaign", "")),
        user_agent=row.get("user_agent", ""),
        own=own,
        ignored=ignored,
        has_past_click=has_google_click(row.get("past_click_ids")),
        keeps_not_set=keeps_not_set,
    )[1:]
