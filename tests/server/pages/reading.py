"""A page as a strict reader sees it: its tags, its tables, and what must not be in it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

_VOID = {"meta", "link", "img", "input", "br", "hr", "base", "embed"}
_ACTIVE = {"script", "style", "iframe", "object", "embed", "base", "template", "frame"}
_LINKS = {"href", "src", "action", "formaction"}


@dataclass
class Page(HTMLParser):
    """A page, read."""

    text: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    """Each table's rows, each of them the text of its cells; what only drawings say is left out."""
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []
        self._cell: list[str] | None = None
        self.feed(self.text)
        self.close()
        if self._open:
            self.faults.append(f"not closed: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append((tag, found))
        self._judge(tag, found)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self._cell = []
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._judge(tag, self.tags[-1][1])

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _judge(self, tag: str, found: dict[str, str]) -> None:
        if tag in _ACTIVE:
            self.faults.append(f"<{tag}>")
        self.faults += [f"{name} of <{tag}>" for name in found if name == "style" or name.startswith("on")]
        for name in _LINKS & found.keys():
            address = urlsplit(found[name])
            if address.scheme or address.netloc or not found[name].startswith(("/", "#")):
                self.faults.append(f"{tag} {name}={found[name]}")

    def named(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all elements of a name."""
        return [found for name, found in self.tags if name == tag]

    def accessibility(self) -> list[str]:
        """What a person who sees or clicks differently would stumble over, as far as tags tell."""
        ids = [found["id"] for _, found in self.tags if "id" in found]
        labels = {found.get("for", "") for found in self.named("label")}
        wrapped = self.text.count("<label>")
        fields = [one for tag in ("input", "select") for one in self.named(tag) if one.get("type") != "hidden"]
        unlabeled = [one for one in fields if one.get("id", "-") not in labels]
        said = [name for name in ids if ids.count(name) > 1]
        said += [
            f"labelledby {one}" for _, found in self.tags if (one := found.get("aria-labelledby")) and one not in ids
        ]
        said += [f"{len(unlabeled)} fields, {wrapped} labels"] if len(unlabeled) > wrapped else []
        said += (
            ["drawing"]
            if [one for one in self.named("svg") if not ("aria-label" in one or "aria-hidden" in one)]
            else []
        )
        said += ["heading of a table"] if [one for one in self.named("th") if "scope" not in one] else []
        said += ["img"] if [one for one in self.named("img") if "alt" not in one] else []
        said += ["h1"] if len(self.named("h1")) != 1 else []
        said += (
            ["region"]
            if [one for _, one in self.tags if one.get("role") == "region" and "aria-label" not in one]
            else []
        )
        said += ["lang"] if self.named("html") != [{"lang": "en"}] else []
        return said
