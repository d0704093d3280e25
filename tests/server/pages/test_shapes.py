"""The drawings: where numbers lie, that nothing is text that should not be, and that what is unknown is a gap."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.server.pages import shapes

NUMBERS = st.none() | st.floats(0, 1e9)
DAYS = [date(2026, 1, 1) + timedelta(days=number) for number in range(60)]


@given(st.floats(1e-6, 1e12))
def test_an_axis_ends_at_the_first_line_that_nothing_passes(high: float) -> None:
    found = shapes.ticks(high)
    assert found[0] == 0
    assert found[-2] < high <= found[-1] * (1 + 1e-9)
    assert 2 <= len(found) <= 6
    steps = {round((b - a) / found[1], 6) for a, b in pairwise(found)}
    assert steps == {1.0}


@given(st.lists(NUMBERS, min_size=1, max_size=60))
def test_points_lie_in_the_drawing(values: list[float | None]) -> None:
    drawn = str(shapes.line_chart(DAYS[: len(values)], values, [], [DAYS[0]], name="n", summary="s"))
    for width, part in zip((1000, 330), drawn.split("</svg>"), strict=False):
        spots = re.findall(r'points="([^"]*)"', part)
        for x, y in (map(float, spot.split(",")) for line in spots for spot in line.split()):
            assert 0 <= x <= width
            assert 0 <= y <= 230


def test_what_is_not_known_is_a_gap() -> None:
    drawn = str(shapes.sparkline([1, 2, None, 3, 4, None, 5]))
    assert drawn.count('<polyline class="now"') == 2
    assert drawn.count("<circle") == 1


def test_a_greater_number_is_higher() -> None:
    drawn = str(shapes.sparkline([1, 9]))
    (line,) = re.findall(r'<polyline class="now" points="([^"]*)"', drawn)
    (_, low), (_, high) = (spot.split(",") for spot in line.split())
    assert float(high) < float(low)


def test_a_chart_has_a_name_and_escapes_it() -> None:
    drawn = str(shapes.columns([("<b>", 1.0)], name='a"b', summary="<i>"))
    assert 'role="img" aria-label="a&#34;b: &lt;i&gt;"' in drawn
    assert "<b>" not in drawn


@pytest.mark.parametrize(("share", "width"), [(None, "0.0"), (-1, "0.0"), (0.25, "25.0"), (7, "100.0")])
def test_a_bar_stays_in_its_place(share: float | None, width: str) -> None:
    assert f'width="{width}"' in str(shapes.bar(share))


def test_signals_are_dots_at_their_places() -> None:
    drawn = str(shapes.process_chart([0.1, None, 0.9], (0.0, 0.1, 0.2), [1, 2], name="n", summary="s"))
    assert drawn.count('class="signal"') == 1
    assert 'class="usual"' in drawn
    assert 'class="center"' in drawn


def test_no_drawing_has_a_style() -> None:
    drawn = str(shapes.line_chart(DAYS, [1.0] * 60, [2.0] * 60, DAYS[:2], name="n", summary="s"))
    assert "style" not in drawn
    assert drawn.count('class="mark"') == 4
    assert drawn.count("<text") == drawn.count("</text>") > 10
