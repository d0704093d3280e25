"""The drawings: where numbers lie, that nothing is text that should not be, and that what is unknown is a gap."""

import re
from datetime import date, timedelta
from itertools import pairwise
from struct import unpack
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from touchline.server.pages import charts, shapes
from touchline.server.pages.flow_chart import MOST_NODES, OTHER, flow_chart, gathered

NOTHING = '<svg class="chart wide" viewBox="0 0 1000 230" role="img"></svg>'
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


WAYS = st.dictionaries(
    st.tuples(*[st.sampled_from([f"c{number}" for number in range(12)])] * 3), st.integers(1, 1_000), min_size=1
)


@given(WAYS)
def test_flows_keep_their_sum_and_columns_few_nodes(flows: dict[tuple[str, ...], int]) -> None:
    found = gathered(flows)
    assert sum(found.values()) == sum(flows.values())
    for column in range(3):
        nodes = {way[column] for way in found}
        assert len(nodes) <= MOST_NODES
        for node in nodes - {OTHER}:
            assert sum(n for way, n in found.items() if way[column] == node) == sum(
                n for way, n in flows.items() if way[column] == node
            )


@given(WAYS)
def test_flows_lie_in_the_drawing_and_nodes_are_as_high_as_they_are_many(flows: dict[tuple[str, ...], int]) -> None:
    drawn = str(flow_chart(flows, name="n", summary="s")).partition("</svg>")[0]
    nodes = [tuple(map(float, one)) for one in re.findall(
        r'class="node" x="([^"]*)" y="([^"]*)" width="[^"]*" height="([^"]*)"', drawn
    )]  # fmt: skip
    numbers = [int(one.rpartition(" ")[2].replace(",", "")) for one in re.findall(r"<text[^>]*>([^<]*)</text>", drawn)]
    assert len(nodes) == len(numbers)
    for (_, top, high), number in zip(nodes, numbers, strict=True):
        assert top >= 0
        assert top + high <= 320 + MOST_NODES  # nodes of a few are a point high at least
        for (_, _, other_high), other in zip(nodes, numbers, strict=True):
            assert (high >= other_high - 0.1) or number < other
    places = re.findall(r'class="flow" d="M([\d.]+),([\d.]+)', drawn)
    assert len(places) >= len({way[:2] for way in gathered(flows)})


def test_names_of_nodes_are_text() -> None:
    drawn = str(flow_chart({("<b>", "x" * 99): 1}, name="n", summary="s"))
    assert "<b>" not in drawn
    assert "x" * 23 not in drawn


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_a_whisker_goes_from_its_low_end_to_its_high_one(low: float, middle: float, high: float) -> None:
    low, middle, high = sorted((low, middle, high))
    places = [float(one) for one in re.findall(r'x1="([^"]*)"', str(shapes.whisker(low, middle, high, 100)))]
    assert places == sorted([places[0], places[1], places[3], places[2]]) or places[0] == places[1]
    assert min(places) >= 0
    assert max(places) <= 100


def test_a_chart_as_a_file_has_its_colors_inside() -> None:
    chart = shapes.columns([("a", 1.0)], name="n", summary="s")
    file = charts.alone(chart).decode()
    assert file.startswith('<svg xmlns="http://www.w3.org/2000/svg" width="1000"')
    assert file.count("<svg") == file.count("</svg>") == 1
    assert "var(" not in file
    assert "rect.now { fill: #" in file


def test_a_chart_is_a_picture_of_twice_as_many_points_whatever_its_names_hold() -> None:
    """No XML holds such characters, and a picture of a file that is none could not be drawn."""
    chart = shapes.columns([("a\x00\x0b\ufffe<", 1.0), ("b", 2.0)], name="n\x1f", summary="s")
    wide = charts.alone(chart)
    fromstring(wide)
    size = re.search(rb'width="(\d+)" height="(\d+)"', wide)
    assert size
    png = charts.picture(chart)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert unpack(">II", png[16:24]) == (2 * int(size[1]), 2 * int(size[2]))
    empty = charts.picture(shapes.columns([("a", 0.0), ("b", 0.0)], name="n", summary="s"))
    assert png != empty
    assert len(charts.picture(Markup(NOTHING))) < min(len(png), len(empty))
