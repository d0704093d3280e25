"""Flows through a few columns as SVG: how many went from where by what to where."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from touchline.server.pages.shapes import for_each_size

OTHER = "Other"
"""The node of all that are too small for one of their own."""
MOST_NODES = 8
"""That a column has, :data:`OTHER` included."""
_HIGH, _GAP, _THICK = 320, 20, 10
_EDGE = {"wide": 2, "narrow": 1}
_ANCHORS = {0: "start", -1: "end"}

Flows = Mapping[tuple[str, ...], int]
"""How many took a way: a node of each column."""


@dataclass(frozen=True)
class _Node:
    """A node's place from the top, and how high it is."""

    top: float
    height: float
    number: int


def flow_chart(flows: Flows, *, name: str, summary: str) -> Markup:
    """The flows from left to right, as broad as they are many; names stand above their nodes.

    :param name: what the drawing is called; ``summary`` says what it shows.

    >>> drawn = str(flow_chart({("Email", "Direct"): 3, ("Ads", "Direct"): 1}, name="n", summary="s"))
    >>> drawn.count('class="flow"'), drawn.count('class="node"')
    (4, 6)
    """
    shown = gathered(flows)
    columns = _columns(shown)

    def drawn(size: str, width: int) -> list[str]:
        places = _places(len(columns), width - _THICK - 2 * _EDGE[size], _EDGE[size])
        return [*_ribbons(shown, columns, places), *_nodes(columns, places)]

    return for_each_size(drawn, name, summary, high=_HIGH)


def gathered(flows: Flows, most: int = MOST_NODES) -> Flows:
    """The flows, with the small nodes of each column as one.

    >>> dict(gathered({("a", "z"): 5, ("b", "z"): 2, ("c", "z"): 1}, most=2))
    {('a', 'z'): 5, ('Other', 'z'): 3}
    """
    kept = [
        {node for node, _ in _by_size(sizes)[: most if len(sizes) <= most else most - 1]} for sizes in _sizes(flows)
    ]
    found: Counter[tuple[str, ...]] = Counter()
    for way, number in flows.items():
        found[tuple(node if node in known else OTHER for node, known in zip(way, kept, strict=True))] += number
    return found


def _sizes(flows: Flows) -> list[Counter[str]]:
    """How many go through each node of each column."""
    columns = [Counter[str]() for _ in next(iter(flows), ())]
    for way, number in flows.items():
        for sizes, node in zip(columns, way, strict=True):
            sizes[node] += number
    return columns


def _by_size(sizes: Mapping[str, int]) -> list[tuple[str, int]]:
    """The greatest first, and what is gathered last."""
    return sorted(sizes.items(), key=lambda one: (one[0] == OTHER, -one[1], one[0]))


def _columns(flows: Flows) -> list[dict[str, _Node]]:
    """Where the nodes of each column lie."""
    sizes = _sizes(flows)
    total = sum(flows.values())
    most = max(map(len, sizes), default=1)
    unit = (_HIGH - most * _GAP - 4) / total if total else 0.0
    found = []
    for column in sizes:
        top, nodes = float(_GAP), {}
        for node, number in _by_size(column):
            nodes[node] = _Node(top, max(number * unit, 1.0), number)
            top += nodes[node].height + _GAP
        found.append(nodes)
    return found


def _places(number: int, width: float, start: float) -> list[float]:
    return [start + place * width / max(number - 1, 1) for place in range(number)]


def _ribbons(flows: Flows, columns: Sequence[Mapping[str, _Node]], places: Sequence[float]) -> Iterator[str]:
    """A ribbon for each pair of neighbors, from the top of both nodes on."""
    for place in range(len(columns) - 1):
        pairs: Counter[tuple[str, str]] = Counter()
        for way, number in flows.items():
            pairs[way[place], way[place + 1]] += number
        left, right = ({node: one.top for node, one in column.items()} for column in columns[place : place + 2])
        order = [list(column) for column in columns[place : place + 2]]
        for one, other in sorted(pairs, key=lambda pair: (order[0].index(pair[0]), order[1].index(pair[1]))):
            start, end = columns[place][one], columns[place + 1][other]
            part = pairs[one, other]
            high = start.height * part / start.number
            yield _ribbon(places[place] + _THICK, left[one], places[place + 1], right[other], high)
            left[one] += high
            right[other] += end.height * part / end.number


def _ribbon(x: float, y: float, to_x: float, to_y: float, high: float) -> str:
    middle = (x + to_x) / 2
    return (
        f'<path class="flow" d="M{x:.1f},{y:.1f}C{middle:.1f},{y:.1f} {middle:.1f},{to_y:.1f} {to_x:.1f},{to_y:.1f}'
        f'v{high:.1f}C{middle:.1f},{to_y + high:.1f} {middle:.1f},{y + high:.1f} {x:.1f},{y + high:.1f}z"/>'
    )


def _nodes(columns: Sequence[Mapping[str, _Node]], places: Sequence[float]) -> Iterator[str]:
    for place, (x, column) in enumerate(zip(places, columns, strict=True)):
        anchor = _ANCHORS.get(0 if not place else place - len(columns), "middle")
        at = {"start": x, "end": x + _THICK, "middle": x + _THICK / 2}[anchor]
        for node, one in column.items():
            yield (
                f'<rect class="node" x="{x:.1f}" y="{one.top:.1f}" width="{_THICK}" height="{one.height:.1f}"/>'
                f'<text class="{anchor}" x="{at:.1f}" y="{one.top - 5:.1f}">'
                f"{escape(_short(node))} {one.number:,}</text>"
            )


def _short(text: str, most: int = 22) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
