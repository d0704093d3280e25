"""From a chart's definition to SVG that stands in a page: its colours and fonts follow the page, light or dark."""

import re
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import vl_convert
from altair.typing import ChartType
from markupsafe import Markup


class Colour(StrEnum):
    """The colours by what they are for: stand-ins in a definition, the variables ``--<name>`` in the page."""

    INK = "#0a0b01"
    MUTED = "#0a0b02"
    GRID = "#0a0b03"
    WON = "#0a0b04"
    SPENT = "#0a0b05"
    HIGH = "#0a0b06"
    MEDIUM = "#0a0b07"
    LOW = "#0a0b08"
    USUAL = "#0a0b09"
    SERIES_1 = "#0a0b11"
    SERIES_2 = "#0a0b12"
    SERIES_3 = "#0a0b13"
    SERIES_4 = "#0a0b14"
    SERIES_5 = "#0a0b15"
    SERIES_6 = "#0a0b16"
    SERIES_7 = "#0a0b17"
    SERIES_8 = "#0a0b18"

    @property
    def variable(self) -> str:
        """The variable's name in the style sheet."""
        return "--" + self.name.lower().replace("_", "-")


_PALETTE = [colour for colour in Colour if colour.name.startswith("SERIES_")]


def palette(count: int) -> list[Colour]:
    """Colors for a number of adjacent series, by position; after the last one they start over.

    >>> [colour.variable for colour in palette(2)]
    ['--series-1', '--series-2']
    """
    return [_PALETTE[number % len(_PALETTE)] for number in range(count)]


_FONT = "DejaVu Sans, Verdana, sans-serif"
"""Measured when the chart is laid out. The page then sets its own font, whose letters are hardly ever wider."""
_NEEDLESS = re.compile(r' (?:xmlns(?::xlink)?|font-family|pointer-events|aria-\w+|role|class)="[^"]*"')
_STAND_IN = re.compile(r'"(#0a0b\d\d)"')
_EMPTY = re.compile(r'<path(?: d="(?:M0,0h0v0h0Z)?"| display="none")*/>')


def svg(chart: ChartType, *, css_class: str) -> Markup:
    """The chart as an ``<svg>`` element that scales with its container.

    Vega escapes what the data says, so that a campaign named ``<script>`` is text; nothing is fetched.
    """
    # The tests check definitions against Vega-Lite's schema; to check each one again takes as long as to draw it.
    definition: dict[str, Any] = configured(chart).to_dict(validate=False)
    definition["background"] = None
    drawn = vl_convert.vegalite_to_svg(definition, allowed_base_urls=[])
    drawn = _EMPTY.sub("", _NEEDLESS.sub("", drawn))
    drawn = _STAND_IN.sub(lambda found: f'"var({Colour(found[1]).variable})"', drawn)
    drawn = re.sub(r'width="[\d.]+" height="[\d.]+" ', "", drawn, count=1)
    return Markup(drawn.replace("<svg", f'<svg class="{css_class}" aria-hidden="true"', 1))  # noqa: S704 - see above


def svg_file(chart: ChartType) -> str:
    """The chart as the text of an SVG file, in the page's light colors on its background."""
    definition: dict[str, Any] = configured(chart).to_dict(validate=False)
    colors = _light_colors()
    definition["background"] = colors["--card"]
    drawn = vl_convert.vegalite_to_svg(definition, allowed_base_urls=[])
    return _STAND_IN.sub(lambda found: f'"{colors[Colour(found[1]).variable]}"', drawn)


@cache
def _light_colors() -> dict[str, str]:
    """The variables of the page's style sheet, of which the first values are the light ones."""
    css = (files("touchline.reports") / "templates" / "report.css").read_text(encoding="utf-8")
    found = re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", css)
    return dict(reversed(found))


def configured(chart: ChartType) -> ChartType:
    """The chart in the page's fonts and colours."""
    found: ChartType = chart.configure(**_config())
    return found


def _config() -> dict[str, Any]:
    text = {"labelFont": _FONT, "titleFont": _FONT, "labelFontSize": 12, "titleFontSize": 12}
    axis = {
        "labelColor": Colour.MUTED, "titleColor": Colour.MUTED, "titleFontWeight": "normal", "gridColor": Colour.GRID,
        "domain": False, "ticks": False, "labelPadding": 6,
    }  # fmt: skip
    return {
        "aria": False,
        "view": {"stroke": None},
        "axis": text | axis,
        "legend": text
        | {
            "labelColor": Colour.INK,
            "orient": "top",
            "title": None,
            "symbolType": "square",
            "titleColor": Colour.MUTED,
        },
        "text": {"font": _FONT, "fontSize": 12, "color": Colour.INK},
        "title": {
            "font": _FONT,
            "fontSize": 12,
            "fontWeight": "normal",
            "color": Colour.MUTED,
            "anchor": "start",
            "frame": "group",
        },
        "bar": {"cornerRadiusEnd": 2},
    }
