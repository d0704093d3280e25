"""The few forms of PromQL that the alert rules use, over scrapes at known times: slow and plain, and only for tests."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from operator import eq, gt, lt, sub, truediv
from typing import NamedTuple

Labels = frozenset[tuple[str, str]]
Vector = dict[Labels, float]
_TOKEN = re.compile(r'\s*(==|[-/<>(){}\[\],]|=~|!~|=|"[^"]*"|\d+(?:\.\d+)?[smhd]?|\w+)')
_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_OPERATIONS: Mapping[str, Callable[[float, float], float]] = {"-": sub, "/": truediv, ">": gt, "<": lt, "==": eq}


class Scrape(NamedTuple):
    """What was scraped, and when, in seconds since 1970."""

    at: float
    samples: Mapping[tuple[str, Labels], float]


def scraped(at: float, text: str) -> Scrape:
    """The samples of an answer of ``/metrics``."""
    found = {(name, frozenset(_LABEL.findall(labels))): float(value) for name, labels, value in _SAMPLE.findall(text)}
    return Scrape(at, found)


def evaluated(expression: str, scrapes: list[Scrape]) -> Vector:
    """The answer at the last of the scrapes; empty where an alert would not fire.

    >>> up = scraped(0, 'up{job="a"} 0')
    >>> evaluated('up{job!~"a|b"} == 0', [up])
    {}
    >>> evaluated('up{job=~"a|b"} == 0', [up]), evaluated("absent(up)", [up]), evaluated("absent(down)", [up])
    ({frozenset({('job', 'a')}): 0.0}, {}, {frozenset(): 1.0})
    """
    reader = _Reader(_TOKEN.findall(expression), scrapes)
    answer = reader.comparison()
    assert reader.tokens == [], f"{expression}: {reader.tokens} is left"
    assert isinstance(answer, dict)
    return answer


class _Reader:
    """Reads an expression from its left, and computes as it reads."""

    def __init__(self, tokens: list[str], scrapes: list[Scrape]) -> None:
        self.tokens = tokens
        self._scrapes = scrapes

    def comparison(self) -> Vector | float:
        left = self._difference()
        if self.tokens[:1] and self.tokens[0] in {">", "<", "=="}:
            sign = self.tokens.pop(0)
            right = self._difference()
            assert isinstance(left, dict)
            return {labels: value for labels, value in left.items() if _met(sign, value, right, labels)}
        return left

    def _difference(self) -> Vector | float:
        left = self._term()
        while self.tokens[:1] and self.tokens[0] in {"-", "/"}:
            sign, right = self.tokens.pop(0), self._term()
            if isinstance(left, dict):
                left = {one: _OPERATIONS[sign](value, _of(right, one)) for one, value in left.items()}
            else:
                assert isinstance(right, dict)
                left = {one: _OPERATIONS[sign](left, value) for one, value in right.items()}
        return left

    def _term(self) -> Vector | float:
        word = self.tokens.pop(0)
        if word[0].isdigit():
            return float(word)
        if self.tokens[:1] == ["("]:
            return self._called(word)
        name, wanted = word, self._matchers()
        return _chosen(self._scrapes[-1], name, wanted)

    def _called(self, name: str) -> Vector | float:
        self._take("(")
        if name == "time":
            self._take(")")
            return self._scrapes[-1].at
        if name in {"increase", "rate", "changes"}:
            answer: Vector | float = self._ranged(name)
        else:
            inner = self.comparison()
            assert isinstance(inner, dict)
            answer = {"absent": _absent, "sum": _sum}[name](inner)
        self._take(")")
        return answer

    def _ranged(self, name: str) -> Vector:
        metric, wanted = self.tokens.pop(0), self._matchers()
        self._take("[")
        length = self.tokens.pop(0)
        self._take("]")
        seconds = int(length[:-1]) * _UNITS[length[-1]]
        within = [one for one in self._scrapes if one.at > self._scrapes[-1].at - seconds]
        rows = [_chosen(one, metric, wanted) for one in within]
        found = {}
        for labels in rows[-1]:
            values = [row[labels] for row in rows if labels in row]
            risen = values[-1] - values[0]
            changed = sum(a != b for a, b in pairwise(values))
            found[labels] = {"increase": risen, "rate": risen / seconds, "changes": float(changed)}[name]
        return found

    def _matchers(self) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        if self.tokens[:1] != ["{"]:
            return found
        self._take("{")
        while self.tokens[0] != "}":
            label, sign, value = (self.tokens.pop(0) for _ in range(3))
            found.append((label, sign, value.strip('"')))
            if self.tokens[0] == ",":
                self._take(",")
        self._take("}")
        return found

    def _take(self, token: str) -> None:
        assert self.tokens.pop(0) == token


def _chosen(scrape: Scrape, name: str, wanted: list[tuple[str, str, str]]) -> Vector:
    def fits(labels: Labels) -> bool:
        has = dict(labels)
        return all(_matches(has.get(label, ""), sign, value) for label, sign, value in wanted)

    return {labels: value for (metric, labels), value in scrape.samples.items() if metric == name and fits(labels)}


def _matches(label: str, sign: str, value: str) -> bool:
    if sign == "=":
        return label == value
    return (re.fullmatch(value, label) is not None) == (sign == "=~")


def _of(side: Vector | float, labels: Labels) -> float:
    return side[labels] if isinstance(side, dict) else side


def _met(sign: str, value: float, side: Vector | float, labels: Labels) -> bool:
    return bool((not isinstance(side, dict) or labels in side) and _OPERATIONS[sign](value, _of(side, labels)))


def _absent(vector: Vector) -> Vector:
    return {} if vector else {frozenset(): 1.0}


def _sum(vector: Vector) -> Vector:
    return {frozenset(): sum(vector.values())} if vector else {}
