"""Classifying columns is classifying each row."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.channels.classify import classify
from touchline.channels.columns import ANSWERS, COLUMNS, classify_columns
from touchline.errors import InputError, UsageError

_URLS = [
    "https://shop.example/?gclid=Cj0",
    "/?utm_source=acme&utm_medium=email",
    "/?fbclid=x",
    "https://shop.example/",
    "",
]
_REFERRERS = ["https://www.google.com/", "https://shop.example/?gclid=Cj0", "https://blog.example/", ""]
_texts = {
    "url": st.sampled_from(_URLS), "referrer": st.sampled_from(_REFERRERS), "user_agent": st.just("x"),
    "source": st.sampled_from(["", "google", "x"]), "medium": st.sampled_from(["", "cpc"]),
    "campaign": st.sampled_from(["", "shop"]), "past_click_ids": st.sampled_from(["", "gclid", "fbclid, GCLID"]),
}  # fmt: skip
_rows = st.lists(
    st.fixed_dictionaries({name: st.none() | text for name, text in _texts.items()}), min_size=1, max_size=20
)


@given(_rows, st.sampled_from(["touchline", "ga4", "seed"]))
def test_columns_are_answered_row_by_row(rows: list[dict[str, str | None]], ruleset: str) -> None:
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in COLUMNS}
    answers = classify_columns(columns, ruleset=ruleset).to_pylist()
    for row, answer in zip(rows, answers, strict=True):
        past = [name.strip() for name in (row["past_click_ids"] or "").split(",")]
        source, medium, campaign = row["source"], row["medium"], row["campaign"]
        alone = classify(
            row["url"], row["referrer"], source=source, medium=medium, campaign=campaign, past_click_ids=past,
            ruleset=ruleset,
        )  # fmt: skip
        said = {name: getattr(alone, name) for name in ANSWERS.names}
        assert answer == {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def test_any_column_of_text_is_read() -> None:
    texts = ["https://bing.com/", None]
    dictionary = pa.array(texts).dictionary_encode()
    for column in (texts, pa.chunked_array([texts]), dictionary, pa.array(texts, pa.large_string()), np.array(texts)):
        assert classify_columns({"referrer": column})["channel"].to_pylist() == ["Organic Search", "Direct"]
    assert classify_columns({"referrer": pa.nulls(2)})["channel"].to_pylist() == ["Direct", "Direct"]
    assert classify_columns({"source": pa.array([], pa.string())}).num_rows == 0


def test_unusable_columns_are_refused() -> None:
    with pytest.raises(UsageError, match=r"Expected columns among url, referrer.*, but got uri"):
        classify_columns({"uri": ["a"]})
    with pytest.raises(UsageError, match="but got none"):
        classify_columns({})
    with pytest.raises(InputError, match="Expected columns of one length, but url has 1, referrer has 2"):
        classify_columns({"url": ["a"], "referrer": ["a", "b"]})
    with pytest.raises(InputError, match="Column url: expected text"):
        classify_columns({"url": 7})  # type: ignore[dict-item]
    with pytest.raises(UsageError, match="Expected columns by name, or a table, but got int"):
        classify_columns(7)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"Expected columns among url, .*, but got page"):
        classify_columns(pa.table({"url": ["/"], "page": ["/"]}))


@pytest.mark.parametrize("rows", [2, 0])
@pytest.mark.parametrize(("indices", "values"), [(pa.int8(), pa.large_string()), (pa.uint32(), pa.string_view())])
def test_a_table_and_a_categorical_are_read_with_rows_and_without(
    rows: int, indices: pa.DataType, values: pa.DataType
) -> None:
    """Categoricals as pandas and as polars export them."""
    encoded = pa.array(["https://bing.com/", None]).dictionary_encode()
    column = pa.DictionaryArray.from_arrays(encoded.indices.cast(indices), encoded.dictionary.cast(values))
    table = pa.table({"referrer": column.slice(0, rows)})
    expected = ["Organic Search", "Direct"][:rows]
    assert classify_columns(table)["channel"].to_pylist() == expected
    assert classify_columns({"referrer": table["referrer"]})["channel"].to_pylist() == expected
    assert classify_columns(pa.table({"referrer": pa.array([], pa.float64())})).num_rows == 0


@pytest.mark.parametrize("own", ["shop.example", "other.example, shop.example", ["shop.example"], {"shop.example"}])
def test_own_hosts_may_come_as_a_text_or_many(own: object) -> None:
    answers = classify_columns({"referrer": ["https://blog.shop.example/"]}, own_hosts=own)  # type: ignore[arg-type]
    assert answers["channel"].to_pylist() == ["Direct"]
