"""A screen's page: who asks, what about, the numbers of it, and the frame around them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Request

from touchline.errors import HomeError, UnknownError, UsageError
from touchline.jobs import auditing
from touchline.ledger import schema
from touchline.server.api.app import Rooms
from touchline.server.api.asking import Person, csrf_of
from touchline.server.pages.asked import asked_of
from touchline.server.pages.desk import Desk
from touchline.server.pages.facts import Facts, facts
from touchline.server.pages.memory import Memory
from touchline.server.pages.rendering import rendered
from touchline.server.pages.screen import Screen, screens
from touchline.server.pages.view import View
from touchline.server.tracker.snippet import NO_KEY, snippet

SIGN_IN = "/sign-in"


@dataclass(frozen=True)
class Frame:
    """What stands around every screen."""

    person: str
    csrf_token: str
    screens: Sequence[Screen]
    screen: Screen
    view: View
    organizations: Sequence[tuple[str, str]]
    """Ids and names of those that the person sees."""
    organization_id: str

    def to(self, screen: str, **choices: Any) -> str:
        """The address of another screen, with what both of them show, and choices of its own."""
        kept = self.view.changed(by="", path="", q="", sort="", limit=0)
        return kept.changed(**choices).address(f"/{screen}")

    def here(self, **choices: Any) -> str:
        """The address of this screen with other choices."""
        return self.view.changed(**choices).address(self.screen.path)

    def sorted_by(self, column: str, *, is_text: bool = False) -> str:
        """The address that sorts by a column: first down, text up, then the other way."""
        first, second = (column, f"-{column}") if is_text else (f"-{column}", column)
        return self.here(sort=second if self.view.sort == first else first)

    def hidden(self, *names: str) -> list[tuple[str, str]]:
        """The parameters that a form has to carry along because it has no field for them.

        :param names: those for which it has one.
        """
        return [(key, value) for key, value in self.view.chosen.items() if key not in names]


class Pages:
    """Makes the pages of one worker."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._memory = Memory()

    def answered(self, request: Request[Any, Any, Any], screen: Screen) -> bytes | str:
        """A page, or the address to go to instead; blocks.

        :raises UsageError: if a parameter has a value that it cannot have.
        :raises UnknownError: if there is no such organization, site, goal, model or row, or it is not the person's.
        """
        token, person = self._rooms.door.session_of(request)
        query = request.scope["query_string"].decode("latin-1")
        if person is None:
            return sign_in_address(f"{screen.path}?{query}" if query else screen.path)
        view = View.parsed(query)
        if view.query != query:
            return view.address(screen.path)
        if view.by and view.by not in screen.by:
            raise UsageError(f"by must be one of {', '.join(screen.by) or 'none'}, not {view.by!r:.80}.")
        organizations = self._organizations(person)
        organization_id = _organization(view, organizations)
        frame = Frame(
            person.name, csrf_of(token), list(screens().values()), screen, view, organizations, organization_id
        )
        return self._page(frame)

    def _page(self, frame: Frame) -> bytes:
        rooms = self._rooms
        seconds = rooms.reads.seconds
        if frame.screen.name == "conversions" and frame.view.path:
            auditing.note(
                rooms.application.ledger, frame.organization_id, "looked", "at one conversion and its history",
                now=time.time_ns() // 1000, actor=f"user: {frame.person}",
            )  # fmt: skip
        with Desk(rooms.home, rooms.application.ledger, self._memory, frame.organization_id, seconds) as desk:
            known = _facts(desk)
            if known is None or known.data.start is None:
                return self._beginning(frame, known)
            asked = asked_of(frame.view, known)
            shown = frame.screen.answer(desk, asked)
        return rendered(frame.screen.name, frame=frame, facts=known, asked=asked, view=frame.view, shown=shown)

    def _beginning(self, frame: Frame, known: Facts | None) -> bytes:
        """What is to be done where there is no data yet."""
        rooms = self._rooms
        found = rooms.application.ledger.rows(schema.SITES, organization_id=frame.organization_id)
        server = rooms.application.options.public_url or "https://YOUR-SERVER"
        sites = [(row["site_id"], snippet(server, NO_KEY, [row["domain"]], needs_consent=False)) for row in found]
        return rendered("beginning", frame=frame, facts=known, asked=None, view=frame.view, sites=sites)

    def _organizations(self, person: Person) -> list[tuple[str, str]]:
        found = self._rooms.application.ledger.rows(schema.ORGANIZATIONS)
        seen = person.organization_id
        return sorted((row["organization_id"], row["name"]) for row in found if seen in {None, row["organization_id"]})


def sign_in_address(after: str) -> str:
    """The address of the page to sign in on.

    :param after: where to go then.
    """
    return f"{SIGN_IN}?{urlencode({'next': after})}"


def _organization(view: View, organizations: Sequence[tuple[str, str]]) -> str:
    """The organization of a view: the first one where it names none."""
    ids = [organization_id for organization_id, _ in organizations]
    wanted = view.org or next(iter(ids), "")
    if wanted not in ids:
        raise UnknownError(f"There is no organization {wanted!r:.80}.", "Leave org out.")
    return wanted


def _facts(desk: Desk) -> Facts | None:
    try:
        return desk.answer(facts)
    except HomeError:  # there has been no run yet
        return None
