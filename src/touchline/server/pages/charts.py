"""The charts of a screen, each as a file of its own with the colors that the page has in the light."""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from touchline.server.pages.static_files import static_files

_WIDE = re.compile(r'<svg class="chart wide" viewBox="0 0 (\d+) (\d+)"(.*?)</svg>', re.DOTALL)
_COLORS = re.compile(r"--([a-z-]+): (#[0-9a-f]+);")
_USED = re.compile(r"var\(--([a-z-]+)\)")
_RULES = re.compile(r"svg[^{}\n]*\{[^}]*\}")
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""Characters that a name may have, and no SVG file."""
_POINTS = 2.0
"""Of a picture, for each of a drawing: sharp on the screens and in the slides of today."""


def charts_in(shown: Any) -> Mapping[str, Markup]:
    """The charts of what a screen shows, by the names of their fields."""
    if not is_dataclass(shown):
        return {}
    found = {one.name: getattr(shown, one.name) for one in fields(shown)}
    return {name: one for name, one in found.items() if isinstance(one, Markup) and _WIDE.search(one)}


def alone(chart: Markup) -> bytes:
    """A chart as an SVG file that needs no style sheet: the drawing for screens, with its rules and colors inside."""
    found = _WIDE.search(chart)
    if found is None:
        raise ValueError("a chart has a drawing for screens")
    width, height, inner = found.groups()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    attributes, _, drawn = inner.partition(">")
    ground = f'<rect width="{width}" height="{height}" fill="{_colors()["card"]}"/>'
    whole = f"{head}{attributes}><style>{_style()}</style>{ground}{drawn}</svg>"
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", whole).encode()


def picture(chart: Markup) -> bytes:
    """A chart as a PNG file: what :func:`alone` holds, in the font that the renderer brings."""
    import vl_convert  # noqa: PLC0415 - 9 MB, and most workers never draw a picture

    return vl_convert.svg_to_png(alone(chart).decode(), scale=_POINTS)


FILES: Mapping[str, tuple[str, Callable[[Markup], bytes]]] = {
    "svg": ("image/svg+xml", alone), "png": ("image/png", picture),
}  # fmt: skip
"""By the ending of a chart's file: its type, and what makes it."""


@cache
def _colors() -> Mapping[str, str]:
    """The colors of a page in the light, by their names."""
    return dict(_COLORS.findall(static_files()["pages.css"].content.decode().partition("@media")[0]))


@cache
def _style() -> str:
    """The rules of drawings from the style sheet, their colors by value."""
    sheet = static_files()["pages.css"].content.decode()
    rules = "".join(_RULES.findall(sheet.partition("/* Drawings */")[2].partition("/*")[0]))
    return "svg{font-family:'Liberation Sans',sans-serif}" + _USED.sub(lambda name: _colors()[name[1]], rules)
