"""Faults in the tracker's JavaScript, by the tokens that its build knows."""

from collections.abc import Iterator
from itertools import pairwise

from scripts.build_tracker import Token, minified, tokens
from tests.mutation.mutant import Edit

OPERATORS = {
    "&&": ("||",), "||": ("&&",), "==": ("!=",), "!=": ("==",), "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="),
    ">=": (">", "<"), "+": ("-",), "-": ("+",), "true": ("false",), "false": ("true",),
}  # fmt: skip
OPENING, CLOSING = {"(", "[", "{"}, {")", "]", "}"}

Placed = tuple[Token, int]


def faults(text: str) -> list[Edit]:
    """All the faults that the operators can make in a script."""
    placed = list(_placed(text))
    return sorted({*_swaps(placed), *_conditions(placed, text), *_statements(placed, text)})


def is_fault(sound: str, mutated: str) -> bool:
    """Whether the tracker's build takes the mutated script and makes something else of it."""
    try:
        return minified(mutated) != minified(sound)
    except (SystemExit, IndexError, StopIteration):
        return False


def _placed(text: str) -> Iterator[Placed]:
    """The tokens and where each begins."""
    at = 0
    for token in tokens(text):
        at = _past_space(text, at)
        yield token, at
        at += len(token.text)


def _past_space(text: str, at: int) -> int:
    while True:
        if text[at].isspace():
            at += 1
        elif text.startswith("//", at):
            at = text.index("\n", at)
        else:
            return at


def _swaps(placed: list[Placed]) -> Iterator[Edit]:
    for (before, _), (token, at) in pairwise(placed):
        end = at + len(token.text)
        is_text_sum = token.text == "+" and before.kind == "text"
        for other in () if is_text_sum else OPERATORS.get(token.text, ()):
            yield Edit(at, end, other, "operator")
        if token.text == "!":
            yield Edit(at, end, "", "condition negated")
        if token.kind == "number" and not token.text.lower().startswith("0x"):
            value = float(token.text)
            for other_value in (value + 1, value - 1) if value < 1_000 else (value * 2, value / 2):
                yield Edit(at, end, f"{other_value:.15g}", "constant")
        if token.kind == "text" and len(token.text) > 2:
            yield Edit(at, end, f'{token.text[:-1]}~"', "text")


def _closing(placed: list[Placed], opening: int) -> int:
    depth = 0
    for index in range(opening, len(placed)):
        depth += (placed[index][0].text in OPENING) - (placed[index][0].text in CLOSING)
        if not depth:
            return index
    raise ValueError(f"The bracket at {placed[opening][1]} is never closed.")


def _conditions(placed: list[Placed], text: str) -> Iterator[Edit]:
    """The condition of an ``if``, and of a ``?``, turned round."""
    for index, (token, _) in enumerate(placed):
        if token.text == "if":
            start, end = placed[index + 1][1] + 1, placed[_closing(placed, index + 1)][1]
            yield Edit(start, end, f"!({text[start:end]})", "condition negated")
            yield Edit(start, end, "false", "branch removed")


def _statements(placed: list[Placed], text: str) -> Iterator[Edit]:
    """A statement that is a call or an assignment left out, and an early return taken out."""
    for index in range(1, len(placed)):
        before, (token, at) = placed[index - 1][0], placed[index]
        if before.text not in {";", "{", "}", ")", "else"} or token.kind != "word":
            continue
        end = _statement_end(placed, index)
        words = {piece.text for piece, _ in placed[index:end]}
        if end == index or token.text in {"const", "let", "if", "else", "try", "catch", "function", "for", "throw"}:
            continue
        if (placed[end][0].text == ";" and (words & {"(", "="}) and token.text != "return") or (
            token.text == "return" and before.text == ")"
        ):
            yield Edit(at, placed[end][1], "", "statement removed")


def _statement_end(placed: list[Placed], start: int) -> int:
    """The index of the semicolon that ends a statement; ``start`` where there is none in its block."""
    depth = 0
    for index in range(start, len(placed)):
        text = placed[index][0].text
        depth += (text in OPENING) - (text in CLOSING)
        if depth < 0:
            return start
        if not depth and text == ";":
            return index
    return start
