"""A page as the body of a mail: its words and tables without what acts or leads elsewhere, as HTML and as text.

What is not on the list of elements is left out with its marks, so that nothing of a page acts in a mail, whatever its
template holds.
"""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import NamedTuple

from markupsafe import Markup, escape

from touchline.server.pages.charts import picture

_CHART = re.compile(r'<svg class="chart wide".*?</svg>', re.DOTALL)
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_LABEL = re.compile(r' aria-label="([^"]*)"')
_PARTS = re.compile(r'<p class="(?:about|fresh)">.*?</p>|<main\b.*?</main>', re.DOTALL)
_KEPT = frozenset({
    "h1", "h2", "h3", "p", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "ul", "ol", "li", "dl", "dt", "dd",
    "div", "strong", "em", "q", "code", "bdi", "br", "img",
})  # fmt: skip
_LEFT_OUT = frozenset({"nav", "form", "script", "style", "button", "select", "textarea", "template"})
"""Elements of which not even the words are kept."""
_LINES = frozenset(["h1", "h2", "h3", "p", "tr", "li", "dt", "div"])
"""Elements that begin a line of the text."""
_EMPTY = frozenset({"br", "img", "hr", "input", "col"})
_UNSEEN = "unseen"
"""The class of words for people who do not see what stands next to them."""


class Picture(NamedTuple):
    """A drawing of the page, and the name by which the HTML shows it."""

    name: str
    png: bytes


class Body(NamedTuple):
    """A page in both forms of a mail, and its drawings."""

    html: Markup
    text: str
    pictures: Sequence[Picture]


def body_of(page: str) -> Body:
    r"""The body that a page makes, as people see it who are nobody here.

    >>> body_of('<main><h1>A</h1><nav>x</nav><table><tr><td onclick="x">1</td><td>2</td></tr></table></main>')[:2]
    (Markup('<h1>A</h1><table><tr><td>1</td><td>2</td></tr></table>'), 'A\n1 | 2\n')
    """
    pictures: list[Picture] = []

    def shown(found: re.Match[str]) -> str:
        pictures.append(Picture(f"chart-{len(pictures) + 1}", picture(Markup(found[0]))))  # noqa: S704 - of our page
        label = _LABEL.search(found[0])
        return f'<img src="cid:{pictures[-1].name}" alt="{label[1] if label else ""}">'

    reader = _Reader()
    for part in _PARTS.findall(page):
        reader.feed(_DRAWING.sub("", _CHART.sub(shown, part)))
    reader.close()
    lines = [re.sub(r"\s+", " ", line).strip(" |") for line in "".join(reader.text).splitlines()]
    return Body(Markup("").join(reader.html), "\n".join(filter(None, lines)) + "\n", pictures)


class _Reader(HTMLParser):
    """Keeps what is on the list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.html: list[Markup] = []
        self.text: list[str] = []
        self._skipped: list[str] = []
        """The open elements from one on that is left out."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element, or leave it out with all that is in it."""
        said = dict(attrs)
        if self._skipped or tag in _LEFT_OUT or _UNSEEN in (said.get("class") or "").split():
            if tag not in _EMPTY:
                self._skipped.append(tag)
            return
        if tag in _LINES or tag == "br":
            self.text.append("\n")
        if tag in {"td", "th"}:
            self.text.append(" | ")
        if tag == "img":
            self._show(said)
        elif tag in _KEPT:
            self.html.append(Markup(f"<{tag}>"))  # noqa: S704 - one of the list

    def _show(self, said: dict[str, str | None]) -> None:
        source, label = said.get("src") or "", said.get("alt") or ""
        if source.startswith("cid:"):
            self.html.append(Markup('<img src="{}" alt="{}" width="600">').format(source, label))
            self.text.append(f"\n{label}\n")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        if self._skipped:
            if tag in self._skipped:
                del self._skipped[len(self._skipped) - 1 - self._skipped[::-1].index(tag) :]
            return
        if tag in _KEPT - _EMPTY:
            self.html.append(Markup(f"</{tag}>"))  # noqa: S704 - one of the list
        if tag in _LINES:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._skipped:
            self.html.append(escape(data))
            self.text.append(data.replace("\n", " "))
