"""What a form of a page sends, and who sends it."""

import hmac
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request

from touchline.server.api.app import Rooms
from touchline.server.api.asking import Person, csrf_of
from touchline.server.api.own_pages import FORM, check_own
from touchline.server.http.problems import Problem

_MOST_FIELDS = 500


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


def unreadable() -> Problem:
    """The error of a form that is none."""
    return Problem(400, "unreadable", "The form cannot be read.", "Load the page again, and send it from there.")


def sender_of(rooms: Rooms, request: Request[Any, Any, Any], csrf_token: str) -> tuple[str, Person | None]:
    """The session of a form, and whose it is; ``None``: nobody's. Blocks.

    :raises Problem: 403 if the form is of another session.
    """
    token, person = rooms.door.session_of(request)
    if person is not None and not hmac.compare_digest(csrf_token.encode(), csrf_of(token).encode()):
        raise Problem(403, "no_csrf_token", "The form is of another session.", "Go back, load the page, and try again.")
    return token, person
