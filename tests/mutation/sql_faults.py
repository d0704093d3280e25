"""Faults in SQL, by sqlglot's tokens, so that a fault changes a few characters and the file keeps its lines."""

from collections.abc import Iterator
from itertools import pairwise

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from tests.mutation.mutant import Edit

COMPARISONS = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "=": ("<>",), "<>": ("=",)}
FUNCTIONS = {
    "min": "max",
    "max": "min",
    "sum": "max",
    "lag": "lead",
    "lead": "lag",
    "least": "greatest",
    "greatest": "least",
}
SWAPS = {
    "asc": ("desc", "order"),
    "desc": ("asc", "order"),
    "all": ("", "union"),
    "not": ("", "condition negated"),
    "preceding": ("following", "window"),
    "following": ("preceding", "window"),
}
CLAUSES = {"where", "on", "having", "filter", "qualify"}
ENDS = {
    "group", "order", "having", "union", "join", "left", "right", "inner", "full", "cross", "limit", "window",
    "qualify", "where", "except", "intersect",
}  # fmt: skip


def faults(text: str) -> list[Edit]:
    """All the places where the operators apply in a query; :func:`is_fault` says of one whether it is a fault."""
    return sorted(set(_edits(sqlglot.tokenize(text, read="duckdb"), text)))


def is_fault(sound: str, mutated: str) -> bool:
    """Whether the mutated text is a query, and another one."""
    try:
        return sqlglot.parse_one(mutated, read="duckdb") != sqlglot.parse_one(sound, read="duckdb")
    except SqlglotError:
        return False


def _edits(tokens: list[Token], text: str) -> Iterator[Edit]:
    for at, token in enumerate(tokens):
        yield from _swapped_word(tokens, at)
        yield from _constant(token)
        word = token.text.lower()
        if word in CLAUSES:
            yield from _conditions(tokens, at, text)
        elif word in {"coalesce", "distinct", "case"}:
            yield from {"coalesce": _coalesce, "distinct": _distinct, "case": _case}[word](tokens, at, text)


def _replace(token: Token, replacement: str, operator: str) -> Edit:
    return Edit(token.start, token.end + 1, replacement, operator)


def _swapped_word(tokens: list[Token], at: int) -> Iterator[Edit]:
    token, word = tokens[at], tokens[at].text.lower()
    before = tokens[at - 1].text.lower()
    after = tokens[at + 1].text.lower() if at + 1 < len(tokens) else ""
    for other in COMPARISONS.get(token.text, ()):
        yield _replace(token, other, "comparison")
    if word in {"and", "or"} and not _is_between(tokens, at):
        yield _replace(token, {"and": "or", "or": "and"}[word], "and/or")
    if word in FUNCTIONS and after == "(":
        yield _replace(token, FUNCTIONS[word], "aggregate")
    if (replacement := _join(before, word, after)) is not None:
        yield _replace(token, replacement, "join kind")
    if word in {"+", "-"} and before not in {"(", ",", "="}:
        yield _replace(token, {"+": "-", "-": "+"}[word], "arithmetic")
    if word in SWAPS and (word != "all" or before == "union"):
        yield _replace(token, *SWAPS[word])


def _join(before: str, word: str, after: str) -> str | None:
    """What makes an outer join of an inner one, or the other way round; None for other words."""
    if word == "left" and after == "join":
        return ""
    return "left join" if word == "join" and before not in {"left", "cross"} else None


def _constant(token: Token) -> Iterator[Edit]:
    if token.token_type == TokenType.NUMBER and token.text.isdigit():
        yield _replace(token, str(int(token.text) + 1), "constant")
        yield _replace(token, str(int(token.text) - 1), "constant")
    elif token.token_type == TokenType.STRING:
        yield _replace(token, f"'{token.text}~'", "text")


def _is_between(tokens: list[Token], at: int) -> bool:
    """Whether an ``and`` belongs to a ``between``."""
    depth = 0
    for token in reversed(tokens[:at]):
        depth += (token.text == ")") - (token.text == "(")
        word = token.text.lower()
        if depth < 0 or (not depth and word in {"and", "or", "where", "on", "select", "when"}):
            return False
        if not depth and word == "between":
            return True
    return False


def _conditions(tokens: list[Token], at: int, text: str) -> Iterator[Edit]:
    """Each condition of a clause that joins them by ``and``, replaced by ``true``; a lone one too."""
    start = at + 1
    depth = cases = 0
    for index in range(at + 1, len(tokens) + 1):
        word = tokens[index].text.lower() if index < len(tokens) else ""
        depth += word == "("
        depth -= word == ")"
        cases += (word == "case") - (word == "end")
        is_end = index == len(tokens) or depth < 0 or (not depth and word in ENDS)
        is_next = not depth and not cases and word in {"and", "or"} and not _is_between(tokens, index)
        if is_end or is_next:
            if start < index:
                yield Edit(tokens[start].start, tokens[index - 1].end + 1, "true", "condition dropped")
            start = index + 1
        if is_end:
            return


def _arguments(tokens: list[Token], opening: int) -> list[tuple[int, int]]:
    """Where the arguments of a call stand: the first and last character of each."""
    found, depth, start = [], 0, opening + 1
    for index in range(opening, len(tokens)):
        word = tokens[index].text
        depth += (word == "(") - (word == ")")
        if (word == "," and depth == 1) or not depth:
            found.append((tokens[start].start, tokens[index - 1].end + 1))
            start = index + 1
        if not depth:
            break
    return found


def _coalesce(tokens: list[Token], at: int, text: str) -> Iterator[Edit]:
    """Only the first argument is left, or only the second."""
    arguments = _arguments(tokens, at + 1)
    end = next(token.end + 1 for token in tokens if token.start >= arguments[-1][1] and token.text == ")")
    for start, stop in arguments[:2]:
        yield Edit(tokens[at].start, end, text[start:stop], "coalesce")


def _distinct(tokens: list[Token], at: int, text: str) -> Iterator[Edit]:
    if tokens[at - 1].text.lower() not in {"is", "not"}:
        yield _replace(tokens[at], "", "distinct")


def _case(tokens: list[Token], at: int, text: str) -> Iterator[Edit]:
    """Each branch's answer swapped with the one of the next branch."""
    answers: list[tuple[int, int]] = []
    depth, start = 0, None
    for index in range(at, len(tokens)):
        word = tokens[index].text.lower()
        depth += word in {"(", "case"}
        is_own = depth == 1
        if is_own and start is not None and word in {"when", "else", "end"}:
            answers.append((start, tokens[index - 1].end + 1))
            start = None
        if is_own and word in {"then", "else"}:
            start = tokens[index + 1].start
        depth -= word in {")", "end"}
        if not depth:
            break
    for (left, middle), (right, end) in pairwise(answers):
        if text[left:middle] != text[right:end]:
            yield Edit(left, end, text[right:end] + text[middle:right] + text[left:middle], "branches swapped")
