"""The parameters of links that are written wrongly: another separator, one too many, encoded ones, links inside links.

A *mark* is what a broken link is recognized by: a separator of any form, a name that means attribution wherever it is
(:data:`~attribution_campaign_context.vocabularies.STRONG_NAMES`), and an equals sign of any form. Text without all
three is left alone, and so is what somebody typed into a search box, and an address of another site.

Every expression here has bounded repetitions, so that time is linear in the length of the text.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote

from attribution_campaign_context.vocabularies import is_strong, known_name

Pairs = Iterator[tuple[str, str]]
"""Names of parameters with their raw values."""

_LAYERS = "(?:25){0,4}"
_SEPARATOR = (
    rf"(?:[?;#\uff1f\uff1b\uff06\uff03]|%{_LAYERS}(?:3[fFbB]|2[36])"
    rf"|%{_LAYERS}[eE][fF]%{_LAYERS}[bB][cC]%{_LAYERS}(?:9[fFbB]|8[36])|(?:\\|%{_LAYERS}5[cC])u0026|%{_LAYERS}0[aAdD])"
)
_FILL = rf"(?:[\s+/!?&;#,]|%{_LAYERS}20|[aA][mM][pP];){{0,8}}"
_KEY = r"([A-Za-z_](?:[\w.\-\u2010-\u2015]|%E2%80%9[0-5]){1,40}|[uU][tT][mM](?:[+ ]|%20)[A-Za-z]{1,20})"
_ASSIGN = (
    rf"(?:[\s+]|%{_LAYERS}20){{0,4}}"
    rf"([=:\uff1d\uff1a]|%{_LAYERS}3[dDaA]|%{_LAYERS}[eE][fF]%{_LAYERS}[bB][cC]%{_LAYERS}9[dDaA])"
)
_MARK = re.compile(rf"(?:\A|{_SEPARATOR}){_FILL}{_KEY}{_ASSIGN}")
_INNER_KEY = re.compile(
    r"((?:utm|mtm|pk|piwik)[_-](?:source|medium|campaign|term|content|id|kwd|keyword))=", re.IGNORECASE
)
_GLUED = re.compile(
    r"utm[_ +-]?(?:source|medium|campaign|term|content)(?:\+|%20| ){1,4}(?=[^=&]{1,200}\Z)", re.IGNORECASE
)
_NO_EQUALS = re.compile(r"(?:utm|mtm|pk|piwik)[_-](?:source|medium|campaign|term|content|id)(?=.)", re.IGNORECASE)
_ENCODED = re.compile(rf"%{_LAYERS}(?:2[36]|3[abdfABDF])|%{_LAYERS}[eE][fF]%{_LAYERS}[bB][cC]")
_FULL_WIDTH = re.compile("[\uff1d\uff1a\uff06\uff1f]")
_ADDRESS = re.compile(rf"(?:[a-z][a-z0-9+.-]{{0,15}}(?::|%{_LAYERS}3a))?(?:/|%{_LAYERS}2f)", re.IGNORECASE)
_ESCAPED = re.compile(rf"(?:\\|%{_LAYERS}5[cC])u00(26|3[dDfF])")
_SIGNS = {"26": "&", "3d": "=", "3f": "?"}
_HALF_ENTITY = re.compile(rf"(?:&|%{_LAYERS}26)(?:amp|#38)\Z", re.IGNORECASE)
_SPACE = re.compile(rf"[+\s]|%{_LAYERS}20")
_FIRST_OF_PATH = re.compile(rf"&{_FILL}{_KEY}{_ASSIGN}|{_SEPARATOR}{_FILL}{_KEY}{_ASSIGN}|/{_KEY}{_ASSIGN}")
_AFTER_QUESTION = re.compile(r"\?[\w.\[\]-]{1,40}=")
_TYPED_NAMES = """
    q query search s k kw keyword keywords term text message msg body title subject comment comments description
    desc error code html snippet note notes content prompt question answer name label
    searchterm searchtext searchstring searchquery searchword searchwords keys find lookup filter suche recherche
    busqueda phrase input value wd ask
"""
_TYPED = frozenset(_TYPED_NAMES.split())
"""Parameters with text that people type: a link in it is something that they write about."""
_JOINTS = re.compile(r"[-_.\[\]]+")
_SHORTEST_PART = 3


class Unread(NamedTuple):
    """What a reader notes of marks that it cannot read; :data:`SHAPES` says what they mean."""

    note: Callable[[str], None]
    is_own_address: Callable[[str], bool]
    """Whether an address inside a parameter is of the page's own site."""


SHAPES = {
    "missing_equals": "a tag without an equals sign",
    "second_equals": "a value with another equals sign in it",
    "other_site": "a link to another site with its tags, inside a parameter",
    "single_in_path": "one tag as a segment of the path",
}
"""The forms of marks that are counted and not read."""


def unescaped(url: str) -> str:
    r"""A URL without the escapes of JSON for the signs between parameters.

    >>> unescaped(r"/?a=1\u0026b\u003d2")
    '/?a=1&b=2'
    """
    return _ESCAPED.sub(lambda sign: _SIGNS[sign[1].lower()], url)


def is_odd(query: str) -> bool:
    """Whether a query, with an equals sign in each pair, is anything but plain; told in a fraction of a microsecond.

    >>> is_odd("a=1&utm_source=x"), is_odd("a=1?utm_source=x"), is_odd("a=1%26utm_source%3Dx")
    (False, True, True)
    """
    return "?" in query or ";" in query or ("%" in query and _ENCODED.search(query) is not None) or not query.isascii()


