"""What a form of a page sends, and who sends it."""

import hmac
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from touchline.server.api.app import Rooms
from touchline.server.api.asking import Person, csrf_of
from touchline.server.api.own_pages import FORM, check_own
from touchline.server.http.problems import Problem
from touchline.server.pages.action import Upload

_MOST_FIELDS = 500
_CHARSETS = {None, "utf-8", "utf8"}
"""Of a part: others may take Python the square of the length to decode, and no browser sends one."""
Sent = tuple[Mapping[str, str], Mapping[str, Upload]]
"""The fields of a form, and the files that it brings."""


async def fields_of(rooms: Rooms, request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of a form of our own; of one that is given twice, the last.

    :raises Problem: 415, 403 or 400 if it is no form, of a foreign page, or has too many fields.
    """
    check_own(request, rooms.application.options.public_url, FORM)
    text = (await request.body()).decode("latin-1")  # Litestar would remember what it says
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise unreadable() from None


def parts_of(body: bytes, boundary: str) -> Sent:
    r"""The fields of a form that may bring files, and these; of a field that is given twice, the last. Blocks.

    :raises Problem: 400 if it is no such form, has too many parts, or a part is said to be text of a charset other than
        UTF-8.

    >>> parts_of(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n', "x")
    ({'a': '1'}, {})
    """
    fields: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    try:
        for segment, content in _segments(body, boundary):
            if (segment.charset and segment.charset.lower()) not in _CHARSETS:
                raise unreadable()
            if segment.filename:
                uploads[segment.name or ""] = Upload(segment.filename, content)
            else:
                fields[segment.name or ""] = content.decode()
    except (ValueError, MultipartError):
        raise unreadable() from None
    return fields, uploads


def _segments(body: bytes, boundary: str) -> Iterator[tuple[MultipartSegment, bytes]]:
    with PushMultipartParser(boundary.encode(), max_segment_count=_MOST_FIELDS) as parser:
        for piece in parser.parse(body):
            if isinstance(piece, MultipartSegment):
                segment, content = piece, bytearray()
            elif piece:
                content += piece
            else:
                yield segment, bytes(content)


def unreadable() -> Problem:
    """The error of a form that is none."""
    return Problem(400, "unreadable", "The form cannot be read.", "Load the page again, and send it from there.")


def sender_of(rooms: Rooms, request: Request[Any, Any, Any], csrf_token: str) -> tuple[str, Person | None]:
    """The session of a form, and whose it is; ``None``: nobody's. Blocks.

    :raises Problem: 403 if the form is of another session.
    """
    token, person = rooms.door.session_of(request)
    if person is not None and not hmac.compare_digest(csrf_token.encode(errors="replace"), csrf_of(token).encode()):
        raise Problem(403, "no_csrf_token", "The form is of another session.", "Go back, load the page, and try again.")
    return token, person
