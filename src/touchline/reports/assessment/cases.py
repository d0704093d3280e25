"""The ``CASE`` expressions of a model's code, found by their words: templates and dialects rule out a parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_WORDS = re.compile(r"'(?:[^'\n]|'')*'|\b(?:case|when|then|else|end)\b")
_ALIAS = re.compile(r"\s*(?:\)\s*)*(?:::\s*\w+(?:\(\d+\))?\s*)?(?:as\s+)?(\w+)")
_NO_NAMES = {"as", "from", "endmacro", "then", "else", "when", "end", "and", "or", "in", "is"}
_LATER_ALIAS = re.compile(r"[^;]{0,120}?\bas\s+(\w+)")


@dataclass(frozen=True)
class Branch:
    """A ``WHEN`` of a ``CASE``."""

    condition: str
    result: str


@dataclass(frozen=True)
class Case:
    """A ``CASE``, with what it is called."""

    start: int
    branches: tuple[Branch, ...]
    otherwise: str
    """What stands after ``ELSE``; empty where there is none."""
    alias: str
    """The name of the column that it makes; empty where it has none."""


@dataclass
class _Open:
    """A ``CASE`` whose ``END`` has not come."""

    start: int
    places: list[tuple[str, int]] = field(default_factory=list)
    """Each of its words, with where the text after it begins."""
    ends: list[int] = field(default_factory=list)
    """Where the text before the next word ends."""

    def add(self, word: str, start: int, end: int) -> None:
        self.ends.append(start)
        self.places.append((word, end))

    def closed(self, code: str, start: int, end: int) -> Case:
        parts = [
            (word, code[place:until]) for (word, place), until in zip(self.places, [*self.ends[1:], start], strict=True)
        ]
        conditions = [text for word, text in parts if word == "when"]
        results = [text for word, text in parts if word == "then"]
        return Case(
            start=self.start,
            branches=tuple(Branch(one, other) for one, other in zip(conditions, results, strict=False)),
            otherwise="".join(text for word, text in parts if word == "else").strip(),
            alias=_alias(code, end),
        )


def cases(code: str) -> Iterator[Case]:
    """Every ``CASE`` with its ``END``; the condition of a simple ``CASE x WHEN`` is without its operand.

    >>> [found] = cases("select case when a = 'when' then 1 else 2 end as kind")
    >>> found.alias, found.branches[0].condition.strip(), found.otherwise
    ('kind', "a = 'when'", '2')
    """
    stack: list[_Open] = []
    for word in _WORDS.finditer(code):
        text = word[0]
        if text == "case":
            stack.append(_Open(word.start()))
            stack[-1].add("when" if _is_simple(code, word.end()) else "case", word.start(), word.end())
        elif stack and text == "end":
            yield stack.pop().closed(code, word.start(), word.end())
        elif stack and not text.startswith("'"):
            stack[-1].add(text, word.start(), word.end())


def _is_simple(code: str, place: int) -> bool:
    """Whether it compares an operand, ``CASE x WHEN``, which is taken for a part of its first condition."""
    return not code[place : place + 200].lstrip().startswith("when")


def _alias(code: str, place: int) -> str:
    found = _ALIAS.match(code, place)
    if found is not None and found[1] not in _NO_NAMES:
        return found[1]
    later = _LATER_ALIAS.match(code, place)
    return "" if later is None else later[1]
