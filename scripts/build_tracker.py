"""Make what is served as /t.js of src/touchline/server/tracker/t.js, by `make tracker`; the result is kept in git.

It drops comments and white space and shortens the names that the file declares. It knows the JavaScript of that one
file and no other: no templates, a semicolon after every statement, no property with the name of a variable unless it
stands after a dot or in quotes. Where the file breaks a rule it says so and makes nothing.
"""

import gzip
import re
import string
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import brotli  # type: ignore[import-untyped]

from attribution_campaign_context.registry import CLICK_IDS, UTM_KEYS

FAMILIES = (r"(utm|gad)_\w+", r"\w*(cl|sclk|click_?)id", "[gw]braid")
"""Names that are written as one: a new click id or campaign mark of these forms is known before it is listed.

``clkid`` is of the family after an s alone (``msclkid``): ``bsft_clkid`` is an id of e-mail, and none of those is kept.
"""
RARE = frozenset({"gad", "_openstat", "cmc_adid", "cto_pld", "sznclid", "_branch_match_id"})
"""Click ids for which the script's budget has no room; the server reads them in every address all the same."""
TRACKER = Path(__file__).resolve().parent.parent / "src" / "touchline" / "server" / "tracker"

_TOKENS = re.compile(
    r"""(?P<space>\s+|//[^\n]*)|(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<word>[A-Za-z_$][\w$]*)|(?P<number>\d[\w.]*)"""
    r"""|(?P<mark>\?\.|=>|\.\.\.|\*\*|>>>|[=!<>]=|&&|\|\||\+\+|[-+*%=<>!?:;,.(){}\[\]&|^~/])"""
)
_REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_KEY = re.compile(r'"[A-Za-z_]\w*"')
_VALUES = {"true": "!0", "false": "!1"}
LETTERS = "etnraiosdlchpmufgvwybkxjqzSIEDOARNCUTLMJPVWKBFGHQXYZ"
"""What names are made of, the most used first: letters that words have, too, cost less in compression."""
_RESERVED = frozenset({"as", "do", "if", "in", "is", "of", "on"})


class Token(NamedTuple):
    """A piece of the source."""

    kind: str
    text: str


def marks() -> list[str]:
    """The URL parameters whose newest values the tracker keeps: campaign marks, and click ids that name nobody."""
    ids = {name for name, what in CLICK_IDS.items() if what.kind in {"ad", "ambiguous"}}
    return sorted(UTM_KEYS | (ids - RARE))


def pattern() -> str:
    """A regular expression of :func:`marks`: families of them, then those of no family."""
    return "|".join([*FAMILIES, *(name for name in marks() if not re.fullmatch("|".join(FAMILIES), name))])


def tokens(source: str) -> Iterator[Token]:
    """The pieces of the source, without white space and comments."""
    at, before = 0, Token("mark", ";")
    while at < len(source):
        if source[at] == "/" and before.kind == "mark" and before.text not in {")", "]", "}"} and source[at + 1] != "/":
            found, kind = _REGEX.match(source, at), "regex"
        else:
            found = _TOKENS.match(source, at)
            kind = (found.lastgroup or "") if found else ""
        if found is None:
            line = source.count("\n", 0, at) + 1
            raise SystemExit(f"t.js:{line}: this script does not know {source[at : at + 20]!r}.")
        at = found.end()
        if kind != "space":
            before = Token(kind, found.group())
            yield before


def functions(pieces: list[Token]) -> list[range]:
    """Where the functions stand, from their parameters to their ends; outer ones first."""
    found = []
    for at, piece in enumerate(pieces):
        if piece.text == "=>":
            start = _opening(pieces, at - 1) if pieces[at - 1].text == ")" else at - 1
            found.append(range(start, _ending(pieces, at + 1)))
    return sorted(found, key=lambda one: (one.start, -one.stop))


def _ending(pieces: list[Token], at: int) -> int:
    """The place after a function's body, which is a block or an expression."""
    depth = choices = 0
    is_block = pieces[at].text == "{"
    while True:
        text = pieces[at].text
        is_end = not depth and (text in {",", ";", ")", "]", "}"} or (text == ":" and not choices))
        if is_end and not is_block:
            return at
        choices += not depth and (text == "?") - (text == ":")
        depth += (text in {"(", "[", "{"}) - (text in {")", "]", "}"})
        at += 1
        if is_block and not depth:
            return at


def declared(pieces: list[Token], at: int) -> set[str]:
    """The names that are declared at a place: after const and let, and as parameters."""
    text = pieces[at].text
    if text in {"const", "let"}:
        return _names(pieces, at + 1) if pieces[at + 1].text == "[" else {pieces[at + 1].text}
    if text == "=>":
        return _names(pieces, _opening(pieces, at - 1)) if pieces[at - 1].text == ")" else {pieces[at - 1].text}
    return set()


def _opening(pieces: list[Token], at: int) -> int:
    depth = 0
    while True:
        depth += (pieces[at].text == ")") - (pieces[at].text == "(")
        if not depth:
            return at
        at -= 1


def _names(pieces: list[Token], at: int) -> set[str]:
    """The names in a list of parameters, or in an array that is taken apart; properties taken apart keep theirs."""
    names: set[str] = set()
    depth = braces = 0
    while True:
        text = pieces[at].text
        depth += (text in {"(", "["}) - (text in {")", "]"})
        braces += (text == "{") - (text == "}")
        if not depth:
            return names
        is_first = pieces[at - 1].text in {"(", "[", ","} and not braces
        if pieces[at].kind == "word" and (is_first or pieces[at - 1].text == "..."):
            names.add(text)
        at += 1


