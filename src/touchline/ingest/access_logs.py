"""Access logs of Apache and nginx in the combined (or common) format, line by line, as page views of the wire.

A log does not name visitors: a visitor id is a keyed hash of the address and the user agent, with a new key every day.
The address never leaves this module. The event id of a line is a hash of its content without the address and of the
number of earlier lines with the same content, so that a log can be read twice, or again when it has grown.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import NamedTuple

from touchline.ingest.event import EventType, Reason
from touchline.ingest.rejection import Rejection

Hashed = Callable[[str], str]
"""A keyed hash of a text, whose key is random and temporary."""

_QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_LINE = re.compile(
    rf"(\S++) \S++ .{{1,256}}? \[([^\]]{{1,64}})\] {_QUOTED} ([0-9]{{3}}) (?:[0-9]++|-)(?: {_QUOTED} {_QUOTED})?"
)
_TIME = re.compile(r"([0-9]{2})/(\w{3})/([0-9]{4}):([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ESCAPED = re.compile(r"((?:\\x[0-9A-Fa-f]{2})++)|\\(.)")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "b": "\b", "f": "\f"}
_TARGET = re.compile(r"(?:https?://[^/?#]*)?(/[^#]*)", re.IGNORECASE)
_ASSET = re.compile(
    r"\.(?:css|js|mjs|map|json|xml|txt|ico|png|jpe?g|gif|svg|webp|avif|bmp|woff2?|ttf|otf|eot|mp[34]|webm|ogg|wav|mov"
    r"|zip|gz|pdf|wasm|webmanifest)\Z",
    re.IGNORECASE,
)
_SEEN = 304
"""Not modified: the browser showed its cached copy."""


class _Said(NamedTuple):
    """A line that matches the format."""

    address: str
    at: datetime
    request: str
    status: int
    referrer: str
    user_agent: str


class AccessLog:
    """Reads the lines of a site's logs.

    :param origin: of the pages, such as ``https://shop.example``; a log has only their paths.
    :param hashed: turns addresses into visitor ids.
    """

    def __init__(self, origin: str, hashed: Hashed) -> None:
        self._origin = origin
        self._hashed = hashed

    def payloads(
        self, lines: Iterable[tuple[str, bytes | Rejection]]
    ) -> Iterator[tuple[str, dict[str, object] | Rejection]]:
        """The page view of each line of one file, or the reason why it is none, with the line's source."""
        repeated: Counter[bytes] = Counter()
        for source, line in lines:
            yield source, line if isinstance(line, Rejection) else self._payload(line, repeated)

    def _payload(self, line: bytes, repeated: Counter[bytes]) -> dict[str, object] | Rejection:
        text = line.decode(errors="replace")
        said = _said(text)
        if said is None:
            return _refused(Reason.MALFORMED, "Expected a line of the combined log format.", text)
        text = f"redacted {text.partition(' ')[2]}"
        method, _, rest = said.request.partition(" ")
        target = _TARGET.match(rest.partition(" ")[0])
        if target is None:
            return _refused(Reason.MALFORMED, "Expected a request such as GET /page HTTP/1.1.", text)
        if method != "GET":
            return _refused(Reason.NO_PAGE, f"Expected GET, but it is {method[:16]}.", text)
        if said.status >= 300 and said.status != _SEEN:
            return _refused(Reason.NO_PAGE, f"The answer was {said.status}: no page was shown.", text)
        path = target.group(1)
        if _ASSET.search(path.partition("?")[0]):
            return _refused(Reason.ASSET, "It is a part of a page, and no page.", text)
        return self._page_view(said, path, repeated)

    def _page_view(self, said: _Said, path: str, repeated: Counter[bytes]) -> dict[str, object]:
        told = {
            "type": EventType.PAGE_VIEW.value,
            "occurredAt": said.at.isoformat(),
            "url": f"{self._origin}{path}",
            "referrer": said.referrer,
            "userAgent": said.user_agent,
        }
        content = sha256("\0".join((*told.values(), str(said.status))).encode(errors="replace")).digest()[:16]
        repeated[content] += 1
        visitor = self._hashed(f"{said.at.astimezone(UTC).date()}\0{said.address}\0{said.user_agent}")[:32]
        return {**told, "eventId": f"log-{content.hex()}-{repeated[content]}", "anonId": f"log-{visitor}"}


def _said(line: str) -> _Said | None:
    match = _LINE.match(line)
    at = _time_of(match[2]) if match else None
    if match is None or at is None:
        return None
    texts = ["" if text in (None, "-") else _unescaped(text) for text in match.group(3, 5, 6)]
    return _Said(match[1], at, texts[0], int(match[4]), texts[1], texts[2])


def _time_of(text: str) -> datetime | None:
    """Parse ``10/Oct/2026:13:55:36 +0200``, independent of the machine's locale."""
    match = _TIME.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        return None
    away = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    day, year, hour, minute, second = (int(match[place]) for place in (1, 3, 4, 5, 6))
    try:
        return datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, min(second, 59), tzinfo=timezone(away))
    except ValueError:
        return None


def _unescaped(text: str) -> str:
    r"""What a quoted field says: the servers write ``\"`` for a quote, and ``\xC3`` for a byte that is not ASCII.

    >>> _unescaped(r"caf\xC3\xA9 \"au lait\"")
    'café "au lait"'
    """
    return _ESCAPED.sub(_letters, text) if "\\" in text else text


def _letters(found: re.Match[str]) -> str:
    if found[1]:
        return (
            bytes.fromhex(found[1].replace("\\x", ""))
            .decode(errors="replace")
            .replace("\0", "\N{REPLACEMENT CHARACTER}")
        )
    return _PLAIN.get(found[2], found[2])


def _refused(reason: Reason, message: str, line: str) -> Rejection:
    return Rejection(reason, None, message, line)
