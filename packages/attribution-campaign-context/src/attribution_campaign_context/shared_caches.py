"""Whether a shared cache may keep an answer, which then must carry nobody's cookie.

A cache that keeps an answer with ``Set-Cookie`` gives one visitor's id to all that follow (RFC 9111, section 7.3).
"""

from collections.abc import Iterable

Header = tuple[bytes, bytes]

_NOT_SHARED = frozenset({b"private", b"no-store"})
_OF_SHARED = frozenset({b"cdn-cache-control", b"surrogate-control", b"edge-control"})
"""Headers that speak to shared caches alone."""


def with_cookies(headers: Iterable[Header], to_set: list[Header]) -> list[Header]:
    """The headers of an answer with cookies, unless the app lets shared caches keep the answer: then without them.

    An answer that says nothing of caches, or that lets them keep it only to ask again each time, gets ``private``.

    >>> cookie = [(b"set-cookie", b"tl_vid=1")]
    >>> with_cookies([(b"cache-control", b"public, max-age=60")], cookie)
    [(b'cache-control', b'public, max-age=60')]
    >>> with_cookies([(b"cache-control", b"no-cache")], cookie)
    [(b'cache-control', b'no-cache, private'), (b'set-cookie', b'tl_vid=1')]
    >>> with_cookies([], cookie)
    [(b'cache-control', b'private'), (b'set-cookie', b'tl_vid=1')]
    """
    found = list(headers)
    said = [value.lower() for name, value in found if name.lower() == b"cache-control"]
    directives = {part.strip().partition(b"=")[::2] for value in said for part in value.split(b",")}
    names = {name for name, _ in directives}
    if names & _NOT_SHARED:
        return [*found, *to_set]
    if b"public" in names or any(_lasts(*one) for one in directives) or _speaks_to_shared(found):
        return found
    at = next((at for at, (name, _) in enumerate(found) if name.lower() == b"cache-control"), None)
    if at is None:
        return [*found, (b"cache-control", b"private"), *to_set]
    found[at] = (found[at][0], found[at][1] + b", private" if found[at][1].strip() else b"private")
    return [*found, *to_set]


def _lasts(name: bytes, value: bytes) -> bool:
    """Whether a directive lets a shared cache use the answer for some time without asking."""
    return name in {b"max-age", b"s-maxage"} and value.strip(b'" ') not in {b"0", b""}


def _speaks_to_shared(headers: list[Header]) -> bool:
    return any(name.lower() in _OF_SHARED and b"no-store" not in value.lower() for name, value in headers)