def may_hold_marks(path: str) -> bool:
    """Whether a path has an equals sign or an ampersand of any form in it."""
    return "=" in path or "&" in path or _ENCODED.search(path) is not None or _FULL_WIDTH.search(path) is not None


def odd_pairs(query: str, unread: Unread) -> Pairs:
    """The known parameters of a query that is not plain.

    >>> nothing = Unread(print, lambda address: False)
    >>> list(odd_pairs("id=1?utm_source=google&utm_medium=cpc", nothing))
    [('utm_source', 'google'), ('utm_medium', 'cpc')]
    >>> list(odd_pairs("q=what+is+?utm_source=x", nothing))
    []
    """
    for piece in query.split("&"):
        key, equals, raw = piece.lstrip("=").partition("=")
        name = known_name(key) if equals and len(key) <= 64 else None
        if name is not None:
            yield from _of_value(name, raw.lstrip("="), unread)
            continue
        mark = _first_mark(piece)
        if mark is not None:
            if _is_read(key, raw, equals, mark, unread):
                yield from _mended(piece, mark)
        elif not equals:
            yield from _of_no_equals(piece, unread)


def path_query(path: str) -> tuple[str, bool]:
    """What of a path is a query that lost its question mark, and whether a single mark in it is enough.

    >>> path_query("/user/verify&utm_source=news&utm_medium=email"), path_query("/a&b=c")
    (('utm_source=news&utm_medium=email', True), ('', True))
    """
    for found in _FIRST_OF_PATH.finditer(path):
        key = found[1] or found[3] or found[5]
        if is_strong(key) is not None:
            start = found.start(1 if found[1] else 3 if found[3] else 5)
            is_segment = found[5] is not None
            rest = path[start:]
            return (rest.replace("/", "&") if is_segment else rest), not is_segment
    return "", True


def _first_mark(piece: str) -> "re.Match[str] | None":
    return next((mark for mark in _MARK.finditer(piece) if is_strong(mark[1]) is not None), None)


def _is_read(key: str, raw: str, equals: str, mark: "re.Match[str]", unread: Unread) -> bool:
    """Whether a mark inside the value of another parameter tags this visit."""
    start = mark.start(1)
    if not equals or start < len(key):
        return True
    if _is_typed(key.lower()):
        return False
    if _ADDRESS.match(raw):
        if unread.is_own_address(raw):
            return True
        unread.note("other_site")
        return False
    before = raw[: max(0, start - len(key) - 1)]
    return _SPACE.search(before.strip("+ ")) is None


def _is_typed(key: str) -> bool:
    """Whether people type the parameter's text: it is called so, or a part of its name is (``search_query``)."""
    parts = _JOINTS.split(key)
    return key in _TYPED or any(len(part) > _SHORTEST_PART and part in _TYPED for part in parts)


def _mended(piece: str, mark: "re.Match[str]") -> Pairs:
    """The pairs from a mark on: decoded as often as its equals sign is encoded, with plain separators."""
    rest = piece[mark.start(1) :]
    for _ in range(_layers(mark[2])):
        rest = unquote(rest)
    rest = _MARK.sub(_plain, rest)
    for part in rest.split("&"):
        key, _, raw = part.partition("=")
        name = known_name(key) if raw else None
        if name is not None:
            yield from _split_inside(name, raw)


def _layers(assign: str) -> int:
    return 0 if assign[0] != "%" or assign[:2].lower() == "%e" else 1 + assign.count("25")


def _plain(mark: "re.Match[str]") -> str:
    """A strong mark with the separators of a plain link, and every other text as it was."""
    return mark[0] if is_strong(mark[1]) is None else f"{'&' if mark.start() else ''}{mark[1]}="


def _of_value(name: str, raw: str, unread: Unread) -> Pairs:
    """A known parameter whose value may hold further marks."""
    mark = next((one for one in _MARK.finditer(f"?{raw}") if is_strong(one[1])), None) if raw else None
    if mark is not None and (mark.start() > 0 or mark[2] == "="):
        at = max(0, mark.start() - 1)
        yield from _split_inside(name, _HALF_ENTITY.sub("", raw[:at]))
        yield from _mended(f"?{raw}", mark)
        return
    for part, text in _split_inside(name, raw):
        if part in {"utm_source", "utm_medium"} and "=" in text.rstrip("="):
            unread.note("second_equals")
        yield part, text


def _split_inside(name: str, raw: str) -> Pairs:
    """A value, cut where a second query or another UTM parameter begins in it."""
    if "=" not in raw:
        if raw:
            yield name, raw
        return
    question = _AFTER_QUESTION.search(raw) if name.startswith("utm_") else None
    if question is not None:
        raw = raw[: question.start()]
    begin, at_key = 0, name
    for found in _INNER_KEY.finditer(raw):
        inner = known_name(found[1])
        text = raw[begin : found.start()].rstrip(" ,|/+;&?")
        if text:
            yield at_key, text
        begin, at_key = found.end(), inner or name
    if raw[begin:]:
        yield at_key, raw[begin:]


def _of_no_equals(piece: str, unread: Unread) -> Pairs:
    """A piece without an equals sign: white space may stand for it, and else it is counted."""
    piece = piece.lstrip("?/!# +")
    found = _GLUED.match(piece)
    if found is not None:
        name = known_name(found[0].rstrip("+ ").removesuffix("%20"))
        if name is not None:
            yield name, piece[found.end() :]
            return
    if _NO_EQUALS.match(piece) and known_name(piece) is None:
        unread.note("missing_equals")
