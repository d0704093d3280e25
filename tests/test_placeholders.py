"""Values that name nobody, one at a time and in columns."""

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.oracle import world
from touchline.identity.naming_nobody import naming_nobody
from touchline.placeholders import BLOCKED_IDENTIFIERS, REMOVED_CHARACTERS, TYPESET_QUOTES, names_somebody

NOBODY = [
    "", " ", "null", "NULL", '"null"', "'undefined'", "`None`", '"null', "(null)", "<nil>", "[object Object]",
    "{{user_id}}", "${userId}", "%USER_ID%", "[email]", "0", "00", "000000", "0000-0000",
    "00000000-0000-0000-0000-000000000000",
    "---", "-", "...", "???", "xxx", "XXXX-xxxx", "aaaaaaaa", "111111", "1111-1111-1111", "999999999", "distinctid",
    "distinct_id", "distinct-id", "not_authenticated", "Not Authenticated", "not set", "(not set)", "email", "E-Mail",
    "emailHash", "anonymous", "anonymous_user", "guest", "unknown", "n/a", "N.A.", "NaN", "-1", "false", "User ID",
    "anonymous_id", "client_id", "logged_out", "user_null", "id-undefined", "undefined undefined", "null-null",
    "%7B%7Buser_id%7D%7D", "%7b%7Buser.id%7d%7D", "%257B%257Buser_id%257D%257D", "%24%7BuserId%7D", "null%20",
    "%22null%22", "%3C%25%3D%20user_id%20%25%3E", "{{ visitor.key }}", "${lead.nr}", "#{who}", "<%= who %>",
    "%7B%7Bvisitor.key7%7D%7D",
    "user%5Fid", "%5Bemail%5D", "not%20set", "0000%2D0000",
    "“null”", "„undefined“", "«none»", "‘NULL’", "‹(not set)›",  # noqa: RUF001
    "Optional(nil)", "blank", "\\N", "#REF!", "#DIV/0!",
    "9774d56d682e549c", "9774D56D682E549C\t", "02:00:00:00:00:00", "D41D8CD98F00B204E9800998ECF8427E  ",
    "crm_id: none", "not provided", "unset", "d41d8cd98f00b204e9800998ecf8427e",
    "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]  # fmt: skip
SOMEBODY = [
    "a", "b7", "xx", "1", "7", "11", "42", "1111", "22222", "100000", "-2", "0x1f", "10-10", "guest-4711", "user_1",
    "nullmann", "nulluserin", "idnull7",
    "ananas", "ada@example.com", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "e3b0c44298fc1c149afbf4c8996fb924",
    "ada%40example.com", "50%", "a%20b7", "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}", "x{{a}}", "%41", "{ada}", "100%25",
    "ÄÄÄ", "“ada”", "n", "9774d56d682e549d", "02:00:00:00:00:01", "ref", "value", "GA1.2.3.4", "112233", "aab",
]  # fmt: skip
_PARTS = ("%7b", "%257D", "%20", "%25", "%", "{", "}", "$", "<", "%3e", "null", "7b", "x", "2")
TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="0aA1-_ \"'nul{}", max_size=14),
    st.lists(st.sampled_from(_PARTS), max_size=7).map("".join),
    st.builds(
        lambda word, before, after: before + word + after,
        st.sampled_from(sorted(BLOCKED_IDENTIFIERS)),
        *[st.text(alphabet=REMOVED_CHARACTERS + TYPESET_QUOTES + "\t0Zé", max_size=3)] * 2,
    ),
)  # fmt: skip


@pytest.mark.parametrize("value", NOBODY)
def test_names_nobody(value: str) -> None:
    assert not names_somebody(value)


@pytest.mark.parametrize("value", SOMEBODY)
def test_names_somebody(value: str) -> None:
    assert names_somebody(value)


def test_nothing_names_nobody() -> None:
    assert not names_somebody(None)


@given(TEXTS)
def test_a_slow_reading_agrees(value: str) -> None:
    assert names_somebody(value) == world.names_somebody(value)


@given(st.lists(TEXTS, max_size=8), st.integers(0, 8))
@example(NOBODY + SOMEBODY, 0)
@example(NOBODY + SOMEBODY, 3)
def test_columns_are_judged_as_each_value_is(values: list[str], start: int) -> None:
    column = pa.array(values, pa.large_string()).slice(start)
    assert naming_nobody(column, []).tolist() == [not names_somebody(value) for value in values[start:]]


def test_entries_are_written_as_they_are_compared() -> None:
    odd = [word for word in BLOCKED_IDENTIFIERS if word != word.lower() or set(word) & set(REMOVED_CHARACTERS)]
    spreadsheets = ["#div/0!", "#name?", "#num!", "#ref!", "#value!"]
    assert sorted(odd) == [*spreadsheets, "-1", "02:00:00:00:00:00", "\\n"]