def _short_names(pieces: list[Token]) -> dict[int, str]:
    """A short name for each place where a declared name stands.

    A function gives its names the first letters that stand for nothing else in it, the most used first.
    """
    spans = functions(pieces)
    innermost = [max((n for n, one in enumerate(spans) if at in one), default=0) for at in range(len(pieces))]
    own: list[set[str]] = [set() for _ in spans]
    for at in range(len(pieces)):
        scope = innermost[at + 1] if pieces[at].text == "=>" and pieces[at + 1].text == "{" else innermost[at]
        own[scope] |= declared(pieces, at)
    chains = [[outer for outer in range(at + 1) if span.start in spans[outer]] for at, span in enumerate(spans)]
    meant = {}
    for at, piece in enumerate(pieces):
        declaring = [outer for outer in chains[innermost[at]] if piece.text in own[outer]]
        if piece.kind == "word" and declaring and pieces[at - 1].text not in {".", "?."}:
            meant[at] = declaring[-1]
    taken = ({piece.text for piece in pieces if piece.kind == "word"} - set().union(*own)) | _RESERVED
    free = [name for size in (1, 2) for name in map("".join, product(LETTERS, repeat=size)) if name not in taken]
    found: dict[int, str] = {}
    for number, span in enumerate(spans):
        outer = {found[at] for at in span if at in found}
        uses = Counter(pieces[at].text for at in span if meant.get(at) == number)
        names = list(uses)
        short = dict(zip(names, (name for name in free if name not in outer), strict=False))
        found |= {at: short[pieces[at].text] for at in span if meant.get(at) == number}
    return found


def _by_use(names: set[str], uses: Counter[str]) -> list[str]:
    return sorted(names, key=lambda name: (-uses[name], name))


def renamed(pieces: list[Token]) -> list[Token]:
    """The pieces with short names for what the source declares; a property is no variable."""
    found = list(pieces)
    for at, piece in enumerate(pieces):
        if piece.text == "const":
            found[at] = Token("word", "let")
    for at, short in _short_names(pieces).items():
        before, after = pieces[at - 1].text, pieces[at + 1].text
        if before in {".", "?."}:
            continue
        if (after == ":" and before in {"{", ","}) or (before == "{" and after in {",", "}"}):
            raise SystemExit(f"t.js: the property {pieces[at].text} has the name of a variable: write it in quotes.")
        found[at] = Token("word", short)
    return found


def minified(source: str) -> str:
    r"""The source in its served form.

    >>> minified('((page) => { const one = page.one; const go = (a) => { return [a, { "one": one }]; }; })(window);')
    '(c=>{const b=c.one,d=a=>{return[a,{"one":b}]}})(window)\n'
    """
    pieces = joined(renamed(list(tokens(source))))
    parts: list[str] = []
    for at, piece in enumerate(pieces):
        after = pieces[at + 1].text if at + 1 < len(pieces) else ""
        text = _VALUES.get(piece.text, piece.text)
        if after == ":" and pieces[at - 1].text in {"{", ","} and _KEY.fullmatch(text):
            text = text[1:-1]
        is_idle = (text == ";" and after in {"}", ""}) or (text == "," and after in {")", "]", "}"})
        if not is_idle and not _is_lone(pieces, at):
            parts.append(" " + text if parts and _clash(parts[-1][-1], text[0]) else text)
    return "".join(parts) + "\n"


def joined(pieces: list[Token]) -> list[Token]:
    """Declarations of one kind that follow one another as one declaration."""
    found: list[Token] = []
    kinds = [""]
    """For each bracket that is open: how the statement in it began."""
    for piece in pieces:
        text = piece.text
        if text in {"(", "[", "{"}:
            kinds.append("")
        elif text in {")", "]", "}"}:
            kinds.pop()
        is_start = not found or found[-1].text in {";", "{", "}"}
        if is_start and text == kinds[-1] and found[-1].text == ";":
            found[-1] = Token("mark", ",")
            continue
        if is_start and piece.kind != "mark":  # a mark after a bracket goes on with what the bracket is part of
            kinds[-1] = text if text in {"const", "let"} else ""
        found.append(piece)
    return found


def _is_lone(pieces: list[Token], at: int) -> bool:
    """Whether it is a parenthesis around the one parameter of an arrow function."""
    if pieces[at].text == "(":
        at += 2
    elif pieces[at].text != ")":
        return False
    return (
        at + 1 < len(pieces)
        and [pieces[at - 2].text, pieces[at].text, pieces[at + 1].text] == ["(", ")", "=>"]
        and pieces[at - 1].kind == "word"
    )


def _clash(left: str, right: str) -> bool:
    words = string.ascii_letters + string.digits + "_$"
    return (left in words and right in words) or (left == right and left in "+-")


def built(folder: Path = TRACKER) -> dict[str, bytes]:
    """What stands beside the source: the served form, and the same for browsers that read brotli or gzip."""
    source = (folder / "t.js").read_text().replace("$MARKS$", pattern())
    script = minified(source).encode()
    return {
        "t.min.js": script,
        "t.min.js.br": brotli.compress(script, quality=11),
        "t.min.js.gz": gzip.compress(script, 9, mtime=0),
    }


if __name__ == "__main__":
    for name, content in built().items():
        (TRACKER / name).write_bytes(content)
        sys.stdout.write(f"{name}: {len(content):,} bytes\n")
