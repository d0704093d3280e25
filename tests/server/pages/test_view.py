"""A view and its address: each says all of the other, and what is no view is refused."""

from contextlib import suppress
from dataclasses import fields, replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.errors import UsageError
from touchline.reports.question import Window
from touchline.server.pages.view import COMPARISONS, LONGEST, MATCHES, MOST_ROWS, PERIODS, View
from touchline.server.pages.windows import window_of

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
DAYS = st.dates()
VIEWS = st.builds(
    View, org=TEXT, site=TEXT, goal=st.none() | TEXT, period=st.sampled_from([*PERIODS]), start=st.none() | DAYS,
    end=st.none() | DAYS, compare=st.sampled_from([*COMPARISONS]), match=st.sampled_from([*MATCHES]), model=TEXT,
    versus=TEXT, by=TEXT, path=TEXT, q=TEXT, sort=TEXT, after=TEXT, limit=st.integers(0, MOST_ROWS),
).filter(lambda view: not (view.start and view.end and view.start > view.end)).map(
    lambda view: replace(view, period="28d") if view.start or view.end else view
)  # fmt: skip


@given(VIEWS)
def test_a_view_comes_back_from_its_address(view: View) -> None:
    assert View.parsed(view.query) == view
    assert View.parsed(view.query).query == view.query
    assert dict(parse_qsl(view.query, keep_blank_values=True)) == view.chosen


@given(VIEWS, st.randoms())
def test_the_order_of_parameters_says_nothing(view: View, chance: object) -> None:
    pairs = [*view.chosen.items()]
    chance.shuffle(pairs)  # type: ignore[attr-defined]
    assert View.parsed(urlencode(pairs)) == view


@given(VIEWS)
def test_an_address_does_not_name_what_is_usual(view: View) -> None:
    usual = View()
    for one in fields(View):
        key = {"start": "from", "end": "to"}.get(one.name, one.name)
        assert (key in view.chosen) == (getattr(view, one.name) != getattr(usual, one.name))


@given(st.text(max_size=60))
def test_whatever_stands_behind_the_question_mark_is_a_view_or_is_refused(query: str) -> None:
    with suppress(UsageError):
        found = View.parsed(query)
        assert View.parsed(found.query) == found


@pytest.mark.parametrize(("key", "most"), [("q", LONGEST), ("path", LONGEST)])
def test_text_may_have_a_length(key: str, most: int) -> None:
    assert getattr(View.parsed(f"{key}={'x' * most}"), key) == "x" * most
    with pytest.raises(UsageError, match="more than"):
        View.parsed(f"{key}={'x' * (most + 1)}")


@pytest.mark.parametrize("text", ["0", "-1", "1001", "ten", "1_0", "1.0"])
def test_a_limit_is_a_number_of_rows(text: str) -> None:
    with pytest.raises(UsageError, match="limit must be"):
        View.parsed(f"limit={text}")


FIRST, LAST = date(2025, 11, 20), date(2026, 3, 5)


@pytest.mark.parametrize(
    ("view", "start", "end"),
    [
        (View(), date(2026, 2, 6), LAST),
        (View(period="7d"), date(2026, 2, 27), LAST),
        (View(period="90d"), date(2025, 12, 6), LAST),
        (View(period="365d"), date(2025, 3, 6), LAST),
        (View(period="month"), date(2026, 3, 1), LAST),
        (View(period="last-month"), date(2026, 2, 1), date(2026, 2, 28)),
        (View(period="year"), date(2026, 1, 1), LAST),
        (View(period="all"), FIRST, LAST),
        (View(start=date(2026, 1, 1)), date(2026, 1, 1), LAST),
        (View(end=date(2026, 1, 1)), FIRST, date(2026, 1, 1)),
        (View(end=date(2020, 1, 1)), date(2020, 1, 1), date(2020, 1, 1)),
        (View(start=date(2030, 1, 1)), date(2030, 1, 1), date(2030, 1, 1)),
        (View(start=date(2026, 1, 1), end=date(2026, 1, 9)), date(2026, 1, 1), date(2026, 1, 9)),
    ],
)
def test_days_of_a_view(view: View, start: date, end: date) -> None:
    assert window_of(view, Window(FIRST, LAST)) == Window(start, end)


def test_without_data_there_are_no_days_but_those_that_are_named() -> None:
    nothing = Window(None, None)
    assert window_of(View(), nothing) == nothing
    assert window_of(View(start=LAST), nothing) == Window(LAST, LAST)
    assert window_of(View(start=LAST, end=LAST + timedelta(days=1)), nothing) == Window(LAST, LAST + timedelta(days=1))
