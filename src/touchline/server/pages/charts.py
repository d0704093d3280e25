"""The charts of a screen, each as a file of its own with the colors that the page has in the light."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from touchline.server.pages.static_files import static_files

_WIDE = re.compile(r'<svg class="chart wide" viewBox="0 0 (\d+) (\d+)"(.*?)</svg>', re.DOTALL)
_COLORS = re.compile(r"--([a-z-]+): (#[0-9a-f]+);")
_USED = re.compile(r"var\(--([a-z-]+)\)")
_RULES = re.compile(r"svg[^{}\n]*\{[^}]*\}")


def charts_in(shown: Any) -> Mapping[str, Markup]:
    """The charts of what a screen shows, by the names of their fields."""
    if not is_dataclass(shown):
        return {}
    found = {one.name: getattr(shown, one.name) for one in fields(shown)}
    return {name: one for name, one in found.items() if isinstance(one, Markup) and _WIDE.search(one)}


def alone(chart: Markup) -> bytes:
    """A chart as a file that needs no style sheet: the drawing for screens, with its rules and colors inside."""
    found = _WIDE.search(chart)
    if found is None:
        raise ValueError("a chart has a drawing for screens")
    width, height, inner = found.groups()
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    attributes, _, drawn = inner.partition(">")
    return f"{head}{attributes}><style>{_style()}</style>{drawn}</svg>".encode()


@cache
def _style() -> str:
    """The rules of drawings from the style sheet, their colors by value."""
    sheet = static_files()["pages.css"].content.decode()
    colors = dict(_COLORS.findall(sheet.partition("@media")[0]))
    rules = "".join(_RULES.findall(sheet.partition("/* Drawings */")[2].partition("/*")[0]))
    return "svg{font-family:sans-serif}" + _USED.sub(lambda name: colors[name[1]], rules)
