"""Texts that mention a person are found as the plain definition says, however many ids the person has."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.jobs.mentions import Mentions

_TEXTS = st.text(alphabet='aAb1_- ."\u00e9:', max_size=12)
_IDS = st.lists(st.text(alphabet="aAb1_-.\u00e9", min_size=1, max_size=4), max_size=4)


def mentions(words: list[str], text: str) -> bool:
    """The plain definition: one of the words stands in it, with nothing of a word on either side."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) for word in words)


@given(_IDS, _TEXTS)
def test_an_id_is_found_where_it_is_a_word_of_its_own(ids: list[str], text: str) -> None:
    assert Mentions([f"u:{one}" for one in ids], set()).are_in("shop", text) is mentions(ids, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"orderId": "A-1"}', True), ('{"orderId":"A-1"}', True), ('{"order id": "A-1"}', True),
        ('{"ORDER_NUMBER": "A-1"}', True), ('{"orderId": 17}', True), ('{"orderId": "17"}', True),
        ('{"orderId": "A-\\u00e9"}', True), ('{"orderId": "A-1", "userId": "guest"}', True),
        ('{"orderId": "A-2"}', False), ('{"orderId": "a-1"}', False), ('{"total": "A-1"}', False),
        ('{"orderTotal": 17}', False), ('{"orderId": 170}', False), ("A-1", False),
        ('{"orderId": "A-1", "anonId": "eve"}', False), ('{"userId": "7", "orderId": "A-1"}', False),
        ('{"orderId": "A-1", "email_hash": "ff"}', False), ('{"orderId": "A-1", "anon', True),
    ],
)  # fmt: skip
def test_an_order_is_found_where_its_field_has_it_and_nobody_else_is_named(text: str, expected: bool) -> None:
    ours = Mentions([], {("shop", "A-1"), ("shop", "17"), ("shop", "A-\u00e9")})
    assert ours.are_in("shop", text) is expected
    assert ours.are_in("other", text) is False
